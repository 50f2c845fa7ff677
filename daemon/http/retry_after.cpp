#include "daemon/http/retry_after.hpp"

#include <algorithm>
#include <charconv>

namespace supportd::http {
namespace {

constexpr Millis longest = std::chrono::days{1};

std::optional<Millis> parse(const std::string& text, const Headers& headers, Instant now) {
  // Some vendors send fractions ("0.5"), which the RFC does not know.
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc{} && end == text.data() + text.size()) {
    if (!(seconds > 0)) return Millis{0};
    const double most = std::chrono::duration<double>(longest).count();
    return std::chrono::ceil<Millis>(std::chrono::duration<double>(std::min(seconds, most)));
  }
  const auto until = time::parse_http_date(text);
  if (!until) return {};
  const auto date = headers.get("Date");
  const auto sent = date ? time::parse_http_date(*date) : Parsed<Instant>(now);
  return std::clamp(*until - (sent ? *sent : now), Millis{0}, longest);
}

}  // namespace

std::optional<Millis> retry_after(const Headers& headers, Instant now) {
  const auto text = headers.get("Retry-After");
  return text ? parse(*text, headers, now) : std::nullopt;
}

}  // namespace supportd::http
