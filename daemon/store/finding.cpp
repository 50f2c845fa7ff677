#include "daemon/store/finding.hpp"

namespace supportd::store {

void keep_finding(Tx& tx, const Finding& f) {
  tx.exec(
      "INSERT INTO finding (system, question, answer, at) VALUES (:system, :question, :answer, :at) ON CONFLICT "
      "(system, question) DO UPDATE SET answer = excluded.answer, at = excluded.at",
      f.system, f.question, f.answer, f.at);
}

std::optional<Finding> find_finding(Tx& tx, const std::string& system, const std::string& question) {
  const auto row = tx.one<std::string, Instant>(
      "SELECT answer, at FROM finding WHERE system = :system AND question = :question", system, question);
  if (!row) return {};
  return Finding{system, question, std::get<0>(*row), std::get<1>(*row)};
}

std::vector<Finding> findings(Tx& tx, const std::string& system) {
  std::vector<Finding> out;
  tx.each<std::string, std::string, Instant>(
      "SELECT question, answer, at FROM finding WHERE system = :system ORDER BY question",
      [&](const auto& row) {
        out.push_back({system, std::get<0>(row), std::get<1>(row), std::get<2>(row)});
      },
      system);
  return out;
}

}  // namespace supportd::store
