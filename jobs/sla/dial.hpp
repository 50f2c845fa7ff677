// Time on one clock: what passes between two happenings, and when its promises are due. The rules and the ticket's
// facts are what they are meanwhile.
#pragma once

#include "jobs/sla/clocks.hpp"

namespace supportd::sla {

// A clock while time passes on it.
struct Live : Clock {
  struct Stretch {
    Instant from{}, to{};
    bool counts = false;
  };
  struct UsedUp {
    Measure target;
    Instant at{};
  };
  std::vector<UsedUp> used_up{};      // when first, whatever followed: a pause, a night, other promises
  std::optional<std::size_t> rule{};  // by which it was last dated
  std::vector<Stretch> unmeasured{};  // while no policy held: the calendar of the next one measures it
  std::string cause{};                // what brought its state
};

// Borrows all; lives for a moment of the fold.
class Dial {
 public:
  // `policy`: of the rules, for those facts.
  Dial(const Rules& rules, const Facts& facts, const Policy* policy, Instant at, Detail detail)
      : rules_(rules), facts_(facts), policy_(policy), at_(at), detail_(detail) {}

  const Policy* policy() const { return policy_; }

  // Until then; what is missed and which thresholds pass is noted.
  void run(Live& clock, Instant to) const;
  // The policy, calendar and targets that hold now. True when the promises are others than before.
  bool promise(Live& clock) const;
  // When a running clock's promises are due, from what of them is left.
  void date(Live& clock) const;
  // The earliest due time, and when to warn of it.
  void conclude(Clock& clock) const;
  // The thresholds of promises that begin to hold when more than that is used up already: they pass now.
  void overtake(Clock& clock) const;
  // The thresholds to come, if nothing happens.
  void foresee(Clock& clock) const;

 private:
  const calendar::Calendar* calendar_of(const Clock& clock) const;
  // When, from now on, that much of the promise is used; nothing when more of it is already.
  std::optional<calendar::Calendar::Reached> reached(const Clock& clock, const Promise& promise, Millis amount) const;
  void pass(Live& clock, const Promise& promise, Instant to) const;
  void measure(Live& clock) const;
  // Calls `take` with the percents that count: of the leading promise the policy's, of each the whole.
  template <class Take>
  void each_percent(const Clock& clock, const Promise& promise, Take take) const;

  const Rules& rules_;
  const Facts& facts_;
  const Policy* const policy_;
  const Instant at_;
  const Detail detail_;
};

}  // namespace supportd::sla
