#include "jobs/sla/audit.hpp"

#include <algorithm>

#include "daemon/run/each.hpp"
#include "jobs/sla/happenings.hpp"
#include "jobs/sla/sweep.hpp"

namespace supportd::sla {
namespace {

using namespace std::chrono_literals;
using store::Tx;
using tickets::TicketId;

// What was reached so lately may still be on its way into the ledger.
constexpr Millis grace = 10s;
constexpr Millis looks_back = 24h;
constexpr int step = 100;
constexpr std::size_t most_flaws = 100;

class Audit {
 public:
  Audit(Tx& tx, TicketId ticket, Instant now, Audited& out) : tx_(tx), ticket_(ticket), now_(now), out_(out) {}

  void run(const Rulebook::Versions& rules) {
    ++out_.tickets;
    const auto happenings = happenings_of(tx_, ticket_);
    status(happenings);
    const auto clocks = clocks_of(happenings, rules, now_, Detail::figures);
    thresholds(clocks);
    // What is due this very moment may be seen or not.
    const bool is_pending =
        std::ranges::any_of(reached_by(clocks, ticket_, now_), [&](const Passed& it) { return it.at > now_ - grace; });
    if (is_pending) return;
    rows(clocks);
    deadline(clocks);
  }

 private:
  void flaw(std::int64_t& count, const std::string& what) {
    ++count;
    if (out_.flaws.size() < most_flaws) out_.flaws.push_back("ticket " + key_of(ticket_) + ": " + what);
  }

  // Clocks fold by the time of events, the ticket by their record: both end with the same.
  void status(const std::vector<Happening>& happenings) {
    if (happenings.empty()) return flaw(out_.rows, "it has no events");
    const auto last = happenings.back().facts.status, is = tickets::load(tx_, ticket_).status;
    if (last == is) return;
    flaw(out_.rows, "its clocks go by the status " + std::string(tickets::to_text(last)) + ", it is " +
                        std::string(tickets::to_text(is)));
  }

  void rows(const std::vector<Clock>& clocks) {
    const auto expected = rows_of(clocks, ticket_, now_), found = rows_of(tx_, ticket_, ticket_);
    if (expected.size() != found.size()) {
      flaw(out_.rows, std::to_string(found.size()) + " clocks are kept, " + std::to_string(expected.size()) + " are");
      return;
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i] == expected[i]) continue;
      const auto text = [](const std::optional<Instant>& at) { return at ? time::to_text(*at) : std::string("never"); };
      flaw(out_.rows, std::string(to_text(expected[i].metric)) + " " + std::to_string(expected[i].instance) + " is " +
                          std::string(to_text(expected[i].state)) + ", due " + text(expected[i].due) + ", missed " +
                          text(expected[i].breached) + "; kept are " + std::string(to_text(found[i].state)) + ", " +
                          text(found[i].due) + ", " + text(found[i].breached));
    }
  }

  void thresholds(const std::vector<Clock>& clocks) {
    const auto expected = reached_by(clocks, ticket_, now_);
    const auto known = passed_of(tx_, ticket_);
    for (const Passed& it : expected) {
      const auto found = std::ranges::find_if(known, [&](const Passed& one) { return one.is_same_as(it); });
      if (found != known.end() && found->state != Passed::State::withdrawn) {
        // What was confirmed and corrected since keeps the instant that people were told.
        if (found->state == Passed::State::provisional && found->at != it.at) {
          flaw(out_.thresholds,
               to_text(it) + " was reached at " + time::to_text(it.at) + ", not at " + time::to_text(found->at));
        }
      } else if (it.at <= now_ - grace) {
        flaw(out_.thresholds, to_text(it) + " was reached at " + time::to_text(it.at) + " and not recorded");
      }
    }
    for (const Passed& it : known) {
      if (it.state != Passed::State::provisional) continue;
      if (std::ranges::any_of(expected, [&](const Passed& one) { return one.is_same_as(it); })) continue;
      flaw(out_.thresholds, to_text(it) + " is recorded and was not reached");
    }
  }

  void deadline(const std::vector<Clock>& clocks) {
    const auto expected = next_after(clocks, now_);
    const auto armed = tx_.one<Instant>("SELECT fire_at FROM deadline WHERE kind = :kind AND key = :key",
                                        threshold_deadline, key_of(ticket_));
    if (expected == armed) return;
    const auto text = [](const std::optional<Instant>& at) { return at ? time::to_text(*at) : std::string("nothing"); };
    flaw(out_.deadlines, "the next threshold is at " + text(expected) + ", the deadline is at " + text(armed));
  }

  Tx& tx_;
  const TicketId ticket_;
  const Instant now_;
  Audited& out_;
};

}  // namespace

run::JobKind audit_kind() {
  run::JobKind kind;
  kind.name = audit_job;
  kind.help =
      "Compares clocks, thresholds and deadlines with what the tickets' events say; finds nothing, if all is well.";
  kind.schedule = "every 6h";
  kind.timeout = 2h;
  return kind;
}

Audited audit_some(Tx& tx, const Rulebook::Versions& rules, TicketId after, Instant since, int most, Instant now) {
  Audited out;
  const auto ids = tx.all<TicketId>(
      "SELECT id FROM ticket WHERE id > :after AND (status IN ('new', 'open', 'pending', 'hold') OR updated_at >= "
      ":since) ORDER BY id LIMIT :most",
      after, since, most);
  for (const TicketId id : ids) Audit(tx, id, now, out).run(rules);
  if (ids.size() == static_cast<std::size_t>(most)) out.last = ids.back();
  return out;
}

run::Report audit(run::JobContext& context, Rulebook& rulebook, Metrics& metrics) {
  Audited all;
  run::Report report;
  const Instant since = context.now() - looks_back;
  for (std::optional<TicketId> after = TicketId{0}; after;) {
    if (context.stop.stop_requested()) throw Error(ErrorKind::stopped, "stopped between tickets");
    const auto some = context.ledger.read([&](Tx& tx) -> std::optional<Audited> {
      const auto rules = rulebook.current(tx);
      if (rules->empty() || is_sweeping(tx)) return {};
      return audit_some(tx, *rules, *after, since, step, context.now());
    });
    if (!some) {
      report.summary = "nothing compared: there are no policies, or open tickets are being looked at by new ones";
      return report;
    }
    after = some->last;
    all.tickets += some->tickets;
    all.rows += some->rows;
    all.thresholds += some->thresholds;
    all.deadlines += some->deadlines;
    for (const auto& flaw : some->flaws) context.log.error("the audit of clocks found a difference", {{"what", flaw}});
    if (!context.dry_run) metrics.audited(some->tickets, some->rows, some->thresholds, some->deadlines);
  }
  const auto wrong = all.rows + all.thresholds + all.deadlines;
  report.summary = std::to_string(all.tickets) + " tickets compared, " + std::to_string(wrong) + " differences";
  report.counts = {
      {"tickets", all.tickets}, {"rows", all.rows}, {"thresholds", all.thresholds}, {"deadlines", all.deadlines}};
  return report;
}

}  // namespace supportd::sla
