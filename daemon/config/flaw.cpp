#include "daemon/config/flaw.hpp"

#include <algorithm>
#include <tuple>

namespace supportd::config {

std::string to_text(const Place& place) {
  if (place.line == 0) return place.file;
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string to_text(const Flaw& flaw) {
  std::string text = to_text(Place{flaw.file, flaw.line, flaw.column}) + ": ";
  if (!flaw.path.empty()) text += flaw.path + ": ";
  if (flaw.warning) text += "warning: ";
  return text + flaw.what;
}

void Report::flaw(const Place& place, std::string path, std::string what) {
  add({place.file, place.line, place.column, std::move(path), std::move(what), false});
}

void Report::warn(const Place& place, std::string path, std::string what) {
  add({place.file, place.line, place.column, std::move(path), std::move(what), true});
}

bool Report::flawed(std::string_view path) const {
  return std::any_of(flaws_.begin(), flaws_.end(), [&](const Flaw& flaw) {
    if (flaw.warning || !flaw.path.starts_with(path)) return false;
    return flaw.path.size() == path.size() || flaw.path[path.size()] == '.' || flaw.path[path.size()] == '[';
  });
}

std::vector<Flaw> Report::sorted() const {
  std::vector<Flaw> flaws = flaws_;
  std::stable_sort(flaws.begin(), flaws.end(), [](const Flaw& a, const Flaw& b) {
    return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
  });
  return flaws;
}

}  // namespace supportd::config
