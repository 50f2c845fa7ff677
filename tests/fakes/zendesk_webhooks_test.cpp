#include "tests/fakes/zendesk_webhooks.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/fakes/zendesk_fixture.hpp"
#include "tests/shared.hpp"

namespace supportd::fakes {
namespace {

constexpr const char* secret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

class ZendeskWebhookTest : public ZendeskAccount {
 protected:
  struct Seen {
    std::string type;
    json::Document document;
  };
  std::vector<Seen> due() {
    std::vector<Seen> out;
    for (const auto& it : desk->due_deliveries(now)) {
      auto document = json::Document::parse(it.body);
      std::string type = document.root().at("type").string().substr(std::string("zen:event-type:").size());
      out.push_back({std::move(type), std::move(document)});
    }
    return out;
  }
  std::vector<std::string> types() {
    std::vector<std::string> out;
    for (const auto& it : due()) out.push_back(it.type);
    return out;
  }
};

TEST_F(ZendeskWebhookTest, DeliveriesAreSigned) {
  start();
  const std::string id = desk->subscribe("http://127.0.0.1/hook", secret);
  open();
  const auto deliveries = desk->due_deliveries(now);
  ASSERT_EQ(deliveries.size(), 2u);  // created, comment added
  std::set<std::string> invocations;
  for (const auto& it : deliveries) {
    EXPECT_EQ(it.url, "http://127.0.0.1/hook");
    EXPECT_EQ(it.headers.get("X-Zendesk-Webhook-Id"), id);
    const std::string timestamp = it.headers.get("X-Zendesk-Webhook-Signature-Timestamp").value_or("");
    EXPECT_EQ(timestamp, "2026-03-02T01:00:00Z");
    EXPECT_EQ(it.headers.get("X-Zendesk-Webhook-Signature"), zendesk_signature(secret, timestamp, it.body));
    invocations.insert(it.headers.get("X-Zendesk-Webhook-Invocation-Id").value_or(""));
  }
  EXPECT_EQ(invocations.size(), 2u);
  EXPECT_TRUE(desk->due_deliveries(now).empty());
}

TEST_F(ZendeskWebhookTest, SignaturesAreThoseOfTheDocuments) {
  const std::string path = std::string(SUPPORTD_SHARED) + "/specs/zendesk/examples/webhook-signature-vectors.json";
  SUPPORTD_NEED_SHARED(path);
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  const auto document = json::Document::parse(text.str());
  for (const auto& it : document.root().at("vectors").items())
    EXPECT_EQ(zendesk_signature(it.at("secret_used_verbatim_not_base64_decoded").string(), it.at("timestamp").string(),
                                it.at("body").string()),
              it.at("signature").string())
        << it.at("name").string();
}

TEST_F(ZendeskWebhookTest, EventsSpeakInTextsAndCapitals) {
  start();
  open();
  desk->subscribe("u", secret);
  desk->agent_sets(
      1,
      [&](ZendeskTicket& it) {
        it.status = "pending";
        it.priority = "high";
        it.assignee_id = agent;
        it.tags = {"aws"};
        it.fields[case_field] = "\"case-1\"";
      },
      now);
  std::map<std::string, std::string> events;
  for (const auto& it : due()) {
    events[it.type] = it.document.root().at("event").dump();
    EXPECT_EQ(it.document.root().at("subject").string(), "zen:ticket:1");
    EXPECT_EQ(it.document.root().at("detail").at("id").string(), "1");
    EXPECT_EQ(it.document.root().at("detail").at("status").string(), "PENDING");
    EXPECT_EQ(it.document.root().at("detail").at("actor_id").string(), std::to_string(agent));
  }
  EXPECT_EQ(events["ticket.status_changed"], R"({"current":"PENDING","previous":"NEW"})");
  EXPECT_EQ(events["ticket.custom_status_changed"], R"({"current":"1900003","previous":"1900001"})");
  EXPECT_EQ(events["ticket.priority_changed"], R"({"current":"HIGH","previous":null})");
  EXPECT_EQ(events["ticket.tags_changed"], R"({"tags_added":["aws"],"tags_removed":[]})");
  EXPECT_EQ(events["ticket.agent_assignment_changed"],
            R"({"current":")" + std::to_string(agent) + R"(","previous":null})");
  EXPECT_EQ(events["ticket.custom_field_changed"],
            R"({"current":"case-1","previous":null,"field":{"id":"360001","title":"AWS Support case","type":"text"}})");
}

TEST_F(ZendeskWebhookTest, EachKindOfChangeIsTold) {
  start();
  desk->subscribe("u", secret);
  using Types = std::vector<std::string>;
  open();
  open();
  due();
  desk->agent_notes(1, agent, "n", {}, now);
  EXPECT_EQ(types(), Types{"ticket.comment_added"});
  const std::int64_t comment = desk->comments(1).at(1).id;
  desk->agent_redacts(comment, "n", now);
  EXPECT_EQ(types(), Types{"ticket.comment_redacted"});
  desk->agent_makes_private(comment, now);
  EXPECT_EQ(types(), Types{"ticket.comment_made_private"});
  desk->agent_deletes(1, now);
  desk->agent_restores(1, now);
  EXPECT_EQ(types(), (Types{"ticket.soft_deleted", "ticket.undeleted"}));
  desk->agent_merges(1, {2}, now);
  const auto merged = types();
  EXPECT_EQ(std::ranges::count(merged, "ticket.merged"), 1);
  desk->agent_deletes(1, now);
  desk->deleted_for_good(1, now);
  EXPECT_EQ(types(), (Types{"ticket.soft_deleted", "ticket.permanently_deleted"}));
}

TEST_F(ZendeskWebhookTest, OnlyWhatIsSubscribedIsSent) {
  start();
  desk->subscribe("u", secret, {"ticket.status_changed"});
  open();
  EXPECT_TRUE(due().empty());
  desk->set_status(1, "open", now);
  EXPECT_EQ(types(), std::vector<std::string>{"ticket.status_changed"});
}

TEST_F(ZendeskWebhookTest, DeliveriesAreLostDoubledAndOvertakeBySeed) {
  ZendeskOptions options;
  options.webhooks = {.delay = Millis{60'000}, .lost_per_million = 200'000, .twice_per_million = 200'000};
  start(options);
  desk->subscribe("u", secret, {"ticket.comment_added"});
  for (int i = 0; i < 200; ++i) open("n" + std::to_string(i));
  EXPECT_LT(desk->due_deliveries(now).size(), 30u);
  ASSERT_TRUE(desk->next_delivery().has_value());
  EXPECT_GT(*desk->next_delivery(), now);
  pass(std::chrono::seconds{60});
  std::map<std::string, int> times;
  std::vector<std::int64_t> order;
  for (const auto& it : desk->due_deliveries(now)) {
    ++times[it.invocation_id];
    const auto document = json::Document::parse(it.body);
    order.push_back(std::stoll(document.root().at("detail").at("id").string()));
  }
  EXPECT_LT(times.size(), 190u);
  EXPECT_GT(times.size(), 120u);
  EXPECT_TRUE(std::ranges::any_of(times, [](const auto& it) { return it.second == 2; }));
  EXPECT_FALSE(std::ranges::is_sorted(order));
}

TEST_F(ZendeskWebhookTest, FailedDeliveriesAreRepeatedForAWhile) {
  start();
  desk->subscribe("u", secret, {"ticket.created"});
  const auto attempts = [&](int status) {
    open();
    int count = 0;
    std::set<std::string> invocations;
    for (int i = 0; i < 20; ++i) {
      for (const auto& it : desk->due_deliveries(now)) {
        ++count;
        invocations.insert(it.invocation_id);
        desk->delivery_answered(it, status, now);
      }
      pass(std::chrono::seconds{10});
    }
    EXPECT_EQ(invocations.size(), 1u);
    return count;
  };
  EXPECT_EQ(attempts(200), 1);
  EXPECT_EQ(attempts(500), 1);
  EXPECT_EQ(attempts(409), 4);
  EXPECT_EQ(attempts(0), 6);
  EXPECT_EQ(attempts(503), 6);
}

}  // namespace
}  // namespace supportd::fakes
