// The client against tests/fakes' Zendesk, from end to end.
#include "connectors/zendesk/webhook.hpp"
#include "tests/connectors/zendesk/desk.hpp"
#include "tests/connectors/zendesk/skipping_clock.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::connectors::zendesk {
namespace {

using namespace std::chrono_literals;

class ZendeskOnFake : public testing::Test {
 protected:
  ZendeskOnFake() {
    desk.add_api_token("token");
    net.route("acme.zendesk.com", desk);
    net.route("acme.zdusercontent.example", desk);
  }
  ClientOptions options(const std::string& email) const {
    return {.base_url = "https://acme.zendesk.com",
            .email = email,
            .fields = {{"aws_case", 360001}, {"area", 360002}, {"seats", 360003}}};
  }
  Client login(const std::string& email) {
    return Client(net, clock, options(email), [](const std::string&) { return "token"; });
  }
  std::string opens(const std::vector<fakes::File>& files = {}) {
    const std::int64_t id = desk.customer_opens({.mail = "kim@b.example",
                                                 .subject = "S",
                                                 .text = "a < b",
                                                 .tags = {"vip"},
                                                 .fields = {{360001, "\"case-1\""}},
                                                 .priority = "",
                                                 .files = files},
                                                clock.now());
    clock.pass(1s);
    return std::to_string(id);
  }
  DeskPage changes(const std::string& cursor = "") { return client.changes(cursor, clock.now() - 1h, {}); }
  static NewTicket asked(const std::string& key) {
    NewTicket out{"S", "<p>D</p>", "", "high", "lee@b.example", {"t"}, {{"aws_case", "case-2"}}, {}};
    out.requester_name = "Lee";
    out.external_id = "aws:1:case-2";
    out.key = key;
    return out;
  }

