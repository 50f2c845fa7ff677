#include "jobs/desk_sync/transform.hpp"

#include <date/date.h>
#include <re2/re2.h>

#include <algorithm>
#include <sstream>

namespace supportd::desk_sync {
namespace {

constexpr std::string_view white = " \t\r\n\f\v";
constexpr int most_decimals = 12;
// %Y also reads "26", as the year 26.
constexpr date::sys_days year_of_four_digits{date::year{1000} / 1 / 1};

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(white);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

// ASCII only: other letters change their number of characters, or depend on a language.
std::string in_letters(std::string text, Letters letters) {
  std::ranges::transform(text, text.begin(), [letters](char c) {
    if (letters == Letters::lower) return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

std::optional<std::string> captured(const re2::RE2& pattern, const std::string& value) {
  re2::StringPiece groups[2];
  const int wanted = pattern.NumberOfCapturingGroups() > 0 ? 2 : 1;
  if (!pattern.Match(value, 0, value.size(), re2::RE2::UNANCHORED, groups, wanted)) return {};
  return std::string(groups[wanted - 1]);
}

std::optional<std::string> in_form(const DateForm& form, const std::string& value) {
  std::istringstream in(value);
  date::sys_time<std::chrono::seconds> at;
  in >> date::parse(form.read, at);
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof() || at < year_of_four_digits) return {};
  return date::format(form.write, at);
}

// Half away from zero, on the digits: a double would not keep them.
void round_to(std::string& whole, std::string& fraction, std::size_t decimals) {
  const bool up = fraction.size() > decimals && fraction[decimals] >= '5';
  fraction.resize(decimals, '0');
  if (!up) return;
  for (std::string* digits : {&fraction, &whole}) {
    for (auto digit = digits->rbegin(); digit != digits->rend(); ++digit) {
      if (*digit != '9') {
        ++*digit;
        return;
      }
      *digit = '0';
    }
  }
  whole.insert(whole.begin(), '1');
}

bool are_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "1.234.567" without its marks, "1234567" as it is; nothing where the groups are not of three digits.
std::optional<std::string> ungrouped(const std::string& whole, const std::string& mark) {
  constexpr std::size_t group = 3;
  const auto first = mark.empty() ? std::string::npos : whole.find(mark);
  std::string out = whole.substr(0, first);
  if (out.empty() || (first != std::string::npos && out.size() > group)) return {};
  for (auto at = first; at != std::string::npos; at = whole.find(mark, at + mark.size())) {
    const auto begin = at + mark.size();
    const std::string next = whole.substr(begin, whole.find(mark, begin) - begin);
    if (next.size() != group) return {};
    out += next;
  }
  return are_digits(out) ? std::optional(out) : std::nullopt;
}

std::optional<std::string> in_form(const NumberForm& form, std::string value) {
  const bool negative = value.starts_with('-');
  if (negative) value.erase(0, 1);
  const auto point = value.find(form.point);
  auto whole = ungrouped(value.substr(0, point), form.thousands);
  std::string fraction = point == std::string::npos ? "" : value.substr(point + form.point.size());
  if (!whole || !are_digits(fraction)) return {};
  if (form.decimals >= 0) round_to(*whole, fraction, static_cast<std::size_t>(form.decimals));
  return (negative ? "-" : "") + *whole + (fraction.empty() ? "" : form.write_point + fraction);
}

std::optional<std::string> after(const Step& step, const std::string& value) {
  if (step.constant) return step.constant;
  if (value.empty()) return value;
  if (step.map) {
    const auto found = step.map->find(value);
    return found == step.map->end() ? std::nullopt : std::optional(found->second);
  }
  if (step.prefix) return *step.prefix + value;
  if (step.without_prefix) {
    return value.starts_with(*step.without_prefix) ? std::optional(value.substr(step.without_prefix->size()))
                                                   : std::nullopt;
  }
  if (step.letters) return in_letters(value, *step.letters);
  if (step.capture) return captured(*step.pattern, value);
  if (step.date) return in_form(*step.date, value);
  if (step.number) return in_form(*step.number, value);
  return step.trim ? trimmed(value) : value;
}

std::string one_character(const std::string& text) { return text.size() == 1 ? "" : "must be one character"; }

}  // namespace

void bind(config::Binder& b, DateForm& form) {
  b.field("read", form.read);
  b.field("write", form.write);
  b.require({"read", "write"});
}

void bind(config::Binder& b, NumberForm& form) {
  b.field("point", form.point);
  b.field("thousands", form.thousands);
  b.field("write_point", form.write_point);
  b.field("decimals", form.decimals, config::between(-1, most_decimals));
  for (const auto& [key, text] : {std::pair{"point", form.point}, {"write_point", form.write_point}}) {
    if (const auto wrong = one_character(text); !wrong.empty()) b.flaw(key, wrong);
  }
  if (form.point == form.thousands) b.flaw("thousands", "is the decimal point, too");
}

void bind(config::Binder& b, Step& step) {
  constexpr std::string_view keys[] = {"map",     "prefix", "without_prefix", "trim",    "case",
                                       "capture", "date",   "number",         "constant"};
  b.field("map", step.map);
  b.field("prefix", step.prefix);
  b.field("without_prefix", step.without_prefix);
  b.field("trim", step.trim);
  b.choice("case", step.letters, {{"lower", Letters::lower}, {"upper", Letters::upper}});
  b.field("capture", step.capture);
  b.table("date", step.date);
  b.table("number", step.number);
  b.field("constant", step.constant);
  const auto given = std::ranges::count_if(keys, [&](std::string_view key) { return b.given(key); });
  if (b.given() && given != 1)
    b.flaw("", "a step is one of map, prefix, without_prefix, trim, case, capture, date, number, constant");
  if (!step.capture) return;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  auto pattern = std::make_shared<re2::RE2>(*step.capture, options);
  if (!pattern->ok()) {
    b.flaw("capture", "is no regular expression of RE2: " + pattern->error());
    step.capture.reset();
    return;
  }
  step.pattern = std::move(pattern);
}

std::optional<std::string> transform(const std::vector<Step>& steps, std::string value) {
  for (const Step& step : steps) {
    auto next = after(step, value);
    if (!next) return {};
    value = std::move(*next);
  }
  return value;
}

}  // namespace supportd::desk_sync
