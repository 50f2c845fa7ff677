// What sections may not say of each other: judged when all of them have been read, before anything is installed.
#pragma once

#include "daemon/config/schema.hpp"

namespace supportd {

void add_reviews(config::Schema& schema);

}  // namespace supportd
