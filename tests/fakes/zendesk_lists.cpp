// Lists in pages, by cursor or by number.
#include <algorithm>
#include <set>

#include "daemon/digest.hpp"
#include "tests/fakes/codec.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

constexpr std::chrono::days archived_after{120};
constexpr std::size_t most_a_page = 100, last_by_number = 10'000;

std::string value_of(const std::map<std::string, std::string>& query, const std::string& name) {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

std::size_t size_of(const std::map<std::string, std::string>& query, const std::string& name) {
  const std::string text = value_of(query, name);
  if (text.empty()) return most_a_page;
  const bool digits = text.size() < 10 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || std::stoul(text) == 0)
    throw zendesk_error(400, "InvalidPaginationParameter", name + " must be a positive integer");
  return std::stoul(text);
}

std::string cursor_after(std::int64_t id) { return digest::base64("o:" + std::to_string(id)); }

std::optional<std::int64_t> read_cursor(const std::string& cursor) {
  if (cursor.empty()) return {};
  const auto text = unbase64(cursor);
  if (!text || !text->starts_with("o:"))
    throw zendesk_error(400, "InvalidPaginationParameter", "page[after] is not a cursor of ours");
  return zendesk_id(text->substr(2));
}

std::string link(const http::Request& request, const std::map<std::string, std::string>& query, const std::string& name,
                 const std::string& value) {
  std::string url = request.url.substr(0, request.url.find('?')) + "?";
  for (const auto& [key, text] : query) {
    if (key != name) url += http::percent_encode(key) + "=" + http::percent_encode(text) + "&";
  }
  return url + http::percent_encode(name) + "=" + http::percent_encode(value);
}

void text_or_null(json::Writer& out, std::string_view name, const std::string& text) {
  out.key(name);
  if (text.empty()) {
    out.null();
  } else {
    out.value(text);
  }
}

}  // namespace

Instant Zendesk::lagging(Instant now) {
  return now - Millis{random_.below(static_cast<std::uint64_t>(options_.list_lag.count()) + 1)};
}

const ZendeskTicket* Zendesk::shown(const Row& it, Instant as_of) const {
  if (it.now.created > as_of) return nullptr;
  if (it.versions.empty() || it.now.generated <= as_of) return &it.now;
  for (auto version = it.versions.rbegin(); version != it.versions.rend(); ++version) {
    if (version->first <= as_of) return &version->second;
  }
  return nullptr;
}

// `ids` are in the order of the list; a cursor names the last id that was shown.
http::Response Zendesk::page_of(const Call& call, const std::string& name, const std::vector<std::int64_t>& ids,
                                const Show& show, bool descending) {
  const bool by_cursor = call.query.contains("page[size]") || call.query.contains("page[after]");
  const std::size_t size = std::min(size_of(call.query, by_cursor ? "page[size]" : "per_page"), most_a_page);
  if (by_cursor && size_of(call.query, "page[size]") > most_a_page)
    throw zendesk_error(400, "InvalidPaginationParameter", "page[size] must be at most 100");
  const auto after = read_cursor(value_of(call.query, "page[after]"));
  const std::size_t number = call.query.contains("page") ? size_of(call.query, "page") : 1;
  if (!by_cursor && number * size > last_by_number)
    throw zendesk_error(400, "InvalidPaginationDepth", "Only the first 10000 records can be read by page number");
  std::size_t first = by_cursor ? 0 : (number - 1) * size;
  while (after && first < ids.size() && (descending ? ids[first] >= *after : ids[first] <= *after)) ++first;
  const std::size_t end = std::min(ids.size(), first + size);
  const bool more = end < ids.size();

  json::Writer out;
  out.object([&] {
    out.key(name).array([&] {
      for (std::size_t i = first; i < end; ++i) show(out, ids[i]);
    });
    if (by_cursor) {
      const std::string next = end > first ? cursor_after(ids[end - 1]) : "";
      out.key("meta").object([&] {
        out.member("has_more", more);
        text_or_null(out, "after_cursor", next);
        text_or_null(out, "before_cursor", end > first ? cursor_after(ids[first]) : "");
      });
      out.key("links").object([&] {
        text_or_null(out, "next", more ? link(call.request, call.query, "page[after]", next) : "");
        out.key("prev").null();
      });
    } else {
      text_or_null(out, "next_page", more ? link(call.request, call.query, "page", std::to_string(number + 1)) : "");
      text_or_null(out, "previous_page",
                   number > 1 ? link(call.request, call.query, "page", std::to_string(number - 1)) : "");
      out.member("count", ids.size());
    }
  });
  return zendesk_json(200, out.take());
}

