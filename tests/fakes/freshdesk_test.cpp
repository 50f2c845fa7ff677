#include "tests/fakes/freshdesk.hpp"

#include <gtest/gtest.h>

#include "daemon/digest.hpp"
#include "tests/fakes/freshdesk_html.hpp"

namespace supportd::fakes {
namespace {

class FreshdeskTest : public testing::Test {
 protected:
  void start(FreshdeskOptions options = {}) {
    options.fields = {{.name = "cf_aws_support_case_id"},
                      {.name = "cf_seats", .type = "custom_number"},
                      {.name = "cf_root_cause", .required_for_closure = need_cause}};
    desk = std::make_unique<Freshdesk>(options);
    agent = desk->add_agent("Bot", "bot@desk.example", "secret-key");
  }
  http::Response call(const std::string& method, const std::string& path, const std::string& body = "",
                      const std::string& type = "application/json") {
    http::Request request;
    request.method = method;
    request.url = "https://acme.freshdesk.com/api/v2/" + path;
    request.headers.set("Authorization", "Basic " + digest::base64("secret-key:X"));
    if (!body.empty()) request.headers.set("Content-Type", type);
    request.body = body;
    return desk->answer(request, now);
  }
  json::Document ok(const std::string& method, const std::string& path, const std::string& body = "") {
    const auto response = call(method, path, body);
    EXPECT_LT(response.status, 300) << response.body;
    return json::Document::parse(response.body);
  }
  // "field code" of each error of a 400.
  std::vector<std::string> errors(const std::string& method, const std::string& path, const std::string& body) {
    const auto response = call(method, path, body);
    EXPECT_EQ(response.status, 400) << response.body;
    const auto document = json::Document::parse(response.body);
    std::vector<std::string> out;
    for (const auto& error : document.root().at("errors").items())
      out.push_back(error.at("field").string() + " " + error.at("code").string());
    return out;
  }
  std::int64_t open(const std::string& text = "help") {
    return desk->customer_opens(
        {.mail = "kim@acme.example", .subject = "s", .text = text, .tags = {}, .fields = {}, .files = {}}, now);
  }
  std::size_t listed(const std::string& query) { return ok("GET", "tickets?" + query).root().items().size(); }

