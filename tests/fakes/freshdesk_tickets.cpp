// Tickets: listing, reading, creating, changing.
#include <algorithm>

#include "tests/fakes/codec.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/freshdesk_html.hpp"

namespace supportd::fakes {
namespace {

constexpr std::chrono::days list_default{30};
constexpr std::chrono::days archive_after{120};
constexpr std::size_t last_page = 300;
constexpr std::size_t bytes_a_ticket = 20 * 1024 * 1024;

std::size_t positive(const std::map<std::string, std::string>& query, const std::string& name, std::size_t otherwise,
                     std::size_t most, const std::string& beyond) {
  const auto found = query.find(name);
  if (found == query.end()) return otherwise;
  const bool digits = !found->second.empty() && found->second.size() < 10 &&
                      std::ranges::all_of(found->second, [](char c) { return c >= '0' && c <= '9'; });
  const std::size_t value = digits ? std::stoul(found->second) : 0;
  if (value == 0) throw validation_failed({{name, "It should be a Positive Integer", "invalid_value"}});
  if (value > most) throw validation_failed({{name, beyond, "invalid_value"}});
  return value;
}

http::Response json_answer(int status, std::string body) {
  return {status, {{"Content-Type", "application/json; charset=utf-8"}}, std::move(body)};
}

bool contains(const std::string& list, std::string_view part) {
  return ("," + list + ",").find("," + std::string(part) + ",") != std::string::npos;
}

std::string value_of(const std::map<std::string, std::string>& query, const std::string& name) {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

}  // namespace

Freshdesk::Row& Freshdesk::row(std::int64_t id) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) throw FreshdeskFault{404, ""};
  return found->second;
}

bool Freshdesk::archived(const FreshdeskTicket& ticket, Instant now) const {
  return ticket.status == 5 && ticket.updated + archive_after < now;
}

const FreshdeskTicket* Freshdesk::shown(const Row& it, Instant as_of) const {
  if (it.now.updated <= as_of || it.versions.empty()) return it.now.created <= as_of ? &it.now : nullptr;
  for (auto version = it.versions.rbegin(); version != it.versions.rend(); ++version) {
    if (version->first <= as_of) return &version->second;
  }
  return nullptr;
}

void Freshdesk::remember(Row& it, Instant now) {
  const Millis longest = std::max(options_.list_lag, options_.search_lag);
  if (longest == Millis{0}) return;
  it.versions.emplace_back(now, it.now);
  while (it.versions.size() > 1 && it.versions[1].first + longest <= now) it.versions.erase(it.versions.begin());
}

void Freshdesk::note_update(Row& it, const FreshdeskTicket& asked, Instant now) {
  auto before = freshdesk_properties(it.now);
  for (const auto& [field, value] : freshdesk_properties(asked)) {
    if (before[field] != value) it.updates.push_back({now, field, value, before[field]});
  }
}

void Freshdesk::change(Row& it, Instant now, const std::function<void(FreshdeskTicket&)>& how) {
  const FreshdeskTicket before = it.now;
  how(it.now);
  if (options_.automation) options_.automation(before, it.now);
  it.now.updated = now;
  if (it.now.status != before.status) it.now.status_changed = now;
  remember(it, now);
}

Freshdesk::Page Freshdesk::page_of(const Call& call) const {
  return {positive(call.query, "page", 1, last_page,
                   "You cannot access tickets beyond the 300th page. Please provide a smaller page number."),
          positive(call.query, "per_page", 30, 100, "It should be a Positive Integer less than or equal to 100")};
}

std::string Freshdesk::next_link(const Call& call, const Page& page) const {
  std::string url = call.request.url.substr(0, call.request.url.find('?')) + "?";
  for (const auto& [name, value] : call.query) {
    if (name != "page") url += http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
  }
  return "<" + url + "page=" + std::to_string(page.number + 1) + ">; rel=\"next\"";
}

