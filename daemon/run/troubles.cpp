#include "daemon/run/troubles.hpp"

namespace supportd::run {

void Troubles::met(const std::string& who, const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  by_name_.try_emplace(who, known != nullptr ? *known : Error(ErrorKind::corrupt, error.what()));
}

std::vector<std::string> Troubles::list() const {
  std::vector<std::string> out;
  for (const auto& [who, error] : by_name_) out.push_back(who + ": " + error.what());
  return out;
}

void Troubles::raise() const {
  if (!any()) return;
  std::string all;
  for (const auto& one : list()) all += (all.empty() ? "" : "; ") + one;
  const Error& first = by_name_.begin()->second;
  throw Error(first.kind(), first.code(), all, first.retry_after());
}

}  // namespace supportd::run
