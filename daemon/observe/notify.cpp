#include "daemon/observe/notify.hpp"

#include <stdlib.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "daemon/observe/printable.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::observe::notify {
namespace {

// A manager that does not listen is nothing we could mend: it will act on our silence.
void send(const std::string& state) { static_cast<void>(sd_notify(0, state.c_str())); }

std::string status_line(std::string_view text) { return "STATUS=" + printable(text); }

}  // namespace

void ready(std::string_view text) { send("READY=1\n" + status_line(text)); }

void reloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(time::machine_monotonic());
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

void stopping(std::string_view text) { send("STOPPING=1\n" + status_line(text)); }
void status(std::string_view text) { send(status_line(text)); }
void watchdog() { send("WATCHDOG=1"); }

void extend_timeout(Millis more) {
  send("EXTEND_TIMEOUT_USEC=" + std::to_string(std::chrono::microseconds(more).count()));
}

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t interval = 0;
  if (sd_watchdog_enabled(0, &interval) <= 0) return {};
  return std::chrono::microseconds{static_cast<std::int64_t>(interval)};
}

std::vector<PassedSocket> passed_sockets() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(0, &names);
  std::vector<PassedSocket> out;
  for (int i = 0; i < count; ++i) {
    const int descriptor = SD_LISTEN_FDS_START + i;
    out.push_back({names == nullptr ? "" : names[i], descriptor, sd_is_socket(descriptor, AF_UNIX, 0, -1) > 0});
    if (names != nullptr) ::free(names[i]);
  }
  ::free(names);
  return out;
}

}  // namespace supportd::observe::notify
