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
  Instant due;        // with jitter
  std::string pause;  // why it will be skipped; empty: it will not, as things are
};
struct Skipped {
  Stretch stretch;
  std::string pause;  // of a pause: who paused the job, until when and why
};
struct BeforeFirstSight {
  Instant first_sight;
};
struct Pruned {};  // decided, but no longer kept

using WhyAnswer = std::variant<RunRow, Skipped, NotASlot, NotYet, BeforeFirstSight, Pruned>;

// The job's last fire time that has come and is decided, run or skipped; none: there was none.
std::optional<Instant> last_slot(store::Tx& tx, const std::string& job, Instant now);
// `delay`: the job's jitter, when it is configured now. Throws Error{gone} when the ledger has never seen the job.
WhyAnswer why(store::Tx& tx, const std::string& job, Instant slot, Millis delay = Millis{0});
// One or two sentences.
std::string in_words(const WhyAnswer& answer);

}  // namespace supportd::run
