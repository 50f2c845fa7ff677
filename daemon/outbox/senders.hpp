// The threads that send what is owed.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "daemon/outbox/dispatch.hpp"

namespace supportd::outbox {

// Told after every effect that was acted on; for logs, metrics and the watchdog. May be called by several threads.
struct Report {
  const Lease& lease;
  const Outcome& outcome;
  bool kept = true;  // false: the lease was lost
};

class Senders {
 public:
  struct Options {
    int threads = 4;
    std::string owner;  // unique to this start of this daemon; makes lease tokens unique
    std::function<void(const Report&)> report;
    std::function<void(const std::exception&)> trouble;  // the ledger cannot be used
    std::function<void()> well;                          // it can
    // The senders are alive; they will be back within `busy` at the latest.
    std::function<void(Millis busy)> pulse;
  };

  // Starts at once.
  Senders(Outbox& outbox, store::Ledger& ledger, time::Clock& clock, Options options);
  // Ends calls in flight through their stop token and joins.
  ~Senders();

  // Takes nothing new; calls in flight go on.
  void drain();
  // No call is in flight. REQUIRES drain.
  bool idle() const { return busy_ == 0; }

 private:
  void run(int number);
  bool step(const std::string& token);
  void rest(std::uint64_t seen);

  Outbox& outbox_;
  store::Ledger& ledger_;
  time::Clock& clock_;
  const Options options_;

  std::stop_source stop_, drain_;
  std::atomic<int> busy_ = 0;
  std::vector<std::unique_ptr<time::Thread>> threads_;
};

}  // namespace supportd::outbox
