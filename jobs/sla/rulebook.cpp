#include "jobs/sla/rulebook.hpp"

#include <algorithm>

#include "jobs/sla/stored_rules.hpp"

namespace supportd::sla {
namespace {

using store::Tx;

// What a correction replaces holds no more.
void append(Rulebook::Versions& all, Rules fresh) {
  while (!all.empty() && all.back().from >= fresh.from) all.pop_back();
  all.push_back(std::move(fresh));
}

// Whether all that held since then is the same already.
bool held_since(const Rulebook::Versions& all, const Rules& fresh, Instant since) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool held = i + 1 == all.size() || all[i + 1].from > since;
    if (held && !is_same(all[i], fresh)) return false;
  }
  return true;
}

}  // namespace

Rulebook::Versions adopted(Rulebook::Versions known, Rules fresh, Instant now) {
  const bool is_first = known.empty();
  const bool corrects = !is_first && fresh.corrects_since && *fresh.corrects_since < now &&
                        std::ranges::find(known, *fresh.corrects_since, &Rules::from) == known.end() &&
                        !held_since(known, fresh, *fresh.corrects_since);
  if (!is_first && !corrects && is_same(known.back(), fresh)) return known;
  fresh.from = is_first ? Instant{} : corrects ? *fresh.corrects_since : now;
  fresh.version = is_first ? 1 : known.back().version + 1;
  append(known, std::move(fresh));
  return known;
}

void Rulebook::load(Tx& tx) {
  Versions all;
  tx.each<int, Instant, std::string>("SELECT version, from_at, body FROM sla_rules ORDER BY version", [&](auto row) {
    auto& [version, from, body] = row;
    Rules rules = decode_rules(body);
    rules.version = version;
    rules.from = from;
    append(all, std::move(rules));
  });
  const std::lock_guard lock(mutex_);
  versions_ = std::make_shared<const Versions>(std::move(all));
}

bool Rulebook::adopt(Tx& tx, Rules rules, Instant now) {
  const auto known = current(tx);
  auto all = adopted(*known, std::move(rules), now);
  Rules& last = all.back();
  if (!known->empty() && last.version == known->back().version) return false;
  tx.exec("INSERT INTO sla_rules (version, from_at, adopted, body) VALUES (:version, :from, :adopted, :body)",
          last.version, last.from, now, encode(last));
  tx.after_commit([this, rules = std::move(last)] { add(rules); });
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
  append(all, rules);
  versions_ = std::make_shared<const Versions>(std::move(all));
}

std::shared_ptr<const Rulebook::Versions> Rulebook::versions() const {
  const std::lock_guard lock(mutex_);
  return versions_;
}

}  // namespace supportd::sla
