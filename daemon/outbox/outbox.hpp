// The only door out for effects: what is owed is written with its reason, in one transaction, and sent by senders of
// its own, in order within each lane, lanes independent of one another (rules 1 to 8). Thread-safe.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/outbox/channel.hpp"
#include "daemon/outbox/effect.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/ledger.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::outbox {

std::vector<store::Migration> schema();

// How the outbox tells senders that there may be work; rung after the commit that owes it.
struct Doorbell {
  std::mutex mutex;
  time::Bell bell;
  std::uint64_t rung = 0;
};

enum class Mode {
  live,
  shadow,  // decides everything, sends nothing: effects are parked as they are owed, or when their turn comes
};

struct Hold {
  std::string channel, reason, actor;
  Instant since{};
  bool automatic = false;  // a blast limit tripped
};

struct Filter {
  std::vector<State> states{};  // empty: all
  std::string channel{}, lane{}, subject{};
  std::int64_t before = 0;  // ids below this; 0: newest
  int most = 50;
};

class Outbox {
 public:
  Outbox(time::Clock& clock, Instant certain_since, Mode mode)
      : clock_(clock), certain_since_(certain_since), mode_(mode) {}

  // Also while senders run: a reload may bring a new one. Channels stay; one that is gone answers `absent`.
  void add(std::unique_ptr<Channel> channel);
  Channel* channel(const std::string& name) const;
  std::vector<std::string> channels() const;  // their names, sorted

  // Owes an effect for the transaction's reason. A message known by its key is not owed again; a state is coalesced.
  // False when nothing changed.
  bool owe(store::Tx& tx, const NewEffect& effect);
  // A target has come into being, or files have: the lane's head is asked again at once.
  void wake(store::Tx& tx, const std::string& lane);
  void wake_subject(store::Tx& tx, const std::string& subject);
  void wake_channel(store::Tx& tx, const std::string& channel);

  std::optional<Effect> find(store::Tx& tx, EffectId id) const;
  std::optional<Effect> find_by_key(store::Tx& tx, const std::string& key) const;
  std::vector<Effect> list(store::Tx& tx, const Filter& filter) const;
  // Of each channel, in every state but done: of what is done nobody counts the rows.
  std::map<std::string, std::map<State, std::int64_t>> counts(store::Tx& tx) const;
  // A line a channel with unfinished effects or a hold, for SIGUSR1.
  std::string dump(store::Ledger& ledger) const;
  // When the oldest open effect of each channel was owed.
  std::map<std::string, Instant> oldest_open(store::Tx& tx) const;

  // What an operator may do; each is audited and throws Error{refused} where the life table does not allow it. A
  // message that may have left is looked for before it is sent again, where its channel can look.
  void retry(store::Tx& tx, EffectId id, const std::string& actor, const std::string& reason);
  void drop(store::Tx& tx, EffectId id, const std::string& actor, const std::string& reason);
  void park(store::Tx& tx, EffectId id, const std::string& actor, const std::string& reason);
  void hold(store::Tx& tx, const Hold& hold);
  // The blast limits count anew from here.
  bool release(store::Tx& tx, const std::string& channel, const std::string& actor, const std::string& reason);
  std::vector<Hold> holds(store::Tx& tx) const;

  // What happened before may be known to the outside and not to this ledger (rule 8).
  Instant certain_since() const { return certain_since_; }
  // `present`: the channels, and what else effects may await, that the configuration in force names. What waited for
  // one of them comes back, and is counted; what is open and goes to others is parked soon.
  int configured(store::Tx& tx, const std::set<std::string>& present);

  void set_mode(Mode mode) { mode_ = mode; }
  Mode mode() const { return mode_; }
  Doorbell& doorbell() { return doorbell_; }
  // The lane has an open effect due at `at`; used by whoever changes an effect.
  static void make_due(store::Tx& tx, const std::string& lane, const std::string& channel, Instant at);
  // They look anew at what is due.
  void wake_senders();

 private:
  void ring(store::Tx& tx);
  void decide(store::Tx& tx, EffectId id, Step step, const std::string& action, const std::string& actor,
              const std::string& reason);
  void bring_back(store::Tx& tx, Effect& effect, Instant now);
  Step way_back(const Effect& effect) const;
  bool owe_again(store::Tx& tx, const NewEffect& effect, Instant now);

  time::Clock& clock_;
  const Instant certain_since_;
  std::atomic<Mode> mode_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Channel>> channels_;  // guarded; what it holds stays
  Doorbell doorbell_;
};

}  // namespace supportd::outbox
