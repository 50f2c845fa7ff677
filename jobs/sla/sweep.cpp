#include "jobs/sla/sweep.hpp"

#include <algorithm>

#include "daemon/run/each.hpp"

namespace supportd::sla {
namespace {

using namespace std::chrono_literals;
using store::Tx;
using tickets::TicketId;

constexpr Millis near = 15min;  // until the next threshold, by the rules before
constexpr int most_near = 5'000;
// Others write between two steps: one takes some tens of milliseconds.
constexpr int step = 100;

struct Place {
  int version = 0;
  bool near_done = false;
  TicketId after{0};
  Instant since = time::never;  // what rules correct concerns tickets that were ended since, too
};

std::optional<Place> place_of(Tx& tx) {
  const auto row =
      tx.one<int, bool, TicketId, std::optional<Instant>>("SELECT version, near, after, since FROM sla_sweep");
  if (!row) return {};
  const auto& [version, near, after, since] = *row;
  return Place{version, near, after, since.value_or(time::never)};
}

std::vector<TicketId> next_of(Tx& tx, const Place& place) {
  if (place.since == time::never) {
    return tx.all<TicketId>(
        "SELECT id FROM ticket WHERE id > :after AND status IN ('new', 'open', 'pending', 'hold') ORDER BY id LIMIT "
        ":most",
        place.after, step);
  }
  return tx.all<TicketId>(
      "SELECT id FROM ticket WHERE id > :after AND (status IN ('new', 'open', 'pending', 'hold') OR updated_at >= "
      ":since) ORDER BY id LIMIT :most",
      place.after, place.since, step);
}

class Sweep {
 public:
  Sweep(run::JobContext& context, const Alarms& alarms) : context_(context), alarms_(alarms) {
    last_ =
        *context.ledger.read([](Tx& tx) { return tx.one<std::int64_t>("SELECT coalesce(max(id), 0) FROM ticket"); });
  }

  void run() {
    while (!context_.stop.stop_requested()) {
      const auto place = context_.ledger.read(place_of);
      if (!place) return;
      if (!place->near_done) {
        look_at_near(*place);
      } else if (!walk(*place)) {
        return;
      }
    }
    throw Error(ErrorKind::stopped, "stopped between steps: it goes on from there");
  }

  // What could not be done is no success.
  void judge() const {
    if (failed_ == 0) return;
    throw Error(ErrorKind::corrupt, "the clocks of " + std::to_string(failed_) + " of " +
                                        std::to_string(tickets_ + failed_) + " tickets could not be computed, " +
                                        first_failure_ + "; once that is mended: supportctl run " + sweep_job +
                                        " --arg again=yes");
  }

  run::Report report() const {
    run::Report out;
    out.summary = std::to_string(tickets_) + " open tickets looked at by the new rules";
    out.counts = {{"tickets", tickets_}, {"failed", failed_}, {"percent", percent_}};
    return out;
  }

 private:
  // Together; when that cannot be done, each by itself, so that one does not keep the others from it.
  void look_at(Tx& tx, const std::vector<TicketId>& ids) {
    run::each(
        std::initializer_list<int>{0},
        [&](int) {
          tx.attempt([&] { alarms_.look(tx, ids, context_.now()); });
          tickets_ += static_cast<long long>(ids.size());
        },
        [&](int, const std::exception&) { look_at_each(tx, ids); });
  }

  void look_at_each(Tx& tx, const std::vector<TicketId>& ids) {
    run::each(
        ids,
        [&](TicketId id) {
          tx.attempt([&] { alarms_.look(tx, {id}, context_.now()); });
          ++tickets_;
        },
        [&](TicketId id, const std::exception& error) {
          if (failed_++ == 0) first_failure_ = "first of ticket " + key_of(id) + ": " + error.what();
          context_.log.error("clocks of a ticket could not be computed",
                             {{"ticket", id.value}, {"error", error.what()}});
        });
  }

  void look_at_near(const Place& place) {
    const Instant until = context_.now() + near;
    const auto ids = context_.ledger.read([&](Tx& tx) { return alarms_.near(tx, until, most_near); });
    for (std::size_t at = 0; at < ids.size() && !context_.stop.stop_requested(); at += step) {
      std::vector<TicketId> some(ids.begin() + static_cast<std::ptrdiff_t>(at),
                                 ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + step, ids.size())));
      std::ranges::sort(some);
      context_.write([&](Tx& tx) { look_at(tx, some); }, store::WritePriority::bulk);
    }
    if (context_.stop.stop_requested()) return;
    context_.write([&](Tx& tx) { tx.exec("UPDATE sla_sweep SET near = 1 WHERE version = :version", place.version); });
  }

  // False: that was all.
  bool walk(const Place& place) {
    const bool more = context_.write(
        [&](Tx& tx) {
          const auto ids = next_of(tx, place);
          look_at(tx, ids);
          if (ids.empty()) {
            tx.exec("DELETE FROM sla_sweep WHERE version = :version", place.version);
            alarms_.swept(tx);
            return false;
          }
          tx.exec("UPDATE sla_sweep SET after = :after WHERE version = :version", ids.back(), place.version);
          percent_ = last_ == 0 ? 100 : ids.back().value * 100 / last_;
          return true;
        },
        store::WritePriority::bulk);
    context_.tell(report());
    return more && !context_.dry_run;
  }

  run::JobContext& context_;
  const Alarms& alarms_;
  std::int64_t last_ = 0;
  long long tickets_ = 0, failed_ = 0, percent_ = 100;
  std::string first_failure_;
};

}  // namespace

run::JobKind sweep_kind() {
  run::JobKind kind;
  kind.name = sweep_job;
  kind.help = "Looks at open tickets by new policies and calendars; started by itself when they change.";
  kind.arguments = {{.name = "again", .help = "all open tickets, though nothing changed", .choices = [] {
                       return std::vector<std::string>{"yes"};
                     }}};
  kind.timeout = 2h;
  kind.overlap = run::Overlap::queue;
  return kind;
}

void begin_sweep(Tx& tx, run::Deadlines& deadlines, int version, Instant since, Instant now) {
  const auto before = place_of(tx);
  const Instant all_since = before ? std::min(before->since, since) : since;
  tx.exec("DELETE FROM sla_sweep");
  tx.exec("INSERT INTO sla_sweep (version, near, after, since) VALUES (:version, 0, 0, :since)", version,
          all_since == time::never ? std::nullopt : std::optional(all_since));
  deadlines.arm(tx, sweep_deadline, "", now);
}

bool is_sweeping(Tx& tx) { return place_of(tx).has_value(); }

run::Report sweep(run::JobContext& context, const Alarms& alarms) {
  Sweep it(context, alarms);
  if (!context.dry_run) it.run();
  it.judge();
  return it.report();
}

}  // namespace supportd::sla
