// A ticket's SLA clocks: a pure function of what happened to it and of the rules that held. Nothing else is kept that
// could disagree with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jobs/sla/policy.hpp"

namespace supportd::sla {

// What happened to a ticket, as far as clocks go.
struct Happening {
  enum class Kind {
    created,  // facts
    comment,  // who, is_public, automatic
    facts,    // status, priority, group, tier, tags ... are now these
    merged,   // into another
    deleted,
    restored,
  } kind = Kind::facts;
  enum class Who { customer, agent, other };

  Instant at{};  // when it happened, by whom it happened to
  Facts facts{};
  Who who = Who::other;
  bool is_public = false;
  bool automatic = false;  // said by a machine
  bool late = false;       // learned of after something that happened later: a correction
  bool clamped = false;    // its origin claimed a time that had not come yet
};

enum class State { running, paused, fulfilled, cancelled };
std::string_view to_text(State state);

// Of which something is a part: so much open time, or time by the wall.
struct Measure {
  Millis length{0};
  bool by_the_wall = false;
  friend bool operator==(const Measure&, const Measure&) = default;
};
std::string to_text(const Measure& measure);       // "32h", "32h elapsed"
std::string lasting_text(const Measure& measure);  // for keys that last

// A target in the terms of one clock.
struct Promise {
  calendar::Target target;
  Millis length{0};            // of open time, or of the wall clock for an elapsed one
  std::optional<Instant> due;  // the first instant at which it is used up; none while the clock stands
  bool by_the_wall() const { return target.kind == calendar::Target::Kind::elapsed; }
  Measure measure() const { return {length, by_the_wall()}; }
};

struct Breach {
  Instant at{};  // the last at which no more than that was used; it may have been used up before, as the desk closed
  Measure target;
};

// When a part of a target was, or will be, used up if nothing happens meanwhile.
struct Threshold {
  int percent = 100;
  Instant at{};
  Measure target;
};

// How the due time moved.
struct Change {
  Instant at{};
  std::optional<Instant> due;
  std::string why;
};

// A stretch of a clock's life, for people who ask why.
struct Segment {
  Instant from{}, to{};
  bool counts = false;
  std::string why;     // "open", "paused: pending", "solved"
  std::string policy;  // empty: none held
  std::string calendar;
  int version = 0;  // of the rules
  Millis counted{0};
};

struct Clock {
  Metric metric = Metric::first_reply;
  int instance = 1;
  std::string group;  // of ownership
  Instant started{};
  State state = State::running;
  std::string reason;                 // of its state: "pending", "solved", "merged"
  std::optional<Instant> ended;       // fulfilled or cancelled
  Millis open{0}, wall{0};            // used up, in the clock's calendar and by the wall
  Millis paused{0};                   // open time that passed while it stood
  Millis paused_wall{0};              // likewise by the wall
  std::string policy, calendar;       // that hold; empty: none
  std::vector<Promise> promises;      // none: it is measured, and nothing is promised
  std::optional<Instant> due;         // the earliest promise
  std::vector<Breach> breaches;       // by time
  std::vector<Threshold> thresholds;  // passed, by time; of running clocks those to come, too
  std::optional<Instant> warn_at;
  std::vector<Change> changes;
  std::vector<Segment> segments;

  bool is_over() const { return state == State::fulfilled || state == State::cancelled; }
  // It runs, and what it promises ends after all time that its calendar knows.
  bool is_beyond() const { return state == State::running && !promises.empty() && !due; }
};

// What of clocks is for people who ask why: segments and changes.
enum class Detail { figures, all };

// `happenings`: by time, and in the order learned within an instant, beginning with `created`. `rules`: by time, the
// first of which holds from ever. Clocks by metric and instance, as they are at `now`.
std::vector<Clock> clocks_of(const std::vector<Happening>& happenings, const std::vector<Rules>& rules, Instant now,
                             Detail detail = Detail::all);

}  // namespace supportd::sla
