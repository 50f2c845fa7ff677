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
  tx.exec("INSERT INTO sla_rules (version, from_at, adopted, body) VALUES (:version, :from, :adopted, :body)",
          rules.version, rules.from, now, body);
  tx.after_commit([this, rules = std::move(rules)] { add(rules); });
  return true;
}

std::shared_ptr<const Rulebook::Versions> Rulebook::current(Tx& tx) {
  auto known = versions();
  if (tx.engine() == store::Engine::sqlite) return known;  // there is no other daemon
  const int last = *tx.one<int>("SELECT coalesce(max(version), 0) FROM sla_rules");
  if (last == (known->empty() ? 0 : known->back().version)) return known;
  load(tx);
  return versions();
}

Instant Rulebook::watched_since(Tx& tx) {
  return tx.one<Instant>("SELECT adopted FROM sla_rules WHERE version = 1").value_or(time::never);
}

void Rulebook::add(const Rules& rules) {
  const std::lock_guard lock(mutex_);
  if (!versions_->empty() && versions_->back().version >= rules.version) return;
  Versions all = *versions_;
  all.push_back(rules);
  versions_ = std::make_shared<const Versions>(std::move(all));
}

std::shared_ptr<const Rulebook::Versions> Rulebook::versions() const {
  const std::lock_guard lock(mutex_);
  return versions_;
}

}  // namespace supportd::sla
