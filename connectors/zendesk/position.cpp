#include "connectors/zendesk/position.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/http/message.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr std::string_view after_prefix = "after:";
constexpr std::string_view start_prefix = "start:";
constexpr std::chrono::seconds youngest{60 + 5};  // clocks differ
constexpr std::size_t longest_cursor = 1000;
// Zendesk allows 1,000; half of it keeps a page of long descriptions below the answer's limit.
constexpr const char* page = "&per_page=500&include=dates";

std::int64_t seconds_of(Instant at) { return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(); }

}  // namespace

Position parse_position(const std::string& text, Instant from, Instant now) {
  if (text.empty()) return {"", std::max<std::int64_t>(0, seconds_of(std::min(from, now - youngest)))};
  if (text.starts_with(after_prefix) && text.size() > after_prefix.size()) return {text.substr(after_prefix.size()), 0};
  if (text.starts_with(start_prefix)) {
    Position out;
    const char* end = text.data() + text.size();
    const auto [stop, wrong] = std::from_chars(text.data() + start_prefix.size(), end, out.start);
    if (wrong == std::errc{} && stop == end && out.start >= 0) return out;
  }
  throw Error(ErrorKind::corrupt, "the Zendesk cursor cannot be understood: " + text.substr(0, 40));
}

std::string to_text(const Position& position) {
  if (position.after.empty()) return std::string(start_prefix) + std::to_string(position.start);
  return std::string(after_prefix) + position.after;
}

std::string query_of(const Position& position) {
  if (position.after.empty()) return "start_time=" + std::to_string(position.start) + page;
  return "cursor=" + http::percent_encode(position.after) + page;
}

void advance(Position& position, const std::string& after_cursor) {
  if (after_cursor.size() > longest_cursor) throw Error(ErrorKind::corrupt, "Zendesk's cursor is too long");
  if (!after_cursor.empty()) position = {after_cursor, 0};
}

}  // namespace supportd::connectors::zendesk
