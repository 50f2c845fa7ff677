// What marks a note as ours (rule 4): its first line ends in `, ref <ref>`. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace supportd::desk_sync {

// "AWS Support, 2026-01-01 09:00:00 KST, ref abcdefghij"
std::string first_line(std::string_view author, std::string_view time, std::string_view ref);
// The ref of a text whose first line is such.
std::optional<std::string> ref_in(std::string_view text);

}  // namespace supportd::desk_sync
