#include "connectors/zendesk/client.hpp"

#include <algorithm>
#include <utility>

#include "connectors/zendesk/model.hpp"
#include "connectors/zendesk/position.hpp"
#include "connectors/zendesk/row.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr int most_pages = 1000;
constexpr std::size_t most_targets = 20'000;
constexpr const char* page_of_100 = "page%5Bsize%5D=100";

}  // namespace

Client::Client(http::Client& http, time::Clock& clock, ClientOptions options, FetchSecret token)
    : options_(std::move(options)),
      names_(options_.fields),
      clock_(clock),
      calls_(http, clock, account(options_.base_url, options_.email, std::move(token), options_.budget)),
      webhook_secret_(options_.webhook_secret) {}

Heard Client::hear(const http::Headers& headers, std::string_view body, Instant now) const {
  using enum Heard::Verdict;
  if (body.size() > most_webhook_bytes) return {too_large};
  const auto header = [&](const char* name) { return headers.get(name).value_or(""); };
  switch (verify(header("X-Zendesk-Webhook-Signature"), header("X-Zendesk-Webhook-Signature-Timestamp"), body,
                 webhook_secret_.get(), now, options_.webhook_skew)) {
    case Verdict::forged: return {forged};
    case Verdict::stale: return {stale};
    case Verdict::genuine: break;
  }
  try {
    const Notice notice = parse_notice(body, header("X-Zendesk-Webhook-Invocation-Id"));
    return {genuine, notice.ticket, notice.event.empty() ? notice.invocation : notice.event, notice.actor};
  } catch (const Error&) {
    return {malformed};
  }
}

RestClient::Options Client::reading(const Call& call, const char* family) const {
  RestClient::Options out;
  out.family = family;
  out.priority = call.priority;
  out.safe = true;
  out.deadline = options_.read_deadline;
  out.answer_limit = options_.answer_limit;
  return out;
}

Allowance Client::list_allowance() const {
  const auto options = reading({}, family::incremental);
  return {calls_.budget(options), options.deadline};
}

std::optional<Instant> Client::each_page(const std::string& path, const char* operation,
                                         const std::function<void(const json::View&)>& take, const Call& call) {
  std::string after;
  for (int page = 0; page < most_pages; ++page) {
    const std::string next = after.empty() ? path : path + "&page%5Bafter%5D=" + http::percent_encode(after);
    const auto request = calls_.request("GET", next, operation, reading(call));
    const http::Response answer = calls_.send(request, call.stop);
    const bool more = calls_.read(request, answer, "Zendesk page", [&](const json::View& root) {
      take(root);
      const auto meta = root.find("meta");  // none: not paged, as audits of archived tickets
      if (!meta || !meta->boolean("has_more", false)) return false;
      const std::string before = std::exchange(after, meta->string("after_cursor", ""));
      if (after.empty() || after == before) throw Error(ErrorKind::corrupt, "pages in a ring at " + next);
      return true;
    });
    if (!more) return date_of(answer);
  }
  throw Error(ErrorKind::refused, "page_limit", std::string(operation) + ": more than a thousand pages", {});
}

DeskPage Client::changes(const std::string& cursor, Instant from, const Call& call) {
  const Form form = form_for({}, call);
  Position position = parse_position(cursor, from, clock_.now());
  const auto request = calls_.request("GET", "/incremental/tickets/cursor?" + query_of(position), "export_tickets",
                                      reading(call, family::incremental));
  const http::Response answer = calls_.exchange(request, call.stop);
  if (answer.status == 403) {
    throw Error(ErrorKind::config, "not_admin",
                "export_tickets: HTTP 403: the token's user must be an administrator of Zendesk: only they may export",
                {});
  }
  if (answer.status != 200) throw failure(request, answer, clock_.now());
  DeskPage out;
  calls_.read(request, answer, "Zendesk ticket export", [&](const json::View& root) {
    out.more = !root.at("end_of_stream").boolean();
    for (const json::View& row : root.at("tickets").items()) {
      try {
        out.tickets.push_back(parse_ticket(row, form, names_));
      } catch (const Error& error) {
        out.bad.push_back({row_id(row), row.dump(), error.what()});
      }
    }
    advance(position, root.string("after_cursor", ""));
  });
  for (DeskTicket& ticket : out.tickets) {
    if (is_merged(ticket)) ticket.merged_into = target_of(ticket.id, call);
  }
  out.cursor = to_text(position);
  return out;
}

Client::ReadAudits Client::audits(const std::string& id, const Call& call) {
  ReadAudits out;
  const auto take = [&](const json::View& page) {
    for (const json::View& audit : page.at("audits").items()) out.audits.add(audit);
    out.audits.add_users(page);
  };
  out.at =
      each_page("/tickets/" + checked_id(id) + "/audits?" + page_of_100 + "&include=users", "list_audits", take, call);
  return out;
}

// A merged ticket is closed for good: what was found once holds. Without the memory a page of many merged ones might
// never be read to its end by a short budget.
std::string Client::target_of(const std::string& id, const Call& call) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = targets_.find(id); at != targets_.end()) return at->second;
  }
  std::string out;
  try {
    out = audits(id, call).audits.merged_into();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::gone) throw;  // deleted meanwhile, which a later page says
  }
  const std::lock_guard lock(mutex_);
  if (targets_.size() >= most_targets) targets_.clear();
  targets_[id] = out;
  return out;
}

void Client::add_inline_images(const std::string& ticket_id, std::vector<DeskComment>& comments,
                               std::vector<BadRow>& bad, const Call& call) {
  const auto has_image = [](const DeskComment& comment) { return comment.html.find("<img") != std::string::npos; };
  if (std::ranges::none_of(comments, has_image)) return;
  const auto take = [&](const json::View& page) {
    for (const json::View& row : page.at("comments").items()) {
      const auto at = std::ranges::find(comments, row_id(row), &DeskComment::id);
      if (at == comments.end()) continue;
      try {
        at->files = parse_attachments(row);
      } catch (const Error& error) {
        bad.push_back({at->id, row.dump(), error.what()});
      }
    }
  };
  each_page("/tickets/" + checked_id(ticket_id) + "/comments?include_inline_images=true&" + page_of_100,
            "list_comments", take, call);
}

DeskTicket Client::ticket(const std::string& id, const Call& call) {
  const Form form = form_for({}, call);
  DeskTicket out = get("/tickets/" + checked_id(id) + "?include=dates", "get_ticket", "Zendesk ticket", call,
                       [&](const json::View& root) { return parse_ticket(root.at("ticket"), form, names_); });
  if (is_merged(out)) out.merged_into = target_of(out.id, call);
  return out;
}

DeskHistory Client::history(const std::string& ticket_id, const Call& call) {
  const auto [seen, at] = audits(ticket_id, call);
  DeskHistory out;
  out.bad = seen.bad();
  out.newest = seen.newest();
  out.read_at = at.value_or(time::never);
  std::vector<DeskComment> comments = seen.replies();
  if (seen.opening() != nullptr) comments.insert(comments.begin(), *seen.opening());
  set_directions(comments, seen.agents(), call);
  add_inline_images(ticket_id, comments, out.bad, call);
  if (seen.opening() != nullptr) {
    out.opening = std::move(comments.front());
    comments.erase(comments.begin());
  }
  out.comments = std::move(comments);
  for (const auto& [name, changed] : seen.changed()) {
    const bool custom = !name.empty() && name.find_first_not_of("0123456789") == name.npos;
    out.changed[custom ? names_.name_of(name) : name] = changed;
  }
  return out;
}

}  // namespace supportd::connectors::zendesk
