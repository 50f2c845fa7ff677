// When a job runs: a cron expression read on the wall clock of a zone, or `every 90s`, counted from the epoch.
// Where the zone's clock is changed, fixed-time jobs follow Vixie cron: a run whose time is skipped happens once, right
// after the gap (several of one gap become one run); a time that comes twice runs at the first. Jobs with '*' leading
// minute or hour keep their cadence in real time: nothing in the gap, both passes of an overlap. A gap of more than
// 3 hours is no daylight saving (Pacific/Apia had no 2011-12-30): its day is skipped. So are the gaps of expressions
// with a seconds field, which Vixie cron does not have: that is what Quartz, robfig and systemd do with them.
// Zones follow the system's tzdata to the end of 2037, as far as its tables go.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/run/cron_times.hpp"
#include "daemon/time/zone.hpp"

namespace supportd::run {

// A nominal fire time, before jitter.
struct Slot {
  Instant at;
  // Set where the run stands for times that a gap skipped: the first of them, on the wall clock, and their number.
  std::optional<time::Local> skipped;
  int missed = 0;

  friend bool operator==(const Slot&, const Slot&) = default;
};

// A change of the zone's clock that touches runs.
struct ClockChange {
  enum class Effect {
    moved,   // gap, fixed-time job: one run at `at` instead
    absent,  // gap: no run, the times do not exist
    once,    // overlap, fixed-time job: only the first pass runs
    twice,   // overlap: both passes run
  };
  Instant at;
  time::Local from, until;  // the wall-clock times that do not exist, or come twice: [from, until)
  int runs = 0;             // how many nominal times lie in there
  Effect effect = Effect::absent;
};

class Schedule {
 public:
  static Parsed<Schedule> parse(std::string_view text, time::Zone zone);

  const std::string& text() const { return text_; }
  const time::Zone& zone() const { return zone_; }

  // The first slot strictly after `after`; none after the year 9999. Allocates nothing.
  std::optional<Slot> next(Instant after) const;
  // "at 02:30 on Monday to Friday".
  std::string in_words() const;
  // What is legal but may surprise; one sentence each.
  std::vector<std::string> lint() const;
  // The same, and every change of the zone's clock in the year from `now` on that touches runs, with its date.
  std::vector<std::string> lint(Instant now) const;
  // Those in [from, until) whose gap or overlap contains runs, in order.
  std::vector<ClockChange> clock_changes(Instant from, Instant until) const;
  // "2027-03-14: 02:00 to 03:00 does not exist; runs once at 03:00:00 EDT (2027-03-14T07:00:00Z)".
  std::string in_words(const ClockChange& change) const;

 private:
  struct Cron {
    CronExpression expression;
    CronTimes times;
  };

  Schedule(std::string_view text, time::Zone zone) : text_(text), zone_(zone) {}
  std::optional<Slot> next_cron(std::chrono::sys_seconds from) const;
  ClockChange::Effect effect(bool gap, LocalSeconds width) const;
  std::optional<Slot> first_in(const date::sys_info& stretch, std::chrono::sys_seconds from) const;

  std::string text_;
  time::Zone zone_;
  Millis period_{0};                  // of `every`
  std::shared_ptr<const Cron> cron_;  // null for `every`; shared by copies
};

}  // namespace supportd::run
