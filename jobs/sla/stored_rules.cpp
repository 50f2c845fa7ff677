#include "jobs/sla/stored_rules.hpp"

#include "daemon/json.hpp"
#include "jobs/calendar/definition_json.hpp"
#include "jobs/sla/targets.hpp"

namespace supportd::sla {
namespace {

using json::View;
using json::Writer;

constexpr std::pair<const char*, std::vector<std::string> Match::*> lists[] = {
    {"tier", &Match::tier},        {"priority", &Match::priority},
    {"group", &Match::group},      {"organisation", &Match::organisation},
    {"channel", &Match::channel},  {"tags", &Match::tags},
    {"tags_not", &Match::tags_not}};

void write(Writer& out, const Policy& it) {
  out.object([&] {
    out.member("name", it.name).member("rank", it.rank).member("calendar", it.calendar);
    out.key("match").object([&] {
      for (const auto& [name, list] : lists) {
        if (!(it.match.*list).empty()) out.member(name, it.match.*list);
      }
    });
    out.member("restarts", it.reopen == Policy::Reopen::restart);
    out.member("reply_ends_pause", it.pause_ends == Policy::PauseEnds::status_or_reply);
    out.member("agent_created", it.agent_created);
    out.key("thresholds").array([&] {
      for (const int percent : it.thresholds) out.value(percent);
    });
    if (it.warn_before) out.member("warn_before", it.warn_before->count());
    out.key("targets").object([&] {
      for (const auto& [metric, by_priority] : it.targets) {
        out.key(to_text(metric)).object([&, &all = by_priority] {
          for (const auto& [priority, targets] : all) out.member(priority, to_text(Targets{targets}));
        });
      }
    });
  });
}

Policy policy_in(const View& object) {
  Policy out;
  out.name = object.at("name").string();
  out.rank = static_cast<int>(object.at("rank").integer());
  out.calendar = object.at("calendar").string();
  for (const auto& [name, list] : lists) out.match.*list = object.at("match").strings(name);
  out.reopen = object.at("restarts").boolean() ? Policy::Reopen::restart : Policy::Reopen::go_on;
  out.pause_ends =
      object.at("reply_ends_pause").boolean() ? Policy::PauseEnds::status_or_reply : Policy::PauseEnds::status;
  out.agent_created = object.at("agent_created").boolean();
  out.thresholds.clear();
  for (const View& percent : object.at("thresholds").items())
    out.thresholds.push_back(static_cast<int>(percent.integer()));
  if (const auto before = object.find("warn_before")) out.warn_before = Millis{before->integer()};
  for (const auto& [name, by_priority] : object.at("targets").members()) {
    const auto metric = parse_metric(name);
    if (!metric) throw Error(ErrorKind::corrupt, by_priority.path() + ": no such metric");
    for (const auto& [priority, targets] : by_priority.members()) {
      const auto parsed = parse_targets(targets.string());
      if (!parsed) throw Error(ErrorKind::corrupt, targets.path() + ": " + parsed.error().what);
      out.targets[*metric][std::string(priority)] = parsed->all;
    }
  }
  return out;
}

}  // namespace

std::string encode(const Rules& rules) {
  Writer out;
  out.object([&] {
    out.key("policies").array([&] {
      for (const Policy& it : rules.policies) write(out, it);
    });
    out.key("calendars").object([&] {
      for (const auto& [name, calendar] : rules.calendars) {
        out.key(name).raw(calendar::encode(calendar->definition()));
      }
    });
    out.key("tiers").object([&] {
      for (const auto& [organisation, tier] : rules.tiers) out.member(organisation, tier);
    });
    out.member("tzdata", rules.tzdata);
  });
  return out.take();
}

bool is_same(const Rules& a, const Rules& b) { return encode(a) == encode(b); }

Rules decode_rules(const std::string& text) {
  const auto document = json::Document::parse(text, "rules of service levels");
  const View root = document.root();
  Rules out;
  for (const View& it : root.at("policies").items()) out.policies.push_back(policy_in(it));
  for (const auto& [name, object] : root.at("calendars").members()) {
    calendar::Definition definition = calendar::definition_of(object);
    definition.name = name;
    out.calendars[std::string(name)] = std::make_shared<const calendar::Calendar>(std::move(definition));
  }
  for (const auto& [organisation, tier] : root.at("tiers").members())
    out.tiers[std::string(organisation)] = tier.string();
  out.tzdata = root.string("tzdata", "");
  return out;
}

}  // namespace supportd::sla
