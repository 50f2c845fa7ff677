#include "connectors/zendesk/client.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "connectors/zendesk/download.hpp"
#include "connectors/zendesk/model.hpp"
#include "connectors/zendesk/position.hpp"
#include "connectors/zendesk/row.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr int most_pages = 1000;
constexpr std::size_t most_ids = 100;  // of users in one call
constexpr std::size_t most_roles = 20'000;
constexpr std::size_t most_targets = 20'000;
constexpr std::chrono::hours form_lasts{24};
// People add options to drop-downs, and what the form does not show is refused.
constexpr std::chrono::minutes form_lasts_for_writes{5};
constexpr std::chrono::hours roles_last{1};
constexpr const char* page_of_100 = "page%5Bsize%5D=100";
constexpr const char* system_user = "-1";

bool is_number(const std::string& id) { return !id.empty() && id.find_first_not_of("0123456789") == std::string::npos; }

bool is_older(const DeskTicket& a, const DeskTicket& b) {
  return std::tuple(a.created, a.id.size(), a.id) < std::tuple(b.created, b.id.size(), b.id);
}

}  // namespace

Client::Client(http::Client& http, time::Clock& clock, ClientOptions options, Token token)
    : options_(std::move(options)),
      names_(options_.fields),
      clock_(clock),
      http_(http),
      calls_(http, clock, options_.base_url, options_.email, std::move(token), options_.budget) {}

Calls::Options Client::reading(Family family) const {
  Calls::Options out;
  out.family = family;
  out.safe = true;
  out.deadline = options_.read_deadline;
  out.answer_limit = options_.answer_limit;
  return out;
}

std::string Client::get(const std::string& path, const char* operation, std::stop_token stop) {
  return calls_.send(calls_.request("GET", path, operation, reading()), stop).body;
}

void Client::each_page(const std::string& path, const char* operation,
                       const std::function<void(const json::View&)>& take, std::stop_token stop) {
  std::string after;
  for (int page = 0; page < most_pages; ++page) {
    const std::string next = after.empty() ? path : path + "&page%5Bafter%5D=" + http::percent_encode(after);
    const auto document = json::Document::parse(get(next, operation, stop), "Zendesk page");
    take(document.root());
    const auto meta = document.root().find("meta");  // none: not paged, as audits of archived tickets
    if (!meta || !meta->boolean("has_more", false)) return;
    std::string cursor = meta->string("after_cursor", "");
    if (cursor.empty() || cursor == after) throw Error(ErrorKind::corrupt, "Zendesk pages in a ring at " + next);
    after = std::move(cursor);
  }
  throw Error(ErrorKind::refused, "page_limit", std::string(operation) + ": more than a thousand pages", {});
}

Form Client::form(Nanos most_age, std::stop_token stop) {
  {
    const std::lock_guard lock(mutex_);
    if (form_ && clock_.steady() - form_at_ < most_age) return *form_;
  }
  const auto fields = json::Document::parse(get("/ticket_fields", "list_ticket_fields", stop), "Zendesk ticket fields");
  const auto request = calls_.request("GET", "/custom_statuses", "list_custom_statuses", reading());
  const http::Response answer = calls_.exchange(request, stop);
  std::vector<CustomStatus> statuses;
  // A plan without custom statuses has no such list.
  if (answer.status != 403 && answer.status != 404) {
    if (answer.status != 200) throw failure(request, answer, clock_.now());
    statuses = parse_custom_statuses(json::Document::parse(answer.body, "Zendesk custom statuses").root());
  }
  Form fresh(parse_ticket_fields(fields.root()), std::move(statuses));
  const std::lock_guard lock(mutex_);
  form_ = fresh;
  form_at_ = clock_.steady();
  return fresh;
}

Form Client::form_for(const std::map<std::string, std::string>& fields, std::stop_token stop) {
  return form(fields.empty() ? Nanos(form_lasts) : Nanos(form_lasts_for_writes), stop);
}

