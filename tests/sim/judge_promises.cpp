// Service levels at the end of a month.
#include <algorithm>
#include <set>

#include "daemon/json.hpp"
#include "jobs/sla/audit.hpp"
#include "jobs/sla/happenings.hpp"
#include "jobs/sla/rulebook.hpp"
#include "tests/sim/judge.hpp"

namespace supportd::sim {
namespace {

using namespace std::chrono_literals;
using Broken = std::vector<std::string>;
using sla::Passed;
using store::Tx;
using tickets::TicketId;

constexpr Millis confirmed_within = 90s;

std::string name_of(const Passed& it) { return "ticket " + sla::key_of(it.ticket) + " " + sla::to_text(it); }

Millis down_within(const Downtimes& down, Instant from, Instant to) {
  Millis out{0};
  for (const auto& [begin, end] : down) {
    const Instant first = std::max(begin, from), last = std::min(end, to);
    if (first < last) out += last - first;
  }
  return out;
}

struct Lateness {
  const Downtimes& down;
  Millis slack;
  bool is_late(Instant due, Instant done) const { return done - due > slack + down_within(down, due, done); }
};

// What the ledger knew at some instant, of one ticket.
class Hindsight {
 public:
  Hindsight(Tx& tx, TicketId ticket, const sla::Rulebook::Versions& rules, const std::vector<Instant>& adopted)
      : tx_(tx), ticket_(ticket), rules_(rules), adopted_(adopted) {
    for (const auto& event : tickets::events_of(tx, ticket)) {
      if (sla::changes_clocks(event.change.kind)) learned_.insert(event.recorded);
      const std::string& said = event.change.value;
      const auto end = said.find(", withdrawn");
      if (event.change.kind == tickets::EventKind::sla && end != said.npos) withdrawn_.insert(said.substr(0, end));
    }
    learned_.insert(adopted.begin(), adopted.end());
  }

  // It was, and then recorded again.
  bool was_withdrawn(const Passed& it) const { return withdrawn_.contains(sla::to_text(it)); }
  // When it could first be known that this threshold is passed; nothing: nobody can say.
  std::optional<Instant> knowable(const Passed& it) const {
    if (was_withdrawn(it)) return {};
    if (is_known(it, it.at)) return it.at;
    for (auto at = learned_.upper_bound(it.at); at != learned_.end() && *at <= it.recorded; ++at) {
      if (is_known(it, *at)) return *at;
    }
    return {};
  }

 private:
  bool is_known(const Passed& it, Instant at) const {
    sla::Rulebook::Versions rules;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (adopted_[i] <= at) rules.push_back(rules_[i]);
    }
    if (rules.empty()) return false;
    const auto happened = sla::happenings_of(tx_, ticket_, at);
    if (happened.empty()) return false;
    const auto reached = sla::reached_by(sla::clocks_of(happened, rules, at), ticket_, at);
    return std::ranges::any_of(reached, [&](const Passed& one) { return one.is_same_as(it); });
  }

