// Who and what a ticket's ids mean.
#include <algorithm>
#include <set>
#include <tuple>

#include "connectors/zendesk/client.hpp"
#include "connectors/zendesk/model.hpp"
#include "connectors/zendesk/row.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr std::size_t most_ids = 100;  // of users in one call
constexpr std::size_t most_roles = 20'000;
constexpr std::chrono::hours form_lasts{24};
// People add options to drop-downs, and what the form does not show is refused.
constexpr std::chrono::minutes form_lasts_for_writes{5};
constexpr std::chrono::hours roles_last{1};

bool is_number(const std::string& id) { return !id.empty() && id.find_first_not_of("0123456789") == std::string::npos; }

bool is_older(const DeskTicket& a, const DeskTicket& b) {
  return std::tuple(a.created, a.id.size(), a.id) < std::tuple(b.created, b.id.size(), b.id);
}

}  // namespace

Form Client::account_form(Nanos most_age, const Call& call) {
  {
    const std::lock_guard lock(mutex_);
    if (form_ && clock_.steady() - form_at_ < most_age) return *form_;
  }
  const auto read_fields = [](const json::View& root) {
    return std::tuple(parse_ticket_fields(root), parse_own_choices(root, "priority"),
                      parse_own_choices(root, "tickettype"));
  };
  auto [fields, priorities, types] =
      get("/ticket_fields", "list_ticket_fields", "Zendesk ticket fields", call, read_fields);
  const auto request = calls_.request("GET", "/custom_statuses", "list_custom_statuses", reading(call));
  const http::Response answer = calls_.exchange(request, call.stop);
  std::vector<CustomStatus> statuses;
  // A plan without custom statuses has no such list.
  if (answer.status != 403 && answer.status != 404) {
    if (answer.status != 200) throw failure(request, answer, clock_.now());
    statuses = calls_.read(request, answer, "Zendesk custom statuses", parse_custom_statuses);
  }
  Form fresh(std::move(fields), std::move(statuses), std::move(priorities), std::move(types));
  const std::lock_guard lock(mutex_);
  form_ = fresh;
  form_at_ = clock_.steady();
  return fresh;
}

Form Client::form_for(const std::map<std::string, std::string>& fields, const Call& call) {
  return account_form(fields.empty() ? Nanos(form_lasts) : Nanos(form_lasts_for_writes), call);
}

void Client::set_directions(std::vector<DeskComment>& comments, const std::map<std::string, bool>& seen,
                            const Call& call) {
  learn_roles(seen);
  std::vector<std::string> authors;
  for (const DeskComment& comment : comments) authors.push_back(comment.author_id);
  const auto roles = roles_of(authors, call);
  for (DeskComment& comment : comments) {
    const auto at = roles.find(comment.author_id);
    const bool agent = at == roles.end() ? !comment.is_public : at->second;
    comment.from_customer = !agent && !comment.by_machine;
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

std::map<std::string, bool> Client::roles_of(const std::vector<std::string>& ids, const Call& call) {
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
    Audits found;
    get("/users/show_many?ids=" + list, "list_users", "Zendesk users", call,
        [&](const json::View& root) { found.add_users(root); });
    learn_roles(found.agents());
    for (const auto& [id, agent] : found.agents()) out[id] = agent;
  }
  return out;
}

DeskPerson Client::person(const std::string& id, bool, const Call& call) {
  if (id == system_user) return {id, "", "Zendesk", "", true};
  DeskPerson out = get("/users/" + checked_id(id), "get_user", "Zendesk user", call,
                       [](const json::View& root) { return parse_user(root.at("user")); });
  learn_roles({{out.id, out.is_agent}});
  return out;
}

DeskOrganisation Client::organisation(const std::string& id, const Call& call) {
  return get("/organizations/" + checked_id(id), "get_organization", "Zendesk organization", call,
             [](const json::View& root) { return parse_organisation(root.at("organization")); });
}

DeskForm Client::form(const Call& call) { return account_form(form_lasts, call).described(names_); }

std::vector<DeskChoice> Client::groups(const Call& call) {
  std::vector<DeskChoice> out;
  each_page(
      "/groups?page%5Bsize%5D=100", "list_groups",
      [&](const json::View& page) {
        for (const json::View& row : page.at("groups").items()) {
          if (!row.boolean("deleted", false)) out.push_back({required_id(row), row.string("name", "")});
        }
      },
      call);
  return out;
}

std::vector<DeskTicket> Client::by_external_id(const std::string& id, const Call& call) {
  if (id.empty()) throw Error(ErrorKind::refused, "invalid_value", "an external id is empty", {});
  const Form form = account_form(form_lasts, call);
  std::vector<DeskTicket> out;
  each_page(
      "/tickets?external_id=" + http::percent_encode(id) + "&page%5Bsize%5D=100", "list_tickets",
      [&](const json::View& page) {
        for (const json::View& row : page.at("tickets").items()) {
          // Whatever the list leaves unfiltered is none of ours.
          if (scalar(row, "external_id") == id) out.push_back(parse_ticket(row, form, names_));
        }
      },
      call);
  std::ranges::sort(out, is_older);
  return out;
}

std::string Client::own_id(const Call& call) {
  const std::uint64_t generation = calls_.secret_generation();
  {
    const std::lock_guard lock(mutex_);
    if (own_id_ && own_id_->first == generation) return own_id_->second;
  }
  std::string id = get("/users/me", "get_own_user", "Zendesk user", call,
                       [](const json::View& root) { return row_id(root.at("user")); });
  // Whoever does not log in is answered as an anonymous user without an id.
  if (id.empty()) throw Error(ErrorKind::config, "credentials", "Zendesk takes us for an anonymous user", {});
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

}  // namespace supportd::connectors::zendesk
