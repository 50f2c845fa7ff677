#include "tests/sim/breaches.hpp"

#include "daemon/store/session.hpp"

namespace supportd::sim {

std::vector<std::string> Breaches::look_at(const std::filesystem::path& ledger) {
  std::vector<std::string> out;
  std::map<std::string, std::int64_t> found;
  store::Session session(store::Engine::sqlite, ledger.string(), true);
  static constexpr store::Cell::Kind kinds[] = {store::Cell::Kind::text, store::Cell::Kind::integer};
  session.run(
      "SELECT 'ticket ' || ticket || ' ' || metric || ' ' || instance || ' ' || percent || ' % of ' || target || ' ' "
      "|| by_the_wall, at FROM "
      "sla_threshold WHERE state = 'confirmed'",
      {}, kinds, [&](std::span<const store::Cell> row) { found[std::string(row[0].text)] = row[1].integer; });
  for (const auto& [what, at] : known_) {
    const auto now = found.find(what);
    if (now == found.end()) {
      out.push_back(what + " was confirmed and is so no more");
    } else if (now->second != at) {
      out.push_back(what + " was confirmed for another instant than it is now");
    }
  }
  known_ = std::move(found);
  return out;
}

}  // namespace supportd::sim
