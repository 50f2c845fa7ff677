#include "connectors/freshdesk/client.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/freshdesk/body.hpp"
#include "connectors/freshdesk/webhook.hpp"

namespace supportd::connectors::freshdesk {
namespace {

constexpr std::size_t page_size = 100;  // Freshdesk's most
constexpr int last_page = 300;          // page 301 is refused
constexpr std::chrono::hours form_lasts{24};

// Ids stand in paths.
std::string checked_id(const std::string& id) {
  const bool digits = !id.empty() && std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) throw Error(ErrorKind::refused, "invalid_value", "'" + id + "' is no Freshdesk id", {});
  return id;
}

bool is_archived(const http::Response& answer) {
  return answer.status == 404 || (answer.status >= 300 && answer.status < 400);
}

}  // namespace

Client::Client(http::Client& http, const time::Clock& clock, ClientOptions options, FetchSecret key)
    : options_(std::move(options)),
      clock_(clock),
      calls_(http, clock, account(options_.base_url, std::move(key), options_.budget)),
      webhook_secret_(options_.webhook_secret) {}

Heard Client::hear(const http::Headers& headers, std::string_view body, Instant) const {
  using enum Heard::Verdict;
  if (body.size() > most_webhook_bytes) return {too_large};
  if (!is_webhook_secret(headers.get("X-Webhook-Secret").value_or(""), webhook_secret_.get())) return {forged};
  try {
    return {genuine, webhook_ticket(body)};
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

RestClient::Options Client::writing(const char* family, const std::vector<NewFile>& files) const {
  RestClient::Options out;
  out.family = family;
  out.deadline = files.empty() ? options_.write_deadline : options_.transfer_deadline;
  out.answer_limit = options_.answer_limit;
  out.priority = http::Priority::live;
  out.max_wait = RestClient::most_wait;
  return out;
}

void Client::take(const json::View& row, List list, DeskPage& page) {
  try {
    DeskTicket ticket = parse_ticket(row);
    ticket.deleted = ticket.deleted || list == List::deleted;
    ticket.spam = ticket.spam || list == List::spam;
    page.tickets.push_back(std::move(ticket));
  } catch (const Error& error) {
    page.bad.push_back({row_id(row), row.dump(), error.what()});
  }
}

Allowance Client::list_allowance() const {
  const auto options = reading({}, family::list);
  return {calls_.budget(options), options.deadline};
}

Position Client::walk(List list, const Position& from, DeskPage& page, const Call& call) {
  Walk walk(from);
  std::string query = "/tickets?updated_since=" + http::percent_encode(time::to_text(from.since)) +
                      "&order_by=updated_at&order_type=asc&per_page=" + std::to_string(page_size);
  if (list == List::live) query += "&include=description,stats";
  if (list != List::live) query += list == List::deleted ? "&filter=deleted" : "&filter=spam";
  for (int number = 1;; ++number) {
    if (number > last_page) {
      throw Error(ErrorKind::refused, "page_limit",
                  "more than 30,000 tickets changed at " + time::to_text(from.since) + "; Freshdesk lists no more", {});
    }
    const auto request =
        calls_.request("GET", query + "&page=" + std::to_string(number), "list_tickets", reading(call, family::list));
    const http::Response answer = calls_.send(request, call.stop);
    std::vector<ListedRow> rows;
    calls_.read(request, answer, "Freshdesk ticket list", [&](const json::View& tickets) {
      for (const json::View& row : tickets.items()) {
        rows.push_back(listed(row));
        if (walk.is_new(rows.back())) take(row, list, page);
      }
    });
    const bool whole = rows.size() >= page_size;
    walk.add_page(std::move(rows), whole, date_of(answer));
    if (!walk.needs_next_page()) break;
  }
  page.more = walk.more();
  return walk.end();
}

DeskPage Client::changes(const std::string& cursor, Instant from, const Call& call) {
  Cursor at = parse_cursor(cursor, from);
  DeskPage out;
  at.live = walk(List::live, at.live, out, call);
  if (!out.more) {
    if (at.spam_is_next) {
      at.spam = walk(List::spam, at.spam, out, call);
    } else {
      at.deleted = walk(List::deleted, at.deleted, out, call);
    }
    // A list that is not read to its end keeps its turn.
    if (!out.more) at.spam_is_next = !at.spam_is_next;
  }
  out.cursor = to_text(at);
  return out;
}

DeskTicket Client::ticket(const std::string& id, const Call& call) {
  const std::string path = "/tickets/" + checked_id(id) + "?include=stats";
  const auto request = calls_.request("GET", path, "get_ticket", reading(call));
  const http::Response answer = calls_.exchange(request, call.stop);
  if (is_archived(answer)) {
    DeskTicket out =
        get("/tickets/archived/" + id, "get_archived_ticket", "Freshdesk archived ticket", call, parse_ticket);
    out.archived = true;
    out.immutable = true;
    return out;
  }
  if (answer.status != 200) throw failure(request, answer, clock_.now());
  return calls_.read(request, answer, "Freshdesk ticket", parse_ticket);
}

DeskHistory Client::history(const std::string& ticket_id, const Call& call) {
  std::string path = "/tickets/" + checked_id(ticket_id) + "/conversations?per_page=" + std::to_string(page_size);
  DeskHistory out;
  for (int number = 1; number <= last_page; ++number) {
    auto request = calls_.request("GET", path + "&page=" + std::to_string(number), "list_conversations", reading(call));
    http::Response answer = calls_.exchange(request, call.stop);
    if (number == 1 && is_archived(answer)) {
      path.insert(std::string_view("/tickets").size(), "/archived");
      request = calls_.request("GET", path + "&page=1", "list_archived_conversations", reading(call));
      answer = calls_.exchange(request, call.stop);
    }
    if (answer.status != 200) throw failure(request, answer, clock_.now());
    if (number == 1) out.read_at = date_of(answer).value_or(time::never);
    const std::size_t before = out.comments.size() + out.bad.size();
    calls_.read(request, answer, "Freshdesk conversations", [&](const json::View& rows) {
      for (const json::View& row : rows.items()) {
        try {
          out.comments.push_back(parse_comment(row, false));
        } catch (const Error& error) {
          out.bad.push_back({row_id(row), row.dump(), error.what()});
        }
      }
    });
    if (out.comments.size() + out.bad.size() - before < page_size) break;
  }
  std::ranges::stable_sort(out.comments, {}, &DeskComment::created);
  return out;
}

DeskPerson Client::person(const std::string& id, bool agent, const Call& call) {
  return get((agent ? "/agents/" : "/contacts/") + checked_id(id), agent ? "get_agent" : "get_contact",
             agent ? "Freshdesk agent" : "Freshdesk contact", call, agent ? parse_agent : parse_contact);
}

DeskOrganisation Client::organisation(const std::string& id, const Call& call) {
  return get("/companies/" + checked_id(id), "get_company", "Freshdesk company", call, parse_company);
}

TicketFields Client::ticket_fields(const Call& call) {
  {
    const std::lock_guard lock(mutex_);
    if (form_ && clock_.steady() - form_at_ < form_lasts) return *form_;
  }
  TicketFields fresh =
      get("/ticket_fields", "list_ticket_fields", "Freshdesk ticket fields", call, parse_ticket_fields);
  const std::lock_guard lock(mutex_);
  form_ = fresh;
  form_at_ = clock_.steady();
  return fresh;
}

TicketFields Client::ticket_fields_if_used(const std::map<std::string, std::string>& used, const Call& call) {
  return used.empty() ? TicketFields{} : ticket_fields(call);
}

DeskForm Client::form(const Call& call) { return ticket_fields(call).form; }

std::vector<DeskChoice> Client::groups(const Call& call) {
  std::vector<DeskChoice> out;
  for (int number = 1; number <= last_page; ++number) {
    const std::string path = "/groups?per_page=" + std::to_string(page_size) + "&page=" + std::to_string(number);
    const std::size_t before = out.size();
    get(path, "list_groups", "Freshdesk groups", call, [&](const json::View& groups) {
      for (const json::View& row : groups.items()) out.push_back({row.at("id").scalar_text(), row.string("name", "")});
    });
    if (out.size() - before < page_size) break;
  }
  return out;
}

std::vector<DeskTicket> Client::by_external_id(const std::string&, const Call&) { return {}; }

std::string Client::own_id(const Call& call) {
  const std::uint64_t generation = calls_.secret_generation();
  {
    const std::lock_guard lock(mutex_);
    if (own_id_ && own_id_->first == generation) return own_id_->second;
  }
  std::string id = get("/agents/me", "get_own_agent", "Freshdesk agent", call, parse_agent).id;
  const std::lock_guard lock(mutex_);
  own_id_ = {calls_.secret_generation(), id};
  return id;
}

std::string Client::download(const DeskFile& file, std::size_t limit, const Call& call) {
  if (file.size > 0 && static_cast<std::size_t>(file.size) > limit) {
    throw Error(ErrorKind::refused, "too_large",
                file.name + " has " + std::to_string(file.size) + " bytes, allowed are " + std::to_string(limit), {});
  }
  return calls_.download(file.url, limit, options_.transfer_deadline, call.stop);
}

void Client::check_size(const std::vector<NewFile>& files) const {
  std::size_t sum = 0;
  for (const NewFile& file : files) sum += file.data.size();
  if (sum > options_.most_file_bytes) {
    throw Error(
        ErrorKind::refused, "too_large",
        "the files have " + std::to_string(sum) + " bytes, Freshdesk takes " + std::to_string(options_.most_file_bytes),
        {});
  }
}

DeskTicket Client::create(const NewTicket& ticket, std::stop_token stop) {
  check_size(ticket.files);
  auto request = calls_.request("POST", "/tickets", "create_ticket", writing(family::create, ticket.files));
  put_ticket(request, ticket, ticket_fields_if_used(ticket.fields, stop));
  return calls_.read(request, stop, "created Freshdesk ticket", parse_ticket);
}

DeskTicket Client::update(const std::string& id, const DeskUpdate& change, std::stop_token stop) {
  if (change.empty())
    throw Error(ErrorKind::refused, "missing_field", "an update of ticket " + id + " says nothing", {});
  auto request = calls_.request("PUT", "/tickets/" + checked_id(id), "update_ticket", writing(family::update, {}));
  put_update(request, change, ticket_fields_if_used(change.fields, stop));
  return calls_.read(request, stop, "updated Freshdesk ticket", parse_ticket);
}

DeskComment Client::comment(const std::string& ticket_id, const NewComment& comment, std::stop_token stop) {
  check_size(comment.files);
  const bool note = !comment.is_public || options_.public_comment == PublicComment::note;
  const std::string path = "/tickets/" + checked_id(ticket_id) + (note ? "/notes" : "/reply");
  auto request = calls_.request("POST", path, note ? "create_note" : "create_reply", writing("", comment.files));
  put_comment(request, comment, note);
  return calls_.read(request, stop, "created Freshdesk conversation",
                     [&](const json::View& row) { return parse_comment(row, comment.is_public); });
}

void Client::merge(const std::string& from, const std::string& into, std::stop_token stop) {
  auto request = calls_.request("PUT", "/tickets/merge", "merge_tickets", writing(family::update, {}));
  put_merge(request, checked_id(from), checked_id(into));
  calls_.send(request, stop);
}

void Client::remove(const std::string& id, std::stop_token stop) {
  calls_.send(calls_.request("DELETE", "/tickets/" + checked_id(id), "delete_ticket", writing("", {})), stop);
}

void Client::restore(const std::string& id, std::stop_token stop) {
  calls_.send(calls_.request("PUT", "/tickets/" + checked_id(id) + "/restore", "restore_ticket", writing("", {})),
              stop);
}

}  // namespace supportd::connectors::freshdesk
