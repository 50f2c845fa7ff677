// The mapping's defaults by vendor, and its keys.
#include <algorithm>
#include <set>

#include "daemon/config/suggest.hpp"
#include "jobs/desk_sync/mapping.hpp"

namespace supportd::desk_sync {
namespace {

using tickets::Priority;
using tickets::Status;

constexpr std::pair<std::string_view, Owner::Kind> owners[] = {
    {"desk", Owner::desk}, {"ledger", Owner::ledger}, {"newest", Owner::newest}};

const std::vector<std::string> facts{"ticket.id", "organisation.id", "organisation.name", "organisation.tier"};

std::string print(const Owner& owner) { return owner.to_text(); }

std::vector<std::string> status_names() {
  std::vector<std::string> out;
  for (const Status status : tickets::all_statuses) out.emplace_back(tickets::to_text(status));
  return out;
}

std::vector<std::string> priority_names() {
  std::vector<std::string> out;
  for (const Priority priority : {Priority::low, Priority::normal, Priority::high, Priority::urgent}) {
    out.emplace_back(tickets::to_text(priority));
  }
  return out;
}

// Whatever is no scalar is a custom field, which only the desk itself can tell; a slip of the keys shows all the same.
void check_owned(config::Binder& b, const Mapping& m) {
  for (const auto& [field, owner] : m.owner) {
    if (field == "tags") {
      b.flaw_within({"owner", "tags"},
                    "tags have no owner: they are a set of what either side added, without what either side removed");
    }
    const bool is_known =
        m.rule_of(field) != nullptr || std::ranges::find(m.ledger_fields, field) != m.ledger_fields.end();
    if (!is_known && !is_scalar(field) && config::nearest(field, scalar_names())) {
      b.flaw_within({"owner", field}, "no such field: " + config::known_names(field, scalar_names()));
    }
  }
}

}  // namespace

Parsed<Owner> Owner::parse(std::string_view text) {
  for (const auto& [name, kind] : owners) {
    if (name == text) return Owner(kind);
  }
  for (const std::string_view vendor : {"freshdesk:", "zendesk:"}) {
    if (text.starts_with(vendor) && text.size() > vendor.size()) return Owner(ledger, std::string(text));
  }
  return Mistake{"\"" + std::string(text) +
                 "\" is none of desk, ledger, newest, or another desk as in \"zendesk:emea\""};
}

std::string Owner::to_text() const {
  if (!other.empty()) return other;
  return std::string(std::ranges::find(owners, kind, [](const auto& one) { return one.second; })->first);
}

bool FieldRule::is_fact() const { return std::ranges::find(facts, ledger) != facts.end(); }

// https://developers.freshdesk.com/api/#tickets; 6 and 7 are what the vendor adds by default (product.md, decision 6).
Mapping freshdesk_mapping() {
  Mapping m;
  m.status_in = {{"2", Status::open},   {"3", Status::pending}, {"4", Status::solved},
                 {"5", Status::closed}, {"6", Status::pending}, {"7", Status::hold}};
  m.status_out = {{"new", "2"},    {"open", "2"},   {"pending", "3"},  {"hold", "3"},
                  {"solved", "4"}, {"closed", "5"}, {"cancelled", "5"}};
  m.priority_in = {{"1", Priority::low}, {"2", Priority::normal}, {"3", Priority::high}, {"4", Priority::urgent}};
  m.priority_out = {{"low", "1"}, {"normal", "2"}, {"high", "3"}, {"urgent", "4"}};
  m.owner = {{"status", Owner::newest}};
  return m;
}

// https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
Mapping zendesk_mapping() {
  Mapping m;
  m.status_in = {{"new", Status::fresh}, {"open", Status::open},     {"pending", Status::pending},
                 {"hold", Status::hold}, {"solved", Status::solved}, {"closed", Status::closed}};
  // Nobody but Zendesk itself closes a ticket.
  m.status_out = {{"new", "new"},       {"open", "open"},     {"pending", "pending"}, {"hold", "hold"},
                  {"solved", "solved"}, {"closed", "solved"}, {"cancelled", "solved"}};
  m.priority_in = {
      {"low", Priority::low}, {"normal", Priority::normal}, {"high", Priority::high}, {"urgent", Priority::urgent}};
  m.priority_out = {{"low", "low"}, {"normal", "normal"}, {"high", "high"}, {"urgent", "urgent"}};
  m.owner = {{"status", Owner::newest}};
  m.ledger_fields.clear();
  m.tags_are_words = true;
  return m;
}

void bind(config::Binder& b, FieldRule& rule) {
  b.field("desk", rule.desk, config::not_empty());
  b.field("ledger", rule.ledger);
  b.text("owner", rule.owner, Owner::parse, print);
  b.tables("in", rule.in);
  b.tables("out", rule.out);
  b.require("desk");
  const bool names_a_fact = rule.ledger.starts_with("ticket.") || rule.ledger.starts_with("organisation.");
  const std::string& target = rule.ledger_name();
  if (is_scalar(target) || target == "tags") {
    b.flaw(rule.ledger.empty() ? "desk" : "ledger",
           "the ledger's " + target + " is no custom field: this would make another field of that name");
  }
  if (names_a_fact && !rule.is_fact()) b.flaw("ledger", "no such fact: " + config::known_names(rule.ledger, facts));
}

void bind(config::Binder& b, Participation& rule) {
  b.field("tags", rule.tags);
  b.field("tags_not", rule.tags_not);
  b.field("fields", rule.fields);
}

void bind(config::Binder& b, Mapping& m) {
  const auto statuses = {std::pair<std::string, Status>{"new", Status::fresh},
                         {"open", Status::open},
                         {"pending", Status::pending},
                         {"hold", Status::hold},
                         {"solved", Status::solved},
                         {"closed", Status::closed},
                         {"cancelled", Status::cancelled}};
  b.choice("status_in", m.status_in, statuses);
  b.field("status_out", m.status_out);
  b.choice("status_unknown", m.status_unknown, statuses);
  b.choice(
      "priority_in", m.priority_in,
      {{"low", Priority::low}, {"normal", Priority::normal}, {"high", Priority::high}, {"urgent", Priority::urgent}});
  b.field("priority_out", m.priority_out);
  b.field("priority_not_given", m.priority_not_given);
  b.field("type_in", m.type_in);
  b.field("type_out", m.type_out);
  b.field("group_in", m.group_in);
  b.field("group_out", m.group_out);
  b.field("assignee_out", m.assignee_out);
  b.text("owner", m.owner, Owner::parse, print);
  b.text("field_owner", m.field_owner, Owner::parse, print);
  b.field("skew", m.skew, config::between(Millis{0}, Millis{std::chrono::minutes{10}}));
  b.choice("tie", m.tie, {{"desk", Owner(Owner::desk)}, {"ledger", Owner(Owner::ledger)}});
  b.field("ledger_fields", m.ledger_fields);
  b.tables("field", m.fields);
  b.choice("counterpart", m.counterpart, {{"linked", Counterpart::linked}, {"all", Counterpart::all}});
  b.table("takes_part", m.takes_part);
  b.field("public_comments", m.public_comments);
  const auto propagations = {std::pair<std::string, Propagation>{"nothing", Propagation::nothing},
                             {"note", Propagation::note},
                             {"follow", Propagation::follow}};
  b.choice("merged", m.merged, propagations);
  b.choice("deleted", m.deleted, propagations);
  b.field("link_field", m.link_field);
  std::set<std::string> at_desk, in_ledger;
  for (const FieldRule& rule : m.fields) {
    if (!at_desk.insert(rule.desk).second) b.flaw("field", "two rules for the desk's field " + rule.desk);
    if (!rule.is_fact() && !in_ledger.insert(rule.ledger_name()).second) {
      b.flaw("field", "two rules for the ledger's field " + rule.ledger_name());
    }
  }
  const auto known_in_ledger = [&](const char* table, const char* what, const auto& entries, const auto& names) {
    for (const auto& [name, written] : entries) {
      if (std::ranges::find(names, name) != names.end()) continue;
      b.flaw_within({table, name}, std::string("there is no ") + what + " '" + name +
                                       "' in the ledger: " + config::known_names(name, names));
    }
  };
  known_in_ledger("status_out", "status", m.status_out, status_names());
  known_in_ledger("priority_out", "priority", m.priority_out, priority_names());
  check_owned(b, m);
}

}  // namespace supportd::desk_sync