http::Response Freshdesk::list_tickets(const Call& call) {
  const Page page = page_of(call);
  const std::string filter = value_of(call.query, "filter"), since = value_of(call.query, "updated_since");
  const std::string include = value_of(call.query, "include");
  if (!filter.empty() && filter != "deleted" && filter != "spam")
    throw validation_failed({{"filter", "It should be one of these values: 'deleted,spam'", "invalid_value"}});
  const std::string order_by =
      value_of(call.query, "order_by").empty() ? "created_at" : value_of(call.query, "order_by");
  const std::string order_type =
      value_of(call.query, "order_type").empty() ? "desc" : value_of(call.query, "order_type");
  if (order_by != "created_at" && order_by != "updated_at" && order_by != "due_by" && order_by != "status")
    throw validation_failed(
        {{"order_by", "It should be one of these values: 'created_at,due_by,updated_at,status'", "invalid_value"}});
  if (order_type != "asc" && order_type != "desc")
    throw validation_failed({{"order_type", "It should be one of these values: 'asc,desc'", "invalid_value"}});
  const auto from = time::parse_instant(since.empty() ? "1970-01-01T00:00:00Z" : since);
  if (!from)
    throw validation_failed(
        {{"updated_since", "It should be in the 'combined date and time ISO8601' format", "invalid_date"}});

  const Instant as_of = call.now - Millis{random_.below(options_.list_lag.count() + 1)};
  std::vector<const FreshdeskTicket*> found;
  for (const auto& [id, it] : rows_) {
    const FreshdeskTicket* ticket = shown(it, as_of);
    if (!ticket || archived(*ticket, call.now)) continue;
    if (ticket->deleted != (filter == "deleted") || ticket->spam != (filter == "spam")) continue;
    if (since.empty() && filter.empty() && ticket->created + list_default < call.now) continue;
    if (std::chrono::floor<std::chrono::seconds>(ticket->updated) < *from) continue;
    found.push_back(ticket);
  }
  const auto key = [&](const FreshdeskTicket* ticket) {
    const Instant at = order_by == "updated_at" ? ticket->updated : ticket->created;
    const std::int64_t first =
        order_by == "status" ? ticket->status : std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    return std::pair(first, ticket->id);
  };
  std::ranges::sort(found, [&](auto* a, auto* b) { return order_type == "asc" ? key(a) < key(b) : key(b) < key(a); });

  const std::size_t first = (page.number - 1) * page.size;
  json::Writer out;
  out.array([&] {
    for (std::size_t i = first; i < found.size() && i < first + page.size; ++i)
      write_ticket(out, *found[i],
                   {.description = contains(include, "description"), .stats = contains(include, "stats")}, call.now);
  });
  http::Response response = json_answer(200, out.take());
  if (first + page.size < found.size()) response.headers.set("Link", next_link(call, page));
  return response;
}

http::Response Freshdesk::view_ticket(const Call& call, std::int64_t id) {
  const Row& it = row(id);
  if (archived(it.now, call.now) != (call.path[1] == "archived")) throw FreshdeskFault{404, ""};
  json::Writer inner;
  const std::string include = value_of(call.query, "include");
  write_ticket(inner, it.now, {.description = true, .files = true, .stats = contains(include, "stats")}, call.now);
  std::string body = inner.take();
  if (contains(include, "conversations")) {
    constexpr std::size_t most = 10;
    json::Writer more;
    more.array([&] {
      for (std::size_t i = 0; i < it.conversations.size() && i < most; ++i)
        write_conversation(more, conversations_.at(it.conversations[i]), call.now);
    });
    body.pop_back();
    body += ",\"conversations\":" + more.take() + "}";
  }
  return json_answer(200, std::move(body));
}

void Freshdesk::check_closure(const FreshdeskTicket& ticket) const {
  if (ticket.status != 4 && ticket.status != 5) return;
  std::vector<FreshdeskProblem> problems;
  for (const auto& field : options_.fields) {
    const auto value = ticket.fields.find(field.name);
    const bool empty = value == ticket.fields.end() || value->second == "\"\"";
    if (field.required_for_closure && empty)
      problems.push_back({field.name, "It should not be blank as this is a mandatory field", "missing_field"});
  }
  if (!problems.empty()) throw validation_failed(problems);
}

