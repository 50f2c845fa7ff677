// What somebody probably meant who wrote a name that does not exist.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace supportd::config {

// The known name closest to `given` by edits (insert, delete, replace, swap of neighbours), if close enough to be
// a slip of the keys.
std::optional<std::string> nearest(std::string_view given, const std::vector<std::string>& known);

// `did you mean 'schedule'? known: limit, schedule`
std::string known_names(std::string_view given, const std::vector<std::string>& known);

}  // namespace supportd::config
