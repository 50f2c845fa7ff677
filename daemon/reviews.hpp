// What sections may not say of each other: judged when all of them have been read, before anything is installed.
#pragma once

#include <functional>

#include "daemon/config/schema.hpp"

namespace supportd {

// `now`: what is yet to come for whoever loads.
void add_reviews(config::Schema& schema, const std::function<Instant()>& now);

}  // namespace supportd
