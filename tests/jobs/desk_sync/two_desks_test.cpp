// Freshdesk and Zendesk at once, each on its fake: what is opened on one is carried to the other and kept in step.
#include <gmock/gmock.h>

#include "connectors/freshdesk/client.hpp"
#include "connectors/zendesk/client.hpp"
#include "daemon/outbox/dispatch.hpp"
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
namespace {

using namespace std::chrono_literals;
using store::Tx;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Instant start{1'800'000'000'000ms};
constexpr const char* fresh_system = "freshdesk:main";
constexpr const char* zen_system = "zendesk:main";

class TwoDesks : public testing::TestWithParam<store::Engine> {
 protected:
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
    desks.replace(
        {{fresh_system, std::make_shared<connectors::freshdesk::Client>(
                            net, clock, connectors::freshdesk::ClientOptions{.base_url = "https://acme.freshdesk.com"},
                            [](const std::string&) { return "key"; })},
         {zen_system,
          std::make_shared<connectors::zendesk::Client>(
              net, clock,
              connectors::zendesk::ClientOptions{.base_url = "https://acme.zendesk.com", .email = "bot@desk.example"},
              [](const std::string&) { return "token"; })}});
    deadlines = std::make_unique<run::Deadlines>(*ledger, log, metrics);
    registry = std::make_unique<Registry>(
        Registry{clock, *running, *ledger, outbox, net, budgets, log, metrics, *deadlines, jobs, routes});
    slice = std::make_unique<Slice>(*registry, kernel, desks);
  }

  run::Report pull() {
    clock.at += 2min;  // Zendesk's export leaves out the last minute
    const run::Arguments none;
    run::JobContext context{clock.at, clock, {}, *ledger, log, none, false, run::Fence(), running->get()};
    return jobs.front().run(context);
  }
  void send_all() {
    for (int turn = 0; turn < 200; ++turn) {
      auto lease = ledger->write(
          [&](Tx& tx) { return outbox::lease_next(tx, outbox, "token-" + std::to_string(++tokens), clock.at); });
      if (!lease) return;
      const auto outcome = outbox::act(*lease, clock, {});
      ledger->write([&](Tx& tx) { outbox::end(tx, outbox, *lease, outcome, clock.at); });
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
  fakes::SetClock clock{start};
  fakes::Freshdesk fresh{{}};
  fakes::Zendesk zen{{}};
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
  connectors::Desks desks;
  tickets::Kernel kernel;
  std::unique_ptr<Slice> slice;
  std::int64_t fresh_agent = 0, zen_agent = 0;
  int tokens = 0;
};

TEST_P(TwoDesks, ATicketGetsOneCounterpartWithWhatWasSaid) {
  const auto id = opens();
  fresh.agent_notes(id, fresh_agent, "a colleague looks at it", {}, clock.at);
  settle();
  ASSERT_THAT(zen.tickets(), SizeIs(1));
  const auto twin = zen.tickets().front();
  EXPECT_EQ(twin.subject, "VPN");
  EXPECT_THAT(links(fresh_system, id), SizeIs(2));
  const auto said = said_at_zendesk(twin.id);
  ASSERT_THAT(said, SizeIs(2));
  EXPECT_EQ(said[0], "public: The tunnel flaps.");
  EXPECT_THAT(said[1], HasSubstr("private: 이서연, "));
  EXPECT_THAT(said[1], HasSubstr("a colleague looks at it"));
  EXPECT_THAT(fresh.tickets(), SizeIs(1)) << "and does not come back as another ticket";
}

TEST_P(TwoDesks, WordsGoBothWaysOnceAndPrivateStaysPrivate) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.agent_replies(twin, zen_agent, "Please restart the tunnel.", {}, clock.at);
  zen.agent_notes(twin, zen_agent, "Looks like phase 2.", {}, clock.at);
  fresh.customer_replies(id, "It is up again.", {}, clock.at);
  settle();
  settle();
  int shown = 0, hidden = 0;
  for (const auto& one : fresh.conversations(id)) {
    if (one.html.find("restart the tunnel") != std::string::npos) ++(one.is_private ? hidden : shown);
    if (one.html.find("phase 2") != std::string::npos) {
      EXPECT_TRUE(one.is_private);
    }
  }
  EXPECT_EQ(shown, 1);
  EXPECT_EQ(hidden, 0);
  EXPECT_THAT(said_at_zendesk(twin), SizeIs(4));
}

TEST_P(TwoDesks, AStatusTravelsAndStops) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.agent_solves(twin, clock.at);
  settle();
  EXPECT_EQ(fresh.ticket(id).status, 4);
  const auto audits = zen.audits(twin).size();
  settle();
  EXPECT_EQ(zen.audits(twin).size(), audits) << "nothing more is written";
}

TEST_P(TwoDesks, ATicketThatTakesNoPartStaysAlone) {
  fresh.customer_opens(
      {.mail = "kim@acme.example", .subject = "Internal", .text = "x", .tags = {"internal"}, .fields = {}, .files = {}},
      clock.at);
  settle();
  EXPECT_THAT(zen.tickets(), IsEmpty());
}

TEST_P(TwoDesks, ALostAnswerMakesNoSecondCounterpart) {
  opens();
  pull();
  faults.next(fakes::Fault::cut_after, [](const http::Request& request) {
    return request.method == "POST" && request.url.find("acme.zendesk.com") != std::string::npos;
  });
  send_all();
  clock.at += 10min;
  send_all();
  clock.at += 10min;
  send_all();
  settle();
  EXPECT_THAT(zen.tickets(), SizeIs(1));
}

TEST_P(TwoDesks, AClosedCounterpartIsGoneOnForByAFollowUp) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.agent_solves(twin, clock.at);
  settle();
  zen.closes(twin, clock.at);
  settle();
  fresh.customer_replies(id, "It is down again.", {}, clock.at);
  settle();
  ASSERT_THAT(zen.tickets(), SizeIs(2));
  const auto next = zen.tickets().back().id;
  EXPECT_THAT(said_at_zendesk(next).back(), HasSubstr("It is down again."));
  EXPECT_THAT(said_at_zendesk(twin), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(, TwoDesks, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::desk_sync
