// Users, organisations, fields, statuses.
#include <algorithm>

#include "tests/fakes/codec.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

std::string value_of(const std::map<std::string, std::string>& query, const std::string& name) {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

bool named(const std::string& list, const std::string& part) {
  return ("," + list + ",").find("," + part + ",") != std::string::npos;
}

// The fields that every account has.
std::vector<ZendeskOption> own_options(const std::vector<std::string>& values) {
  std::vector<ZendeskOption> out;
  for (const auto& value : values) {
    std::string label = value;
    label[0] = static_cast<char>(label[0] - 'a' + 'A');
    out.push_back({0, label, value});
  }
  return out;
}

std::vector<ZendeskField> own_fields() {
  return {{1001, "Subject", "subject"},
          {1002, "Description", "description"},
          {1003, "Status", "status"},
          {1004, "Type", "tickettype", false, own_options({"question", "incident", "problem", "task"})},
          {1005, "Priority", "priority", false, own_options({"low", "normal", "high", "urgent"})},
          {1006, "Group", "group"},
          {1007, "Assignee", "assignee"},
          {1008, "Ticket status", "custom_status"}};
}

}  // namespace

std::int64_t Zendesk::add_agent(const std::string& name, const std::string& mail, const std::string& role) {
  std::lock_guard lock(mutex_);
  const std::int64_t id = ++last_id_;
  users_[id] = {id, name, mail, role, 0, {}};
  return id;
}

std::int64_t Zendesk::add_organization(const std::string& name, const std::string& domain) {
  std::lock_guard lock(mutex_);
  const std::int64_t id = ++last_id_;
  organizations_[id] = {id, name, domain, {}};
  return id;
}

std::int64_t Zendesk::add_user(const std::string& name, const std::string& mail, std::int64_t organization_id) {
  std::lock_guard lock(mutex_);
  const std::int64_t id = ++last_id_;
  users_[id] = {id, name, mail, "end-user", organization_id, {}};
  return id;
}

void Zendesk::add_api_token(const std::string& token) {
  std::lock_guard lock(mutex_);
  api_tokens_.push_back(token);
}

void Zendesk::add_oauth_token(const std::string& token, std::int64_t agent) {
  std::lock_guard lock(mutex_);
  oauth_tokens_[token] = agent;
}

const ZendeskField* Zendesk::field(std::int64_t id) const {
  const auto found = std::ranges::find(options_.fields, id, &ZendeskField::id);
  return found == options_.fields.end() ? nullptr : &*found;
}

const ZendeskStatus* Zendesk::status(std::int64_t id) const {
  const auto found = std::ranges::find(options_.statuses, id, &ZendeskStatus::id);
  return found == options_.statuses.end() ? nullptr : &*found;
}

http::Response Zendesk::users(const Call& call) {
  const Show show = [&](json::Writer& out, std::int64_t id) { write_user(out, users_.at(id)); };
  const std::string what = call.path.size() == 2 ? call.path[1] : "";
  if (call.path.size() > 2) throw invalid_endpoint();
  if (!what.empty() && what != "show_many" && what != "search") {
    const std::int64_t id = what == "me" ? call.user->id : zendesk_id(what);
    if (!users_.contains(id)) throw record_not_found();
    json::Writer out;
    out.object([&] {
      out.key("user");
      show(out, id);
    });
    return zendesk_json(200, out.take());
  }
  const std::string query = value_of(call.query, "query");
  const std::string mail = query.starts_with("email:") ? query.substr(6) : query;
  std::vector<std::int64_t> ids;
  for (const auto& [id, user] : users_) {
    if (what == "show_many" && !named(value_of(call.query, "ids"), std::to_string(id))) continue;
    if (what == "search" && lower_case(user.mail) != lower_case(mail)) continue;
    ids.push_back(id);
  }
  return page_of(call, "users", ids, show);
}

