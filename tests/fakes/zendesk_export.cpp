// The incremental export by cursor.
#include <algorithm>

#include "daemon/digest.hpp"
#include "tests/fakes/codec.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

constexpr std::chrono::seconds left_out{60};
constexpr std::size_t most_a_page = 1000;

// When a ticket last changed, by the second, and its number: the order of the export.
using Key = std::pair<std::int64_t, std::int64_t>;

std::int64_t seconds(Instant at) { return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(); }

// "1580753798.0||432|" in base64.
std::string cursor_of(const Key& key) {
  return digest::base64(std::to_string(key.first) + ".0||" + std::to_string(key.second) + "|");
}

Key read_cursor(const std::string& text) {
  const std::string plain = unbase64(text).value_or("");
  const std::size_t dot = plain.find(".0||");
  if (dot == std::string::npos || !plain.ends_with("|"))
    throw zendesk_error(400, "InvalidCursor", "The cursor is not one of this export");
  return {zendesk_id(plain.substr(0, dot)), zendesk_id(plain.substr(dot + 4, plain.size() - dot - 5))};
}

std::string value_of(const std::map<std::string, std::string>& query, const std::string& name) {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

}  // namespace

http::Response Zendesk::export_tickets(const Call& call) {
  if (call.path != std::vector<std::string>{"incremental", "tickets", "cursor"}) throw invalid_endpoint();
  if (call.user->role != "admin")
    throw zendesk_error(403, "Forbidden", "You do not have access to this page. Please contact the account owner");
  const std::int64_t newest = seconds(call.now - left_out);
  const std::string cursor = value_of(call.query, "cursor");
  Key after{};
  if (!cursor.empty()) {
    after = read_cursor(cursor);
  } else {
    if (!call.query.contains("start_time")) throw zendesk_error(400, "BadRequest", "start_time or cursor is required");
    const std::int64_t start = zendesk_id(call.query.at("start_time"));
    if (start > newest)
      throw zendesk_error(400, "StartTimeTooRecent", "Too recent start_time. Use a start_time older than 60 seconds");
    after = {start, 0};
  }
  std::size_t size = most_a_page;
  if (const std::string text = value_of(call.query, "per_page"); !text.empty())
    size = std::clamp<std::size_t>(static_cast<std::size_t>(zendesk_id(text)), 1, most_a_page);
  const bool exclude_deleted = value_of(call.query, "exclude_deleted") == "true";

  std::vector<Key> found, before;
  for (const auto& [id, it] : rows_) {
    const Key key{seconds(it.now.generated), id};
    if (key.first > newest || (exclude_deleted && it.now.deleted)) continue;
    (key > after ? found : before).push_back(key);
  }
  std::ranges::sort(found);
  std::ranges::sort(before);
  const bool more = found.size() > size;
  if (more) found.resize(size);
  const std::string next = found.empty() ? cursor : cursor_of(found.back());
  const bool repeat = !before.empty() && random_.chance(options_.export_repeats_per_million);
  if (repeat) found.insert(found.begin(), before.back());

  json::Writer out;
  out.object([&] {
    out.key("tickets").array([&] {
      for (const Key& key : found) write_ticket(out, rows_.at(key.second).now, true);
    });
    // Nothing since start_time: there is no cursor yet.
    out.key("after_url");
    next.empty() ? out.null() : out.value(url("incremental/tickets/cursor.json?cursor=" + http::percent_encode(next)));
    out.key("after_cursor");
    next.empty() ? out.null() : out.value(next);
    out.key("before_url").null().key("before_cursor").null().member("end_of_stream", !more);
  });
  return zendesk_json(200, out.take());
}

}  // namespace supportd::fakes
