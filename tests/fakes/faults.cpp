#include "tests/fakes/faults.hpp"

#include <algorithm>

namespace supportd::fakes {

std::string_view to_text(Fault fault) {
  switch (fault) {
    case Fault::none: return "none";
    case Fault::refuse_connect: return "refuse_connect";
    case Fault::storm_429: return "storm_429";
    case Fault::error_500: return "error_500";
    case Fault::error_503: return "error_503";
    case Fault::effect_then_500: return "effect_then_500";
    case Fault::cut_before: return "cut_before";
    case Fault::cut_after: return "cut_after";
    case Fault::slow: return "slow";
    case Fault::half_page: return "half_page";
    case Fault::not_json: return "not_json";
  }
  return "";
}

const std::vector<Fault>& all_faults() {
  static const std::vector<Fault> faults = {
      Fault::refuse_connect, Fault::storm_429, Fault::error_500, Fault::error_503, Fault::effect_then_500,
      Fault::cut_before,     Fault::cut_after, Fault::slow,      Fault::half_page, Fault::not_json};
  return faults;
}

FaultRates FaultRates::evenly(std::uint64_t per_million_each) {
  FaultRates rates;
  for (Fault fault : all_faults()) rates.per_million[fault] = per_million_each;
  return rates;
}

void FaultPlan::next(Fault fault, std::function<bool(const http::Request&)> matches) {
  std::lock_guard lock(mutex_);
  scripted_.emplace_back(fault, std::move(matches));
}

void FaultPlan::calm() {
  std::lock_guard lock(mutex_);
  calm_ = true;
  storms_.clear();
}

std::uint64_t FaultPlan::draw(std::uint64_t limit) {
  std::lock_guard lock(mutex_);
  return random_.below(limit);
}

Fault FaultPlan::drawn(const http::Request& request) {
  if (calm_) return Fault::none;
  std::uint64_t at = random_.below(1'000'000);
  for (const auto& [fault, rate] : rates_.per_million) {
    if (at < rate) {
      // A write's answer is never garbled by the draw: a proxy that does so to a POST is scripted where it is meant.
      const bool garbles = fault == Fault::half_page || fault == Fault::not_json;
      return garbles && !request.safe ? Fault::none : fault;
    }
    at -= rate;
  }
  return Fault::none;
}

Fault FaultPlan::decide(const http::Request& request, const std::string& host, Instant now) {
  std::lock_guard lock(mutex_);
  Fault fault = Fault::none;
  const auto scripted =
      std::ranges::find_if(scripted_, [&](const auto& entry) { return !entry.second || entry.second(request); });
  if (scripted != scripted_.end()) {
    fault = scripted->first;
    scripted_.erase(scripted);
  } else if (const auto storm = storms_.find(host); storm != storms_.end() && now < storm->second) {
    fault = Fault::storm_429;
  } else {
    fault = drawn(request);
    if (fault == Fault::storm_429) storms_[host] = now + rates_.storm_length;
  }
  if (fault != Fault::none) ++struck_[fault];
  return fault;
}

std::map<std::string, int> FaultPlan::coverage() const {
  std::lock_guard lock(mutex_);
  std::map<std::string, int> out;
  for (Fault fault : all_faults()) {
    const auto found = struck_.find(fault);
    out[std::string(to_text(fault))] = found == struck_.end() ? 0 : found->second;
  }
  return out;
}

}  // namespace supportd::fakes