void Freshdesk::check_room(std::int64_t ticket, const std::vector<File>& files) const {
  std::size_t total = 0;
  const auto add = [&](const std::vector<std::int64_t>& ids) {
    for (std::int64_t id : ids) total += attachments_.at(id).file.data.size();
  };
  if (const auto found = rows_.find(ticket); found != rows_.end()) {
    add(found->second.now.attachments);
    for (std::int64_t id : found->second.conversations) add(conversations_.at(id).attachments);
  }
  for (const File& file : files) total += file.data.size();
  if (total > bytes_a_ticket)
    throw validation_failed({{"attachments", "The total size of the attachments exceeds 20 MB", "invalid_size"}});
}

// Sets what the body names; null clears.
void Freshdesk::apply(const json::View& body, FreshdeskTicket& ticket, Instant) {
  ticket.subject = body.string("subject", ticket.subject);
  if (const auto html = body.find("description")) ticket.html = sanitized(html->string());
  ticket.status = static_cast<int>(body.integer("status", ticket.status));
  ticket.priority = static_cast<int>(body.integer("priority", ticket.priority));
  ticket.source = static_cast<int>(body.integer("source", ticket.source));
  ticket.type = body.string("type", ticket.type);
  ticket.responder_id = body.integer("responder_id", ticket.responder_id);
  ticket.group_id = body.integer("group_id", ticket.group_id);
  ticket.company_id = body.integer("company_id", ticket.company_id);
  ticket.requester_id = body.integer("requester_id", ticket.requester_id);
  if (body.find("tags")) {
    ticket.tags.clear();
    for (const auto& tag : body.strings("tags")) {
      if (!ticket.has_tag(tag)) ticket.tags.push_back(tag);
    }
  }
  const auto fields = body.find("custom_fields");
  if (!fields) return;
  for (const auto& [name, value] : fields->members()) {
    if (value.is_null()) {
      ticket.fields.erase(name);
    } else {
      ticket.fields[name] = value.dump();
    }
  }
}

http::Response Freshdesk::create_ticket(const Call& call) {
  const auto input = read_input(call.request, schema());
  const json::View body = input.body.root();
  validate(FreshdeskForm::create_ticket, body, schema());
  FreshdeskTicket ticket;
  apply(body, ticket, call.now);
  check_closure(ticket);
  check_room(0, input.files);
  if (const std::string mail = body.string("email", ""); !mail.empty()) ticket.requester_id = contact_for(mail);
  if (ticket.requester_id == 0) ticket.requester_id = contact_for(body.string("phone", "unknown") + "@phone.example");
  const auto contact = contacts_.find(ticket.requester_id);
  if (contact == contacts_.end() && !agents_.contains(ticket.requester_id))
    throw validation_failed({{"requester_id", "There is no contact matching the given requester_id", "invalid_value"}});
  if (ticket.company_id == 0 && contact != contacts_.end()) ticket.company_id = contact->second.company_id;
  ticket.id = ++last_ticket_;
  ticket.created = ticket.updated = call.now;
  ticket.attachments = keep_files(input.files, call.now);
  Row& it = rows_[ticket.id];
  it.now = ticket;
  change(it, call.now, [](FreshdeskTicket&) {});
  json::Writer out;
  write_ticket(out, it.now, {.description = true, .files = true}, call.now);
  return json_answer(201, out.take());
}

http::Response Freshdesk::update_ticket(const Call& call, std::int64_t id) {
  Row& it = row(id);
  if (it.now.deleted || it.now.spam || archived(it.now, call.now)) throw FreshdeskFault{405, ""};
  const auto input = read_input(call.request, schema());
  const json::View body = input.body.root();
  validate(FreshdeskForm::update_ticket, body, schema());
  constexpr int outbound_email = 10;
  if (it.now.source == outbound_email && (body.find("subject") || body.find("description")))
    throw validation_failed({{"subject", "The subject of an outbound ticket cannot be changed", "inconsistent_state"}});
  FreshdeskTicket changed = it.now;
  apply(body, changed, call.now);
  if (changed.status != it.now.status) check_closure(changed);
  check_room(id, input.files);
  for (std::int64_t file : keep_files(input.files, call.now)) changed.attachments.push_back(file);
  note_update(it, changed, call.now);
  change(it, call.now, [&](FreshdeskTicket& ticket) { ticket = changed; });
  json::Writer out;
  write_ticket(out, it.now, {.description = true, .files = true}, call.now);
  return json_answer(200, out.take());
}

}  // namespace supportd::fakes
