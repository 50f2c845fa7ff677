// Reading: the door, the limits, the export, the lists.
#include "tests/fakes/net.hpp"
#include "tests/fakes/set_clock.hpp"
#include "tests/fakes/zendesk_fixture.hpp"

namespace supportd::fakes {
namespace {

using Ids = std::vector<std::int64_t>;

class ZendeskTest : public ZendeskAccount {
 protected:
  std::int64_t epoch(std::chrono::seconds ago) {
    return std::chrono::floor<std::chrono::seconds>(now - ago).time_since_epoch().count();
  }
  std::string since(std::chrono::seconds ago) {
    return "incremental/tickets/cursor?start_time=" + std::to_string(epoch(ago));
  }
  std::string from(const json::Document& page) {
    return "incremental/tickets/cursor?cursor=" + http::percent_encode(page.root().at("after_cursor").string());
  }
};

TEST_F(ZendeskTest, OnlyKnownCredentialsEnter) {
  start();
  desk->add_oauth_token("bearer", bot);
  const auto status = [&](const std::string& authorization) {
    return call("GET", "users/me", "", {{"Authorization", authorization}}).status;
  };
  EXPECT_EQ(status(basic("bot@desk.example", "t0ken")), 200);
  EXPECT_EQ(status("Bearer bearer"), 200);
  EXPECT_EQ(status(basic("bot@desk.example", "other")), 401);
  EXPECT_EQ(status(basic("nobody@desk.example", "t0ken")), 401);
  EXPECT_EQ(status("Basic " + digest::base64("bot@desk.example:t0ken")), 401);  // a password, not a token
  EXPECT_EQ(status("Bearer other"), 401);
  open();
  EXPECT_EQ(status(basic("kim@acme.example", "t0ken")), 401);  // a customer
  EXPECT_EQ(call("GET", "users/me", "", {{"Authorization", ""}}).body, R"({"error":"Couldn't authenticate you"})");
  EXPECT_EQ(ok("GET", "users/me").root().at("user").at("id").integer(), bot);
}

TEST_F(ZendeskTest, ExportsAreForAdmins) {
  start();
  const http::Headers as_agent = {{"Authorization", basic("seoyeon@desk.example", "t0ken")}};
  EXPECT_EQ(call("GET", since(std::chrono::hours{1}), "", as_agent).status, 403);
  EXPECT_EQ(call("GET", "tickets", "", as_agent).status, 200);
}

TEST_F(ZendeskTest, WhatIsNotThereSaysHow) {
  start();
  EXPECT_EQ(refusal("GET", "tickets/99"), "404 RecordNotFound");
  EXPECT_EQ(refusal("GET", "nothing"), "404 InvalidEndpoint");
  EXPECT_EQ(refusal("GET", "tickets/abc"), "400 Invalid attribute");
  EXPECT_EQ(call("GET", "users/me.json").status, 200);
  EXPECT_NE(call("GET", "users/me").headers.get("X-Zendesk-Request-Id"),
            call("GET", "users/me").headers.get("X-Zendesk-Request-Id"));
}

TEST_F(ZendeskTest, TheExportLeavesOutTheLastMinute) {
  start();
  open();
  EXPECT_EQ(refusal("GET", since(std::chrono::seconds{59})), "400 StartTimeTooRecent");
  EXPECT_EQ(refusal("GET", "incremental/tickets/cursor"), "400 BadRequest");
  EXPECT_EQ(refusal("GET", "incremental/tickets/cursor?cursor=x"), "400 InvalidCursor");
  const auto early = ok("GET", since(std::chrono::hours{1}));
  EXPECT_TRUE(early.root().at("tickets").items().empty());
  EXPECT_FALSE(early.root().find("after_cursor"));  // nothing yet: start_time stays the only way
  EXPECT_TRUE(early.root().at("end_of_stream").boolean());
  pass(std::chrono::seconds{60});
  EXPECT_EQ(ids(ok("GET", since(std::chrono::hours{1})).root().at("tickets")), Ids{1});
}

TEST_F(ZendeskTest, TheExportGoesOnFromItsCursor) {
  start();
  for (int i = 0; i < 5; ++i) open();
  pass(std::chrono::seconds{90});
  const auto first = ok("GET", since(std::chrono::hours{1}) + "&per_page=3");
  EXPECT_EQ(ids(first.root().at("tickets")), (Ids{1, 2, 3}));
  EXPECT_FALSE(first.root().at("end_of_stream").boolean());
  const auto second = ok("GET", from(first) + "&per_page=3");
  EXPECT_EQ(ids(second.root().at("tickets")), (Ids{4, 5}));
  EXPECT_TRUE(second.root().at("end_of_stream").boolean());
  const auto third = ok("GET", from(second));
  EXPECT_TRUE(third.root().at("tickets").items().empty());
  EXPECT_EQ(third.root().at("after_cursor").string(), second.root().at("after_cursor").string());
  desk->agent_tags(2, "later", now);
  pass(std::chrono::seconds{60});
  EXPECT_EQ(ids(ok("GET", from(third)).root().at("tickets")), Ids{2});
  // A page holds at most a thousand, whatever is asked for.
  for (int i = 0; i < 1001; ++i) open();
  pass(std::chrono::seconds{60});
  EXPECT_EQ(ok("GET", since(std::chrono::hours{1}) + "&per_page=5000").root().at("tickets").items().size(), 1000u);
}

TEST_F(ZendeskTest, ASystemUpdateMovesTheExportButNotUpdatedAt) {
  start();
  open();
  pass(std::chrono::seconds{90});
  const auto first = ok("GET", since(std::chrono::hours{1}));
  const auto updated = first.root().at("tickets").items().at(0).at("updated_at").string();
  desk->system_touches(1, now);
  pass(std::chrono::seconds{90});
  const auto page = ok("GET", from(first));
  const auto again = page.root().at("tickets").items().at(0);
  EXPECT_EQ(again.at("updated_at").string(), updated);
  EXPECT_EQ(again.at("generated_timestamp").integer(), epoch(std::chrono::seconds{90}));
}

TEST_F(ZendeskTest, TheExportMayRepeatATicket) {
  ZendeskOptions options;
  options.export_repeats_per_million = 1'000'000;
  start(options);
  open();
  open();
  pass(std::chrono::seconds{90});
  const auto first = ok("GET", since(std::chrono::hours{1}) + "&per_page=1");
  EXPECT_EQ(ids(ok("GET", from(first)).root().at("tickets")), (Ids{1, 2}));
}

TEST_F(ZendeskTest, DeletedTicketsStayInTheExportAndAreScrubbed) {
  start();
  open("secret");
  EXPECT_EQ(call("DELETE", "tickets/1").status, 204);
  EXPECT_EQ(refusal("GET", "tickets/1"), "404 RecordNotFound");
  EXPECT_EQ(refusal("GET", "tickets/1/comments"), "404 RecordNotFound");
  EXPECT_TRUE(ok("GET", "tickets").root().at("tickets").items().empty());
  const auto deleted = ok("GET", "deleted_tickets");
  EXPECT_EQ(deleted.root().at("deleted_tickets").items().at(0).at("previous_state").string(), "new");
  pass(std::chrono::seconds{90});
  const auto page = ok("GET", since(std::chrono::hours{1}));
  EXPECT_EQ(page.root().at("tickets").items().at(0).at("status").string(), "deleted");
  EXPECT_TRUE(ok("GET", since(std::chrono::hours{1}) + "&exclude_deleted=true").root().at("tickets").items().empty());
  pass(std::chrono::days{30});
  const auto scrubbed = ok("GET", from(page));
  EXPECT_EQ(scrubbed.root().at("tickets").items().at(0).at("subject").string(), "SCRUBBED");
  EXPECT_EQ(desk->comments(1).at(0).text.body, "SCRUBBED");
}

TEST_F(ZendeskTest, DeletedTicketsComeBackOrVanish) {
  start();
  open();
  open();
  desk->agent_deletes(1, now);
  desk->agent_deletes(2, now);
  ok("PUT", "deleted_tickets/1/restore");
  EXPECT_EQ(call("GET", "tickets/1").status, 200);
  const auto job = ok("DELETE", "deleted_tickets/2");
  EXPECT_EQ(desk->tickets().size(), 2u);  // the job has not run yet
  pass(std::chrono::seconds{2});
  const auto done = ok("GET", "job_statuses/" + job.root().at("job_status").at("id").string());
  EXPECT_EQ(done.root().at("job_status").at("status").string(), "completed");
  EXPECT_EQ(desk->tickets().size(), 1u);
}

TEST_F(ZendeskTest, ListsArePagedByCursorAndByNumber) {
  start();
  for (int i = 0; i < 5; ++i) open();
  const auto page = ok("GET", "tickets?page%5Bsize%5D=2");
  EXPECT_EQ(ids(page.root().at("tickets")), (Ids{1, 2}));
  EXPECT_TRUE(page.root().at("meta").at("has_more").boolean());
  const std::string next = page.root().at("links").at("next").string();
  const std::string path = next.substr(next.find("/api/v2/") + 8);
  EXPECT_EQ(ids(ok("GET", path).root().at("tickets")), (Ids{3, 4}));
  EXPECT_EQ(refusal("GET", "tickets?page%5Bsize%5D=101"), "400 InvalidPaginationParameter");
  const auto numbered = ok("GET", "tickets?per_page=2&page=3");
  EXPECT_EQ(ids(numbered.root().at("tickets")), Ids{5});
  EXPECT_EQ(numbered.root().at("count").integer(), 5);
  EXPECT_EQ(refusal("GET", "tickets?page=101"), "400 InvalidPaginationDepth");
}

TEST_F(ZendeskTest, TicketsAreFoundByExternalId) {
  start();
  for (int i = 0; i < 3; ++i) open();
  put(1, R"("external_id":"aws:1:case-7")");
  put(3, R"("external_id":"aws:1:case-7")");  // nothing keeps it from being there twice
  EXPECT_EQ(ids(ok("GET", "tickets?external_id=aws%3A1%3Acase-7").root().at("tickets")), (Ids{1, 3}));
}

TEST_F(ZendeskTest, ListsMayLag) {
  ZendeskOptions options;
  options.list_lag = Millis{10'000};
  start(options);
  open();
  pass(std::chrono::seconds{60});
  desk->set_status(1, "pending", now);
  bool old = false, fresh = false;
  for (int i = 0; i < 40; ++i) {
    const auto page = ok("GET", "tickets");
    (page.root().at("tickets").items().at(0).at("status").string() == "pending" ? fresh : old) = true;
  }
  EXPECT_TRUE(old);
  EXPECT_EQ(ok("GET", "tickets/1").root().at("ticket").at("status").string(), "pending");  // reads by id do not
  pass(std::chrono::seconds{10});
  const auto page = ok("GET", "tickets");
  EXPECT_EQ(page.root().at("tickets").items().at(0).at("status").string(), "pending");
}

TEST_F(ZendeskTest, ArchivedTicketsAreReadByIdOnly) {
  start();
  open();
  for (int i = 0; i < 3; ++i) desk->agent_replies(1, agent, "more", {}, now);
  desk->closes(1, now);
  pass(std::chrono::days{121});
  EXPECT_TRUE(ok("GET", "tickets").root().at("tickets").items().empty());
  EXPECT_EQ(ok("GET", "tickets/1").root().at("ticket").at("status").string(), "closed");
  EXPECT_EQ(ok("GET", "tickets/1/audits?page%5Bsize%5D=1").root().at("audits").items().size(), 5u);  // all at once
}

TEST_F(ZendeskTest, TheAccountsClockMayBeAnother) {
  ZendeskOptions options;
  options.clock_skew = std::chrono::minutes{5};
  start(options);
  open();
  const auto response = call("GET", "tickets/1");
  EXPECT_EQ(response.headers.get("Date"), "Mon, 02 Mar 2026 01:05:00 GMT");
  const auto document = json::Document::parse(response.body);
  EXPECT_EQ(document.root().at("ticket").at("created_at").string(), "2026-03-02T01:05:00Z");
}

TEST_F(ZendeskTest, CallsAreCountedByPlan) {
  ZendeskOptions options;
  options.quotas = ZendeskQuotas::of(ZendeskPlan::team);
  start(options);
  pass(std::chrono::seconds{20});
  const auto first = call("GET", "users/me");
  EXPECT_EQ(first.headers.get("X-Rate-Limit"), "200");
  EXPECT_EQ(first.headers.get("X-Rate-Limit-Remaining"), "199");
  EXPECT_EQ(first.headers.get("ratelimit-reset"), "40");
  for (int i = 0; i < 199; ++i) call("GET", "users/me");
  const auto refused = call("GET", "users/me");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.get("Retry-After"), "40");
  EXPECT_EQ(desk->calls("all"), 200);
  EXPECT_EQ(desk->refused("all"), 1);
  pass(std::chrono::seconds{40});
  EXPECT_EQ(call("GET", "users/me").status, 200);
  EXPECT_EQ(ZendeskQuotas::of(ZendeskPlan::professional).calls, 400);
  EXPECT_EQ(ZendeskQuotas::of(ZendeskPlan::enterprise).calls, 700);
  EXPECT_EQ(ZendeskQuotas::of(ZendeskPlan::enterprise_plus).calls, 2500);
}

TEST_F(ZendeskTest, ExportsAreTenAMinute) {
  start();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(call("GET", since(std::chrono::hours{1})).status, 200);
  const auto refused = call("GET", since(std::chrono::hours{1}));
  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(refused.body.find("incremental export API requests per minute"), std::string::npos);
  EXPECT_EQ(refused.headers.get("zendesk-ratelimit-incremental-exports"), "total=10; remaining=0; resets=60");
  EXPECT_NE(refused.headers.get("X-Rate-Limit-Remaining"), "0");  // there is plenty left of the plan's
  EXPECT_EQ(desk->refused("incremental-exports"), 1);
}

TEST_F(ZendeskTest, UpdatesAreAHundredAMinuteAndThirtyATicket) {
  start();
  for (int i = 0; i < 5; ++i) open();
  for (int i = 0; i < 30; ++i) put(1, R"("tags":["n)" + std::to_string(i) + "\"]");
  EXPECT_EQ(call("PUT", "tickets/1", R"({"ticket":{}})").status, 429);
  EXPECT_EQ(desk->refused("ticket-update"), 1);
  pass(std::chrono::minutes{1});
  EXPECT_EQ(call("PUT", "tickets/1", R"({"ticket":{}})").status, 429);  // ten minutes, not one
  for (int i = 0; i < 100; ++i) put(2 + i % 4, R"("tags":["n)" + std::to_string(i) + "\"]");
  const auto refused = call("PUT", "tickets/5", R"({"ticket":{}})");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.get("Zendesk-RateLimit-tickets-update"), "total=100; remaining=0; resets=60");
  EXPECT_EQ(desk->refused("tickets-update"), 1);
  EXPECT_EQ(call("GET", "tickets/5").status, 200);
  pass(std::chrono::minutes{9});
  EXPECT_EQ(call("PUT", "tickets/1", R"({"ticket":{}})").status, 200);
}

