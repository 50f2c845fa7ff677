#include "jobs/desk_sync/marker.hpp"

#include <algorithm>

namespace supportd::desk_sync {
namespace {
constexpr std::string_view separator = ", ref ";
constexpr std::string_view tag_prefix = "supportd-";
constexpr std::size_t ref_length = 10;

bool is_ref(std::string_view text) {
  return text.size() == ref_length &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); });
}
}  // namespace

std::string first_line(std::string_view author, std::string_view time, std::string_view ref) {
  return std::string(author) + ", " + std::string(time) + std::string(separator) + std::string(ref);
}

std::optional<std::string> ref_in(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
  if (line.size() < separator.size() + ref_length) return {};
  const std::string_view ref = line.substr(line.size() - ref_length);
  if (line.substr(line.size() - ref_length - separator.size(), separator.size()) != separator) return {};
  return is_ref(ref) ? std::optional(std::string(ref)) : std::nullopt;
}

std::string marker_tag(std::string_view ref) { return std::string(tag_prefix) + std::string(ref); }

bool is_marker_tag(std::string_view tag) {
  return tag.starts_with(tag_prefix) && is_ref(tag.substr(tag_prefix.size()));
}

}  // namespace supportd::desk_sync
