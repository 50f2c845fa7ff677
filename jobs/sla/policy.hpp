// Who is promised what: policies in order of their rank, of which the first that matches a ticket holds for it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/time/zone.hpp"
#include "jobs/calendar/target.hpp"
#include "jobs/sla/metric.hpp"
#include "jobs/tickets/values.hpp"

namespace supportd::sla {

// What of a ticket decides over its policy and its clocks.
struct Facts {
  tickets::Status status = tickets::Status::fresh;
  std::optional<tickets::Priority> priority;
  std::string tier, group, organisation, channel;
  std::vector<std::string> tags;
};

// All that is named must hold; of several values one is enough. An empty one matches everything.
struct Match {
  std::vector<std::string> tier, priority, group, organisation, channel;
  std::vector<std::string> tags;      // one of them
  std::vector<std::string> tags_not;  // none of them

  bool operator()(const Facts& facts) const;
};

struct Policy {
  enum class Reopen { go_on, restart };              // a solved ticket's clock
  enum class PauseEnds { status, status_or_reply };  // of pending

  std::string name;
  int rank = 0;
  Match match;
  std::string calendar;
  Reopen reopen = Reopen::go_on;
  PauseEnds pause_ends = PauseEnds::status_or_reply;
  bool agent_created = false;                 // a ticket that an agent opened has a first reply, too
  std::vector<int> thresholds{80, 100, 120};  // percent of the target
  std::optional<Millis> warn_before;          // open time before a target is reached
  // By priority ("urgent"), or "any". Of several targets the earliest is due, and all are told.
  std::map<Metric, std::map<std::string, std::vector<calendar::Target>>> targets;

  // What is promised of that metric; none: nothing.
  const std::vector<calendar::Target>& targets_for(Metric metric, const Facts& facts) const;
};

// The policies and calendars that held from then on. Time that has passed keeps those it passed under.
struct Rules {
  Instant from{};
  std::optional<Instant> corrects_since;  // of those yet to be adopted: they are to hold since then
  int version = 1;
  std::vector<Policy> policies;  // by rank
  std::map<std::string, std::shared_ptr<const calendar::Calendar>> calendars;
  std::map<std::string, std::string> tiers;     // of organisations, by name; a ticket's own tier beats it
  std::string tzdata = time::tzdata_version();  // by which the calendars' hours are instants

  // Null when none matches.
  const Policy* policy_for(const Facts& facts) const;
  // Whether it matters that an organisation is called so.
  bool speak_of(const std::string& organisation) const;
};

}  // namespace supportd::sla
