#include "jobs/sla/clock_json.hpp"

#include <algorithm>

#include "jobs/sla/explain.hpp"
#include "jobs/sla/targets.hpp"

namespace supportd::sla {
namespace {

using json::Writer;

// Of the target due first: how much of it is used.
struct Use {
  Millis used{0}, length{0};
};
std::optional<Use> use_of(const Clock& clock) {
  const auto at = std::ranges::find(clock.promises, clock.due, &Promise::due);
  if (!clock.due || at == clock.promises.end()) return {};
  return Use{at->by_the_wall() ? clock.wall : clock.open, at->length};
}

void write(Writer& out, const Change& it) {
  out.object([&] {
    out.member("at", time::to_text(it.at));
    time_member(out, "due", it.due);
    out.member("why", it.why);
  });
}

void write(Writer& out, const Line& it) {
  constexpr const char* names[] = {"counted", "paused", "closed"};
  out.object([&] {
    out.member("kind", names[static_cast<std::size_t>(it.kind)]).member("from", time::to_text(it.from));
    out.member("to", time::to_text(it.to)).member("why", it.why).member("total_seconds", whole_seconds(it.total));
    out.member("policy", it.policy);
  });
}

void write(Writer& out, const Passed& it) {
  out.object([&] {
    out.member("percent", it.percent)
        .member("target_seconds", whole_seconds(it.target.length))
        .member("target", to_text(it.target))
        .member("at", time::to_text(it.at));
    out.member("recorded", time::to_text(it.recorded)).member("state", to_text(it.state));
    time_member(out, "settled", it.settled == Instant{} ? std::nullopt : std::optional(it.settled));
    out.member("note", it.note);
  });
}

}  // namespace

void time_member(Writer& out, std::string_view name, const std::optional<Instant>& at) {
  out.key(name);
  at ? out.value(time::to_text(*at)) : out.null();
}

std::int64_t whole_seconds(Millis length) { return length.count() / 1000; }

void write_use(Writer& out, const Clock& clock) {
  const auto use = use_of(clock);
  out.key("target_seconds");
  use ? out.value(whole_seconds(use->length)) : out.null();
  out.key("left_seconds");
  use ? out.value(whole_seconds(use->length - use->used)) : out.null();
  out.key("percent");
  use ? out.value(use->length == Millis{0} ? 100 : use->used * 100 / use->length) : out.null();
}

void write(Writer& out, const Clock& it, const Rulebook::Versions& rules, const std::vector<Passed>& passed) {
  out.object([&] {
    out.member("metric", to_text(it.metric)).member("instance", it.instance).member("group", it.group);
    out.member("state", to_text(it.state)).member("reason", it.reason).member("missed", !it.breaches.empty());
    out.member("started", time::to_text(it.started));
    time_member(out, "due", it.due);
    out.member("beyond", it.is_beyond());
    time_member(out, "ended", it.ended);
    out.member("used_seconds", whole_seconds(it.open)).member("paused_seconds", whole_seconds(it.paused));
    write_use(out, it);
    out.member("policy", it.policy).member("calendar", it.calendar);
    const auto calendar = rules.back().calendars.find(it.calendar);
    out.member("zone", calendar == rules.back().calendars.end() ? "UTC" : calendar->second->definition().zone.name());
    std::vector<std::string> targets;
    for (const Promise& promise : it.promises) targets.push_back(calendar::to_text(promise.target));
    out.member("targets", targets);
    out.key("breaches").array([&] {
      for (const Breach& breach : it.breaches) {
        out.object([&] {
          out.member("at", time::to_text(breach.at)).member("target_seconds", whole_seconds(breach.target.length));
          out.member("target", to_text(breach.target));
        });
      }
    });
    out.key("thresholds").array([&] {
      for (const Passed& one : passed) {
        if (one.metric == it.metric && one.instance == it.instance) write(out, one);
      }
    });
    out.key("changes").array([&] {
      for (const Change& change : it.changes) write(out, change);
    });
    out.key("segments").array([&] {
      for (const Line& line : explain(it, rules)) write(out, line);
    });
  });
}

}  // namespace supportd::sla