  SkippingClock clock;
  fakes::FaultPlan faults;
  fakes::Net net{clock, faults};
  fakes::Zendesk desk{
      {.fields =
           {{.id = 360001, .title = "AWS Support case"},
            {.id = 360002, .title = "Area", .type = "tagger", .options = {{1, "Network", "net"}, {2, "Disk", "disk"}}},
            {.id = 360003, .title = "Seats", .type = "integer"}},
       .automation = {}}};
  std::int64_t bot = desk.add_agent("Bot", "bot@acme.example", "admin");
  std::int64_t agent = desk.add_agent("Gil", "gil@acme.example");
  Client client = login("bot@acme.example");
  std::vector<BadRow> bad;
};

TEST_F(ZendeskOnFake, ATicketIsReadWithItsFiles) {
  const std::string id = opens({{"in.log", "from the customer"}});
  EXPECT_TRUE(changes().tickets.empty());  // the last minute is left out
  clock.pass(2min);
  const DeskPage page = changes();
  ASSERT_EQ(page.tickets.size(), 1U);
  EXPECT_TRUE(page.bad.empty());
  EXPECT_FALSE(page.more);
  EXPECT_EQ(page.tickets[0].fields.at("aws_case"), "case-1");
  EXPECT_THAT(page.tickets[0].tags, ElementsAre("vip"));
  EXPECT_TRUE(changes(page.cursor).tickets.empty());
  const auto history = client.history(id, {});
  ASSERT_TRUE(history.opening);
  EXPECT_THAT(history.opening->html, HasSubstr("a &lt; b"));
  EXPECT_EQ(client.download(history.opening->files.at(0), 1000, {}), "from the customer");
  const DeskTicket ticket = client.ticket(id, {});
  EXPECT_EQ(client.person(ticket.requester_id, false, {}).mail, "kim@b.example");
  EXPECT_TRUE(client.comments(id, bad, {}).empty());
  EXPECT_EQ(client.own_id({}), std::to_string(bot));
}

TEST_F(ZendeskOnFake, CommentsWithRefsFilesAndPictures) {
  const std::string id = opens();
  desk.customer_replies(std::stoll(id), "hurry", {}, clock.now());
  clock.pass(1s);
  desk.agent_pastes(std::stoll(id), agent, "look", {"a.png", "png", "image/png"}, false, clock.now());
  clock.pass(1s);
  const DeskComment made =
      client.comment(id, {"<p>ours</p>", true, {{"out.log", "text/plain", "lines"}}, "abcdefghij"}, {});
  const auto comments = client.comments(id, bad, {});
  ASSERT_EQ(comments.size(), 3U);
  EXPECT_TRUE(comments[0].from_customer);
  EXPECT_FALSE(comments[1].from_customer);
  EXPECT_FALSE(comments[1].is_public);
  EXPECT_TRUE(comments[1].files.at(0).is_inline);
  EXPECT_EQ(client.download(comments[1].files[0], 100, {}), "png");
  EXPECT_EQ(comments[2].id, made.id);
  EXPECT_EQ(comments[2].ref, "abcdefghij");
  EXPECT_TRUE(comments[2].is_public);
  EXPECT_EQ(comments[2].author_id, client.own_id({}));
  EXPECT_EQ(client.download(comments[2].files.at(0), 100, {}), "lines");
  EXPECT_TRUE(bad.empty());
}

TEST_F(ZendeskOnFake, RedactionsAreSeen) {
  const std::string id = opens();
  const std::int64_t reply = desk.agent_replies(std::stoll(id), agent, "the password is hunter2", {}, clock.now());
  clock.pass(1s);
  desk.agent_redacts(reply, "hunter2", clock.now());
  desk.agent_makes_private(reply, clock.now());
  const auto comments = client.comments(id, bad, {});
  ASSERT_EQ(comments.size(), 1U);
  EXPECT_EQ(comments[0].html.find("hunter2"), std::string::npos);
  EXPECT_TRUE(comments[0].edited);
  EXPECT_FALSE(comments[0].is_public);
}

TEST_F(ZendeskOnFake, UpdatesUnlessSomebodyWasFaster) {
  const std::string id = opens();
  const DeskTicket before = client.ticket(id, {});
  DeskUpdate change;
  change.status = "pending:1900006";
  change.fields = {{"area", "disk"}, {"seats", "42"}};
  change.tags = before.tags;
  change.unless_changed_since = before.stamp;
  clock.pass(5s);
  const DeskTicket after = client.update(id, change, {});
  EXPECT_EQ(after.status, "pending:1900006");
  EXPECT_EQ(after.fields.at("area"), "disk");
  EXPECT_EQ(after.fields.at("seats"), "42");
  EXPECT_EQ(thrown_by([&] { client.update(id, change, {}); }),
            std::pair(ErrorKind::conflict, std::string("UpdateConflict")));
  DeskUpdate back;
  back.status = "pending";
  EXPECT_EQ(client.update(id, back, {}).status, "pending");
  back.fields = {{"area", "nowhere"}};
  EXPECT_EQ(thrown_by([&] { client.update(id, back, {}); }).second, "unknown_option");
  EXPECT_EQ(desk.ticket(std::stoll(id)).field(360002), "disk");
}

TEST_F(ZendeskOnFake, ACreateWhoseAnswerWasLostMakesOneTicket) {
  NewTicket ticket = asked("key-1");
  ticket.files = {{"a.log", "text/plain", "lines"}};
  faults.next(fakes::Fault::cut_after, [](const http::Request& r) { return r.operation == "create_ticket"; });
  EXPECT_EQ(thrown_by([&] { client.create(ticket, {}); }).first, ErrorKind::unknown_outcome);
  const DeskTicket made = client.create(ticket, {});
  EXPECT_EQ(desk.tickets().size(), 1U);
  EXPECT_EQ(made.external_id, "aws:1:case-2");
  EXPECT_EQ(made.fields.at("aws_case"), "case-2");
  const auto found = client.by_external_id("aws:1:case-2", {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, made.id);
  EXPECT_EQ(client.history(made.id, {}).opening->files.size(), 1U);
  EXPECT_EQ(client.person(made.requester_id, false, {}).name, "Lee");
  ticket.subject = "another";
  EXPECT_EQ(thrown_by([&] { client.create(ticket, {}); }),
            std::pair(ErrorKind::unknown_outcome, std::string("IdempotentRequestError")));
}

TEST_F(ZendeskOnFake, ClosedForGoodAndFollowedUp) {
  const std::string id = opens();
  desk.closes(std::stoll(id), clock.now());
  EXPECT_TRUE(client.ticket(id, {}).immutable);
  DeskUpdate change;
  change.priority = "high";
  EXPECT_EQ(thrown_by([&] { client.update(id, change, {}); }), std::pair(ErrorKind::refused, std::string("closed")));
  EXPECT_EQ(thrown_by([&] { client.comment(id, {"b", false, {}}, {}); }).second, "closed");
  NewTicket next = asked("");
  next.follows = id;
  client.create(next, {});
  EXPECT_EQ(desk.ticket(std::stoll(id)).followups.size(), 1U);
}

TEST_F(ZendeskOnFake, MergesAndRemoves) {
  const std::string from = opens();
  const std::string into = opens();
  client.merge(from, into, {});
  const DeskTicket merged = client.ticket(from, {});
  EXPECT_TRUE(merged.immutable);
  EXPECT_EQ(merged.merged_into, into);
  EXPECT_EQ(client.ticket(into, {}).merged_into, "");
  EXPECT_EQ(thrown_by([&] { client.merge(from, into, {}); }).first, ErrorKind::refused);
  clock.pass(2min);
  const DeskPage page = changes();
  ASSERT_EQ(page.tickets.size(), 2U);
  client.remove(into, {});
  EXPECT_EQ(thrown_by([&] { client.ticket(into, {}); }).first, ErrorKind::gone);
  EXPECT_EQ(thrown_by([&] { client.comments(into, bad, {}); }).first, ErrorKind::gone);
  EXPECT_EQ(thrown_by([&] { client.remove(into, {}); }).first, ErrorKind::gone);
  clock.pass(2min);
  const DeskPage after = changes(page.cursor);
  ASSERT_EQ(after.tickets.size(), 1U);
  EXPECT_TRUE(after.tickets[0].deleted);
}

TEST_F(ZendeskOnFake, MergesOfPeopleAreRecognised) {
  const std::string from = opens();
  const std::string into = opens();
  desk.agent_merges(std::stoll(into), {std::stoll(from)}, clock.now());
  clock.pass(2min);
  for (const DeskTicket& ticket : changes().tickets) EXPECT_EQ(ticket.merged_into, ticket.id == from ? into : "");
  EXPECT_EQ(client.ticket(from, {}).merged_into, into);
}

TEST_F(ZendeskOnFake, WhoMayNotExportAndWhoIsNobody) {
  Client light = login("gil@acme.example");
  EXPECT_EQ(thrown_by([&] { light.changes("", clock.now() - 1h, {}); }),
            std::pair(ErrorKind::config, std::string("not_admin")));
  Client nobody = login("nobody@acme.example");
  EXPECT_EQ(thrown_by([&] { nobody.own_id({}); }), std::pair(ErrorKind::config, std::string("credentials")));
}

TEST_F(ZendeskOnFake, TheLimitOfATicketIsKeptHere) {
  const std::string id = opens();
  DeskUpdate change;
  for (int i = 0; i < 30; ++i) {
    change.subject = "S" + std::to_string(i);
    client.update(id, change, {});
    clock.pass(1s);
  }
  EXPECT_EQ(thrown_by([&] { client.update(id, change, {}); }),
            std::pair(ErrorKind::throttled, std::string("ticket_updates")));
  EXPECT_EQ(desk.refused("ticket-update"), 0);
}

TEST_F(ZendeskOnFake, WebhooksAreSignedAndNameTheTicket) {
  desk.subscribe("https://supportd.example/hook", "secret");
  const std::string id = opens();
  const auto deliveries = desk.due_deliveries(clock.now());
  ASSERT_FALSE(deliveries.empty());
  for (const auto& delivery : deliveries) {
    const auto header = [&](const char* name) { return delivery.headers.get(name).value_or(""); };
    const auto check = [&](const char* secret) {
      return verify(header("X-Zendesk-Webhook-Signature"), header("X-Zendesk-Webhook-Signature-Timestamp"),
                    delivery.body, secret, clock.now());
    };
    EXPECT_EQ(check("secret"), Verdict::genuine);
    EXPECT_EQ(check("other"), Verdict::forged);
    const Notice notice = parse_notice(delivery.body, header("X-Zendesk-Webhook-Invocation-Id"));
    EXPECT_EQ(notice.ticket, id);
    EXPECT_EQ(notice.invocation, delivery.invocation_id);
    EXPECT_FALSE(notice.event.empty());
  }
}

}  // namespace
}  // namespace supportd::connectors::zendesk