  bool need_cause = false;
  std::unique_ptr<Freshdesk> desk;
  std::int64_t agent = 0;
  Instant now = *time::parse_instant("2026-03-02T01:00:00Z");
};

TEST_F(FreshdeskTest, ValidationSpeaksAsDocumented) {
  start();
  const std::string id = std::to_string(open());
  using Errors = std::vector<std::string>;
  EXPECT_EQ(errors("PUT", "tickets/" + id, R"({"status":"4"})"), Errors{"status datatype_mismatch"});
  EXPECT_EQ(errors("PUT", "tickets/" + id, R"({"status":99})"), Errors{"status invalid_value"});
  EXPECT_EQ(errors("PUT", "tickets/" + id, R"({"custom_fields":{"cf_none":"x","cf_seats":"7"}})"),
            (Errors{"cf_none invalid_field", "cf_seats datatype_mismatch"}));
  EXPECT_EQ(errors("POST", "tickets", R"({"subject":"s"})"),
            (Errors{"description missing_field", "email missing_field"}));
  EXPECT_EQ(errors("GET", "tickets?per_page=101", ""), Errors{"per_page invalid_value"});
  EXPECT_EQ(errors("GET", "tickets?page=301", ""), Errors{"page invalid_value"});
  EXPECT_EQ(call("PUT", "tickets/" + id, "{").status, 400);
  EXPECT_EQ(call("GET", "tickets/999").status, 404);
}

TEST_F(FreshdeskTest, WrongKeysAreRefused) {
  start();
  http::Request request;
  request.url = "https://acme.freshdesk.com/api/v2/agents/me";
  request.headers.set("Authorization", "Basic " + digest::base64("other:X"));
  EXPECT_EQ(desk->answer(request, now).status, 401);
  EXPECT_EQ(ok("GET", "agents/me").root().at("id").integer(), agent);
}

TEST_F(FreshdeskTest, FieldsRequiredForClosureBlockSolving) {
  need_cause = true;
  start();
  const std::string id = std::to_string(open());
  EXPECT_EQ(errors("PUT", "tickets/" + id, R"({"status":4})"), std::vector<std::string>{"cf_root_cause missing_field"});
  ok("PUT", "tickets/" + id, R"({"status":4,"custom_fields":{"cf_root_cause":"cable"}})");
  EXPECT_EQ(desk->ticket(1).status, 4);
}

TEST_F(FreshdeskTest, HtmlIsSanitised) {
  EXPECT_EQ(sanitized("<p onclick=x class=big>a & b<br/>\r\n<script>alert(1)</script>c &amp; d</p><!-- no -->"),
            "<div><p class=\"big\">a &amp; b<br>\nc &amp; d</p></div>");
  EXPECT_EQ(sanitized("1 < 2"), "<div>1 &lt; 2</div>");
  EXPECT_EQ(sanitized("<div>x</div>"), "<div>x</div>");
  EXPECT_EQ(sanitized("<a href='javascript:x'>y</a>"), "<div><a>y</a></div>");
  EXPECT_EQ(text_of(html_of("a < b\n둘")), "a < b\n둘");
}

TEST_F(FreshdeskTest, ListsByUpdateTimeInPages) {
  start();
  for (int i = 0; i < 5; ++i) {
    open();
    now += std::chrono::seconds{1};
  }
  desk->agent_tags(1, "aws-support", now);
  const auto response =
      call("GET", "tickets?updated_since=2026-03-02T01:00:01Z&order_by=updated_at&order_type=asc&per_page=3");
  const auto page = json::Document::parse(response.body);
  std::vector<std::int64_t> ids;
  for (const auto& ticket : page.root().items()) ids.push_back(ticket.at("id").integer());
  EXPECT_EQ(ids, (std::vector<std::int64_t>{2, 3, 4}));
  EXPECT_TRUE(response.headers.get("Link").value_or("").ends_with("page=2>; rel=\"next\""));
  now += std::chrono::days{31};
  EXPECT_EQ(listed("per_page=100"), 0u);  // only what was created in the last 30 days
  EXPECT_EQ(listed("updated_since=2026-01-01T00:00:00Z"), 5u);
}

TEST_F(FreshdeskTest, ListsMayLag) {
  FreshdeskOptions options;
  options.list_lag = Millis{10'000};
  start(options);
  open();
  now += std::chrono::seconds{60};
  desk->set_status(1, 3, now);
  bool old = false, fresh = false;
  for (int i = 0; i < 40; ++i) {
    const auto page = ok("GET", "tickets");
    const auto status = page.root().items().at(0).at("status").integer();
    (status == 3 ? fresh : old) = true;
  }
  EXPECT_TRUE(old);
  now += std::chrono::seconds{10};
  EXPECT_EQ(ok("GET", "tickets").root().items().at(0).at("status").integer(), 3);
}

TEST_F(FreshdeskTest, LimitsPerAccountAndPerEndpoint) {
  FreshdeskOptions options;
  options.calls_per_minute = 10;
  options.lists_per_minute = 2;
  start(options);
  now += std::chrono::seconds{20};
  EXPECT_EQ(call("GET", "tickets").headers.get("X-RateLimit-Remaining"), "9");
  EXPECT_EQ(call("GET", "tickets?include=description").headers.get("X-RateLimit-Used-CurrentRequest"), "3");
  const auto limited = call("GET", "tickets");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.headers.get("Retry-After"), "40");
  EXPECT_EQ(call("GET", "agents/me").status, 200);
  now += std::chrono::seconds{40};
  EXPECT_EQ(call("GET", "tickets").status, 200);
}

TEST_F(FreshdeskTest, NotesRepliesAndTheirFiles) {
  start();
  const std::string id = std::to_string(open());
  const auto [body, type] = http::encode_multipart(
      {{.name = "body", .file_name = "", .content_type = "", .data = "see file"},
       {.name = "private", .file_name = "", .content_type = "", .data = "true"},
       {.name = "attachments[]", .file_name = "보고.log", .content_type = "text/plain", .data = "lines"}},
      "b0undary");
  const auto response = call("POST", "tickets/" + id + "/notes", body, type);
  ASSERT_EQ(response.status, 201) << response.body;
  const auto note = json::Document::parse(response.body);
  EXPECT_TRUE(note.root().at("private").boolean());
  EXPECT_EQ(note.root().at("user_id").integer(), agent);
  const auto file = note.root().at("attachments").items().at(0);
  EXPECT_EQ(file.at("name").string(), "보고.log");

  http::Request download;
  download.url = file.at("attachment_url").string();
  EXPECT_EQ(desk->answer(download, now).body, "lines");
  EXPECT_EQ(desk->answer(download, now + std::chrono::minutes{5}).status, 403);
  download.headers.set("Authorization", "Basic x");  // our credentials must not reach the storage
  EXPECT_EQ(desk->answer(download, now).status, 400);

  ok("POST", "tickets/" + id + "/reply", R"({"body":"<b>hi</b>"})");
  const auto all = ok("GET", "tickets/" + id + "/conversations");
  EXPECT_EQ(all.root().items().size(), 2u);
  EXPECT_FALSE(all.root().items().at(1).at("private").boolean());
  const std::string reply = all.root().items().at(1).at("id").scalar_text();
  EXPECT_EQ(call("PUT", "conversations/" + reply, R"({"body":"x"})").status, 403);  // only notes are edited
}

TEST_F(FreshdeskTest, DeletedAndMergedTickets) {
  start();
  open();
  open();
  EXPECT_EQ(call("PUT", "tickets/merge", R"({"primary_id":1,"ticket_ids":[2]})").status, 204);
  EXPECT_EQ(desk->ticket(2).status, 5);
  EXPECT_EQ(desk->conversations(1).size(), 1u);
  EXPECT_EQ(call("DELETE", "tickets/1").status, 204);
  EXPECT_EQ(call("PUT", "tickets/1", R"({"status":3})").status, 405);
  EXPECT_TRUE(ok("GET", "tickets/1").root().boolean("deleted", false));
  EXPECT_EQ(listed("filter=deleted"), 1u);
}

TEST_F(FreshdeskTest, SearchLagsBehind) {
  FreshdeskOptions options;
  options.search_lag = std::chrono::minutes{5};
  start(options);
  open();
  const std::string path = "search/tickets?query=" + http::percent_encode("\"status:2 AND created_at:>'2026-03-01'\"");
  EXPECT_EQ(ok("GET", path).root().at("total").integer(), 0);
  now += std::chrono::minutes{5};
  EXPECT_EQ(ok("GET", path).root().at("total").integer(), 1);
}

TEST_F(FreshdeskTest, ACustomersReplyReopens) {
  start();
  open();
  desk->agent_solves(1, now);
  desk->customer_replies(1, "not solved", {}, now);
  EXPECT_EQ(desk->ticket(1).status, 2);
}

TEST_F(FreshdeskTest, AutomationsRunAfterChanges) {
  FreshdeskOptions options;
  options.automation = [](const FreshdeskTicket& before, FreshdeskTicket& after) {
    if (before.status != after.status) after.tags.push_back("status-changed");
  };
  start(options);
  open();
  ok("PUT", "tickets/1", R"({"status":3})");
  EXPECT_TRUE(desk->ticket(1).has_tag("status-changed"));
}

TEST_F(FreshdeskTest, WhatTheApiChangedIsKept) {
  start();
  open();
  desk->set_status(1, 6, {});
  ok("PUT", "tickets/1", R"({"status":3,"priority":1,"tags":["b","a"]})");
  std::vector<std::string> changes;
  for (const auto& it : desk->updates(1)) changes.push_back(it.field + ": " + it.previous + " -> " + it.value);
  EXPECT_EQ(changes, (std::vector<std::string>{"status: 6 -> 3", "tags:  -> a b"}));
}

}  // namespace
}  // namespace supportd::fakes
