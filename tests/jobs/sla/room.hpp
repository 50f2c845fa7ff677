// The slice in one process: a ledger, deadlines fired by hand, tickets as a desk brings them.
#pragma once

#include <gmock/gmock.h>

#include "daemon/json.hpp"
#include "daemon/run/scheduler.hpp"
#include "jobs/calendar/section.hpp"
#include "jobs/sla/audit.hpp"
#include "jobs/sla/section.hpp"
#include "jobs/sla/slice.hpp"
#include "jobs/sla/sweep.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/section.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::sla {

using namespace std::chrono_literals;
using store::Tx;
using tickets::Author;
using tickets::EventKind;
using tickets::TicketId;

// Monday 2026-03-16 at that time, UTC.
inline Instant on(const std::string& clock) { return time::parse_instant("2026-03-16T" + clock + "Z").value(); }

inline std::string settings(const std::string& target, const std::string& more = "") {
  return "[calendar.hours.always]\nzone = \"UTC\"\nweek = { mon-sun = \"00:00-24:00\" }\n"
         "[[sla.policy]]\nname = \"standard\"\nrank = 10\ncalendar = \"always\"\nfirst_reply = { any = \"" +
         target + "\" }\n" + more;
}

class Room : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    auto steps = store::records_schema();
    for (const auto& more :
         {outbox::schema(), run::Deadlines::migrations(), run::Scheduler::migrations(), tickets::schema(), schema()}) {
      steps.insert(steps.end(), more.begin(), more.end());
    }
    ledger = std::make_unique<store::Ledger>(scratch.ledger(GetParam()), clock, steps);
    running = std::make_unique<RunningConfig>(config(settings("1h")));
    start();
    adopt(settings("1h"));
    run_job(sweep_job);
  }
  // As a new process on the same ledger.
  void start() {
    slice.reset();
    registry.reset();
    outbox = std::make_unique<outbox::Outbox>(clock, Instant{}, outbox::Mode::live);
    kernel = std::make_unique<tickets::Kernel>();
    jobs.clear();
    routes = std::make_unique<http::Router>();
    deadlines = std::make_unique<run::Deadlines>(*ledger, log, metrics);
    registry = std::make_unique<Registry>(
        Registry{clock, *running, *ledger, *outbox, net, budgets, log, metrics, *deadlines, jobs, *routes,
                 [this](const std::string& job, const std::string&) { asked.push_back(job); }});
    kernel->completeness().when_asked([this](Tx&, TicketId id, Instant) {
      readings.push_back(id);
      if (on_reading) on_reading();
    });
    slice = std::make_unique<Slice>(*registry, *kernel);
    kernel->begin(*ledger);
  }
  static std::shared_ptr<const config::Config> config(const std::string& text) {
    config::Schema schema;
    schema.add<calendar::Section>("calendar");
    schema.add<tickets::Section>("tickets");
    schema.add<Section>("sla");
    const auto loaded = schema.load(config::read_texts({{"test.toml", text}}));
    for (const auto& flaw : loaded.flaws) ADD_FAILURE() << config::to_text(flaw);
    return loaded.config;
  }
  void adopt(const std::string& text) {
    running->set(config(text));
    slice->configure(*running->get());
    ledger->write([&](Tx& tx) { slice->declare(tx, clock.at); });
  }
  run::Report run_job(const std::string& name, std::stop_token stop = {}, const run::Arguments& arguments = {}) {
    const auto kind = std::ranges::find(jobs, name, &run::JobKind::name);
    run::JobContext context{clock.at, clock, stop, *ledger, log, arguments, false, run::Fence(), running->get()};
    return kind->run(context);
  }
  void at(const std::string& time) {
    clock.at = on(time);
    while (deadlines->fire(clock.at) > 0) continue;
  }
  TicketId opened(const std::string& at_time, std::vector<std::string> systems = {}) {
    clock.at = std::max(clock.at, on(at_time));
    tickets::NewEvent event;
    event.change.kind = EventKind::created;
    event.change.value = "VPN";
    event.effective = on(at_time);
    event.origin = "freshdesk:main";
    event.identity = "ticket " + std::to_string(++serial);
    return ledger->write([&](Tx& tx) {
      const TicketId id = *kernel->create(tx, event, clock.at);
      for (const auto& system : systems) {
        tickets::save_link(tx, {system, std::to_string(serial), id, "{}", "", clock.at, "live"});
      }
      says(tx, id, at_time, Author::customer);
      return id;
    });
  }
  void says(Tx& tx, TicketId id, const std::string& at_time, Author author) {
    tickets::NewMessage message;
    message.ticket = id;
    message.identity = "message " + std::to_string(++serial);
    message.origin = "freshdesk:main";
    message.author = author;
    message.visibility = tickets::Visibility::public_reply;
    message.created = on(at_time);
    message.text = "hello";
    tickets::add_message(tx, *kernel, message, clock.at);
  }
  void says(TicketId id, const std::string& at_time, Author author) {
    ledger->write([&](Tx& tx) { says(tx, id, at_time, author); });
  }
  void becomes(TicketId id, EventKind kind, const std::string& value) {
    tickets::NewEvent it;
    it.ticket = id;
    it.change.kind = kind;
    it.change.value = value;
    it.effective = clock.at;
    it.origin = "operator";
    it.identity = "event " + std::to_string(++serial);
    ledger->write([&](Tx& tx) { kernel->append(tx, it, clock.at); });
  }
  std::vector<std::string> passed(TicketId id) {
    std::vector<std::string> out;
    for (const Passed& it : ledger->read([&](Tx& tx) { return passed_of(tx, id); })) {
      out.push_back(std::to_string(it.percent) + " " + std::string(to_text(it.state)) +
                    (it.note.empty() ? "" : ", " + it.note));
    }
    return out;
  }
  std::vector<outbox::Effect> told() {
    return ledger->read([&](Tx& tx) {
      auto all = outbox->list(tx, {});
      std::ranges::reverse(all);
      return all;
    });
  }
  std::optional<Instant> armed(const char* kind, TicketId id) {
    for (const auto& [key, when] : ledger->read([&](Tx& tx) { return deadlines->armed(tx, kind); })) {
      if (key == key_of(id)) return when;
    }
    return {};
  }
  void knows(const std::string& system, std::optional<TicketId> id, const std::string& until) {
    ledger->write([&](Tx& tx) { kernel->completeness().tell(tx, system, id, on(until)); });
    while (deadlines->fire(clock.at) > 0) continue;
  }
  Audited audited() {
    return ledger->read([&](Tx& tx) {
      Rulebook book;
      book.load(tx);
      return audit_some(tx, *book.versions(), TicketId{0}, Instant{}, 100, clock.at);
    });
  }
  json::Document asks(const std::string& method, const std::string& path, const std::string& body = "",
                      std::map<std::string, std::string> query = {}) {
    const auto match = routes->find(method, path);
    EXPECT_EQ(match.route->access, http::Access::operate) << "tickets are nobody's business";
    http::Inbound in;
    in.method = method;
    in.path = path;
    in.params = match.params;
    in.query = std::move(query);
    in.body = body;
    return json::Document::parse(match.route->handler(in).body, "answer");
  }

  fakes::Scratch scratch;
  fakes::SetClock clock{on("08:00:00")};
  std::unique_ptr<store::Ledger> ledger;
  std::unique_ptr<RunningConfig> running;
  std::unique_ptr<outbox::Outbox> outbox;
  fakes::FaultPlan faults{1, {}};
  fakes::Net net{clock, faults};
  http::Budgets budgets{clock};
  std::vector<std::string> logged;
  observe::Log log{clock, [this](const observe::Record& it) { logged.push_back(it.message); }};
  observe::Metrics metrics;
  std::unique_ptr<run::Deadlines> deadlines;
  run::JobKinds jobs;
  std::unique_ptr<http::Router> routes;
  std::unique_ptr<tickets::Kernel> kernel;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<Slice> slice;
  std::vector<std::string> asked;
  std::vector<TicketId> readings;
  std::function<void()> on_reading;
  int serial = 0;
};

}  // namespace supportd::sla
