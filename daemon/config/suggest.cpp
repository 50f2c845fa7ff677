#include "daemon/config/suggest.hpp"

#include <algorithm>

namespace supportd::config {

namespace {

// Damerau-Levenshtein distance, restricted form (optimal string alignment).
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view given, const std::vector<std::string>& known) {
  std::optional<std::string> best;
  std::size_t best_edits = std::min<std::size_t>(2, given.size() / 3) + 1;
  for (const std::string& name : known) {
    if (std::max(name.size(), given.size()) - std::min(name.size(), given.size()) >= best_edits) continue;
    if (const std::size_t found = edits(given, name); found < best_edits) {
      best = name;
      best_edits = found;
    }
  }
  return best;
}

std::string known_names(std::string_view given, const std::vector<std::string>& known) {
  std::string text;
  if (const auto meant = nearest(given, known)) text += "did you mean '" + *meant + "'? ";
  text += "known: ";
  if (known.empty()) return text + "none";
  for (std::size_t i = 0; i < known.size(); ++i) text += (i == 0 ? "" : ", ") + known[i];
  return text;
}

}  // namespace supportd::config
