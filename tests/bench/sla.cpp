// Service levels over many open tickets of eight events and three targets each, on an SQLite ledger: --tickets N.
// Clocks built from events, a policy changed while others write, thresholds coming due while others write, and ten
// thousand of them in one second. Prints one JSON object.
#include <atomic>
#include <iostream>
#include <thread>

#include "daemon/run/scheduler.hpp"
#include "jobs/calendar/book.hpp"
#include "jobs/sla/section.hpp"
#include "jobs/sla/slice.hpp"
#include "jobs/sla/sweep.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/section.hpp"
#include "tests/bench/report.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using store::Tx;

constexpr std::size_t storm = 10'000, trickle = 500;
constexpr int soon = 500;
constexpr Millis first_reply = 4h, shorter = 2min;

std::string settings(const char* resolution, Millis of_soon = first_reply) {
  return "[calendar.hours.always]\nzone = \"UTC\"\nweek = { mon-sun = \"00:00-24:00\" }\n"
         "[calendar.hours.seoul]\nzone = \"Asia/Seoul\"\nweek = { mon-fri = \"09:00-12:00, 13:00-18:00\" }\n"
         "[[sla.policy]]\nname = \"storm\"\nrank = 1\nmatch = { tags = [\"storm\"] }\ncalendar = \"always\"\n"
         "first_reply = { any = \"4h\" }\n"
         "[[sla.policy]]\nname = \"soon\"\nrank = 2\nmatch = { tags = [\"soon\"] }\ncalendar = \"always\"\n"
         "first_reply = { any = \"" +
         std::to_string(of_soon / 1min) +
         "m\" }\n[[sla.policy]]\nname = \"standard\"\nrank = 3\ncalendar = \"seoul\"\nfirst_reply = { any = \"40h\" }\n"
         "resolution = { any = \"" +
         std::string(resolution) + "\" }\ntotal_resolution = { any = \"60 business days\" }\n";
}

config::Schema schema() {
  config::Schema out;
  out.add<calendar::Section>("calendar");
  out.add<tickets::Section>("tickets");
  out.add<sla::Section>("sla");
  return out;
}

std::shared_ptr<const config::Config> load(const std::string& text) {
  const auto loaded = schema().load(config::read_texts({{"bench.toml", text}}));
  for (const auto& flaw : loaded.flaws) std::cerr << config::to_text(flaw) << '\n';
  return loaded.config;
}

std::vector<store::Migration> all_tables() {
  auto steps = store::records_schema();
  for (const auto& more : {outbox::schema(), run::Deadlines::migrations(), run::Scheduler::migrations(),
                           tickets::schema(), sla::schema()}) {
    steps.insert(steps.end(), more.begin(), more.end());
  }
  return steps;
}

// A daemon's rooms about service levels, with its scheduler and its clock.
class Room {
 public:
  explicit Room(const std::string& file)
      : config_(load(settings("30 business days"))),
        ledger_({.engine = store::Engine::sqlite, .where = file}, clock_, all_tables()),
        outbox_(clock_, ledger_.began() - 24h, outbox::Mode::live),
        budgets_(clock_),
        net_(clock_, faults_),
        log_(clock_, [](const observe::Record&) {}),
        pulses_(clock_),
        deadlines_(ledger_, log_, metrics_),
        registry_{clock_, config_, ledger_, outbox_, net_, budgets_, log_, metrics_, deadlines_, jobs_, routes_},
        slice_(registry_, kernel_) {
    registry_.ask = [this](const std::string& job, const std::string& reason) {
      run::decisions::Asked asked;
      asked.trigger = run::Trigger::event;
      asked.actor = "bench";
      asked.reason = reason;
      try {
        scheduler_->trigger(job, asked);
      } catch (const Error&) {  // it runs already
      }
    };
    kernel_.begin(ledger_);
    scheduler_.emplace(ledger_, clock_, log_, metrics_, pulses_, deadlines_, jobs_,
                       run::SchedulerOptions{.owner = "bench"});
    run::JobSet set;
    set.jobs[sla::sweep_job] = {};
    set.config = config_.get();
    scheduler_->start(set);
  }
  ~Room() { scheduler_->stop(clock_.now() + 10s); }

