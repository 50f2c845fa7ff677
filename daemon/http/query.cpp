#include "daemon/http/query.hpp"

#include <charconv>

namespace supportd::http {
namespace {

std::optional<std::int64_t> parse_number(const std::string& text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return out;
}

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw Error(ErrorKind::config, "parameter '" + name + "': " + what);
}

// C0, DEL and, in UTF-8, C1.
bool holds_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace

Query::Query(const Inbound& request, std::initializer_list<std::string_view> known) : request_(request) {
  for (const auto& [name, value] : request.query) {
    if (holds_control(name)) throw Error(ErrorKind::config, "a parameter's name holds a control character");
    if (holds_control(value)) refuse(name, "it holds a control character");
    bool is_known = false;
    for (const std::string_view one : known) is_known |= one.ends_with('.') ? name.starts_with(one) : name == one;
    if (is_known) continue;
    std::string names;
    for (const std::string_view one : known) names.append(names.empty() ? "" : ", ").append(one);
    throw Error(ErrorKind::config, "no parameter '" + name + "'; known: " + (names.empty() ? "none" : names));
  }
}

const std::string* Query::find(const std::string& name) const {
  const auto found = request_.query.find(name);
  return found == request_.query.end() ? nullptr : &found->second;
}

std::string Query::text(const std::string& name, std::string otherwise) const {
  const auto* value = find(name);
  return value == nullptr ? otherwise : *value;
}

std::string Query::required(const std::string& name) const {
  const auto* value = find(name);
  if (value == nullptr || value->empty()) refuse(name, "it is missing");
  return *value;
}

bool Query::flag(const std::string& name) const {
  const auto* value = find(name);
  if (value == nullptr || *value == "0") return false;
  if (*value != "1") refuse(name, "expected 0 or 1");
  return true;
}

std::int64_t Query::number(const std::string& name, std::int64_t otherwise, std::int64_t low, std::int64_t high) const {
  const auto* value = find(name);
  if (value == nullptr) return otherwise;
  const auto number = parse_number(*value);
  if (!number || *number < low || *number > high) {
    refuse(name, "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return *number;
}

std::optional<Instant> Query::instant(const std::string& name) const {
  const auto* value = find(name);
  if (value == nullptr) return {};
  const auto instant = time::parse_instant(*value);
  if (!instant) refuse(name, instant.error().what);
  return *instant;
}

std::optional<Millis> Query::length(const std::string& name) const {
  const auto* value = find(name);
  if (value == nullptr) return {};
  const auto length = time::parse_length(*value);
  if (!length) refuse(name, length.error().what);
  return *length;
}

std::map<std::string, std::string> Query::below(std::string_view prefix) const {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : request_.query) {
    if (name.starts_with(prefix)) out.emplace(name.substr(prefix.size()), value);
  }
  return out;
}

std::int64_t id_of(const Inbound& request, const std::string& param) {
  const auto id = parse_number(request.params.at(param));
  if (!id) refuse(param, "'" + request.params.at(param) + "' is no number");
  return *id;
}

}  // namespace supportd::http
