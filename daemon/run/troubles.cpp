#include "daemon/run/troubles.hpp"

namespace supportd::run {

void Troubles::met(const std::string& who, const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  by_name_.try_emplace(who, known != nullptr ? *known : Error(ErrorKind::corrupt, error.what()));
}

void Troubles::raise() const {
  if (!any()) return;
  std::string all;
  for (const auto& [who, error] : by_name_) all += (all.empty() ? "" : "; ") + who + ": " + error.what();
  const Error& first = by_name_.begin()->second;
  throw Error(first.kind(), first.code(), all, first.retry_after());
}

}  // namespace supportd::run
