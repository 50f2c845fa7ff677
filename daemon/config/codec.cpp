#include "daemon/config/codec.hpp"

#include <cmath>

namespace supportd::config {

std::string wrong_kind(std::string_view expected, const Node& node) {
  return "expected " + std::string(expected) + ", got " + std::string(kind(node));
}

std::string to_text(const Mistake& mistake) {
  if (mistake.column == 0) return mistake.what;
  return mistake.what + " (at character " + std::to_string(mistake.column) + " of the text)";
}

std::string out_of_range(const std::string& value, const std::string& low, const std::string& high) {
  return value + " is out of range " + low + " to " + high;
}

namespace {

template <class T>
Complaint read_exactly(const Node& node, T& value, std::string_view expected) {
  const T* found = node.get<T>();
  if (found == nullptr) return wrong_kind(expected, node);
  value = *found;
  return {};
}

// A text that `parse` understands.
template <class T, class Parse>
Complaint read_parsed(const Node& node, T& value, std::string_view expected, Parse parse) {
  const auto* text = node.get<std::string>();
  if (text == nullptr) return wrong_kind(expected, node);
  auto parsed = parse(*text);
  if (!parsed) return to_text(parsed.error());
  value = *parsed;
  return {};
}

}  // namespace

Complaint read_value(const Node& node, bool& value) { return read_exactly(node, value, "true or false"); }
Complaint read_value(const Node& node, std::int64_t& value) { return read_exactly(node, value, "a whole number"); }
Complaint read_value(const Node& node, std::string& value) { return read_exactly(node, value, "a text"); }

Complaint read_value(const Node& node, double& value) {
  if (const auto* whole = node.get<std::int64_t>()) {
    value = static_cast<double>(*whole);
    return {};
  }
  const auto* number = node.get<double>();
  if (number == nullptr) return wrong_kind("a number", node);
  if (!std::isfinite(*number)) return "expected a finite number";
  value = *number;
  return {};
}

Complaint read_value(const Node& node, Millis& value) {
  return read_parsed(node, value, "a length of time such as \"90s\" or \"1h30m\"", time::parse_length);
}

Complaint read_value(const Node& node, Instant& value) {
  Instant at{};
  if (const auto* bare = node.get<Instant>()) {
    at = *bare;
  } else if (Complaint complaint =
                 read_parsed(node, at, "an instant such as 2026-01-01T00:00:00Z", time::parse_instant)) {
    return complaint;
  }
  // An offset may lead out of the years that RFC 3339 can write.
  if (at < std::chrono::sys_days{std::chrono::year{0} / 1 / 1}) return "before the year 0 in UTC";
  if (at >= std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1}) return "after the year 9999 in UTC";
  value = at;
  return {};
}

Node to_node(bool value) { return {value, {}}; }
Node to_node(std::int64_t value) { return {value, {}}; }
Node to_node(double value) { return {value, {}}; }
Node to_node(const std::string& value) { return {value, {}}; }
Node to_node(Millis value) { return {time::to_text(value), {}}; }
Node to_node(Instant value) { return {value, {}}; }

}  // namespace supportd::config
