#include "jobs/sla/rulebook.hpp"

#include "jobs/sla/stored_rules.hpp"

namespace supportd::sla {

using store::Tx;

void Rulebook::load(Tx& tx) {
  Versions all;
  tx.each<int, Instant, std::string>("SELECT version, from_at, body FROM sla_rules ORDER BY version", [&](auto row) {
    auto& [version, from, body] = row;
    Rules rules = decode_rules(body);
    rules.version = version;
    rules.from = from;
    all.push_back(std::move(rules));
  });
  const std::lock_guard lock(mutex_);
  versions_ = std::make_shared<const Versions>(std::move(all));
}

bool Rulebook::adopt(Tx& tx, Rules rules, Instant now) {
  const std::string body = encode(rules);
  const auto last = tx.one<int, std::string>("SELECT version, body FROM sla_rules ORDER BY version DESC LIMIT 1");
  if (last && std::get<1>(*last) == body) return false;
  rules.version = last ? std::get<0>(*last) + 1 : 1;
  rules.from = last ? now : Instant{};
  tx.exec("INSERT INTO sla_rules (version, from_at, body) VALUES (:version, :from, :body)", rules.version, rules.from,
          body);
  tx.after_commit([this, rules = std::move(rules)] { add(rules); });
  return true;
}

void Rulebook::add(Rules rules) {
  const std::lock_guard lock(mutex_);
  Versions all = *versions_;
  all.push_back(std::move(rules));
  versions_ = std::make_shared<const Versions>(std::move(all));
}

std::shared_ptr<const Rulebook::Versions> Rulebook::versions() const {
  const std::lock_guard lock(mutex_);
  return versions_;
}

}  // namespace supportd::sla
