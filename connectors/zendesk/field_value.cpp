#include "connectors/zendesk/field_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "connectors/zendesk/row.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr std::size_t most_named = 50;

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(' ', at)) != std::string::npos) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

std::optional<double> parse_decimal(const std::string& text) {
  double out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc{} || end != text.data() + text.size() || !std::isfinite(out)) return {};
  return out;
}

bool is_date(const std::string& text) {
  return text.size() == 10 && time::parse_instant(text + "T00:00:00Z").has_value();
}

[[noreturn]] void refuse(const std::string& name, const std::string& value, const char* expected) {
  throw Error(ErrorKind::refused, "invalid_value", name + ": '" + value + "' is not " + expected, {});
}

void check_option(const CustomField& field, const std::string& name, const std::string& tag) {
  if (std::ranges::find(field.choices, tag, &DeskChoice::value) != field.choices.end()) return;
  std::string known;
  for (std::size_t i = 0; i < field.choices.size() && i < most_named; ++i) {
    known += (i == 0 ? "" : ", ") + field.choices[i].value;
  }
  if (field.choices.size() > most_named) known += ", ...";
  throw Error(ErrorKind::refused, "unknown_option", name + ": '" + tag + "' is none of its options: " + known, {});
}

std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string::npos) return "";
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

bool is_same(const CustomField& field, const std::string& sent, const std::string& shown) {
  if (sent == shown) return true;
  // An unticked box is shown as false or not at all.
  if (field.type == "checkbox") return (sent.empty() ? "false" : sent) == (shown.empty() ? "false" : shown);
  if (field.type == "decimal" || field.type == "integer") {
    const auto a = parse_decimal(sent);
    const auto b = parse_decimal(shown);
    return a && b && *a == *b;
  }
  if (field.type == "multiselect") {
    const auto a = words(sent);
    const auto b = words(shown);
    return std::set(a.begin(), a.end()) == std::set(b.begin(), b.end());
  }
  if (field.type == "partialcreditcard") return shown.empty() == sent.empty();  // all but four digits are masked
  return trimmed(sent) == trimmed(shown);
}

}  // namespace

std::string field_text(const json::View& value) {
  if (!value.is_array()) return value.scalar_text();
  std::string out;
  for (const json::View& one : value.items()) out += (out.empty() ? "" : " ") + one.scalar_text();
  return out;
}

void write_field(json::Writer& out, const CustomField& field, const std::string& name, const std::string& value) {
  out.object([&] {
    out.member("id", number_of(field.id, name)).key("value");
    if (field.type == "multiselect") {
      const auto tags = words(value);
      for (const std::string& tag : tags) check_option(field, name, tag);
      out.array([&] {
        for (const std::string& tag : tags) out.value(tag);
      });
    } else if (value.empty()) {
      out.null();
    } else if (field.type == "tagger") {
      check_option(field, name, value);
      out.value(value);
    } else if (field.type == "integer") {
      out.value(number_of(value, name));
    } else if (field.type == "decimal") {
      const auto number = parse_decimal(value);
      if (!number) refuse(name, value, "a number");
      out.value(*number);
    } else if (field.type == "checkbox") {
      if (value != "true" && value != "false") refuse(name, value, "true or false");
      out.value(value == "true");
    } else {
      if (field.type == "date" && !is_date(value)) refuse(name, value, "a date as 2026-11-21");
      out.value(value);
    }
  });
}

void expect_shown(const Form& form, const FieldNames& names, const std::map<std::string, std::string>& sent,
                  const std::map<std::string, std::string>& shown) {
  for (const auto& [name, value] : sent) {
    // Whoever names a field by its id finds it under its name.
    const CustomField& field = form.field(name, names);
    const auto at = shown.find(names.name_of(field.id));
    const std::string there = at == shown.end() ? "" : at->second;
    if (is_same(field, value, there)) continue;
    throw Error(ErrorKind::refused, "dropped",
                "Zendesk did not take '" + value + "' for " + name + "; it shows '" + there + "'", {});
  }
}

}  // namespace supportd::connectors::zendesk
