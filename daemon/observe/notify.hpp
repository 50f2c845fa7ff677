// What the daemon and systemd tell each other (man sd_notify, sd_listen_fds, sd_watchdog_enabled). Without a service
// manager every call does nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/time/instant.hpp"

namespace supportd::observe::notify {

void ready(std::string_view status);
// Carries MONOTONIC_USEC, without which a Type=notify-reload unit waits until its timeout. Answered by ready().
void reloading();
void stopping(std::string_view status);
// One line for `systemctl status`.
void status(std::string_view text);
void watchdog();
// While draining: the manager waits at least this much longer.
void extend_timeout(Millis more);

// The manager restarts us when watchdog() is not called for this long.
std::optional<std::chrono::microseconds> watchdog_interval();

struct PassedSocket {
  std::string name;  // FileDescriptorName=
  int descriptor;    // ours now; close-on-exec
  bool is_local;     // of the Unix domain
};
// Sockets that the manager opened for us, in its order.
std::vector<PassedSocket> passed_sockets();

}  // namespace supportd::observe::notify
