#include <algorithm>
#include <cctype>
#include <optional>

#include "daemon/run/cron.hpp"
#include "daemon/run/cron_times.hpp"
#include "daemon/run/cron_units.hpp"

namespace supportd::run {
namespace {

constexpr std::size_t longest_text = 1000;

struct Macro {
  std::string_view name, meaning;
};
constexpr std::array<Macro, 7> macros{{{"@yearly", "0 0 1 1 *"},
                                       {"@annually", "0 0 1 1 *"},
                                       {"@monthly", "0 0 1 * *"},
                                       {"@weekly", "0 0 * * 0"},
                                       {"@daily", "0 0 * * *"},
                                       {"@midnight", "0 0 * * *"},
                                       {"@hourly", "0 * * * *"}}};

char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string shown(char c) { return {'\'', c, '\''}; }

// One field, read from left to right. Columns are those of the whole text.
class FieldReader {
 public:
  FieldReader(std::string_view text, std::size_t offset, const CronUnitRule& rule)
      : text_(text), offset_(offset), rule_(rule) {}

  Parsed<CronField> read() {
    CronField field{std::string(text_), offset_ + 1, text_.front() == '*', false, {}};
    if (days_of_week() && take('+')) field.required = true;
    do {
      auto item = read_item();
      if (!item) return item.error();
      field.items.push_back(*item);
    } while (take(','));
    if (!done()) return unexpected();
    if (field.required && field.unrestricted()) return wrong(1, "'+' needs a day of the week after it, as +MON");
    return field;
  }

 private:
  bool days_of_month() const { return rule_.unit == CronUnit::day_of_month; }
  bool days_of_week() const { return rule_.unit == CronUnit::day_of_week; }
  bool done() const { return at_ == text_.size(); }
  bool at(char c) const { return !done() && upper(text_[at_]) == c; }
  bool take(char c) {
    if (!at(c)) return false;
    ++at_;
    return true;
  }
  Mistake wrong(std::size_t at, std::string what) const { return {std::move(what), offset_ + at + 1}; }
  std::string form() const { return std::string(rule_.name).append(" is ").append(rule_.form); }
  Mistake unexpected() const {
    if (done()) return wrong(at_, "a value is missing at the end: " + form());
    if (at_ == 0 || at('?')) return wrong(at_, "unexpected " + shown(text_[at_]) + ": " + form());
    return wrong(at_,
                 "unexpected " + shown(text_[at_]) + " after \"" + std::string(text_.substr(0, at_)) + "\": " + form());
  }

  Parsed<CronItem> read_item() {
    CronItem item;
    if (at('*') || (at('?') && (days_of_month() || days_of_week()))) return read_every();
    if (days_of_month() && take('L')) return read_last_day();
    if (days_of_week() && at('L')) {
      return wrong(at_, "L needs a day of the week before it: FRIL or 5L is the last Friday of the month");
    }
    const auto first = read_value();
    if (!first) return first.error();
    item.first = item.last = *first;
    if (days_of_month() && take('W')) {
      item.kind = CronItem::Kind::nearest_workday;
      item.n = item.first;
      return item;
    }
    if (days_of_week() && take('L')) {
      item.kind = CronItem::Kind::last_weekday;
      item.first %= rule_.size;
      return item;
    }
    if (days_of_week() && take('#')) return read_nth(item);
    return read_rest_of_values(item);
  }

  Parsed<CronItem> read_every() {
    CronItem item;
    item.every = true;
    item.first = rule_.low;
    item.last = rule_.low + rule_.size - 1;
    if (take('?')) return item;
    take('*');
    if (at('/')) return read_step(item);
    return item;
  }

  Parsed<CronItem> read_last_day() {
    CronItem item;
    if (take('W')) {
      item.kind = CronItem::Kind::last_workday;
      return item;
    }
    item.kind = CronItem::Kind::last_day;
    if (!take('-')) return item;
    const std::size_t start = at_;
    const auto n = read_number();
    if (!n) return unexpected();
    if (*n < 1 || *n > 30) return wrong(start, "L-n counts 1 to 30 days back from the last day of the month");
    item.n = *n;
    return item;
  }

  Parsed<CronItem> read_nth(CronItem item) {
    const std::size_t start = at_;
    const auto n = read_number();
    if (!n) return unexpected();
    if (*n < 1 || *n > 5) return wrong(start, "a month has a day of the week 4 or 5 times: # takes 1 to 5");
    item.kind = CronItem::Kind::nth_weekday;
    item.first %= rule_.size;
    item.n = *n;
    return item;
  }

  Parsed<CronItem> read_rest_of_values(CronItem item) {
    if (take('-')) {
      const auto last = read_value();
      if (!last) return last.error();
      item.last = *last;
      // Sunday opens a range as 0; as its end it may be the 7 after Saturday.
      if (days_of_week() && item.first == 7) item.first = item.last == 7 ? 7 : 0;
      if (at('/')) return read_step(item);
      return item;
    }
    if (!at('/')) return item;
    if (days_of_week()) {
      return wrong(at_, "a step needs a range here: write " + value_text(rule_.unit, item.first) +
                            "-SAT/2, as readers disagree where " + std::string(text_.substr(0, at_)) + "/2 ends");
    }
    item.open = true;
    item.last = rule_.high;
    return read_step(item);
  }

