// What happens to a request between the connection and the vendor: throttling storms, cuts before and after a write
// took effect, answers that are held back. Thread-safe.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include "daemon/time/clock.hpp"
#include "tests/fakes/vendor.hpp"
#include "tests/sandbox/http_server.hpp"

namespace supportd::sandbox {

// A call that changes something: on Freshdesk anything but GET, at AWS Support the three that write to a case.
bool is_write(const http::Request& request);

class Gate {
 public:
  explicit Gate(time::Clock& clock) : clock_(clock) {}

  Reply pass(const std::string& name, fakes::Vendor& vendor, const http::Request& request);

  // Every call to that vendor is throttled until then.
  void storm(const std::string& name, Instant until);
  // The next so many writes to that vendor meet a cut, by FIN and by RST in turn.
  void cut_before(const std::string& name, int writes);
  void cut_after(const std::string& name, int writes);
  // The next so many writes to any vendor take effect; their answers wait to be released, at most so long of real time.
  void hold(int writes, std::chrono::milliseconds longest);
  void release();
  // For shutting down: nothing is held from now on.
  void open();

  struct Counts {
    int calls = 0, writes = 0, throttled = 0, cut_before = 0, cut_after = 0, held = 0, holding = 0;
  };
  Counts counts() const;

 private:
  struct Plan {
    Instant storm_until{};
    int before = 0, after = 0;
  };
  Cut next_cut() { return (counts_.cut_before + counts_.cut_after) % 2 == 0 ? Cut::by_rst : Cut::by_fin; }

  time::Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable released_;
  // Guarded by mutex_.
  std::map<std::string, Plan> plans_;
  int to_hold_ = 0;
  std::chrono::milliseconds longest_{0};
  std::uint64_t releases_ = 0;
  bool open_ = false;
  Counts counts_;
};

}  // namespace supportd::sandbox
