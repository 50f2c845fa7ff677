// blocked_daemon PART CONFIG: the real daemon on a clock that, once a line comes in on standard input, holds one of
// its parts for ever: scheduler, http, outbox or ledger. For the watchdog's test.
#include <atomic>
#include <iostream>
#include <string>
#include <thread>

#include "daemon/service.hpp"

namespace supportd {
namespace {

thread_local std::string thread_name = "main";

class BlockingClock final : public time::Clock {
 public:
  // Time runs so fast that a sender's rest of a minute fits into the watchdog's limit.
  explicit BlockingClock(std::string part) : part_(std::move(part)), inner_(60, time::MachineClock().now()) {}

  void arm() { armed_ = true; }

  Instant now() const override { return inner_.now(); }
  std::chrono::nanoseconds steady() const override {
    if (part_ == "http" && is_meant("http")) hold();
    return inner_.steady();
  }
  void wait(std::unique_lock<std::mutex>& lock, time::Bell& bell, Instant until) override {
    if (is_meant(part_ == "outbox" ? "sender" : "scheduler")) {
      lock.unlock();  // as a wait would; with it, whoever looks at the ledger would hang, too
      hold();
    }
    inner_.wait(lock, bell, until);
  }
  void ring(time::Bell& bell) override { inner_.ring(bell); }
  std::unique_ptr<time::Thread> spawn(std::string name, std::function<void()> body) override {
    return inner_.spawn(name, [name, body = std::move(body)] {
      thread_name = name;
      body();
    });
  }
  void seam(time::Seam seam) override {
    if (part_ == "ledger" && seam == time::Seam::before_commit && armed_) hold();
  }
  double speed() const override { return inner_.speed(); }

 private:
  bool is_meant(const std::string& beginning) const {
    const bool meant = part_ != "ledger" && (part_ == "http") == (beginning == "http");
    return meant && armed_ && thread_name.starts_with(beginning);
  }
  [[noreturn]] static void hold() {
    for (;;) std::atomic<bool>(false).wait(false);
  }

  const std::string part_;
  time::MachineClock inner_;
  std::atomic<bool> armed_ = false;
};

int serve(const std::string& part, const std::string& file) {
  BlockingClock clock(part);
  App app([file] { return config::read_files(file); }, {.clock = clock});
  const std::jthread armer([&clock] {  // ends when standard input does
    std::string line;
    if (std::getline(std::cin, line)) clock.arm();
  });
  return Service(app, clock).run();
}

}  // namespace
}  // namespace supportd

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  supportd::block_signals();
  try {
    return supportd::serve(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
