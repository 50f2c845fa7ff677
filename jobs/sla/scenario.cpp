#include "jobs/sla/scenario.hpp"

#include <algorithm>
#include <ostream>
#include <set>

#include "daemon/config/suggest.hpp"
#include "jobs/calendar/definition_json.hpp"
#include "jobs/sla/targets.hpp"

namespace supportd::sla {
namespace {

using json::View;

[[noreturn]] void refuse(const View& at, const std::string& what) {
  throw Error(ErrorKind::corrupt, at.path() + ": " + what);
}

Millis seconds_in(const View& at) {
  constexpr std::int64_t most = 3'155'760'000;  // a century
  const std::int64_t seconds = at.integer();
  if (seconds <= 0 || seconds > most) refuse(at, "expected 1 to " + std::to_string(most) + " seconds");
  return std::chrono::seconds{seconds};
}

Instant instant(const View& at) {
  const auto parsed = time::parse_instant(at.string());
  if (!parsed) refuse(at, parsed.error().what);
  return *parsed;
}

// Seconds, or as a policy has them: "8h, 2 business days".
std::vector<calendar::Target> promised_in(const View& at) {
  if (!at.is_string()) return {{calendar::Target::Kind::open, seconds_in(at), 0}};
  auto targets = parse_targets(at.string());
  if (!targets) refuse(at, targets.error().what);
  return std::move(targets->all);
}

bool is_priority(std::string_view text) { return text == "any" || tickets::parse_priority(text).has_value(); }

tickets::Priority priority_in(const View& at) {
  const auto priority = tickets::parse_priority(at.string());
  if (!priority) refuse(at, "no priority '" + at.string() + "': low, normal, high, urgent");
  return *priority;
}

// The same for every priority, or by priority.
std::map<std::string, std::vector<calendar::Target>> targets_in(const View& at) {
  std::map<std::string, std::vector<calendar::Target>> out;
  if (!at.is_object()) {
    out["any"] = promised_in(at);
    return out;
  }
  for (const auto& [priority, target] : at.members()) {
    if (!is_priority(priority)) refuse(target, "no such priority: low, normal, high, urgent, any");
    out[std::string(priority)] = promised_in(target);
  }
  if (out.empty()) refuse(at, "promises nothing");
  return out;
}

// What a policy says besides its targets.
bool take_switch(Policy& policy, std::string_view name, const View& value) {
  if (name == "thresholds") {
    policy.thresholds.clear();
    for (const View& percent : value.items()) {
      if (percent.integer() < 1 || percent.integer() > 1'000) refuse(percent, "expected 1 to 1000 percent");
      policy.thresholds.push_back(static_cast<int>(percent.integer()));
    }
    if (std::ranges::adjacent_find(policy.thresholds, std::ranges::greater_equal()) != policy.thresholds.end()) {
      refuse(value, "expected percents in ascending order, none twice");
    }
  } else if (name == "warn_before") {
    policy.warn_before = seconds_in(value);
  } else if (name == "pause_ends_on") {
    const std::string text = value.string();
    if (text != "status" && text != "status_or_customer_reply")
      refuse(value, "expected status or status_or_customer_reply");
    policy.pause_ends = text == "status" ? Policy::PauseEnds::status : Policy::PauseEnds::status_or_reply;
  } else if (name == "reopen") {
    const std::string text = value.string();
    if (text != "continue" && text != "restart") refuse(value, "expected continue or restart");
    policy.reopen = text == "restart" ? Policy::Reopen::restart : Policy::Reopen::go_on;
  } else if (name == "agent_created") {
    policy.agent_created = value.boolean();
  } else {
    return false;
  }
  return true;
}

std::string known_metrics() {
  std::string out;
  for (const Metric metric : all_metrics) out += (out.empty() ? "" : ", ") + std::string(to_text(metric));
  return out;
}

// Targets by metric, or by group a table of them.
std::vector<Policy> policies_in(const View& object, const std::string& calendar) {
  Policy all;
  all.name = "scenario";
  all.calendar = calendar;
  const auto members = object.members();
  std::set<std::string_view> groups;
  for (const auto& [name, value] : members) {
    if (take_switch(all, name, value)) continue;
    if (const auto metric = parse_metric(name)) {
      all.targets[*metric] = targets_in(value);
    } else if (value.is_object()) {
      groups.insert(name);
    } else {
      refuse(value, "no such metric, nor a group's targets; known: " + known_metrics());
    }
  }
  std::vector<Policy> out;
  for (const auto& [name, value] : members) {
    if (!groups.contains(name)) continue;
    Policy of_group = all;
    of_group.name = std::string(name);
    of_group.match.group = {std::string(name)};
    for (const auto& [inner, target] : value.members()) {
      const auto metric = parse_metric(inner);
      if (!metric) refuse(target, "no such metric; known: " + known_metrics());
      of_group.targets[*metric] = targets_in(target);
    }
    out.push_back(std::move(of_group));
  }
  if (!all.targets.empty()) out.push_back(std::move(all));
  if (out.empty()) refuse(object, "promises nothing");
  return out;
}

tickets::Status status_in(const View& at) {
  const std::string text = at.string();
  const auto status = tickets::parse_status(text == "on-hold" ? "hold" : text);
  if (!status) refuse(at, "no such status: new, open, pending, hold (on-hold), solved, closed, cancelled");
  return *status;
}

Happening::Who who_in(const View& event) {
  const std::string by = event.at("by").string();
  if (by == "end_user" || by == "customer") return Happening::Who::customer;
  if (by == "agent") return Happening::Who::agent;
  if (by == "system" || by == "trigger") return Happening::Who::other;
  refuse(event.at("by"), "expected end_user, agent or system");
}

// Facts that an event may carry beside what it is.
void take_facts(Facts& facts, const View& event) {
  if (const auto priority = event.find("priority")) facts.priority = priority_in(*priority);
  for (const auto& [name, fact] : {std::pair{"group", &facts.group},
                                   {"tier", &facts.tier},
                                   {"channel", &facts.channel},
                                   {"organisation", &facts.organisation}}) {
    if (const auto value = event.find(name)) *fact = value->string();
  }
  if (event.find("tags")) facts.tags = event.strings("tags");
}

Happening happening_in(const View& event, Facts& facts) {
  Happening out;
  out.at = instant(event.at("at"));
  const std::string what = event.at("do").string();
  using Kind = Happening::Kind;
  if (what == "create") {
    out.kind = Kind::created;
    out.who = who_in(event);
    take_facts(facts, event);
    if (const auto status = event.find("status")) facts.status = status_in(*status);
  } else if (what == "comment") {
    out.kind = Kind::comment;
    out.who = who_in(event);
    out.is_public = event.at("public").boolean();
    out.automatic = event.boolean("automatic", false);
  } else if (what == "status") {
    facts.status = status_in(event.at("to"));
  } else if (what == "priority") {
    facts.priority = priority_in(event.at("to"));
  } else if (what == "group") {
    facts.group = event.string("to", "");
  } else if (what == "tier") {
    facts.tier = event.string("to", "");
  } else if (what == "organisation") {
    facts.organisation = event.string("to", "");
  } else if (what == "tags") {
    facts.tags = event.strings("to");
  } else if (what == "merge_into") {
    out.kind = Kind::merged;
  } else if (what == "delete") {
    out.kind = Kind::deleted;
  } else if (what == "restore") {
    out.kind = Kind::restored;
  } else {
    refuse(event.at("do"),
           "no event '" + what +
               "': create, comment, status, priority, group, tier, organisation, tags, merge_into, delete, "
               "restore");
  }
  out.facts = facts;
  return out;
}

// By its name, which `calendars` has.
std::string calendar_in(const View& at, const Calendars& calendars) {
  const std::string name = at.string();
  const auto named = calendars.find(name);
  if (named == calendars.end()) {
    std::vector<std::string> names;
    for (const auto& [known, it] : calendars) names.push_back(known);
    refuse(at, "no calendar '" + name + "': " + config::known_names(name, names));
  }
  if (!calendar::ever_opens(named->second->definition())) {
    refuse(at, "the calendar '" + name + "' has no hours: nothing on it is ever due");
  }
  return name;
}

std::vector<Happening> happenings_in(const View& scenario) {
  std::vector<Happening> out;
  Facts facts;
  for (const View& event : scenario.at("events").items()) {
    const bool is_first = out.empty();
    out.push_back(happening_in(event, facts));
    if (is_first != (out.back().kind == Happening::Kind::created)) {
      refuse(event, "the first event, and no other, is create");
    }
    if (!is_first && out.back().at < out[out.size() - 2].at) refuse(event, "events are in order of time");
  }
  if (out.empty()) refuse(scenario, "no events");
  return out;
}

}  // namespace

void remark(const View& object, const std::vector<std::string>& known, const std::string& where,
            std::ostream& remarks) {
  const auto members = object.members();
  for (const auto& [name, value] : members) {
    if (std::ranges::find(known, std::string(name)) != known.end()) continue;
    remarks << where << value.path() << " is ignored: " << config::known_names(std::string(name), known) << '\n';
  }
}

// Those that mean something, and what scenarios say for people ("reopens") or of other tickets ("ticket").
void remark_on_scenario(const View& scenario, std::ostream& remarks) {
  static const std::vector<std::string> of_scenario{"id",     "title",  "source", "confidence", "calendar",
                                                    "policy", "events", "now",    "expect",     "note"};
  static const std::vector<std::string> of_event{"at",           "do",   "by",      "to",      "public", "automatic",
                                                 "priority",     "tier", "group",   "channel", "tags",   "status",
                                                 "organisation", "note", "reopens", "ticket"};
  const std::string where = "scenario " + scenario.at("id").scalar_text() + ": ";
  remark(scenario, of_scenario, where, remarks);
  for (const View& event : scenario.at("events").items()) remark(event, of_event, where, remarks);
}

Calendars calendars_in(const View& object) {
  Calendars out;
  for (const auto& [name, it] : object.members()) {
    calendar::Definition definition = calendar::definition_of(it);
    definition.name = name;
    out[std::string(name)] = std::make_shared<const calendar::Calendar>(std::move(definition));
  }
  return out;
}

Scenario scenario_in(const View& object, const Calendars& calendars) {
  Scenario out;
  out.rules.policies = policies_in(object.at("policy"), calendar_in(object.at("calendar"), calendars));
  out.rules.calendars = calendars;
  out.happenings = happenings_in(object);
  out.now = out.happenings.back().at;
  if (const auto given = object.find("now")) {
    out.now = instant(*given);
    if (out.now < out.happenings.back().at) refuse(*given, "is before the last event");
  }
  return out;
}

}  // namespace supportd::sla
