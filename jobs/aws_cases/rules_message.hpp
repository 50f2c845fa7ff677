// Which of a ticket's messages go to AWS, and how they are cut, marked and known again (rules 4, 12 and 14). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/tickets/values.hpp"

namespace supportd::aws_cases {

inline constexpr std::size_t most_part_characters = 7'800;
inline constexpr std::size_t most_body_characters = 8'000;
inline constexpr std::size_t most_files = 3;
inline constexpr std::int64_t most_file_bytes = 5 * 1024 * 1024;

struct AddressRules {
  std::string marker = "@aws";           // first line of a private note that goes to AWS
  bool mirror_customer_replies = false;  // public replies of customers
};
// What of the message goes to AWS; nothing when it stays here. The marker's line is taken off.
std::optional<std::string> addressed_to_aws(const AddressRules& rules, tickets::Visibility visibility,
                                            tickets::Author author, std::string_view text);

// The text in parts, room left in the first for `tail` (which ends it) and in each for the marker line.
std::vector<std::string> cut_into_parts(std::string_view text, std::string_view tail);

// "ref abcdefghij 2/3"
std::string marker_line(std::string_view ref, std::size_t part, std::size_t parts);
struct Marker {
  std::string ref;
  std::size_t part = 0, parts = 0;
};
// Of the last line, when it is one.
std::optional<Marker> find_marker(std::string_view body);
// "Down [abcdefghij]"; a subject that is too long gives way.
std::string marked_subject(std::string_view subject, std::string_view ref);
bool is_marked_with(std::string_view subject, std::string_view ref);

// "Not attached: big.log (7340032 bytes, more than 5 MB)"
struct FileLine {
  std::string name;
  std::int64_t size = 0;
  std::string why;
};
std::string name_files(const std::vector<FileLine>& files, std::size_t most_characters);

}  // namespace supportd::aws_cases
