#include "jobs/aws_cases/rules_template.hpp"

#include <algorithm>

namespace supportd::aws_cases {
namespace {

constexpr std::string_view open = "{{", close = "}}";

// Calls text(piece) and place(name) in order. False when a place is not closed.
template <class Text, class Place>
bool walk(std::string_view source, Text&& text, Place&& place) {
  while (true) {
    const std::size_t at = source.find(open);
    text(source.substr(0, at));
    if (at == std::string_view::npos) return true;
    const std::size_t end = source.find(close, at);
    if (end == std::string_view::npos) return false;
    place(std::string(source.substr(at + open.size(), end - at - open.size())));
    source.remove_prefix(end + close.size());
  }
}

}  // namespace

const std::vector<std::string>& known_places() {
  static const std::vector<std::string> places = {"account",  "agency",   "case",    "company", "display_id", "mail",
                                                  "note",     "previous", "problem", "reason",  "name",       "state",
                                                  "severity", "subject",  "ticket",  "time",    "system",     "until"};
  return places;
}

std::optional<std::string> flaw_of_template(std::string_view text) {
  std::optional<std::string> flaw;
  const bool closed = walk(
      text, [](std::string_view) {},
      [&](const std::string& name) {
        if (flaw || std::ranges::find(known_places(), name) != known_places().end()) return;
        flaw = "there is no place {{" + name + "}}; known:";
        for (const auto& known : known_places()) *flaw += " " + known;
      });
  if (!closed) return "a place begins with {{ and does not end with }}";
  return flaw;
}

std::string render(std::string_view text, const Values& values) {
  std::string out;
  walk(
      text, [&](std::string_view piece) { out += piece; },
      [&](const std::string& name) {
        const auto found = values.find(name);
        if (found != values.end()) out += found->second;
      });
  return out;
}

}  // namespace supportd::aws_cases
