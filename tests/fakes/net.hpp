// http::Client without a network: requests go to the vendors by host, on the way meet faults, and fail exactly as
// daemon/http/client.hpp says. Passes the clock's call seam before and after each call. Thread-safe.
#pragma once

#include <map>
#include <string>

#include "daemon/http/client.hpp"
#include "daemon/time/clock.hpp"
#include "tests/fakes/faults.hpp"
#include "tests/fakes/vendor.hpp"

namespace supportd::fakes {

class Net final : public http::Client {
 public:
  Net(time::Clock& clock, FaultPlan& faults) : clock_(clock), faults_(faults) {}

  // Before the first call. `host` may hold a port.
  void route(const std::string& host, Vendor& vendor) { vendors_[host] = &vendor; }

  http::Response send(const http::Request& request, std::stop_token stop = {}) override;

 private:
  http::Response exchange(const http::Request& request, std::stop_token stop);
  void pass(Millis length, std::stop_token stop);

  time::Clock& clock_;
  FaultPlan& faults_;
  std::map<std::string, Vendor*> vendors_;
};

}  // namespace supportd::fakes
