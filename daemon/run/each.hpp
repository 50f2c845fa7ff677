// One bad item must not spoil the rest: rule 10's fourth and last place that catches.
#pragma once

#include <exception>

#include "daemon/error.hpp"

namespace supportd::run {

inline bool means_stop(const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  return known != nullptr && known->kind() == ErrorKind::stopped;
}

// Calls fn(item) for each; an item whose call throws is handed to aside(item, const std::exception&). Error{stopped}
// is no item's fault and ends the loop, as does whatever `aside` throws.
template <class Items, class Fn, class Aside>
void each(Items&& items, Fn&& fn, Aside&& aside) {
  for (auto&& item : items) {
    try {
      fn(item);
    } catch (const std::exception& error) {
      if (means_stop(error)) throw;
      aside(item, error);
    }
  }
}

}  // namespace supportd::run
