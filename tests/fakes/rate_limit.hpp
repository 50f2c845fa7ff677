// How vendors count calls.
#pragma once

#include <algorithm>

#include "daemon/time/instant.hpp"

namespace supportd::fakes {

// So many at once, refilled evenly (AWS: "request throttling" in the EC2 API documentation). 0 a minute: no limit.
class TokenBucket {
 public:
  explicit TokenBucket(int a_minute = 0) : a_minute_(a_minute), left_(a_minute) {}

  bool take(Instant now) {
    if (a_minute_ == 0) return true;
    const double passed = std::max(0.0, std::chrono::duration<double>(now - last_).count());
    left_ = std::min<double>(a_minute_, left_ + passed * a_minute_ / 60);
    last_ = std::max(last_, now);
    constexpr double rounding = 1e-6;
    if (left_ < 1 - rounding) return false;
    left_ -= 1;
    return true;
  }

 private:
  int a_minute_;
  double left_;
  Instant last_{};
};

// So many in each whole minute (Freshdesk). 0: no limit.
class MinuteWindow {
 public:
  explicit MinuteWindow(int most = 0) : most_(most) {}

  bool take(Instant now, int credits = 1) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(now);
    if (minute != minute_) {
      minute_ = minute;
      used_ = 0;
    }
    if (most_ != 0 && used_ + credits > most_) return false;
    used_ += credits;
    return true;
  }
  int most() const { return most_; }
  int left() const { return std::max(0, most_ - used_); }
  // Until the next window begins, at least one second.
  static std::chrono::seconds wait(Instant now) {
    const auto next = std::chrono::floor<std::chrono::minutes>(now) + std::chrono::minutes{1};
    return std::chrono::ceil<std::chrono::seconds>(next - now);
  }

 private:
  int most_;
  int used_ = 0;
  std::chrono::sys_time<std::chrono::minutes> minute_{};
};

}  // namespace supportd::fakes
