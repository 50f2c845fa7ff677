#include "jobs/sla/replay.hpp"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "jobs/sla/scenario.hpp"

namespace supportd::sla {
namespace {

using json::View;

void member(json::Writer& out, const char* name, const std::optional<Instant>& at) {
  out.key(name);
  if (at) {
    out.value(time::to_text(*at));
  } else {
    out.null();
  }
}

void member(json::Writer& out, const char* name, Millis length) { out.member(name, length.count() / 1000); }

// By percent, of the targets that hold; of several the first to be reached. A clock that is promised nothing any more
// has those of its last target.
std::map<int, Instant> by_percent(const Clock& clock) {
  std::map<int, Instant> out;
  for (const Threshold& it : clock.thresholds) {
    if (clock.promises.empty()) {
      out[it.percent] = it.at;
    } else if (std::ranges::find(clock.promises, it.target, &Promise::measure) != clock.promises.end()) {
      out.try_emplace(it.percent, it.at);
    }
  }
  return out;
}

// Of the first clock that has any.
void write_thresholds(json::Writer& out, const std::vector<Clock>& clocks) {
  const auto clock = std::ranges::find_if(clocks, [](const Clock& it) { return !it.thresholds.empty(); });
  out.key("thresholds").object([&] {
    if (clock == clocks.end()) return;
    for (const auto& [percent, at] : by_percent(*clock)) out.member(std::to_string(percent), time::to_text(at));
  });
}

// Every one, of every target that ever held.
void write_reached(json::Writer& out, const Clock& clock) {
  out.key("reached").array([&] {
    for (const Threshold& it : clock.thresholds) {
      out.object([&] {
        out.member("percent", it.percent).member("at", time::to_text(it.at));
        member(out, "target", it.target.length);
      });
    }
  });
}

// What is promised is time by the clock on the wall, and so is what is used of it.
bool is_by_the_wall(const Clock& clock) {
  return !clock.promises.empty() && std::ranges::all_of(clock.promises, &Promise::by_the_wall);
}

// Of several that hold at once.
void write_promises(json::Writer& out, const Clock& clock) {
  if (clock.promises.size() < 2) return;
  out.key("targets").array([&] {
    for (const Promise& it : clock.promises) {
      out.object([&] {
        out.member("target", calendar::to_text(it.target));
        member(out, "due", it.due);
      });
    }
  });
}

void write(json::Writer& out, const Clock& clock) {
  out.object([&] {
    out.member("instance", clock.instance).member("from", time::to_text(clock.started));
    if (!clock.group.empty()) out.member("group", clock.group);
    out.member("state", to_text(clock.state)).member("reason", clock.reason);
    member(out, "due", clock.due);
    member(out, "fulfilled_at", clock.state == State::fulfilled ? clock.ended : std::nullopt);
    member(out, "breached_at", clock.breaches.empty() ? std::nullopt : std::optional(clock.breaches.front().at));
    out.member("breached", !clock.breaches.empty());
    out.key("breaches").array([&] {
      for (const Breach& it : clock.breaches) {
        out.object([&] {
          out.member("at", time::to_text(it.at));
          member(out, "target", it.target.length);
        });
      }
    });
    member(out, "elapsed", is_by_the_wall(clock) ? clock.wall : clock.open);
    member(out, "paused", is_by_the_wall(clock) ? clock.paused_wall : clock.paused);
    member(out, "warn_at", clock.warn_at);
    write_thresholds(out, {clock});
    if (by_percent(clock).size() < clock.thresholds.size()) write_reached(out, clock);
    write_promises(out, clock);
    out.key("changes").array([&] {
      for (const Change& it : clock.changes) {
        out.object([&] {
          out.member("at", time::to_text(it.at));
          member(out, "due", it.due);
          out.member("why", it.why);
        });
      }
    });
  });
}

// Those of which the policy ever promised something.
void write(json::Writer& out, const std::vector<Clock>& clocks, const Rules& rules) {
  for (const Metric metric : all_metrics) {
    const bool is_promised =
        std::ranges::any_of(rules.policies, [&](const Policy& it) { return it.targets.contains(metric); });
    if (!is_promised) continue;
    std::vector<const Clock*> of_metric;
    for (const Clock& clock : clocks) {
      if (clock.metric == metric) of_metric.push_back(&clock);
    }
    out.key(to_text(metric));
    if (of_metric.size() == 1) {
      write(out, *of_metric.front());
    } else {
      out.array([&] {
        for (const Clock* clock : of_metric) write(out, *clock);
      });
    }
  }
}

}  // namespace

bool replay_scenarios(const json::View& document, std::ostream& out, std::ostream& remarks) {
  remark(document, {"calendars", "scenarios", "generated_with", "confidence", "note"}, "", remarks);
  const Calendars calendars = calendars_in(document.at("calendars"));
  bool all = true;
  std::set<std::string> ids;
  for (const View& scenario : document.at("scenarios").items()) {
    std::optional<Scenario> read;
    std::vector<Clock> clocks;
    std::string id, error;
    try {
      id = scenario.at("id").scalar_text();
      if (!ids.insert(id).second) {
        throw Error(ErrorKind::corrupt, scenario.at("id").path() + ": another scenario is called '" + id + "'");
      }
      read = scenario_in(scenario, calendars);
      clocks = clocks_of(read->happenings, {read->rules}, read->now);
      remark_on_scenario(scenario, remarks);
    } catch (const Error& what) {
      error = what.what();
      all = false;
    }
    json::Writer line;
    line.object([&] {
      line.member("id", id);
      if (!error.empty()) {
        line.member("error", error);
        return;
      }
      write(line, clocks, read->rules);
      if (scenario.at("policy").find("thresholds")) write_thresholds(line, clocks);
    });
    out << line.take() << '\n';
  }
  return all;
}

}  // namespace supportd::sla