  Tx& tx_;
  const TicketId ticket_;
  const sla::Rulebook::Versions& rules_;
  const std::vector<Instant>& adopted_;
  std::set<Instant> learned_;
  std::set<std::string> withdrawn_;
};

void recorded_in_time(Broken& out, const std::vector<Passed>& passed, const Hindsight& hindsight,
                      const Lateness& lateness, Instant now) {
  for (const Passed& it : passed) {
    if (it.recorded < it.at) out.push_back(name_of(it) + " was recorded before it was reached");
    const auto knowable = hindsight.knowable(it);
    if (knowable && lateness.is_late(*knowable, it.recorded)) {
      out.push_back(name_of(it) + " was to be recorded at " + time::to_text(*knowable) + " and was at " +
                    time::to_text(it.recorded));
    }
    const Instant settled = it.state == Passed::State::provisional ? now : it.settled;
    if (it.state != Passed::State::withdrawn && lateness.is_late(it.recorded + confirmed_within, settled)) {
      out.push_back(name_of(it) + ", recorded at " + time::to_text(it.recorded) + ", was not confirmed until " +
                    time::to_text(settled));
    }
  }
}

// A merge ends a ticket's clocks, neither met nor missed, whatever its desk said of the status.
void cancelled_by_merges(Broken& out, Tx& tx, TicketId ticket, std::map<std::string, std::int64_t>& coverage) {
  std::optional<Instant> merged;
  for (const auto& event : tickets::events_of(tx, ticket)) {
    if (event.change.kind == tickets::EventKind::merged && !merged) merged = event.effective;
  }
  if (!merged) return;
  for (const sla::Row& it : sla::rows_of(tx, ticket, ticket)) {
    if (it.ended && *it.ended < *merged) continue;
    coverage["clocks cancelled by a merge"] += 1;
    if (it.state == sla::State::cancelled) continue;
    out.push_back("ticket " + sla::key_of(ticket) + " was merged at " + time::to_text(*merged) + ", its " +
                  std::string(to_text(it.metric)) + " is " + std::string(to_text(it.state)));
  }
}

// Everything that was confirmed is in exactly one message.
void told_once(Broken& out, Tx& tx, const std::vector<Passed>& all, std::map<std::string, std::int64_t>& coverage) {
  std::map<std::string, int> told;
  tx.each<std::string>("SELECT payload FROM effect WHERE channel = 'log'", [&](const std::string& payload) {
    const auto document = json::Document::parse(payload, "payload");
    const auto root = document.root();
    const std::string ticket = "ticket " + root.at("ticket").scalar_text() + " ";
    ++told[ticket + root.at("threshold").string() + " at " + root.at("at").string()];
    const auto overtaken = root.strings("overtaken");
    for (const auto& one : overtaken) ++told[ticket + one];
    coverage["thresholds told together"] += overtaken.empty() ? 0 : 1;
  });
  for (const Passed& it : all) {
    const int times = told[name_of(it) + " at " + time::to_text(it.at)];
    const bool is_due = it.state == Passed::State::confirmed && it.at >= sla::Rulebook::watched_since(tx);
    if (is_due ? times != 1 : times > 1) {
      out.push_back(name_of(it) + " at " + time::to_text(it.at) + " was told " + std::to_string(times) + " times");
    }
  }
}

}  // namespace

Broken judge_promises(store::Ledger& ledger, const Downtimes& down, Millis slack, Instant now,
                      std::map<std::string, std::int64_t>& coverage) {
  Broken out;
  sla::Rulebook book;
  ledger.read([&](Tx& tx) {
    book.load(tx);
    const auto rules = book.versions();
    if (rules->empty()) {
      out.push_back("nobody promised anything");
      return;
    }
    const auto adopted = tx.all<Instant>("SELECT adopted FROM sla_rules ORDER BY version");
    std::vector<Passed> all;
    for (const TicketId id : tx.all<TicketId>("SELECT id FROM ticket ORDER BY id")) {
      const auto passed = sla::passed_of(tx, id);
      recorded_in_time(out, passed, Hindsight(tx, id, *rules, adopted), {down, slack}, now);
      cancelled_by_merges(out, tx, id, coverage);
      all.insert(all.end(), passed.begin(), passed.end());
    }
    told_once(out, tx, all, coverage);
    constexpr int everything = 1'000'000;
    const auto audited = sla::audit_some(tx, *rules, TicketId{0}, Instant{}, everything, now);
    for (const auto& flaw : audited.flaws) out.push_back("audit: " + flaw);
    for (const Passed& it : all) {
      coverage["threshold " + std::string(to_text(it.state))] += 1;
      coverage["threshold confirmed without its desk"] += it.note.starts_with("origin behind") ? 1 : 0;
      coverage["threshold corrected"] += it.note.find("learned since") != std::string::npos ? 1 : 0;
    }
  });
  return out;
}

}  // namespace supportd::sim