  void adopt(const std::string& text) {
    config_.set(load(text));
    slice_.configure(*config_.get());
    ledger_.write([&](Tx& tx) { slice_.declare(tx, clock_.now()); });
  }
  bool sweeps() { return ledger_.read(sla::is_sweeping); }
  // Seconds until open tickets are done with.
  double wait_for_sweep() {
    const Stopwatch watch;
    while (sweeps()) std::this_thread::sleep_for(20ms);
    return watch.wall();
  }
  // A ticket of which 80 % of the first reply's target is used up at that instant.
  tickets::TicketId open(Tx& tx, Instant at, int number, const std::string& tag = "storm") {
    tickets::NewEvent event;
    event.change.kind = tickets::EventKind::created;
    event.change.value = tag;
    event.effective = at - first_reply * 8 / 10;
    event.origin = "bench";
    event.identity = tag + " " + std::to_string(time::to_millis(at)) + " " + std::to_string(number);
    event.ticket = *kernel_.create(tx, event, clock_.now());
    event.change = {};
    event.change.kind = tickets::EventKind::tags;
    event.change.added = {tag};
    event.identity += " tags";
    kernel_.append(tx, event, clock_.now());
    return event.ticket;
  }
  // How late the provisional records of those reached in [from, to) are, in milliseconds.
  std::vector<double> lateness(Instant from, Instant to) {
    std::vector<double> out;
    ledger_.read([&](Tx& tx) {
      tx.each<Instant, Instant>(
          "SELECT at, recorded FROM sla_threshold WHERE at >= :from AND at < :to",
          [&](const auto& row) { out.push_back(static_cast<double>((std::get<1>(row) - std::get<0>(row)).count())); },
          from, to);
    });
    return out;
  }

  time::MachineClock& clock() { return clock_; }
  store::Ledger& ledger() { return ledger_; }
  run::Deadlines& deadlines() { return deadlines_; }

 private:
  time::MachineClock clock_;
  RunningConfig config_;
  store::Ledger ledger_;
  outbox::Outbox outbox_;
  http::Budgets budgets_;
  fakes::FaultPlan faults_{1, {}};
  fakes::Net net_;
  observe::Log log_;
  observe::Metrics metrics_;
  observe::Pulses pulses_;
  run::Deadlines deadlines_;
  run::JobKinds jobs_;
  http::Router routes_;
  Registry registry_;
  tickets::Kernel kernel_;
  sla::Slice slice_;
  std::optional<run::Scheduler> scheduler_;
};

