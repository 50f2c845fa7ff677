// What became of a nominal fire time.
#pragma once

#include <variant>

#include "daemon/run/decisions.hpp"
#include "daemon/run/record.hpp"

namespace supportd::run {

struct NotASlot {
  std::optional<Instant> before, after;  // the nearest slots
};
struct NotYet {
  Instant due;  // with jitter
};
struct BeforeFirstSight {
  Instant first_sight;
};
struct Pruned {};  // decided, but no longer kept

using WhyAnswer = std::variant<RunRow, Stretch, NotASlot, NotYet, BeforeFirstSight, Pruned>;

// `delay`: the job's jitter, when it is configured now. Throws Error{gone} when the ledger has never seen the job.
WhyAnswer why(store::Tx& tx, const std::string& job, Instant slot, Millis delay = Millis{0});
// One or two sentences.
std::string in_words(const WhyAnswer& answer);

}  // namespace supportd::run
