#include "jobs/aws_cases/rules_message.hpp"

#include <algorithm>
#include <charconv>

#include "jobs/tickets/text.hpp"

namespace supportd::aws_cases {
namespace {

constexpr std::size_t ref_length = 10;
constexpr std::size_t most_subject_characters = 200;
// "\n\nref abcdefghij 999/999" and some.
constexpr std::size_t marker_room = 40;

bool is_ref(std::string_view text) {
  return text.size() == ref_length &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); });
}

std::optional<std::size_t> number(std::string_view text) {
  std::size_t out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc{} || end != text.data() + text.size()) return {};
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Shortened between graphemes.
std::string head(std::string_view text, std::size_t most) {
  if (tickets::length(text) <= most) return std::string(text);
  const auto pieces = tickets::split(text, most - 1);
  return std::string(trimmed(pieces.front())) + "…";
}

}  // namespace

std::optional<std::string> addressed_to_aws(const AddressRules& rules, tickets::Visibility visibility,
                                            tickets::Author author, std::string_view text) {
  if (visibility == tickets::Visibility::public_reply) {
    if (author != tickets::Author::customer || !rules.mirror_customer_replies) return {};
    return std::string(trimmed(text));
  }
  text = trimmed(text);
  const std::size_t end = text.find('\n');
  // Only a line of its own counts: "@aws told us ..." in an internal note must not leave.
  if (tickets::normalise(text.substr(0, end)) != rules.marker) return {};
  return std::string(end == std::string_view::npos ? std::string_view{} : trimmed(text.substr(end)));
}

std::vector<std::string> cut_into_parts(std::string_view text, std::string_view tail) {
  const std::size_t room = most_part_characters - marker_room;
  const std::size_t tail_length = tail.empty() ? 0 : tickets::length(tail) + 2;
  const std::string shown(text.empty() ? std::string_view("-") : text);
  std::vector<std::string> parts;
  if (tickets::length(shown) + tail_length <= room) {
    parts.push_back(shown);
  } else {
    // The first part is cut to leave room for the tail; what remains is cut anew.
    parts.push_back(tickets::split(shown, room - tail_length).front());
    const std::string_view rest = std::string_view(shown).substr(parts.front().size());
    if (!rest.empty()) {
      for (auto& part : tickets::split(rest, room)) parts.push_back(std::move(part));
    }
  }
  if (!tail.empty()) parts.front() += "\n\n" + std::string(tail);
  return parts;
}

std::string marker_line(std::string_view ref, std::size_t part, std::size_t parts) {
  return "ref " + std::string(ref) + " " + std::to_string(part) + "/" + std::to_string(parts);
}

std::optional<Marker> find_marker(std::string_view body) {
  body = trimmed(body);
  const std::size_t line_end = body.rfind('\n');
  const std::string line = tickets::normalise(line_end == std::string_view::npos ? body : body.substr(line_end + 1));
  std::string_view left = line;
  if (!left.starts_with("ref ")) return {};
  left.remove_prefix(4);
  const std::string_view ref = left.substr(0, left.find(' '));
  if (!is_ref(ref) || left.size() <= ref.size()) return {};
  left.remove_prefix(ref.size() + 1);
  const std::size_t slash = left.find('/');
  if (slash == std::string_view::npos) return {};
  const auto part = number(left.substr(0, slash)), parts = number(left.substr(slash + 1));
  if (!part || !parts || *part == 0 || *part > *parts) return {};
  return Marker{std::string(ref), *part, *parts};
}

std::string marked_subject(std::string_view subject, std::string_view ref) {
  return head(tickets::normalise(subject), most_subject_characters - ref.size() - 3) + " [" + std::string(ref) + "]";
}

bool is_marked_with(std::string_view subject, std::string_view ref) {
  return trimmed(subject).ends_with("[" + std::string(ref) + "]");
}

std::string name_files(const std::vector<FileLine>& files, std::size_t most_characters) {
  if (files.empty()) return "";
  std::string out = "Not attached: ";
  for (std::size_t i = 0; i < files.size(); ++i) {
    out += (i == 0 ? "" : ", ") + tickets::normalise(files[i].name) + " (" + std::to_string(files[i].size) +
           " bytes, " + files[i].why + ")";
  }
  return head(out, most_characters);
}

}  // namespace supportd::aws_cases
