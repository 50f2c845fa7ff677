// What the daemon owes the outside world, and the life of such a debt (rules 2 and 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/store/cell.hpp"

namespace supportd::outbox {

using EffectId = store::Id<struct EffectTag>;

enum class Kind {
  message,  // frozen when owed, ordered, sent once: a comment, a mail, a page
  state,    // coalesced, decided again at the moment of sending, may be repeated: an object's fields
};

enum class State {
  queued,   // waits for its turn
  leased,   // a sender has it; the call may have left
  unknown,  // the call may have taken effect: looked for before anything else
  done,
  parked,   // in doubt or held back; an operator decides
  dead,     // refused by the far side
  dropped,  // an operator decided that it never leaves
};

enum class Step {
  owe,  // a state is owed once more
  lease,
  succeed,
  moot,      // there is nothing to do any more
  postpone,  // unreachable, throttled, target not there yet
  refuse,
  lose,  // outcome unknown, or the sender died
  find,
  miss,  // looked twice, surely absent
  park,
  retry,
  drop,
};

// The one table of what may follow what; the outbox, the tests, the metrics and supportctl share it.
struct Transition {
  State from;
  Step step;
  State to;
};
inline constexpr Transition life[] = {
    {State::queued, Step::lease, State::leased}, {State::queued, Step::moot, State::done},
    {State::queued, Step::refuse, State::dead},  {State::queued, Step::lose, State::unknown},
    {State::queued, Step::park, State::parked},  {State::queued, Step::drop, State::dropped},
    {State::leased, Step::succeed, State::done}, {State::leased, Step::postpone, State::queued},
    {State::leased, Step::refuse, State::dead},  {State::leased, Step::lose, State::unknown},
    {State::unknown, Step::find, State::done},   {State::unknown, Step::miss, State::queued},
    {State::unknown, Step::moot, State::done},   {State::unknown, Step::refuse, State::dead},
    {State::unknown, Step::park, State::parked}, {State::parked, Step::retry, State::queued},
    {State::parked, Step::drop, State::dropped}, {State::parked, Step::owe, State::queued},
    {State::dead, Step::retry, State::queued},   {State::dead, Step::drop, State::dropped},
    {State::dead, Step::owe, State::queued},     {State::done, Step::owe, State::queued},
    {State::dropped, Step::owe, State::queued},  {State::parked, Step::lose, State::unknown},
    {State::parked, Step::find, State::done},    {State::dropped, Step::find, State::done},
};

constexpr std::optional<State> after(State from, Step step) {
  for (const Transition& row : life) {
    if (row.from == from && row.step == step) return row.to;
  }
  return {};
}

// Open effects hold their place in their lane.
constexpr bool is_open(State state) {
  return state == State::queued || state == State::leased || state == State::unknown;
}

// Those that somebody may still have to do something about.
inline constexpr State unfinished_states[] = {State::queued, State::leased, State::unknown, State::parked, State::dead};

std::string_view to_text(State state);
std::string_view to_text(Kind kind);
std::optional<State> parse_state(std::string_view text);
inline constexpr State all_states[] = {State::queued, State::leased, State::unknown, State::done,
                                       State::parked, State::dead,   State::dropped};

struct NewEffect {
  std::string key;      // says what it is: "mirror:<message>:<target>", "set:<object>:<field>"
  std::string channel;  // who sends it: "freshdesk:main", "aws_support"
  std::string lane;     // the target object: "freshdesk:main:ticket:7"; sent in order within it
  Kind kind = Kind::message;
  std::string subject;  // "ticket:7": what the blast limits count by
  std::string payload;  // the channel's own JSON; texts are content ids in it
  Instant caused_at{};  // when its cause happened, at the vendor's time
};

struct Effect {
  EffectId id;
  std::string key, ref, channel, lane;
  Kind kind = Kind::message;
  State state = State::queued;
  std::string subject, payload;
  Instant caused_at{}, created_at{};
  std::int64_t version = 1;          // of a state: raised each time it is owed again
  std::int64_t attempts = 0;         // calls that may have left
  std::int64_t postponed = 0;        // times in a row that nothing left; sets the backoff
  Instant attempt_at{};              // start of the last one
  std::optional<Instant> absent_at;  // start of the first listing that surely lacked it
  Instant due{};
  std::string remote_id;
  std::string error;
  std::string awaits;  // parked until this is configured again: "freshdesk:main"; empty: parked for another reason
  std::optional<Instant> ended_at;
};

// `ref`: ten base32 characters (RFC 4648, lower case) of the key's SHA-256: what is written into vendors' texts (rule
// 4).
std::string ref_of(std::string_view key);

}  // namespace supportd::outbox
