// What marks as ours what we wrote at a desk (rule 4): the first line of a note ends in `, ref <ref>`; a ticket made
// where no external id can be kept carries a tag. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace supportd::desk_sync {

// "AWS Support, 2026-01-01 09:00:00 KST, ref abcdefghij"
std::string first_line(std::string_view author, std::string_view time, std::string_view ref);
// The ref of a text whose first line is such.
std::optional<std::string> ref_in(std::string_view text);

std::string marker_tag(std::string_view ref);
bool is_marker_tag(std::string_view tag);

// The line that stands for a file that did not travel, and a text without such lines: which files travel is known only
// when it is sent.
std::string missing_file_line(const std::string& name, std::int64_t bytes, const std::string& why);
std::string without_missing_files(const std::string& text);

}  // namespace supportd::desk_sync
