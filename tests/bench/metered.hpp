// A fake whose CPU is measured apart, around each answer, so that it can be taken off.
#pragma once

#include <time.h>

#include "tests/fakes/vendor.hpp"

namespace supportd::bench {

inline double thread_cpu() {
  timespec at{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

class Metered final : public fakes::Vendor {
 public:
  explicit Metered(fakes::Vendor& behind) : behind_(behind) {}
  http::Response answer(const http::Request& request, Instant now) override {
    const double begun = thread_cpu();
    auto out = behind_.answer(request, now);
    cpu += thread_cpu() - begun;
    ++calls;
    return out;
  }
  http::Response failure(int status, Instant now) override { return behind_.failure(status, now); }
  double cpu = 0;  // seconds
  long calls = 0;

 private:
  fakes::Vendor& behind_;
};

}  // namespace supportd::bench
