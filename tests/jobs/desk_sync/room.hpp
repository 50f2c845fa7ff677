// The slice against the Freshdesk fake: what people do there arrives, what the ledger decides gets there, once.
#pragma once

#include <gtest/gtest.h>

#include "connectors/freshdesk/client.hpp"
#include "daemon/outbox/dispatch.hpp"
#include "daemon/store/cursor.hpp"
#include "daemon/store/finding.hpp"
#include "jobs/desk_sync/ingest.hpp"
#include "jobs/desk_sync/slice.hpp"
#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/text.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::desk_sync {
using namespace std::chrono_literals;
using store::Tx;
using tickets::EventKind;

inline constexpr Instant start = Instant{1'800'000'000'000ms};
inline const std::string desk_name = "freshdesk:main";

// Between the slice and the desk: spoils answers as told.
class Proxy final : public fakes::Vendor {
 public:
  explicit Proxy(fakes::Vendor& behind) : behind_(behind) {}
  http::Response answer(const http::Request& request, Instant now) override {
    auto out = behind_.answer(request, now);
    if (garble) out.body = garble(std::move(out.body));
    return out;
  }
  http::Response failure(int status, Instant now) override { return behind_.failure(status, now); }
  std::function<std::string(std::string)> garble;

 private:
  fakes::Vendor& behind_;
};

class SliceTest : public testing::TestWithParam<store::Engine> {
 protected:
  explicit SliceTest(const fakes::FreshdeskOptions& desk_options = options()) : fake(desk_options) {}
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    auto steps = store::records_schema();
    for (const auto& more : {outbox::schema(), run::Deadlines::migrations(), tickets::schema(), schema()}) {
      steps.insert(steps.end(), more.begin(), more.end());
    }
    ledger = std::make_unique<store::Ledger>(scratch.ledger(GetParam()), clock, steps);
    config::Schema sections;
    sections.add<Section>("desk_sync");
    running = std::make_unique<RunningConfig>(sections.load(config::read_texts({{"test.toml", settings}})).config);
    bot = fake.add_agent("supportd", "bot@desk.example", "key");
    agent = fake.add_agent("이서연", "lee@desk.example");
    fake.add_contact("김민준", "kim@acme.example", fake.add_company("한빛", "acme.example"));
    net.route("acme.freshdesk.com", proxy);
    net.route("attachments.freshdesk.example", fake);
    desk = std::make_shared<connectors::freshdesk::Client>(
        net, clock, connectors::freshdesk::ClientOptions{.base_url = "https://acme.freshdesk.com", .budget = desk_name},
        [](const std::string&) { return "key"; });
    desks.replace({{desk_name, desk}});
    deadlines = std::make_unique<run::Deadlines>(*ledger, log, metrics);
    registry = std::make_unique<Registry>(
        Registry{clock, *running, *ledger, outbox, net, budgets, log, metrics, *deadlines, jobs, routes});
    slice = std::make_unique<Slice>(*registry, kernel, desks);
  }

  run::Report pull(bool dry_run = false) {
    clock.at += 10s;
    const run::Arguments none;
    run::JobContext context{clock.at, clock, {}, *ledger, log, none, dry_run, run::Fence(), running->get()};
    return jobs.front().run(context);
  }
  // Lets everything owed be sent; how many calls were made.
  int send_all() {
    int calls = 0;
    for (int turn = 0; turn < 200; ++turn) {
      auto lease = ledger->write(
          [&](Tx& tx) { return outbox::lease_next(tx, outbox, "token-" + std::to_string(++tokens), clock.at); });
      if (!lease) return calls;
      ++calls;
      const auto outcome = outbox::act(*lease, clock, {});
      ledger->write([&](Tx& tx) { outbox::end(tx, outbox, *lease, outcome, clock.at); });
    }
    ADD_FAILURE() << "the outbox never came to rest";
    return calls;
  }
  std::int64_t customer_opens(const std::string& text = "help", std::vector<fakes::File> files = {}) {
    return fake.customer_opens({.mail = "kim@acme.example",
                                .subject = "VPC",
                                .text = text,
                                .tags = {"vip"},
                                .fields = {},
                                .files = std::move(files)},
                               clock.at);
  }
  tickets::Ticket ticket(std::int64_t remote) {
    return ledger->read(
        [&](Tx& tx) { return tickets::load(tx, tickets::find_link(tx, desk_name, std::to_string(remote))->ticket); });
  }
  std::vector<tickets::Message> messages(std::int64_t remote) {
    const auto id = ticket(remote).id;
    return ledger->read([&](Tx& tx) { return tickets::messages_of(tx, id); });
  }
  void decide(std::int64_t remote, EventKind kind, const std::string& value, const std::string& name = "") {
    tickets::NewEvent event;
    event.ticket = ticket(remote).id;
    event.change.kind = kind;
    event.change.name = name;
    if (kind == EventKind::tags) {
      event.change.added = {value};
    } else {
      event.change.value = value;
    }
    event.effective = clock.at;
    event.origin = "aws_cases";
    event.identity = "decision " + std::to_string(++tokens);
    ledger->write([&](Tx& tx) { kernel.append(tx, event, clock.at); });
  }
  void say(std::int64_t remote, const std::string& text, std::vector<tickets::NewAttachment> files = {}) {
    tickets::NewMessage message;
    message.ticket = ticket(remote).id;
    message.identity = "aws:case:" + std::to_string(++tokens);
    message.origin = "aws:111122223333";
    message.author = tickets::Author::vendor;
    message.author_name = "AWS Support";
    message.created = clock.at;
    message.text = text;
    message.attachments = std::move(files);
    ledger->write([&](Tx& tx) { tickets::add_message(tx, kernel, message, clock.at); });
  }

  std::string settings = "[desk_sync]\nzone = \"Asia/Seoul\"\nbaseline = \"2020-01-01T00:00:00Z\"\n";
  fakes::Scratch scratch;
  fakes::SetClock clock{start};
  static fakes::FreshdeskOptions options() {
    fakes::FreshdeskOptions out;
    out.fields = {{.name = "cf_aws_support_case_id"}, {.name = "cf_root_cause", .required_for_closure = true}};
    return out;
  }
  fakes::Freshdesk fake;
  Proxy proxy{fake};
  fakes::FaultPlan faults;
  fakes::Net net{clock, faults};
  std::unique_ptr<store::Ledger> ledger;
  std::unique_ptr<RunningConfig> running;
  outbox::Outbox outbox{clock, start - 24h, outbox::Mode::live};
  http::Budgets budgets{clock};
  observe::Log log{clock, [](const observe::Record&) {}};
  observe::Metrics metrics;
  run::JobKinds jobs;
  http::Router routes;
  std::unique_ptr<run::Deadlines> deadlines;
  std::unique_ptr<Registry> registry;
  std::shared_ptr<connectors::freshdesk::Client> desk;
  connectors::Desks desks;
  tickets::Kernel kernel;
  std::unique_ptr<Slice> slice;
  std::int64_t bot = 0, agent = 0;
  int tokens = 0;
  bool spoil = false;
};

}  // namespace supportd::desk_sync
