// What is due at a known instant: rows of the ledger, written with their cause (rule 19). Thread-safe, but only one
// thread fires. A row fires exactly once, whichever of the daemons on one ledger gets to it: the handler runs in the
// transaction that takes the row away.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/schema.hpp"
#include "daemon/observe/log.hpp"
#include "daemon/observe/metrics.hpp"
#include "daemon/store/ledger.hpp"

namespace supportd::run {

class Deadlines {
 public:
  // Decides again from what the ledger says in `tx`; when nothing is due after all, it arms anew and returns. Like
  // every body it may run more than once. When it throws, the deadline comes back later, alone.
  using Handler = std::function<void(store::Tx& tx, const std::string& key, Instant fire_at, Instant now)>;

  // A due time that is another under a new configuration.
  struct Move {
    std::string kind, key;
    std::string what;  // for people: "approval of the case for ticket 7"
    Instant before{}, after{};
  };
  // Those of its deadlines that `fresh` moves, against the configuration in force. Writes nothing.
  using Moves = std::function<std::vector<Move>(store::Tx& tx, const config::Config& fresh, Instant now)>;

  Deadlines(store::Ledger& ledger, observe::Log& log, observe::Metrics& metrics);

  static std::vector<store::Migration> migrations();

  // REQUIRES: before the first fire(). Deadlines of kinds without a handler stay untouched in the ledger.
  void on(const std::string& kind, Handler handler);
  // REQUIRES: as on(). Asked for the plan of a reload, and in the transaction of the reload, which then moves them.
  void on_reload(Moves moves) { moves_.push_back(std::move(moves)); }
  // Called without locks when next() may have become earlier.
  void when_earlier(std::function<void()> wake) { wake_ = std::move(wake); }

  // One deadline a kind and key: arming again moves it. `never` is disarm. Must outlive the transaction.
  void arm(store::Tx& tx, std::string_view kind, std::string_view key, Instant at);
  void disarm(store::Tx& tx, std::string_view kind, std::string_view key);
  // What is armed of a kind until then, by time: keys and instants.
  std::vector<std::pair<std::string, Instant>> armed(store::Tx& tx, std::string_view kind, Instant until = time::never,
                                                     int most = std::numeric_limits<int>::max()) const;

  // By the time they move to.
  std::vector<Move> moves(store::Tx& tx, const config::Config& fresh, Instant now) const;
  void move(store::Tx& tx, const std::vector<Move>& moves);

  // When fire() wants to be called next.
  std::optional<Instant> next() const;
  // Fires up to 500 of those due and returns how many; call again until 0. Throws Error when the ledger cannot be
  // used; then nothing has fired.
  std::size_t fire(Instant now);
  // Rows in the near horizon known to this daemon.
  std::size_t near() const;

 private:
  // A row as it was seen; when the row has changed since, firing it finds nothing.
  struct Alarm {
    Instant at;
    std::string kind, key;
    std::int64_t version;
    friend auto operator<=>(const Alarm&, const Alarm&) = default;
  };
  struct Kind {
    Handler handler;
    observe::Counter* fired;
    observe::Counter* failed;
    observe::Histogram* lateness;
    observe::Counter* missed;
  };
  struct Claim {
    const Alarm* alarm;
    std::int64_t attempts = 0;
    std::string failure;  // empty: the handler returned
  };

  void reload(Instant now);
  // The audit of the timers: `found` is what the ledger holds, `known_until` what was to be known by heart before it.
  void count_missed(const std::vector<Alarm>& found, Instant known_until, Instant now) const;
  // Out of the alarms before they are fired: one like them that is armed meanwhile is another.
  std::vector<Alarm> take_due(Instant now);
  std::vector<Claim> fire(store::Tx& tx, const std::vector<Alarm>& batch, Instant now);
  void account(const std::vector<Claim>& claims, Instant now);
  void add(Alarm alarm);
  void put_back(store::Tx& tx, Claim& claim, Instant now);

  store::Ledger& ledger_;
  observe::Log& log_;
  observe::Metrics& metrics_;
  std::map<std::string, Kind, std::less<>> kinds_;  // constant once firing began
  std::vector<Moves> moves_;                        // constant once firing began
  std::function<void()> wake_;                      // constant once firing began

  mutable std::mutex mutex_;
  std::set<Alarm> alarms_;                // guarded
  Instant known_until_ = Instant::min();  // guarded: alarms_ holds all rows before this
  Instant reload_at_ = Instant::min();    // guarded
};

}  // namespace supportd::run