// Open tickets of the last five days, replied to within the hour: nothing of theirs is due soon.
void fill(const std::string& file, int tickets, Instant now) {
  {
    time::MachineClock clock;
    const store::Ledger made({.engine = store::Engine::sqlite, .where = file}, clock, all_tables());
  }
  const std::string n = std::to_string(tickets);
  const std::string created = "(" + std::to_string(time::to_millis(now - days{5})) + " + i * " +
                              std::to_string(std::chrono::duration_cast<Millis>(days{5}).count()) + " / " + n + ")";
  const std::string numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + n + ") ";
  const auto events = [&](int seq, const char* kind, int minutes, const std::string& data) {
    const std::string at = created + " + " + std::to_string(minutes * 60'000);
    return numbers +
           "INSERT INTO ticket_event (ticket, seq, kind, effective, recorded, clamped, origin, actor, identity, data) "
           "SELECT i, " +
           std::to_string(seq) + ", '" + kind + "', " + at + ", " + at +
           " + 30000, 0, 'freshdesk:main', '', 'e' || i || '." + std::to_string(seq) + "', " + data + " FROM n;";
  };
  const auto messages = [&](int which, const char* author) {
    return numbers +
           "INSERT INTO message (id, ticket, identity, origin, author, author_name, author_id, visibility, created_at, "
           "content, hash, normaliser, edits, ours) SELECT i * 3 + " +
           std::to_string(which) + ", i, 'm' || i || '." + std::to_string(which) + "', 'freshdesk:main', '" + author +
           "', '', '', 'public', 0, 1, '', 'n1', 0, 0 FROM n;";
  };
  const auto said = [](int which) { return "'{\"message\":' || (i * 3 + " + std::to_string(which) + ") || '}'"; };
  const std::string priority =
      "'{\"value\":\"' || CASE i % 3 WHEN 0 THEN 'high' WHEN 1 THEN 'normal' ELSE 'low' END || '\"}'";
  store::Session session(store::Engine::sqlite, file, false);
  session.script(
      "BEGIN;" + numbers +
      "INSERT INTO ticket (id, seq, created_at, updated_at, origin, subject, type, team, category, product_area, "
      "severity, status, priority, tags, fields, deleted) SELECT i, 8, " +
      created + ", " + created +
      ", 'freshdesk:main', 'VPN', '', '', '', '', '', 'open', CASE i % 3 WHEN 0 THEN 'high' "
      "WHEN 1 THEN 'normal' ELSE 'low' END, '[]', '{}', 0 FROM n;" +
      messages(0, "customer") + messages(1, "agent") + messages(2, "customer") +
      events(1, "created", 0, "'{\"value\":\"VPN\"}'") + events(2, "commented", 0, said(0)) +
      events(3, "priority", 1, priority) + events(4, "status", 10, "'{\"value\":\"open\"}'") +
      events(5, "commented", 40, said(1)) + events(6, "status", 41, "'{\"value\":\"pending\"}'") +
      events(7, "commented", 90, said(2)) + events(8, "status", 91, "'{\"value\":\"open\"}'") +
      "UPDATE reaction SET missed = (SELECT max(id) FROM ticket_event); COMMIT; ANALYZE;");
}

// Small writes and bulk ingest while it lives; how long each small one took, in milliseconds.
class OtherWork {
 public:
  explicit OtherWork(Room& room, bool bulk) : room_(room) {
    threads_.emplace_back([this](std::stop_token stop) {
      while (!stop.stop_requested()) {
        const Stopwatch watch;
        room_.ledger().write([&](Tx& tx) {
          tx.exec(
              "INSERT INTO cursor (name, value, moved_at) VALUES ('bench', '', 0) ON CONFLICT (name) DO UPDATE SET "
              "moved_at = cursor.moved_at + 1");
        });
        waits.push_back(watch.wall() * 1e3);
        std::this_thread::sleep_for(5ms);
      }
    });
    if (!bulk) return;
    threads_.emplace_back([this](std::stop_token stop) {
      for (int number = 0; !stop.stop_requested(); ++number) {
        room_.ledger().write(
            [&](Tx& tx) {
              for (int i = 0; i < 20; ++i) room_.open(tx, room_.clock().now() + 3h, number * 20 + i);
            },
            store::WritePriority::bulk);
        ingested += 20;
      }
    });
  }
  void stop() { threads_.clear(); }
  std::vector<double> waits;
  std::atomic<int> ingested = 0;

 private:
  Room& room_;
  std::vector<std::jthread> threads_;
};

// Some thresholds are near when the rules change; others write meanwhile.
void change_policy(Room& room, std::vector<Series>& out) {
  const Instant begin = room.clock().now() + 5min;
  const auto first = room.ledger().write([&](Tx& tx) {
    std::vector<tickets::TicketId> ids;
    for (int i = 0; i < soon; ++i) ids.push_back(room.open(tx, begin + 5min * i / soon, i, "soon"));
    return ids.front();
  });
  const auto due = [&] {  // all of theirs together
    return room.ledger().read(
        [&](Tx& tx) { return *tx.one<std::int64_t>("SELECT sum(due) FROM sla_clock WHERE ticket >= :first", first); });
  };
  const auto all_shorter = due() - std::int64_t{soon} * shorter.count();
  OtherWork work(room, false);
  const Stopwatch changing;
  room.adopt(settings("25 business days", first_reply - shorter));
  out.push_back({"adopt_ms", {changing.wall() * 1e3}});
  while (due() != all_shorter && room.sweeps()) std::this_thread::sleep_for(5ms);
  if (due() != all_shorter) throw std::runtime_error("where a threshold is near the new rules are not kept");
  out.push_back({"near_right_s", {changing.wall()}});
  room.wait_for_sweep();
  out.push_back({"policy_changed_s", {changing.wall()}});
  work.stop();
  out.push_back({"others_wait_p99_ms", {percentile(work.waits, 99)}});
  out.push_back({"others_wait_max_ms", {percentile(work.waits, 100)}});
}

void trickle_and_storm(Room& room, std::vector<Series>& out) {
  // Enough time to open them all before.
  const Instant begin = std::chrono::ceil<std::chrono::seconds>(room.clock().now() + 12s);
  for (std::size_t i = 0; i < trickle + storm;) {
    room.ledger().write([&](Tx& tx) {
      for (int n = 0; n < 200 && i < trickle + storm; ++n, ++i) {
        const Instant at = i < trickle ? begin + 10s * i / trickle : begin + 20s + 1s * (i - trickle) / storm;
        room.open(tx, at, static_cast<int>(i));
      }
    });
  }
  if (room.clock().now() > begin) std::cerr << "the tickets were not opened in time\n";
  std::this_thread::sleep_until(std::chrono::system_clock::time_point((begin).time_since_epoch()));
  {
    OtherWork work(room, true);
    std::this_thread::sleep_for(11s);
    work.stop();
    out.push_back({"ingested_beside_the_thresholds", {static_cast<double>(work.ingested)}});
  }
  const auto late = room.lateness(begin, begin + 10s);
  out.push_back({"thresholds", {static_cast<double>(late.size())}});
  out.push_back({"late_p50_ms", {percentile(late, 50)}});
  out.push_back({"late_p99_ms", {percentile(late, 99)}});
  out.push_back({"late_max_ms", {percentile(late, 100)}});
  std::this_thread::sleep_until(std::chrono::system_clock::time_point((begin + 30s).time_since_epoch()));
  const auto stormy = room.lateness(begin + 20s, begin + 21s);
  out.push_back({"storm_thresholds", {static_cast<double>(stormy.size())}});
  out.push_back({"storm_late_p50_ms", {percentile(stormy, 50)}});
  out.push_back({"storm_late_p99_ms", {percentile(stormy, 99)}});
  out.push_back({"storm_late_max_ms", {percentile(stormy, 100)}});
}

void run(int tickets) {
  std::vector<Series> out;
  const fakes::Scratch scratch;
  const std::string file = (scratch / "ledger.db").string();
  time::MachineClock clock;
  Stopwatch filling;
  fill(file, tickets, clock.now());
  out.push_back({"fill_s", {filling.wall()}});
  {
    Room room(file);
    Stopwatch rebuild;
    room.adopt(settings("30 business days"));
    room.wait_for_sweep();
    out.push_back({"rebuild_s", {rebuild.wall()}});
    out.push_back({"rebuild_cpu_s", {rebuild.cpu()}});
    Stopwatch reading;
    const auto [open, overdue] = room.ledger().read([&](Tx& tx) {
      std::int64_t all = 0, late = 0;
      tx.each<tickets::TicketId, Instant>("SELECT ticket, due FROM sla_clock WHERE ended IS NULL AND due IS NOT NULL",
                                          [&, now = clock.now()](const auto& row) {
                                            ++all;
                                            late += std::get<1>(row) <= now;
                                          });
      return std::pair(all, late);
    });
    out.push_back({"from_ledger_s", {reading.wall()}});
    out.push_back({"open_clocks", {static_cast<double>(open)}});
    Stopwatch counting;
    room.ledger().read([&](Tx& tx) {
      return *tx.one<std::int64_t>("SELECT count(*) FROM sla_clock WHERE ended IS NULL AND due <= :now", clock.now());
    });
    out.push_back({"overdue_counted_ms", {counting.wall() * 1e3}});
    out.push_back({"overdue", {static_cast<double>(overdue)}});
  }
  Stopwatch starting;
  Room room(file);
  out.push_back({"start_ms", {starting.wall() * 1e3}});
  change_policy(room, out);
  trickle_and_storm(room, out);
  Stopwatch idle;
  std::this_thread::sleep_for(5s);
  out.push_back({"idle_cpu_percent", {idle.cpu() / idle.wall() * 100}});
  out.push_back({"alarms_in_memory", {static_cast<double>(room.deadlines().near())}});
  print(out);
}

}  // namespace
}  // namespace supportd::bench

int main(int argc, char** argv) {
  supportd::bench::run(static_cast<int>(supportd::bench::option(argc, argv, "tickets", 1'000'000)));
}
