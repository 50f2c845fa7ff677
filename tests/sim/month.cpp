#include "tests/sim/month.hpp"

#include <algorithm>

#include "daemon/store/ledger_file.hpp"
#include "tests/sim/judge.hpp"

namespace supportd::sim {
namespace {

using namespace std::chrono_literals;

// With nobody acting and nothing owed for so long, nothing more will come.
constexpr Millis calm_enough = 3h;
constexpr Millis robots_look_every = 30s;

std::int64_t open_effects(const std::filesystem::path& ledger) {
  store::Session session(store::Engine::sqlite, ledger.string(), true);
  static constexpr store::Cell::Kind kinds[] = {store::Cell::Kind::integer};
  std::int64_t count = 0;
  session.run(
      "SELECT count(*) FROM effect WHERE state IN ('queued', 'leased', 'unknown') AND error NOT LIKE "
      "'%SubscriptionRequiredException%'",
      {}, kinds, [&](std::span<const store::Cell> row) { count = row[0].integer; });
  return count;
}

}  // namespace

Month::Month(MonthOptions options)
    : options_(std::move(options)),
      nature_(Nature::of(options_.seed)),
      random_(fakes::seed_for(options_.seed, "month")),
      baton_(options_.seed, nature_.begin, nature_.stay),
      outside_(nature_, baton_),
      saboteur_(options_.plant, outside_.weather),
      people_(outside_, nature_),
      visitors_(outside_, nature_, people_) {
  if (options_.trace) baton_.trace_to(options_.trace);
  outside_.owner_forgotten = options_.plant == Plant::owner_forgotten;
  plan_trouble();
}

// A thread begins and ends only with the process, so those crashes come with a restart.
void Month::plan_crash_at(Instant at) {
  const Point point = all_points[random_.below(all_points.size())];
  if (point == Point::spawn || point == Point::end) {
    trouble_.push_back({at, [this, point, n = 1 + random_.below(8)] {
                          baton_.plan_crash(point, n);
                          restart();
                        }});
  } else {
    trouble_.push_back({at, [this, point, n = 1 + random_.below(40)] { baton_.plan_crash(point, n); }});
  }
}

void Month::plan_trouble() {
  const auto days = static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(28 * 24h).count());
  for (int i = 0; i < nature_.crashes; ++i) plan_crash_at(nature_.begin + 2h + Millis{random_.below(days)});
  if (nature_.remapping) trouble_.push_back({*nature_.remapping, [this] { remap(); }});
  for (const Instant at : nature_.promises_change) trouble_.push_back({at, [this] { change_promises(); }});
  for (const auto& pause : nature_.pauses) {
    trouble_.push_back({pause.from, [this, length = pause.length] {
                          ++pauses_;
                          stop();
                          down_until_ = std::max(down_until_, baton_.true_now() + length);
                        }});
  }
  for (const Instant at : nature_.restarts) trouble_.push_back({at, [this] { restart(); }});
  for (const auto& step : nature_.wall_steps) {
    trouble_.push_back({step.at, [this, by = step.by] {
                          ++steps_;
                          baton_.step_wall(by);
                        }});
  }
  const auto ledger = ledger_of(scratch_.path()), copy = scratch_ / "copy.db";
  for (const auto& restore : nature_.restores) {
    trouble_.push_back({restore.copied, [this, ledger, copy] {
                          stop();
                          copied_ = baton_.now();
                          std::filesystem::copy_file(ledger, copy, std::filesystem::copy_options::overwrite_existing);
                          start();
                        }});
    trouble_.push_back({restore.restored, [this, ledger, copy] {
                          ++restores_;
                          stop();
                          if (!options_.keep.empty()) keep_lost(ledger);
                          if (options_.plant == Plant::restore_unnoticed) {
                            std::filesystem::copy_file(copy, ledger, std::filesystem::copy_options::overwrite_existing);
                          } else {
                            store::restore(copy, ledger, baton_.now());
                          }
                          // What the copy does not know of was not seen either.
                          down_.push_back({copied_, baton_.now()});
                          breaches_.forget();
                          start();
                        }});
  }
  std::ranges::stable_sort(trouble_, {}, &Trouble::at);
}

