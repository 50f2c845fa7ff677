// Freshdesk and Zendesk at once, each on its fake.
#pragma once

#include <gmock/gmock.h>

#include "connectors/freshdesk/client.hpp"
#include "connectors/zendesk/client.hpp"
#include "daemon/outbox/dispatch.hpp"
#include "daemon/run/scheduler.hpp"
#include "daemon/store/ledger_file.hpp"
#include "jobs/desk_sync/ingest.hpp"
#include "jobs/desk_sync/slice.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::desk_sync {
using namespace std::chrono_literals;
using store::Tx;

inline constexpr Instant two_desks_start{1'800'000'000'000ms};
inline constexpr const char* fresh_system = "freshdesk:main";
inline constexpr const char* zen_system = "zendesk:main";

inline fakes::FreshdeskOptions fresh_options() {
  fakes::FreshdeskOptions out;
  out.fields = {{.name = "cf_aws_support_case_id"}, {.name = "cf_area"}};
  return out;
}
inline fakes::ZendeskOptions zen_options() {
  fakes::ZendeskOptions out;
  out.fields = {{.id = 360001, .title = "AWS Support case"},
                {.id = 360003,
                 .title = "Area",
                 .type = "tagger",
                 .options = {{361001, "Network", "area_network"},
                             {361002, "Database", "area_database"},
                             {361003, "Storage", "area_storage"}}}};
  return out;
}