DeskPage Client::changes(const std::string& cursor, Instant from, std::stop_token stop) {
  const Form form = this->form(form_lasts, stop);
  Position position = parse_position(cursor, from, clock_.now());
  const auto request = calls_.request("GET", "/incremental/tickets/cursor?" + query_of(position), "export_tickets",
                                      reading(Family::incremental));
  const http::Response answer = calls_.exchange(request, stop);
  if (answer.status == 403) {
    throw Error(ErrorKind::config, "not_admin",
                "export_tickets: HTTP 403: the token's user must be an administrator of Zendesk: only they may export",
                {});
  }
  if (answer.status != 200) throw failure(request, answer, clock_.now());
  const auto document = json::Document::parse(answer.body, "Zendesk ticket export");
  const json::View root = document.root();
  DeskPage out;
  out.more = !root.at("end_of_stream").boolean();
  for (const json::View& row : root.at("tickets").items()) {
    try {
      out.tickets.push_back(parse_ticket(row, form, names_));
    } catch (const Error& error) {
      out.bad.push_back({row_id(row), row.dump(), error.what()});
    }
  }
  for (DeskTicket& ticket : out.tickets) {
    if (is_merged(ticket)) ticket.merged_into = target_of(ticket.id, stop);
  }
  advance(position, root.string("after_cursor", ""));
  out.cursor = to_text(position);
  return out;
}

Audits Client::audits(const std::string& id, std::stop_token stop) {
  Audits out;
  each_page(
      "/tickets/" + checked_id(id) + "/audits?" + page_of_100 + "&include=users", "list_audits",
      [&](const json::View& page) {
        for (const json::View& audit : page.at("audits").items()) out.add(audit);
        out.add_users(page);
      },
      stop);
  return out;
}

Audits Client::first_audit(const std::string& id, std::stop_token stop) {
  Audits out;
  const std::string text = get("/tickets/" + checked_id(id) + "/audits?page%5Bsize%5D=1", "get_first_audit", stop);
  const auto document = json::Document::parse(text, "Zendesk audits");
  for (const json::View& audit : document.root().at("audits").items()) out.add(audit);
  return out;
}

// A merged ticket is closed for good: what was found once holds. Without the memory a page of many merged ones might
// never be read to its end by a short budget.
std::string Client::target_of(const std::string& id, std::stop_token stop) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = targets_.find(id); at != targets_.end()) return at->second;
  }
  std::string out;
  try {
    out = audits(id, stop).merged_into();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::gone) throw;  // deleted meanwhile, which a later page says
  }
  const std::lock_guard lock(mutex_);
  if (targets_.size() >= most_targets) targets_.clear();
  targets_[id] = out;
  return out;
}

void Client::complete(DeskTicket& ticket, std::stop_token stop) {
  if (is_merged(ticket)) ticket.merged_into = target_of(ticket.id, stop);
  const Audits first = first_audit(ticket.id, stop);
  if (first.opening() == nullptr) return;
  std::vector<DeskComment> opening{*first.opening()};
  std::vector<BadRow> unread;  // whatever cannot be read adds no images
  add_inline_images(ticket.id, opening, unread, stop);
  ticket.html = opening[0].html;
  ticket.files = opening[0].files;
  ticket.description_is_private = !opening[0].is_public;
}

void Client::add_inline_images(const std::string& ticket_id, std::vector<DeskComment>& comments,
                               std::vector<BadRow>& bad, std::stop_token stop) {
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
            "list_comments", take, stop);
}

DeskTicket Client::ticket(const std::string& id, std::stop_token stop) {
  const Form form = this->form(form_lasts, stop);
  const std::string text = get("/tickets/" + checked_id(id) + "?include=dates", "get_ticket", stop);
  DeskTicket out = parse_ticket(json::Document::parse(text, "Zendesk ticket").root().at("ticket"), form, names_);
  if (!out.deleted) complete(out, stop);
  return out;
}

std::vector<DeskComment> Client::comments(const std::string& ticket_id, std::vector<BadRow>& bad,
                                          std::stop_token stop) {
  const Audits seen = audits(ticket_id, stop);
  std::ranges::copy(seen.bad(), std::back_inserter(bad));
  std::vector<DeskComment> out = seen.replies();
  set_directions(out, seen.agents(), stop);
  add_inline_images(ticket_id, out, bad, stop);
  return out;
}

void Client::set_directions(std::vector<DeskComment>& comments, const std::map<std::string, bool>& seen,
                            std::stop_token stop) {
  learn_roles(seen);
  std::vector<std::string> authors;
  for (const DeskComment& comment : comments) authors.push_back(comment.author_id);
  const auto roles = roles_of(authors, stop);
  for (DeskComment& comment : comments) {
    const auto at = roles.find(comment.author_id);
    const bool agent = at == roles.end() ? !comment.is_public : at->second;
    comment.from_customer = !agent && comment.author_id != system_user;
  }
}

