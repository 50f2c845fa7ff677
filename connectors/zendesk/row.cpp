#include "connectors/zendesk/row.hpp"

#include <algorithm>
#include <charconv>

namespace supportd::connectors::zendesk {
namespace {

constexpr std::size_t longest_id = 19;

}  // namespace

std::string scalar(const json::View& row, std::string_view key) {
  const auto value = row.find(key);
  if (!value) return "";
  if (value->is_object() || value->is_array()) throw Error(ErrorKind::corrupt, value->path() + ": expected a scalar");
  return value->scalar_text();
}

std::string required_id(const json::View& row) {
  const json::View id = row.at("id");
  if (id.is_string() && !id.string().empty()) return id.string();
  return std::to_string(id.integer());
}

std::string row_id(const json::View& row) {
  if (!row.is_object()) return "";
  const auto id = row.find("id");
  if (!id || !(id->is_integer() || id->is_string())) return "";
  return id->scalar_text();
}

Instant instant(const json::View& value) {
  const auto at = time::parse_instant(value.string());
  if (at.has_error()) throw Error(ErrorKind::corrupt, value.path() + ": " + at.error().what);
  return *at;
}

std::optional<Instant> instant_at(const json::View& row, std::string_view key) {
  const auto value = row.find(key);
  return value ? std::optional(instant(*value)) : std::nullopt;
}

const std::string& checked_id(const std::string& id) {
  const bool digits =
      !id.empty() && id.size() <= longest_id && std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) throw Error(ErrorKind::refused, "invalid_value", "'" + id + "' is no Zendesk id", {});
  return id;
}

std::int64_t number_of(const std::string& text, std::string_view field) {
  std::int64_t out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc{} || end != text.data() + text.size()) {
    throw Error(ErrorKind::refused, "invalid_value", std::string(field) + ": '" + text + "' is no whole number", {});
  }
  return out;
}

std::string html_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\r': break;
      case '\n': out += "<br>"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace supportd::connectors::zendesk