// What a restored copy forgets, beside the month's last ledger. The files are copied: a ledger that is opened asks the
// baton for the time, and the month would be another one than without `keep`.
void Month::keep_lost(const std::filesystem::path& ledger) {
  for (const char* part : {"", "-wal", "-shm"}) {
    const auto from = std::filesystem::path(ledger.string() + part);
    if (!std::filesystem::exists(from)) continue;
    std::filesystem::copy_file(from, options_.keep.string() + ".lost" + part,
                               std::filesystem::copy_options::overwrite_existing);
  }
}

Verdict Month::run() {
  Verdict out;
  start();
  live_until(nature_.quiet);
  outside_.faults.calm();
  baton_.plan_nothing();
  while (refused_.empty() && baton_.stuck().empty() && !settled() && baton_.true_now() < nature_.end) {
    live_until(baton_.true_now() + calm_enough);
  }
  stop();
  judge(out);
  cover(out);
  return out;
}

bool Month::settled() { return !next_of_others() && process_ && open_effects(ledger_of(scratch_.path())) == 0; }

// Lets time pass, and does what people and troubles do meanwhile.
void Month::live_until(Instant until) {
  while (baton_.true_now() < until && refused_.empty() && baton_.stuck().empty()) {
    const Instant now = baton_.true_now();
    if (!process_ && now >= down_until_) start();
    Instant next = std::min(until, next_of_others().value_or(until));
    if (struck_ < trouble_.size()) next = std::min(next, trouble_[struck_].at);
    if (!process_) next = std::min(next, down_until_);
    // What a robot has to do now comes up while nobody looks.
    if (nature_.quarrels) next = std::min(next, now + robots_look_every);
    try {
      baton_.sleep_until(std::max(next, now));
    } catch (const Crashed&) {
      bury();
      continue;
    }
    people_.act(baton_.true_now());
    visitors_.act(baton_.true_now());
    outside_.robots_act(baton_.true_now());
    carry_webhooks();
    while (struck_ < trouble_.size() && trouble_[struck_].at <= baton_.true_now()) trouble_[struck_++].strike();
  }
}

// When somebody outside acts next.
std::optional<Instant> Month::next_of_others() const {
  std::optional<Instant> out;
  for (const auto& next : {people_.next(), visitors_.next(), outside_.zendesk.next_delivery(), outside_.hooks.next(),
                           outside_.robots.next()}) {
    if (next && (!out || *next < *out)) out = next;
  }
  return out;
}

void Month::carry_webhooks() {
  for (const auto& delivery : outside_.zendesk.due_deliveries(baton_.true_now())) {
    const int status = carry("/hooks/zendesk/main", delivery.headers, delivery.body);
    outside_.zendesk.delivery_answered(delivery, status, baton_.true_now());
  }
  for (const std::int64_t ticket : outside_.hooks.due(baton_.true_now())) {
    carry("/hooks/freshdesk/main", {{"X-Webhook-Secret", Outside::freshdesk_webhook_secret}},
          "{\"ticket_id\":" + std::to_string(ticket) + "}");
  }
}

int Month::carry(const std::string& path, const http::Headers& headers, const std::string& body) {
  if (!process_) return 0;
  try {
    ++webhooks_;
    return process_->hear(path, headers, body);
  } catch (const Crashed&) {
    bury();
    return 0;
  }
}

void Month::remap() {
  outside_.remapped = true;
  if (reload()) ++remappings_;
}

void Month::change_promises() {
  ++outside_.promises_changed;
  if (reload()) ++changes_;
}

bool Month::reload() {
  if (!process_) return false;
  try {
    process_->reload();
    return true;
  } catch (const Crashed&) {
    bury();
    return false;
  }
}

void Month::start() {
  while (!process_ && refused_.empty() && baton_.stuck().empty()) {
    try {
      process_ = start_daemon(outside_, baton_, saboteur_, scratch_.path(), ++lives_);
      if (down_since_ != Instant{}) down_.push_back({down_since_, baton_.now()});
      plant_in_ledger(options_.plant, ledger_of(scratch_.path()));
    } catch (const Crashed&) {
      bury();
    } catch (const Error& error) {
      refused_ = std::string("the daemon refuses to start: ") + error.what();
    }
  }
}