void Client::learn_roles(const std::map<std::string, bool>& seen) {
  const std::lock_guard lock(mutex_);
  const Nanos now = clock_.steady();
  if (now - agents_since_ >= roles_last || agents_.size() > most_roles) {
    agents_.clear();
    agents_since_ = now;
  }
  for (const auto& [id, agent] : seen) agents_[id] = agent;
}

std::map<std::string, bool> Client::roles_of(const std::vector<std::string>& ids, std::stop_token stop) {
  std::map<std::string, bool> out;
  std::set<std::string> missing;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& id : ids) {
      const auto at = agents_.find(id);
      if (at != agents_.end()) {
        out[id] = at->second;
      } else if (is_number(id)) {
        missing.insert(id);
      }
    }
  }
  while (!missing.empty()) {
    std::string list;
    for (std::size_t i = 0; i < most_ids && !missing.empty(); ++i) {
      list += (list.empty() ? "" : ",") + missing.extract(missing.begin()).value();
    }
    const std::string text = get("/users/show_many?ids=" + list, "list_users", stop);
    Audits found;
    found.add_users(json::Document::parse(text, "Zendesk users").root());
    learn_roles(found.agents());
    for (const auto& [id, agent] : found.agents()) out[id] = agent;
  }
  return out;
}

DeskPerson Client::person(const std::string& id, bool, std::stop_token stop) {
  if (id == system_user) return {id, "", "Zendesk", "", true};
  const std::string text = get("/users/" + checked_id(id), "get_user", stop);
  DeskPerson out = parse_user(json::Document::parse(text, "Zendesk user").root().at("user"));
  learn_roles({{out.id, out.is_agent}});
  return out;
}

DeskOrganisation Client::organisation(const std::string& id, std::stop_token stop) {
  const std::string text = get("/organizations/" + checked_id(id), "get_organization", stop);
  return parse_organisation(json::Document::parse(text, "Zendesk organization").root().at("organization"));
}

std::vector<DeskChoice> Client::statuses(std::stop_token stop) { return form(form_lasts, stop).statuses(); }

std::vector<DeskField> Client::fields(std::stop_token stop) { return form(form_lasts, stop).fields(names_); }

std::vector<DeskTicket> Client::by_external_id(const std::string& id, std::stop_token stop) {
  if (id.empty()) throw Error(ErrorKind::refused, "invalid_value", "an external id is empty", {});
  const Form form = this->form(form_lasts, stop);
  std::vector<DeskTicket> out;
  each_page(
      "/tickets?external_id=" + http::percent_encode(id) + "&" + page_of_100, "list_tickets",
      [&](const json::View& page) {
        for (const json::View& row : page.at("tickets").items()) {
          // Whatever the list leaves unfiltered is none of ours.
          if (scalar(row, "external_id") == id) out.push_back(parse_ticket(row, form, names_));
        }
      },
      stop);
  std::ranges::sort(out, is_older);
  return out;
}

std::string Client::own_id(std::stop_token stop) {
  const std::uint64_t generation = calls_.token_generation();
  {
    const std::lock_guard lock(mutex_);
    if (own_id_ && own_id_->first == generation) return own_id_->second;
  }
  const auto document = json::Document::parse(get("/users/me", "get_own_user", stop), "Zendesk user");
  std::string id = row_id(document.root().at("user"));
  // Whoever does not log in is answered as an anonymous user without an id.
  if (id.empty()) throw Error(ErrorKind::config, "credentials", "Zendesk takes us for an anonymous user", {});
  const std::lock_guard lock(mutex_);
  own_id_ = {calls_.token_generation(), id};
  return id;
}

std::string Client::download(const DeskFile& file, std::size_t limit, std::stop_token stop) {
  if (file.size > 0 && static_cast<std::size_t>(file.size) > limit) {
    throw Error(ErrorKind::refused, "too_large",
                file.name + " has " + std::to_string(file.size) + " bytes, allowed are " + std::to_string(limit), {});
  }
  return zendesk::download(http_, calls_, file.url, limit, options_.transfer_deadline, stop);
}

}  // namespace supportd::connectors::zendesk
