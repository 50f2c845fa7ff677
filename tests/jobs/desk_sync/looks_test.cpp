// Webhooks: what they may say, and that a look follows.
#include "jobs/desk_sync/looks.hpp"

#include "daemon/digest.hpp"
#include "daemon/store/finding.hpp"
#include "tests/jobs/desk_sync/two_desks.hpp"

namespace supportd::desk_sync {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Looks : public TwoDesks {
 protected:
  void SetUp() override {
    TwoDesks::SetUp();
    if (testing::Test::IsSkipped()) return;
    registry->ask = [this](const std::string& job, const std::string&) { asked.push_back(job); };
  }
  int post(const std::string& path, const std::string& body, http::Headers headers) {
    const auto match = routes.find("POST", path);
    http::Inbound in;
    in.params = match.params;
    in.headers = std::move(headers);
    in.body = body;
    return match.route->handler(in).status;
  }
  int zendesk_says(const std::string& body, Instant at, const std::string& secret = "zen secret") {
    const std::string stamp = time::to_text(at);
    return post("/hooks/zendesk/main", body,
                {{"X-Zendesk-Webhook-Signature", digest::base64(digest::hmac_sha256(secret, stamp + body))},
                 {"X-Zendesk-Webhook-Signature-Timestamp", stamp}});
  }
  static std::string event(const std::string& id, std::int64_t ticket, std::int64_t actor = 0) {
    return R"({"id":")" + id + R"(","type":"zen:event-type:ticket.comment_added","subject":"zen:ticket:)" +
           std::to_string(ticket) + R"(","detail":{"id":")" + std::to_string(ticket) + R"(","actor_id":")" +
           std::to_string(actor) + "\"}}";
  }
  int freshdesk_says(const std::string& body, const std::string& secret = "fresh secret") {
    return post("/hooks/freshdesk/main", body, {{"X-Webhook-Secret", secret}});
  }
  void passes(Millis time) {
    clock.at += time;
    while (registry->deadlines.fire(clock.at) > 0) continue;
  }
  std::size_t waiting(const std::string& system) {
    return ledger->read([&](Tx& tx) { return due_looks(tx, system, clock.at + 24h, 100).size(); });
  }
  std::vector<tickets::Ticket> tickets() {
    return ledger->read([](Tx& tx) { return tickets::list(tx, {}); });
  }
  std::vector<std::string> asked;
};

// Who waits to know that nobody answered asks for one reading of each of the ticket's desks, and hears of it.
TEST_P(Looks, ATicketIsReadAtItsDesksWhenSomebodyAsks) {
  std::vector<std::pair<std::string, Instant>> told;
  kernel.completeness().when_told(
      [&](Tx&, const std::string& system, std::optional<tickets::TicketId> ticket, Instant until) {
        if (ticket) told.emplace_back(system, until);
      });
  opens();
  run_job("desk_sync");
  send_all();
  passes(1min);
  run_job("desk_look");
  told.clear();
  const auto id = tickets().front().id;
  const Instant at = clock.at;
  ledger->write([&](Tx& tx) { kernel.completeness().ask(tx, id, clock.at); });
  asked.clear();
  passes(5s);
  EXPECT_FALSE(asked.empty());
  run_job("desk_look");
  ASSERT_THAT(told, SizeIs(2));
  for (const auto& [system, until] : told) EXPECT_GE(until, at) << system;
}

// Freshdesk's lists lag behind by a second or two: what is that young may lack its last word.
TEST_P(Looks, WhatIsVeryYoungIsReadOnceMore) {
  opens();
  run_job("desk_sync");
  ASSERT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(waiting(fresh_system), 1U) << "and again";
  passes(3s);
  EXPECT_THAT(asked, ElementsAre("desk_look"));
  EXPECT_EQ(run_job("desk_look").counts.at("rows"), 1);
  EXPECT_EQ(waiting(fresh_system), 0U);
}

TEST_P(Looks, ARowNamesTheSecondNotWhenInIt) {
  clock.at += 900ms;
  opens();
  clock.at += 1'200ms;
  run_job("desk_sync");
  ASSERT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(waiting(fresh_system), 1U) << "1.2 seconds ago, though two by whole ones";
}

// Within the second more may be said; afterwards Zendesk tells of every change.
TEST_P(Looks, AChangeAtZendeskIsReadOnce) {
  opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.agent_replies(twin, zen_agent, "Who I am.", {}, clock.at);
  settle();
  asked.clear();
  zen.agent_replies(twin, zen_agent, "Seen.", {}, clock.at);
  zendesk_says(event("d1", twin), clock.at);
  passes(900ms);
  EXPECT_THAT(asked, IsEmpty());
  EXPECT_EQ(run_job("desk_look").counts.at("rows"), 0);
  zen.agent_replies(twin, zen_agent, "Seen again.", {}, clock.at);
  zendesk_says(event("d2", twin), clock.at);
  passes(100ms);
  EXPECT_THAT(asked, ElementsAre("desk_look")) << "the second delivery does not put it off";
  const int before = zen.calls("all");
  run_job("desk_look");
  EXPECT_EQ(zen.calls("all"), before + 2) << "the ticket and its audits";
  EXPECT_EQ(waiting(zen_system), 0U);
  pull();
  EXPECT_LE(zen.calls("all"), before + 3) << "the export, and no ticket again";
}

TEST_P(Looks, AWebhookIsReadOnceAndThePollFindsNothingNew) {
  const auto id = opens();
  EXPECT_EQ(freshdesk_says("{\"ticket_id\": " + std::to_string(id) + "}"), 200);
  passes(3s);
  EXPECT_THAT(asked, ElementsAre("desk_look"));
  run_job("desk_look");
  ASSERT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(waiting(fresh_system), 0U);
  const auto polled = pull();
  EXPECT_EQ(polled.counts.at("created"), 0);
  EXPECT_EQ(polled.counts.at("messages"), 0);
  EXPECT_GE(polled.counts.at("unchanged"), 1) << "the listed row is the one that was viewed";
}

TEST_P(Looks, ALagThatWasMeasuredIsWaitedFor) {
  ledger->write([&](Tx& tx) { store::keep_finding(tx, {fresh_system, "note_list_lag_ms", "200", clock.at}); });
  pull();
  const auto id = opens();
  freshdesk_says("{\"ticket_id\": " + std::to_string(id) + "}");
  passes(1'300ms);
  EXPECT_THAT(asked, IsEmpty());
  passes(100ms);
  EXPECT_THAT(asked, ElementsAre("desk_look")) << "a second, and twice the lag";
}

TEST_P(Looks, ManyOfOneTicketAreOneLook) {
  const auto id = opens();
  for (int i = 0; i < 5; ++i) {
    freshdesk_says("{\"ticket_id\": " + std::to_string(id) + "}");
    passes(100ms);
  }
  passes(3s);
  EXPECT_THAT(asked, SizeIs(1)) << "somebody is about to look already";
  EXPECT_EQ(run_job("desk_look").counts.at("rows"), 1);
}

// Each comes due at its own time, and the run before it has ended.
TEST_P(Looks, EveryTicketIsAskedFor) {
  const auto first = opens(), second = opens();
  freshdesk_says("{\"ticket_id\": " + std::to_string(first) + "}");
  passes(2s);
  freshdesk_says("{\"ticket_id\": " + std::to_string(second) + "}");
  passes(1s);
  EXPECT_EQ(run_job("desk_look").counts.at("rows"), 1);
  passes(2s);
  EXPECT_THAT(asked, SizeIs(2));
  EXPECT_EQ(run_job("desk_look").counts.at("rows"), 1);
}

TEST_P(Looks, ADeliveryThatComesAgainIsKnown) {
  EXPECT_EQ(zendesk_says(event("event-1", 7), clock.at), 200);
  passes(1s);
  run_job("desk_look");  // there is no such ticket: nothing to do
  EXPECT_EQ(zendesk_says(event("event-1", 7), clock.at), 200);
  EXPECT_EQ(waiting(zen_system), 0U);
  EXPECT_EQ(zendesk_says(event("event-2", 7), clock.at), 200);
  EXPECT_EQ(waiting(zen_system), 1U);
}

TEST_P(Looks, WhatIsNotGenuineStoresNothing) {
  EXPECT_EQ(zendesk_says(event("a", 7), clock.at, "another secret"), 401);
  EXPECT_EQ(post("/hooks/zendesk/main", event("b", 7), {}), 401);
  EXPECT_EQ(zendesk_says(event("c", 7), clock.at - 10min), 400);
  EXPECT_EQ(zendesk_says(event("d", 7), clock.at + 10min), 400);
  EXPECT_EQ(zendesk_says("{}", clock.at), 400);
  EXPECT_EQ(zendesk_says(std::string(2'000'000, ' '), clock.at), 413);
  EXPECT_EQ(freshdesk_says("{\"ticket_id\": 7}", "guessed"), 401);
  EXPECT_EQ(freshdesk_says("no ticket here"), 400);
  EXPECT_EQ(freshdesk_says(std::string(300'000, ' ')), 413);
  EXPECT_EQ(post("/hooks/freshdesk/other", "{}", {}), 404);
  EXPECT_EQ(waiting(zen_system) + waiting(fresh_system), 0U);
  passes(1h);
  EXPECT_THAT(asked, IsEmpty());
  EXPECT_NE(metrics.text().find("supportd_sync_webhooks_total{result=\"forged\",system=\"zendesk:main\"} 2"),
            std::string::npos);
}

TEST_P(Looks, AnEventOfSomethingElseIsIgnored) {
  EXPECT_EQ(
      zendesk_says(R"({"id":"x","type":"zen:event-type:user.created","subject":"zen:user:9","detail":{"id":"9"}})",
                   clock.at),
      200);
  EXPECT_EQ(waiting(zen_system), 0U);
}

TEST_P(Looks, WhatCannotBeReadNowIsReadLater) {
  const auto id = opens();
  freshdesk_says("{\"ticket_id\": " + std::to_string(id) + "}");
  faults.next(fakes::Fault::error_503, [](const http::Request& r) { return r.operation == "get_ticket"; });
  passes(3s);
  run_job("desk_look");
  EXPECT_THAT(tickets(), IsEmpty());
  EXPECT_EQ(waiting(fresh_system), 1U);
  asked.clear();
  passes(1min);
  EXPECT_THAT(asked, ElementsAre("desk_look"));
  run_job("desk_look");
  EXPECT_THAT(tickets(), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(, Looks, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::desk_sync