http::Response Zendesk::list_tickets(const Call& call) {
  const Instant as_of = lagging(call.now);
  std::map<std::int64_t, const ZendeskTicket*> found;
  std::vector<std::int64_t> ids;
  for (const auto& [id, it] : rows_) {
    const ZendeskTicket* ticket = shown(it, as_of);
    if (!ticket || ticket->deleted) continue;
    if (ticket->status == "closed" && ticket->updated + archived_after < call.now) continue;
    if (call.query.contains("external_id") && ticket->external_id != value_of(call.query, "external_id")) continue;
    found[id] = ticket;
    ids.push_back(id);
  }
  return page_of(call, "tickets", ids, [&](json::Writer& out, std::int64_t id) { write_ticket(out, *found.at(id)); });
}

http::Response Zendesk::show_many(const Call& call) {
  std::vector<std::int64_t> ids;
  std::string_view rest = value_of(call.query, "ids");
  const std::string text = value_of(call.query, "ids");
  for (rest = text; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    const std::int64_t id = zendesk_id(std::string(part));
    const auto found = rows_.find(id);
    if (found != rows_.end() && !found->second.now.deleted) ids.push_back(id);
  }
  if (ids.size() > most_a_page) throw zendesk_error(400, "BadRequest", "at most 100 ids");
  return page_of(call, "tickets", ids,
                 [&](json::Writer& out, std::int64_t id) { write_ticket(out, rows_.at(id).now); });
}

http::Response Zendesk::list_comments(const Call& call, std::int64_t id) {
  const Instant as_of = lagging(call.now);
  const bool inline_images = value_of(call.query, "include_inline_images") == "true";
  const bool descending = value_of(call.query, "sort") == "-created_at" || value_of(call.query, "sort_order") == "desc";
  std::vector<std::int64_t> ids;
  for (const std::int64_t comment : living(id).comments) {
    if (comments_.at(comment).created <= as_of) ids.push_back(comment);
  }
  if (descending) std::ranges::reverse(ids);
  auto response = page_of(
      call, "comments", ids,
      [&](json::Writer& out, std::int64_t comment) { write_comment(out, comments_.at(comment), inline_images); },
      descending);
  if (value_of(call.query, "include") != "users") return response;
  std::set<std::int64_t> authors;
  for (const std::int64_t comment : ids) authors.insert(comments_.at(comment).author_id);
  json::Writer people;
  people.array([&] {
    for (const std::int64_t author : authors) {
      if (users_.contains(author)) write_user(people, users_.at(author));
    }
  });
  response.body.pop_back();
  response.body += ",\"users\":" + people.take() + "}";
  return response;
}

http::Response Zendesk::list_audits(const Call& call, std::int64_t id) {
  const Row& it = living(id);
  const Instant as_of = lagging(call.now);
  std::vector<std::int64_t> ids;
  for (const std::int64_t audit : it.audits) {
    if (audits_.at(audit).created <= as_of) ids.push_back(audit);
  }
  const Show show = [&](json::Writer& out, std::int64_t audit) { write_audit(out, audits_.at(audit)); };
  if (it.now.status != "closed" || it.now.updated + archived_after >= call.now)
    return page_of(call, "audits", ids, show);
  json::Writer out;  // archived: all at once
  out.object([&] {
    out.key("audits").array([&] {
      for (const std::int64_t audit : ids) show(out, audit);
    });
    out.key("next_page").null().key("previous_page").null().member("count", ids.size());
  });
  return zendesk_json(200, out.take());
}

}  // namespace supportd::fakes