  Parsed<CronItem> read_step(CronItem item) {
    take('/');
    const std::size_t start = at_;
    const auto step = read_number();
    if (!step) return unexpected();
    if (*step == 0) return wrong(start, "a step of 0 goes nowhere: 1 or more");
    if (*step > rule_.size) {
      return wrong(start, "step " + std::string(text_.substr(start, at_ - start)) + " is larger than the " +
                              std::to_string(rule_.size) + " values of " + std::string(rule_.name));
    }
    item.step = *step;
    return item;
  }

  std::optional<int> read_number() {
    constexpr int too_large = 1'000'000;
    if (done() || !is_digit(text_[at_])) return {};
    int value = 0;
    for (; !done() && is_digit(text_[at_]); ++at_) value = std::min(too_large, value * 10 + (text_[at_] - '0'));
    return value;
  }

  Parsed<int> read_value() {
    const std::size_t start = at_;
    if (const auto number = read_number()) {
      if (*number >= rule_.low && *number <= rule_.high) return *number;
      return wrong(start, std::string(rule_.name) + ' ' + std::string(text_.substr(start, at_ - start)) +
                              " is out of range " + std::to_string(rule_.low) + '-' + std::to_string(rule_.high));
    }
    for (std::size_t i = 0; i < rule_.names.size(); ++i) {
      if (take_name(rule_.names[i])) return rule_.low + static_cast<int>(i);
    }
    return unexpected();
  }

  bool take_name(std::string_view name) {
    const auto here = text_.substr(at_, name.size());
    if (!std::equal(here.begin(), here.end(), name.begin(), name.end(), [](char a, char b) { return upper(a) == b; })) {
      return false;
    }
    at_ += name.size();
    return true;
  }

  std::string_view text_;
  std::size_t offset_;
  const CronUnitRule& rule_;
  std::size_t at_ = 0;
};

struct Word {
  std::string_view text;
  std::size_t offset;
};

std::vector<Word> words(std::string_view text) {
  std::vector<Word> found;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    while (at < text.size() && !is_blank(text[at])) ++at;
    if (at > start) found.push_back({text.substr(start, at - start), start});
    while (at < text.size() && is_blank(text[at])) ++at;
  }
  return found;
}

Mistake unknown_macro(const Word& word) {
  std::string known;
  for (const Macro& macro : macros) known.append(known.empty() ? "" : ", ").append(macro.name);
  if (word.text == "@every") return {"write `every 90s`, without the @", word.offset + 1};
  return {"no such macro: known are " + known, word.offset + 1};
}

Parsed<std::string_view> macro_meaning(const std::vector<Word>& given) {
  for (const Macro& macro : macros) {
    if (!std::equal(given[0].text.begin(), given[0].text.end(), macro.name.begin(), macro.name.end(),
                    [](char a, char b) { return upper(a) == upper(b); })) {
      continue;
    }
    if (given.size() > 1) return Mistake{"nothing may follow a macro", given[1].offset + 1};
    return macro.meaning;
  }
  return unknown_macro(given[0]);
}

Mistake wrong_count(std::string_view text, const std::vector<Word>& given) {
  constexpr std::string_view expected =
      "expected 5 fields (minute hour day-of-month month day-of-week), or 6 with seconds in front";
  if (given.size() > cron_units) return {std::string(expected).append(": this is a 7th"), given[6].offset + 1};
  return {std::string(expected).append(": found ").append(std::to_string(given.size())), text.size() + 1};
}

Mistake never_comes(const CronField& days, const CronField& months, const CronField& weekdays) {
  std::string what = "never runs: no date is day of month " + days.text + " in month " + months.text;
  if (!weekdays.unrestricted()) what += " and day of week " + weekdays.text;
  return {what, days.column};
}

}  // namespace

Parsed<CronExpression> CronExpression::parse(std::string_view text) {
  if (text.size() > longest_text) return Mistake{"a schedule has at most 1000 characters", longest_text + 1};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_blank(text[i]) && (text[i] <= ' ' || text[i] >= 0x7f)) {
      return Mistake{"this character is no part of a schedule: letters, digits and * ? , - / # + @ are", i + 1};
    }
  }
  auto given = words(text);
  if (!given.empty() && given[0].text.front() == '@') {
    const auto meaning = macro_meaning(given);
    if (!meaning) return meaning.error();
    given = words(*meaning);
  }
  if (given.size() != cron_units && given.size() != cron_units - 1) return wrong_count(text, given);

  CronExpression expression;
  expression.text_ = std::string(text);
  expression.has_seconds_ = given.size() == cron_units;
  if (!expression.has_seconds_) given.insert(given.begin(), Word{"0", given[0].offset});
  for (std::size_t i = 0; i < cron_units; ++i) {
    auto field = FieldReader(given[i].text, given[i].offset, rule(static_cast<CronUnit>(i))).read();
    if (!field) return field.error();
    expression.fields_[i] = *std::move(field);
  }
  if (!CronTimes(expression).ever()) {
    return never_comes(expression[CronUnit::day_of_month], expression[CronUnit::month],
                       expression[CronUnit::day_of_week]);
  }
  return expression;
}

bool CronField::unrestricted() const {
  return std::any_of(items.begin(), items.end(), [](const CronItem& item) { return item.every && item.step == 1; });
}

bool CronExpression::either_day() const {
  const CronField& weekdays = (*this)[CronUnit::day_of_week];
  return !(*this)[CronUnit::day_of_month].unrestricted() && !weekdays.unrestricted() && !weekdays.required;
}

bool CronExpression::follows_real_time() const {
  return (*this)[CronUnit::minute].leading_star || (*this)[CronUnit::hour].leading_star;
}

}  // namespace supportd::run
