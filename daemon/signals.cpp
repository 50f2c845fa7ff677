#include "daemon/signals.hpp"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace supportd {
namespace {

using namespace std::chrono_literals;

sigset_t ours() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) sigaddset(&set, number);
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) sigaddset(&set, number);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = ours();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

Signals::Signals(time::Clock& clock, Options options)
    : options_(std::move(options)),
      signals_([] {
        const sigset_t set = ours();
        return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
      }()),
      end_(::eventfd(0, EFD_CLOEXEC)) {
  thread_ = clock.spawn("signals", [this] { run(); });
}

Signals::~Signals() {
  ::eventfd_write(end_, 1);
  thread_.reset();
  ::close(signals_);
  ::close(end_);
}

void Signals::run() {
  using Steady = std::chrono::steady_clock;
  auto next = Steady::now();
  for (;;) {
    int timeout = -1;
    if (options_.every) {
      if (Steady::now() >= next) {
        options_.beat();
        next = Steady::now() + *options_.every;
      }
      timeout =
          static_cast<int>(std::max(std::chrono::ceil<std::chrono::milliseconds>(next - Steady::now()), 0ms).count());
    }
    std::array<pollfd, 2> watched{{{signals_, POLLIN, 0}, {end_, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), timeout) < 0) continue;
    if (watched[1].revents != 0) return;
    if (watched[0].revents != 0) take();
  }
}

void Signals::take() {
  signalfd_siginfo info{};
  while (::read(signals_, &info, sizeof info) == sizeof info) {
    options_.signal({static_cast<int>(info.ssi_signo),
                     "signal by uid " + std::to_string(info.ssi_uid) + ", pid " + std::to_string(info.ssi_pid)});
  }
}

}  // namespace supportd
