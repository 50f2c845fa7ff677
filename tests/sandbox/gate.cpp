#include "tests/sandbox/gate.hpp"

namespace supportd::sandbox {

bool is_write(const http::Request& request) {
  const auto target = request.headers.get("X-Amz-Target");
  if (!target) return request.method != "GET" && request.url.find("/api/v2/") != std::string::npos;
  return target->ends_with(".CreateCase") || target->ends_with(".AddCommunicationToCase") ||
         target->ends_with(".ResolveCase");
}

Reply Gate::pass(const std::string& name, fakes::Vendor& vendor, const http::Request& request) {
  const Instant now = clock_.now();
  const bool write = is_write(request);
  bool lose_answer = false;
  {
    std::lock_guard lock(mutex_);
    Plan& plan = plans_[name];
    ++counts_.calls;
    if (write) ++counts_.writes;
    if (now < plan.storm_until) {
      ++counts_.throttled;
      return {vendor.failure(429, now), {}};
    }
    if (write && plan.before > 0) {
      --plan.before;
      ++counts_.cut_before;
      return {{}, next_cut()};
    }
    if (write && plan.after > 0) {
      --plan.after;
      lose_answer = true;
    }
  }
  http::Response response = vendor.answer(request, now);
  if (!write) return {std::move(response), {}};

  std::unique_lock lock(mutex_);
  if (lose_answer) {
    ++counts_.cut_after;
    return {{}, next_cut()};
  }
  if (to_hold_ > 0) {
    --to_hold_;
    ++counts_.held;
    ++counts_.holding;
    released_.wait_for(lock, longest_, [&, begun = releases_] { return open_ || releases_ != begun; });
    --counts_.holding;
  }
  return {std::move(response), {}};
}

void Gate::storm(const std::string& name, Instant until) {
  std::lock_guard lock(mutex_);
  plans_[name].storm_until = until;
}

void Gate::cut_before(const std::string& name, int writes) {
  std::lock_guard lock(mutex_);
  plans_[name].before += writes;
}

void Gate::cut_after(const std::string& name, int writes) {
  std::lock_guard lock(mutex_);
  plans_[name].after += writes;
}

void Gate::hold(int writes, std::chrono::milliseconds longest) {
  std::lock_guard lock(mutex_);
  to_hold_ = writes;
  longest_ = longest;
}

void Gate::release() {
  std::lock_guard lock(mutex_);
  to_hold_ = 0;
  ++releases_;
  released_.notify_all();
}

void Gate::open() {
  std::lock_guard lock(mutex_);
  open_ = true;
  released_.notify_all();
}

Gate::Counts Gate::counts() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace supportd::sandbox
