#include "jobs/desk_sync/marker.hpp"

#include <algorithm>

namespace supportd::desk_sync {
namespace {
constexpr std::string_view separator = ", ref ";
constexpr std::string_view tag_prefix = "supportd-";
constexpr std::size_t ref_length = 10;
constexpr std::string_view not_copied = "[attachment not copied: ";

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

std::string missing_file_line(const std::string& name, std::int64_t bytes, const std::string& why) {
  return std::string(not_copied) + name + ", " + std::to_string(bytes) + " bytes" + (why.empty() ? "" : ", " + why) +
         "]";
}

std::string without_missing_files(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    if (!line.starts_with(not_copied)) out.append(line).append("\n");
    at = end + 1;
  }
  return out;
}

}  // namespace supportd::desk_sync
