#include "daemon/time/zone.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <vector>

namespace supportd::time {
namespace {

const date::time_zone* locate(std::string_view name) {
  const auto& zones = date::get_tzdb().zones;
  const auto at = std::lower_bound(
      zones.begin(), zones.end(), name,
      [](const date::time_zone& zone, std::string_view wanted) { return std::string_view(zone.name()) < wanted; });
  return at != zones.end() && at->name() == name ? &*at : nullptr;
}

// Names that mean something else on another machine, count leap seconds, or are no zone at all.
bool portable(std::string_view name) {
  constexpr std::array<std::string_view, 3> strange{"Factory", "localtime", "posixrules"};
  return !name.starts_with("posix/") && !name.starts_with("right/") &&
         std::find(strange.begin(), strange.end(), name) == strange.end();
}

// Asia/Seoul and "asia seoul" are the same word to somebody who mistypes.
std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t swapped = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({swapped, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// A city alone ("Seoul") is near its zone.
std::size_t distance_to_zone(std::string_view wanted, std::string_view zone) {
  const auto slash = zone.rfind('/');
  const std::size_t whole = distance(wanted, zone);
  return slash == zone.npos ? whole : std::min(whole, distance(wanted, zone.substr(slash + 1)));
}

std::string near_misses(std::string_view name) {
  constexpr std::size_t longest_name = 64, most_shown = 3;
  if (name.empty() || name.size() > longest_name) return {};
  const std::string wanted = folded(name);
  const std::size_t tolerated = std::max<std::size_t>(1, name.size() / 4);
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const auto& zone : date::get_tzdb().zones) {
    if (!portable(zone.name())) continue;
    const std::size_t away = distance_to_zone(wanted, folded(zone.name()));
    if (away <= tolerated) near.emplace_back(away, zone.name());
  }
  std::sort(near.begin(), near.end());
  std::string text;
  for (std::size_t i = 0; i < std::min(near.size(), most_shown) && near[i].first == near[0].first; ++i) {
    text.append(i == 0 ? ": did you mean " : " or ").append(near[i].second);
  }
  return text;
}

}  // namespace

Zone Zone::utc() {
  const auto* zone = locate("UTC");
  if (zone == nullptr) throw Error(ErrorKind::config, "the system has no time zones: install tzdata");
  return Zone(zone);
}

Parsed<Zone> Zone::find(std::string_view name) {
  if (const auto* zone = locate(name); zone != nullptr && portable(name)) return Zone(zone);
  const std::string misses = near_misses(name);
  return Mistake{"no time zone \"" + std::string(name) + '"' +
                 (misses.empty() ? ": expected an IANA name such as Asia/Seoul or UTC" : misses + "?")};
}

std::string tzdata_version() {
  // The library does not know it of the system's files; "# version 2025b" begins the one that holds them all.
  static const std::string version = [] {
    std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
    std::string mark, word, out;
    file >> mark >> word >> out;
    return word == "version" ? out : "unknown";
  }();
  return version;
}

std::string Zone::to_text(Instant at) const {
  const auto info = zone_->get_info(at);
  const Local reading{(at + info.offset).time_since_epoch()};
  const auto day = date::floor<date::days>(reading);
  const date::year_month_day civil{day};
  const date::hh_mm_ss clock{date::floor<std::chrono::seconds>(reading) - day};
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d ", static_cast<int>(civil.year()),
                                 static_cast<unsigned>(civil.month()), static_cast<unsigned>(civil.day()),
                                 static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                                 static_cast<int>(clock.seconds().count()));
  return std::string(text, static_cast<std::size_t>(size)) + info.abbrev;
}

}  // namespace supportd::time
