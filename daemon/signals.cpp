#include "daemon/signals.hpp"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <limits>

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

// Never due: reading it fails each time that the wall clock is set.
int watch_steps() {
  const int fd = ::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  itimerspec far{};
  far.it_value.tv_sec = std::numeric_limits<time_t>::max();
  if (fd >= 0 && ::timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, nullptr) == 0) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
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
      steps_(watch_steps()),
      end_(::eventfd(0, EFD_CLOEXEC)) {
  thread_ = clock.spawn("signals", [this] { run(); });
}

Signals::~Signals() {
  ::eventfd_write(end_, 1);
  thread_.reset();
  for (const int fd : {signals_, steps_, end_}) {
    if (fd >= 0) ::close(fd);
  }
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
    std::array<pollfd, 3> watched{{{end_, POLLIN, 0}, {signals_, POLLIN, 0}, {steps_, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), timeout) < 0) continue;
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0) take();
    if (watched[2].revents != 0) look_at_clock();
  }
}

void Signals::look_at_clock() {
  std::uint64_t times = 0;
  if (::read(steps_, &times, sizeof times) < 0 && errno == ECANCELED && options_.clock_set) options_.clock_set();
}

void Signals::take() {
  signalfd_siginfo info{};
  while (::read(signals_, &info, sizeof info) == sizeof info) {
    options_.signal({static_cast<int>(info.ssi_signo),
                     "signal by uid " + std::to_string(info.ssi_uid) + ", pid " + std::to_string(info.ssi_pid)});
  }
}

}  // namespace supportd