void Month::stop() {
  if (!process_) return;
  try {
    process_->stop();
    process_.reset();
    went_down();
    for (auto& flaw : breaches_.look_at(ledger_of(scratch_.path()))) broken_.push_back(std::move(flaw));
  } catch (const Crashed&) {
    bury();
  }
}

void Month::restart() {
  ++restarts_;
  stop();
  start();
}

// The process is dead: what it held is gone, its ledger stays.
void Month::bury() {
  if (process_) went_down();
  process_.reset();
  if (!baton_.stuck().empty()) return;
  baton_.revive();
  crash_in_ledger(options_.plant, ledger_of(scratch_.path()), baton_.now());
  down_until_ = baton_.true_now() + (random_.chance(500'000) ? Millis{0} : Millis{random_.below(7'200'000)});
}

void Month::judge(Verdict& out) {
  out.ended = baton_.true_now();
  if (!refused_.empty()) {
    out.broken.push_back(refused_);
    return;
  }
  // A month in which little happens proves little.
  if (people_.stories().size() < 100 || people_.messages() < 500) {
    out.broken.push_back("only " + std::to_string(people_.stories().size()) + " tickets and " +
                         std::to_string(people_.messages()) + " messages");
  }
  if (!baton_.stuck().empty()) out.broken.push_back("stuck: " + baton_.stuck());
  if (baton_.crashed()) baton_.revive();
  std::ranges::move(judge_outside(outside_, people_, visitors_), std::back_inserter(out.broken));
  if (nature_.two_desks) {
    std::ranges::move(judge_desks(outside_, people_, visitors_), std::back_inserter(out.broken));
  }
  store::Ledger ledger({.where = ledger_of(scratch_.path()).string(), .durable = false}, baton_, {});
  std::ranges::move(judge_ledger(ledger, baton_.now(), out.coverage), std::back_inserter(out.broken));
  std::ranges::move(broken_, std::back_inserter(out.broken));
  const Millis slack = nature_.wall_steps.empty() ? 1min : 6min;
  std::ranges::move(judge_promises(ledger, down_, slack, baton_.now(), out.coverage), std::back_inserter(out.broken));
  if (!options_.keep.empty()) ledger.backup(options_.keep);
}

void Month::cover(Verdict& out) const {
  for (const auto& [fault, count] : outside_.faults.coverage()) {
    if (fault != "none") out.coverage["fault " + fault] = count;
  }
  out.coverage["event lost on the way to the queue"] = static_cast<std::int64_t>(outside_.sqs.lost());
  out.coverage["fault outage"] = outside_.weather.outage_calls();
  for (const Point point : all_points) {
    out.coverage["crash at " + std::string(to_text(point))] =
        static_cast<std::int64_t>(baton_.crashes()[static_cast<std::size_t>(point)]);
  }
  for (int i = 0; i < deed_kinds; ++i) {
    out.coverage["deed " + std::string(to_text(static_cast<Deed>(i)))] = people_.deeds()[static_cast<std::size_t>(i)];
  }
  for (int i = 0; i < visit_kinds; ++i) {
    out.coverage["at the second desk " + std::string(to_text(static_cast<Visit>(i)))] =
        visitors_.visits()[static_cast<std::size_t>(i)];
  }
  out.coverage["webhook"] = webhooks_;
  out.coverage["mapping changed"] = remappings_;
  out.coverage["policies changed"] = changes_;
  out.coverage["pause of the daemon"] = pauses_;
  out.coverage["restart"] = restarts_;
  out.coverage["restore"] = restores_;
  out.coverage["step of the wall clock"] = steps_;
  out.tickets = static_cast<int>(people_.stories().size());
  out.messages = people_.messages();
  out.switches = baton_.switches();
  out.trace_hash = baton_.trace_hash();
}

}  // namespace supportd::sim
