#include "daemon/time/synchronised.hpp"

#include <systemd/sd-bus.h>

#include <cstdint>
#include <memory>

namespace supportd::time {
namespace {

constexpr std::uint64_t patience_us = 1'000'000;

struct Close {
  void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
};
using Bus = std::unique_ptr<sd_bus, Close>;

// sd_bus_open_system() would wait 25 seconds for a bus that hangs.
Bus connect(const std::string& address) {
  sd_bus* made = nullptr;
  if (sd_bus_new(&made) < 0) return nullptr;
  Bus bus(made);
  const bool started = sd_bus_set_address(made, address.c_str()) >= 0 && sd_bus_set_bus_client(made, 1) >= 0 &&
                       sd_bus_set_method_call_timeout(made, patience_us) >= 0 && sd_bus_start(made) >= 0;
  return started ? std::move(bus) : nullptr;
}

}  // namespace

bool is_synchronised(const std::string& address) {
  const Bus bus = connect(address);
  if (!bus) return false;
  int answer = 0;
  const int result = sd_bus_get_property_trivial(bus.get(), "org.freedesktop.timedate1", "/org/freedesktop/timedate1",
                                                 "org.freedesktop.timedate1", "NTPSynchronized", nullptr, 'b', &answer);
  return result >= 0 && answer != 0;
}

bool machine_is_synchronised() { return is_synchronised("unix:path=/run/dbus/system_bus_socket"); }

}  // namespace supportd::time