TEST_F(ZendeskTest, PeopleAndTablesAreShown) {
  start();
  const std::int64_t company = desk->add_organization("Acme", "acme.example");
  open();
  const std::int64_t kim = desk->ticket(1).requester_id;
  const auto user = ok("GET", "users/" + std::to_string(kim));
  EXPECT_EQ(user.root().at("user").at("email").string(), "kim@acme.example");
  EXPECT_EQ(user.root().at("user").at("role").string(), "end-user");
  EXPECT_EQ(user.root().at("user").at("organization_id").integer(), company);
  EXPECT_EQ(ids(ok("GET", "users/search?query=kim%40acme.example").root().at("users")), Ids{kim});
  EXPECT_EQ(ok("GET", "organizations/" + std::to_string(company)).root().at("organization").at("name").string(),
            "Acme");
  const auto options = ok("GET", "ticket_fields/" + std::to_string(area_field) + "/options");
  EXPECT_EQ(options.root().at("custom_field_options").items().at(1).at("value").string(), "area_database");
  const auto fields = ok("GET", "ticket_fields");
  EXPECT_EQ(fields.root().at("ticket_fields").items().size(), 12u);
  const auto statuses = ok("GET", "custom_statuses");
  EXPECT_EQ(statuses.root().at("custom_statuses").items().at(5).at("status_category").string(), "pending");
}

TEST_F(ZendeskTest, FaultScriptsStrikeIt) {
  start();
  open();
  SetClock clock(now);
  FaultPlan faults;
  Net net(clock, faults);
  net.route("acme.zendesk.com", *desk);
  http::Request request;
  request.method = "PUT";
  request.url = "https://acme.zendesk.com/api/v2/tickets/1";
  request.headers.set("Authorization", basic("bot@desk.example", "t0ken"));
  request.body = R"({"ticket":{"comment":{"body":"once","public":false}}})";
  faults.next(Fault::cut_after);
  try {
    net.send(request);
    FAIL() << "an answer came through the cut";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unknown_outcome);
  }
  EXPECT_EQ(desk->comments(1).size(), 2u);
  faults.next(Fault::storm_429);
  const auto throttled = net.send(request);
  EXPECT_EQ(throttled.status, 429);
  EXPECT_TRUE(throttled.headers.has("Retry-After"));
  EXPECT_EQ(desk->comments(1).size(), 2u);
}

}  // namespace
}  // namespace supportd::fakes