class TwoDesks : public testing::TestWithParam<store::Engine> {
 protected:
  explicit TwoDesks(const fakes::FreshdeskOptions& of_fresh = fresh_options(),
                    const fakes::ZendeskOptions& of_zen = zen_options())
      : fresh(of_fresh), zen(of_zen) {}
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    where = scratch.ledger(GetParam());
    config::Schema sections;
    sections.add<Section>("desk_sync");
    running = std::make_unique<RunningConfig>(sections.load(config::read_texts({{"test.toml", settings}})).config);
    fresh.add_agent("supportd", "bot@desk.example", "key");
    fresh_agent = fresh.add_agent("이서연", "lee@desk.example");
    fresh.add_contact("김민준", "kim@acme.example", fresh.add_company("한빛", "acme.example"));
    zen.add_api_token("token");
    zen.add_agent("supportd", "bot@desk.example", "admin");
    zen_agent = zen.add_agent("Grace Moore", "grace@desk.example");
    net.route("acme.freshdesk.com", fresh);
    net.route("attachments.freshdesk.example", fresh);
    net.route("acme.zendesk.com", zen);
    net.route("acme.zdusercontent.example", zen);
    desks.replace(desks_now());
    start();
  }
  virtual connectors::Desks::All desks_now() {
    const auto freshdesk = std::make_shared<connectors::freshdesk::Client>(
        net, clock,
        connectors::freshdesk::ClientOptions{.base_url = "https://acme.freshdesk.com",
                                             .webhook_secret = [] { return "fresh secret"; }},
        [](const std::string&) { return "key"; });
    return {{fresh_system, freshdesk}, {zen_system, zendesk("acme")}};
  }
  std::shared_ptr<connectors::Desk> zendesk(const std::string& account) {
    return std::make_shared<connectors::zendesk::Client>(
        net, clock,
        connectors::zendesk::ClientOptions{.base_url = "https://" + account + ".zendesk.com",
                                           .email = "bot@desk.example",
                                           .webhook_secret = [] { return "zen secret"; }},
        [](const std::string&) { return "token"; });
  }
  // The daemon's part, on the ledger that is there.
  void start() {
    auto steps = store::records_schema();
    for (const auto& more :
         {outbox::schema(), run::Scheduler::migrations(), run::Deadlines::migrations(), tickets::schema(), schema()}) {
      steps.insert(steps.end(), more.begin(), more.end());
    }
    ledger = std::make_unique<store::Ledger>(where, clock, steps);
    const Instant certain = ledger->certain_since();
    outbox.emplace(clock, certain == ledger->began() ? two_desks_start - 24h : certain, outbox::Mode::live);
    deadlines = std::make_unique<run::Deadlines>(*ledger, log, metrics);
    registry = std::make_unique<Registry>(
        Registry{clock, *running, *ledger, *outbox, net, budgets, log, metrics, *deadlines, jobs, routes});
    slice = std::make_unique<Slice>(*registry, kernel, desks);
  }
  // An older copy takes the ledger's place.
  void restore(const std::filesystem::path& copy) {
    slice.reset();
    registry.reset();
    deadlines.reset();
    outbox.reset();
    ledger.reset();
    kernel = {};
    routes = {};
    jobs.clear();
    store::restore(copy, where.where, clock.at);
    start();
  }

  run::Report run_job(const std::string& name, const run::Arguments& arguments = {}, const run::Fence& fence = {}) {
    run::JobContext context{clock.at, clock, {}, *ledger, log, arguments, false, fence, running->get()};
    for (const run::JobKind& kind : jobs) {
      if (kind.name == name) return kind.run(context);
    }
    throw std::runtime_error("no job " + name);
  }
  run::Report pull() {
    clock.at += 2min;  // Zendesk's export leaves out the last minute
    return run_job("desk_sync");
  }
  void send_all() {
    for (int turn = 0; turn < 200; ++turn) {
      auto lease = ledger->write(
          [&](Tx& tx) { return outbox::lease_next(tx, *outbox, "token-" + std::to_string(++tokens), clock.at); });
      if (!lease) return;
      const auto outcome = outbox::act(*lease, clock, {});
      ledger->write([&](Tx& tx) { outbox::end(tx, *outbox, *lease, outcome, clock.at); });
    }
    ADD_FAILURE() << "the outbox never came to rest";
  }
  // Both desks read and written until nothing is left to do.
  void settle() {
    for (int round = 0; round < 4; ++round) {
      pull();
      send_all();
    }
  }
  std::int64_t opens(const std::string& text = "The tunnel flaps.") {
    return fresh.customer_opens(
        {.mail = "kim@acme.example", .subject = "VPN", .text = text, .tags = {"vip"}, .fields = {}, .files = {}},
        clock.at);
  }
  std::vector<tickets::Link> links(const std::string& system, std::int64_t remote) {
    return ledger->read(
        [&](Tx& tx) { return tickets::links_of(tx, tickets::find_link(tx, system, std::to_string(remote))->ticket); });
  }
  std::vector<std::string> said_at_zendesk(std::int64_t ticket) {
    std::vector<std::string> out;
    for (const auto& comment : zen.comments(ticket)) {
      out.push_back(std::string(comment.is_public ? "public: " : "private: ") + comment.text.plain);
    }
    return out;
  }

  std::string settings =
      "[desk_sync]\nbaseline = \"2020-01-01T00:00:00Z\"\n[desk_sync.zendesk.main]\ncounterpart = \"all\"\n"
      "takes_part = { tags_not = [\"internal\"] }\n";
  fakes::Scratch scratch;
  store::LedgerOptions where;
  fakes::SetClock clock{two_desks_start};
  fakes::Freshdesk fresh;
  fakes::Zendesk zen;
  fakes::FaultPlan faults;
  fakes::Net net{clock, faults};
  std::unique_ptr<store::Ledger> ledger;
  std::unique_ptr<RunningConfig> running;
  std::optional<outbox::Outbox> outbox;
  http::Budgets budgets{clock};
  observe::Log log{clock, [](const observe::Record&) {}};
  observe::Metrics metrics;
  run::JobKinds jobs;
  http::Router routes;
  std::unique_ptr<run::Deadlines> deadlines;
  std::unique_ptr<Registry> registry;
  connectors::Desks desks;
  tickets::Kernel kernel;
  std::unique_ptr<Slice> slice;
  std::int64_t fresh_agent = 0, zen_agent = 0;
  int tokens = 0;
};

}  // namespace supportd::desk_sync