http::Response Zendesk::organizations(const Call& call) {
  const Show show = [&](json::Writer& out, std::int64_t id) {
    const ZendeskOrganization& it = organizations_.at(id);
    out.object([&] {
      out.member("id", id).member("url", url("organizations/" + std::to_string(id) + ".json")).member("name", it.name);
      out.member("domain_names", std::vector<std::string>{it.domain}).member("tags", std::vector<std::string>{});
      out.member("created_at", to_second(it.created)).member("updated_at", to_second(it.created));
      out.member("shared_tickets", false).member("shared_comments", false);
      out.key("external_id").null().key("details").null().key("notes").null().key("group_id").null();
      out.key("organization_fields").object([] {});
    });
  };
  if (call.path.size() > 2) throw invalid_endpoint();
  if (call.path.size() == 2 && call.path[1] != "show_many") {
    const std::int64_t id = zendesk_id(call.path[1]);
    if (!organizations_.contains(id)) throw record_not_found();
    json::Writer out;
    out.object([&] {
      out.key("organization");
      show(out, id);
    });
    return zendesk_json(200, out.take());
  }
  std::vector<std::int64_t> ids;
  for (const auto& [id, organization] : organizations_) {
    if (call.path.size() == 1 || named(value_of(call.query, "ids"), std::to_string(id))) ids.push_back(id);
  }
  return page_of(call, "organizations", ids, show);
}

http::Response Zendesk::groups(const Call& call) {
  if (call.path.size() != 1) throw record_not_found();
  std::vector<std::int64_t> ids;
  for (const auto& [id, name] : options_.groups) ids.push_back(id);
  return page_of(call, "groups", ids, [&](json::Writer& out, std::int64_t id) {
    out.object([&] {
      out.member("id", id).member("url", url("groups/" + std::to_string(id) + ".json"));
      out.member("name", options_.groups.at(id)).member("description", "").member("default", false);
      out.member("deleted", false).member("is_public", true);
    });
  });
}

http::Response Zendesk::ticket_fields(const Call& call) const {
  std::vector<ZendeskField> all = own_fields();
  all.insert(all.end(), options_.fields.begin(), options_.fields.end());
  json::Writer out;
  if (call.path.size() == 1) {
    out.object([&] {
      out.key("ticket_fields").array([&] {
        for (const auto& it : all) write_field(out, it);
      });
      out.key("next_page").null().key("previous_page").null().member("count", all.size());
    });
    return zendesk_json(200, out.take());
  }
  const auto found = std::ranges::find(all, zendesk_id(call.path[1]), &ZendeskField::id);
  if (found == all.end()) throw record_not_found();
  if (call.path.size() == 2) {
    out.object([&] {
      out.key("ticket_field");
      write_field(out, *found);
    });
    return zendesk_json(200, out.take());
  }
  if (call.path.size() != 3 || call.path[2] != "options") throw invalid_endpoint();
  out.object([&] {
    out.key("custom_field_options").array([&] {
      for (const auto& option : found->options) {
        out.object([&] {
          out.member("id", option.id).member("name", option.name).member("raw_name", option.name);
          out.member("value", option.tag);
        });
      }
    });
    out.key("next_page").null().key("previous_page").null().member("count", found->options.size());
  });
  return zendesk_json(200, out.take());
}

http::Response Zendesk::custom_statuses(const Call& call) const {
  const auto write = [&](json::Writer& out, const ZendeskStatus& it) {
    out.object([&] {
      out.member("id", it.id).member("url", url("custom_statuses/" + std::to_string(it.id) + ".json"));
      out.member("status_category", it.category).member("agent_label", it.label).member("raw_agent_label", it.label);
      out.member("end_user_label", it.label).member("raw_end_user_label", it.label).member("description", "");
      out.member("end_user_description", "").member("active", it.active).member("default", it.is_default);
      out.member("created_at", "2026-01-01T00:00:00Z").member("updated_at", "2026-01-01T00:00:00Z");
    });
  };
  json::Writer out;
  if (call.path.size() == 2) {
    const ZendeskStatus* found = status(zendesk_id(call.path[1]));
    if (!found) throw record_not_found();
    out.object([&] {
      out.key("custom_status");
      write(out, *found);
    });
    return zendesk_json(200, out.take());
  }
  const std::string active = value_of(call.query, "active");
  out.object([&] {
    out.key("custom_statuses").array([&] {
      for (const auto& it : options_.statuses) {
        if (active.empty() || (active == "true") == it.active) write(out, it);
      }
    });
  });
  return zendesk_json(200, out.take());
}

}  // namespace supportd::fakes
