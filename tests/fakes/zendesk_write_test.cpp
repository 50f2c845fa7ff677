// Writing: creating, updating, comments, files, merges, and what people do.
#include "tests/fakes/zendesk_fixture.hpp"

namespace supportd::fakes {
namespace {

class ZendeskWrites : public ZendeskAccount {
 protected:
  std::string created(const std::string& members) {
    return call("POST", "tickets", R"({"ticket":{)" + members + "}}").body;
  }
};

constexpr const char* a_ticket = R"("subject":"s","comment":{"body":"b"})";

TEST_F(ZendeskWrites, CreatingMakesTheRequester) {
  start();
  desk->add_organization("Acme", "acme.example");
  const auto response = call("POST", "tickets",
                             R"({"ticket":{"subject":"s","comment":{"body":"b","public":false},"external_id":"x",
      "requester":{"name":"Lee","email":"lee@acme.example"},"tags":["AWS","two words"],"priority":"high","nonsense":1}})");
  ASSERT_EQ(response.status, 201) << response.body;
  EXPECT_TRUE(response.headers.get("Location").value_or("").ends_with("/tickets/1.json"));
  EXPECT_NE(response.headers.get("X-Zendesk-API-Warn").value_or("").find("ticket.nonsense"), std::string::npos);
  const auto document = json::Document::parse(response.body);
  const auto ticket = document.root().at("ticket");
  EXPECT_EQ(desk->user(ticket.at("requester_id").integer()).mail, "lee@acme.example");
  EXPECT_NE(ticket.at("organization_id").integer(), 0);
  EXPECT_EQ(ticket.at("submitter_id").integer(), bot);
  EXPECT_EQ(ticket.strings("tags"), (std::vector<std::string>{"aws", "two", "words"}));
  EXPECT_FALSE(ticket.at("is_public").boolean());
  EXPECT_EQ(ticket.at("via").at("channel").string(), "api");
  EXPECT_EQ(document.root().at("audit").at("events").items().at(0).at("type").string(), "Comment");
  EXPECT_EQ(refusal("POST", "tickets", R"({"ticket":{"subject":"s"}})"), "422 RecordInvalid");  // no comment
  EXPECT_EQ(refusal("POST", "tickets", R"({"subject":"s"})"), "400 ParameterMissing");
  EXPECT_EQ(refusal("POST", "tickets", "{"), "400 InvalidJSON");
  EXPECT_EQ(refusal("POST", "tickets", R"({"ticket":{"subject":"s","comment":{"body":"b"},"priority":"great"}})"),
            "422 RecordInvalid");
  EXPECT_EQ(refusal("POST", "tickets", R"({"ticket":{"subject":"s","comment":{"body":"b"},"tags":"aws"}})"),
            "400 Invalid attribute");
}

TEST_F(ZendeskWrites, AnIdempotencyKeyMakesOneTicket) {
  start();
  const std::string body = R"({"ticket":{"subject":"s","comment":{"body":"b"}}})";
  const http::Headers key = {{"Idempotency-Key", "ref-1"}};
  const auto first = call("POST", "tickets", body, key);
  EXPECT_EQ(first.headers.get("x-idempotency-lookup"), "miss");
  const auto again = call("POST", "tickets", body, key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.headers.get("x-idempotency-lookup"), "hit");
  EXPECT_EQ(again.body, first.body);
  const auto other = call("POST", "tickets", R"({"ticket":{"subject":"t","comment":{"body":"b"}}})", key);
  EXPECT_EQ(other.status, 400);
  EXPECT_NE(other.body.find("IdempotentRequestError"), std::string::npos);
  EXPECT_EQ(call("POST", "tickets", body, {{"Idempotency-Key", std::string(256, 'x')}}).status, 400);
  EXPECT_EQ(desk->tickets().size(), 1u);
  pass(std::chrono::hours{2});
  EXPECT_EQ(call("POST", "tickets", body, key).headers.get("x-idempotency-lookup"), "miss");
  EXPECT_EQ(desk->tickets().size(), 2u);
}

TEST_F(ZendeskWrites, FollowUpsAreOfClosedTickets) {
  start();
  open();
  desk->agent_tags(1, "aws", now);
  const std::string follow_up = std::string(a_ticket) + R"(,"via_followup_source_id":1)";
  EXPECT_EQ(refusal("POST", "tickets", "{\"ticket\":{" + follow_up + "}}"), "422 RecordInvalid");
  desk->closes(1, now);
  EXPECT_EQ(refusal("PUT", "tickets/1", R"({"ticket":{"status":"open"}})"), "422 RecordInvalid");
  created(follow_up);
  EXPECT_EQ(desk->ticket(2).tags, std::vector<std::string>{"aws"});
  EXPECT_EQ(desk->ticket(2).via.rel, "follow_up");
  EXPECT_EQ(desk->ticket(1).followups, std::vector<std::int64_t>{2});
  created(follow_up + R"(,"tags":["own"])");
  EXPECT_EQ(desk->ticket(3).tags, std::vector<std::string>{"own"});
}

TEST_F(ZendeskWrites, AStaleStampIsRefused) {
  start();
  open();
  const std::string stamp = R"("updated_stamp":"2026-03-02T01:00:00Z")";
  pass(std::chrono::seconds{5});
  desk->agent_tags(1, "theirs", now);
  const std::string body = R"({"ticket":{"priority":"low",)" + stamp;
  EXPECT_EQ(refusal("PUT", "tickets/1", body + R"(,"safe_update":true}})"), "409 UpdateConflict");
  EXPECT_EQ(refusal("PUT", "tickets/1", body + R"(,"safe_update":false}})"), "409 UpdateConflict");  // the same
  EXPECT_EQ(call("PUT", "tickets/1", body + R"(,"safe_update":null}})").status, 409);
  EXPECT_EQ(desk->ticket(1).priority, "");
  EXPECT_EQ(call("PUT", "tickets/1", body + "}}").status, 200);  // without the key the stamp means nothing
  const std::string fresh =
      R"({"ticket":{"priority":"high","safe_update":true,"updated_stamp":"2026-03-02T01:00:05Z"}})";
  EXPECT_EQ(call("PUT", "tickets/1", fresh).status, 200);
}

TEST_F(ZendeskWrites, TheDatabaseMayCollide) {
  ZendeskOptions options;
  options.database_conflicts_per_million = 1'000'000;
  start(options);
  open();
  EXPECT_EQ(refusal("PUT", "tickets/1", R"({"ticket":{"priority":"low"}})"), "409 DatabaseConflict");
}

TEST_F(ZendeskWrites, TagsReplaceAndHaveAnEndpointOfTheirOwn) {
  start();
  open();
  put(1, R"("tags":["b","a"])");
  put(1, R"("tags":["c"])");
  EXPECT_EQ(desk->ticket(1).tags, std::vector<std::string>{"c"});
  ok("PUT", "tickets/1/tags", R"({"tags":["d"]})");
  EXPECT_EQ(desk->ticket(1).tags, (std::vector<std::string>{"c", "d"}));
  ok("DELETE", "tickets/1/tags", R"({"tags":["c"]})");
  EXPECT_EQ(ok("GET", "tickets/1/tags").root().strings("tags"), std::vector<std::string>{"d"});
  EXPECT_EQ(
      refusal("PUT", "tickets/1/tags", R"({"tags":["e"],"updated_stamp":"2026-03-01T00:00:00Z","safe_update":"true"})"),
      "409 UpdateConflict");
}

TEST_F(ZendeskWrites, AWrongOptionIsDroppedWithoutAWord) {
  start();
  open();
  const auto set = [&](std::int64_t id, const std::string& value) {
    const auto response =
        call("PUT", "tickets/1",
             R"({"ticket":{"custom_fields":[{"id":)" + std::to_string(id) + R"(,"value":)" + value + "}]}}");
    EXPECT_EQ(response.status, 200) << response.body;
  };
  set(area_field, "\"area_network\"");
  EXPECT_EQ(desk->ticket(1).field(area_field), "area_network");
  EXPECT_TRUE(desk->ticket(1).has_tag("area_network"));  // the option is a tag of the ticket too
  set(area_field, "\"Network\"");                        // the name is no tag
  EXPECT_EQ(desk->ticket(1).field(area_field), "area_network");
  set(seats_field, "\"many\"");
  EXPECT_EQ(desk->ticket(1).field(seats_field), "");
  set(4711, "\"x\"");  // there is no such field
  put(1, R"("custom_fields":["what"])");
  put(1, R"("tags":["other"])");
  EXPECT_EQ(desk->ticket(1).field(area_field), "");
  set(area_field, "\"area_database\"");
  set(area_field, "null");
  EXPECT_EQ(desk->ticket(1).tags, std::vector<std::string>{"other"});
  set(case_field, "7");
  EXPECT_EQ(desk->ticket(1).field(case_field), "7");
}

TEST_F(ZendeskWrites, StatusAndCustomStatusFollowEachOther) {
  start();
  open();
  constexpr std::int64_t pending = 1900003, waiting_on_aws = 1900006;
  put(1, R"("custom_status_id":1900006)");
  EXPECT_EQ(desk->ticket(1).status, "pending");
  put(1, R"("status":"pending")");  // it is pending already: the custom status stays
  EXPECT_EQ(desk->ticket(1).custom_status_id, waiting_on_aws);
  put(1, R"("status":"open")");
  put(1, R"("status":"pending")");
  EXPECT_EQ(desk->ticket(1).custom_status_id, pending);
  EXPECT_EQ(refusal("PUT", "tickets/1", R"({"ticket":{"status":"resolved"}})"), "422 RecordInvalid");
  EXPECT_EQ(refusal("PUT", "tickets/1", R"({"ticket":{"custom_status_id":5}})"), "422 RecordInvalid");
}

TEST_F(ZendeskWrites, RequiredFieldsBlockSolving) {
  need_cause = true;
  start();
  open();
  const auto refused = json::Document::parse(call("PUT", "tickets/1", R"({"ticket":{"status":"solved"}})").body);
  const auto problem = refused.root().at("details").at("base").items().at(0);
  EXPECT_EQ(problem.at("ticket_field_id").integer(), cause_field);
  EXPECT_EQ(problem.at("description").string(), "Cause:: is required when solving a ticket");
  put(1, R"("status":"solved","custom_fields":[{"id":360003,"value":"cable"}])");
  EXPECT_EQ(desk->ticket(1).status, "solved");
  EXPECT_EQ(desk->ticket(1).assignee_id, bot);
}

TEST_F(ZendeskWrites, ACommentIsPartOfAnUpdate) {
  start();
  open();
  const auto answer = json::Document::parse(put(
      1, R"("comment":{"html_body":"<p>a &amp; b</p>","public":false},"metadata":{"ref":"k3"},"priority":"urgent")"));
  const auto event = answer.root().at("audit").at("events").items().at(0);
  EXPECT_EQ(event.at("type").string(), "Comment");
  EXPECT_EQ(event.at("body").string(), "a & b");
  EXPECT_EQ(answer.root().at("audit").at("metadata").at("custom").at("ref").string(), "k3");
  const auto comments = ok("GET", "tickets/1/comments?page%5Bsize%5D=100");
  const auto note = comments.root().at("comments").items().at(1);
  EXPECT_EQ(note.at("id").integer(), event.at("id").integer());
  EXPECT_EQ(note.at("author_id").integer(), bot);
  EXPECT_FALSE(note.at("public").boolean());
  EXPECT_EQ(note.at("html_body").string(),
            "<div class=\"zd-comment\" dir=\"auto\"><p dir=\"auto\">a &amp; b</p></div>");
  const auto audits = ok("GET", "tickets/1/audits?page%5Bsize%5D=1");
  EXPECT_TRUE(audits.root().at("meta").at("has_more").boolean());
  const auto second = ok("GET", "tickets/1/audits");
  EXPECT_EQ(second.root().at("audits").items().at(1).at("metadata").at("custom").at("ref").string(), "k3");
  const auto change = second.root().at("audits").items().at(1).at("events").items().at(1);
  EXPECT_EQ(change.at("field_name").string(), "priority");
  EXPECT_EQ(change.at("value").string(), "urgent");
  put(1, R"("comment":{"body":"as the first","author_id":)" + std::to_string(agent) + "}");
  EXPECT_TRUE(desk->comments(1).at(2).is_public);  // as the ticket began
  EXPECT_EQ(desk->comments(1).at(2).author_id, agent);
  EXPECT_EQ(refusal("PUT", "tickets/1", R"({"ticket":{"comment":{"body":"x","author_id":5}}})"), "422 RecordInvalid");
  const auto descending = ok("GET", "tickets/1/comments?sort=-created_at&page%5Bsize%5D=2");
  EXPECT_EQ(descending.root().at("comments").items().at(0).at("body").string(), "as the first");
}

TEST_F(ZendeskWrites, AnUpdateThatChangesNothingLeavesNoAudit) {
  start();
  open();
  pass(std::chrono::seconds{5});
  put(1, R"("status":"new","metadata":{"ref":"k3"})");
  EXPECT_EQ(desk->audits(1).size(), 1u);
  EXPECT_EQ(desk->ticket(1).updated, now - std::chrono::seconds{5});
}

TEST_F(ZendeskWrites, UploadsAreAttachedByTheirToken) {
  start();
  open();
  EXPECT_EQ(refusal("POST", "uploads", "lines"), "400 ParameterMissing");
  const auto upload =
      json::Document::parse(call("POST", "uploads?filename=a.log", "lines", {{"Content-Type", "text/plain"}}).body);
  const std::string token = upload.root().at("upload").at("token").string();
  EXPECT_EQ(call("POST", "uploads?filename=b.log&token=" + token, "more", {{"Content-Type", "text/plain"}}).status,
            201);
  put(1, R"("comment":{"body":"see","uploads":[")" + token + "\"]}");
  const auto comments = ok("GET", "tickets/1/comments");
  const auto files = comments.root().at("comments").items().at(1).at("attachments").items();
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].at("file_name").string(), "a.log");
  EXPECT_EQ(files[0].at("content_type").string(), "text/plain");
  http::Request download;
  download.url = files[0].at("content_url").string();
  EXPECT_EQ(download.url.find("acme.zendesk.com"), std::string::npos);
  EXPECT_EQ(desk->answer(download, now).body, "lines");
  download.headers.set("Authorization", "Basic x");  // our credentials must not reach the storage
  EXPECT_EQ(desk->answer(download, now).status, 400);
  EXPECT_EQ(refusal("PUT", "tickets/1", R"({"ticket":{"comment":{"body":"x","uploads":[")" + token + "\"]}}}"),
            "422 RecordInvalid");  // used
  const auto late = json::Document::parse(call("POST", "uploads?filename=a.log", "lines").body);
  pass(std::chrono::minutes{60});
  EXPECT_EQ(refusal("PUT", "tickets/1",
                    R"({"ticket":{"comment":{"body":"x","uploads":[")" + late.root().at("upload").at("token").string() +
                        "\"]}}}"),
            "422 RecordInvalid");
}

TEST_F(ZendeskWrites, HtmlIsSanitisedAndRendered) {
  const auto text = zendesk_html(
      "<p onclick=x>a & b<br/>c</p><script>no()</script><img src='data:x'><a href='https://x.example'>l</a>");
  EXPECT_EQ(text.html,
            "<div class=\"zd-comment\" dir=\"auto\"><p dir=\"auto\">a &amp; b<br>c</p><a href=\"https://x.example\" "
            "target=\"_blank\" rel=\"nofollow noreferrer\">l</a></div>");
  EXPECT_EQ(text.body, "a & b\nc\n\nl");
  const auto plain = zendesk_plain("1  <  2\r\nsee https://x.example/y\n\nend");
  EXPECT_EQ(
      plain.html,
      "<div class=\"zd-comment\" dir=\"auto\"><p dir=\"auto\">1  &lt;  2\n<br>see <a href=\"https://x.example/y\" "
      "target=\"_blank\" rel=\"nofollow noreferrer\">https://x.example/y</a></p>\n<p dir=\"auto\">end</p>\n</div>");
  EXPECT_EQ(plain.body, "1  <  2\nsee https://x.example/y\n\nend");
  EXPECT_EQ(plain.plain, "1 &nbsp;< &nbsp;2\nsee https://x.example/y\n\nend");
}

TEST_F(ZendeskWrites, InlineImagesAreListedWhenAskedFor) {
  start();
  open();
  desk->agent_pastes(1, agent, "see", {"shot.png", "png", "image/png"}, true, now);
  const auto files = [&](const std::string& query) {
    const auto page = ok("GET", "tickets/1/comments" + query);
    return page.root().at("comments").items().at(1).at("attachments").items().size();
  };
  EXPECT_EQ(files(""), 0u);
  EXPECT_EQ(files("?include_inline_images=true"), 1u);
  EXPECT_NE(desk->comments(1).at(1).text.html.find("<img src="), std::string::npos);
}

TEST_F(ZendeskWrites, RedactionIsForEver) {
  start();
  const std::int64_t ticket = open("card 4711 비밀 end");
  const std::string comment = std::to_string(desk->comments(ticket).at(0).id);
  ok("PUT", "tickets/1/comments/" + comment + "/redact", R"({"text":"4711"})");
  ok("PUT", "comment_redactions/" + comment, R"({"ticket_id":1,"html_body":"<p>card <redact>비밀</redact></p>"})");
  EXPECT_EQ(desk->comments(1).at(0).text.body, "card ▇▇▇▇ ▇▇ end");
  EXPECT_EQ(desk->comments(1).at(0).text.html.find("4711"), std::string::npos);
  const auto upload = json::Document::parse(call("POST", "uploads?filename=a.log", "lines").body);
  put(1, R"("comment":{"body":"f","uploads":[")" + upload.root().at("upload").at("token").string() + "\"]}");
  const auto said = desk->comments(1).at(1);
  const std::string file = std::to_string(said.attachments.at(0));
  ok("PUT", "tickets/1/comments/" + std::to_string(said.id) + "/attachments/" + file + "/redact");
  EXPECT_EQ(desk->attachment(said.attachments.at(0)).file.name, "redacted.txt");
  ok("PUT", "tickets/1/comments/" + comment + "/make_private");
  EXPECT_FALSE(desk->comments(1).at(0).is_public);
  desk->closes(1, now);
  EXPECT_EQ(refusal("PUT", "tickets/1/comments/" + comment + "/redact", R"({"text":"end"})"), "422 RecordInvalid");
}

TEST_F(ZendeskWrites, MergingIsAJob) {
  start();
  open();
  desk->customer_opens({.mail = "lee@acme.example",
                        .subject = "s",
                        .text = "t",
                        .tags = {},
                        .fields = {},
                        .priority = "",
                        .files = {{"a.log", "lines"}}},
                       now);
  EXPECT_EQ(refusal("POST", "tickets/1/merge", R"({"ids":[1]})"), "400 BadRequest");
  EXPECT_EQ(refusal("POST", "tickets/1/merge", R"({"ids":[9]})"), "404 RecordNotFound");
  const auto job = ok("POST", "tickets/1/merge", R"({"ids":[2],"target_comment":"two into one"})");
  EXPECT_EQ(job.root().at("job_status").at("status").string(), "queued");
  const std::string path = "job_statuses/" + job.root().at("job_status").at("id").string();
  pass(std::chrono::seconds{1});
  EXPECT_EQ(ok("GET", path).root().at("job_status").at("status").string(), "working");
  EXPECT_EQ(desk->ticket(2).status, "new");
  pass(std::chrono::seconds{1});
  EXPECT_EQ(ok("GET", path).root().at("job_status").at("status").string(), "completed");
  EXPECT_EQ(desk->ticket(2).status, "closed");
  EXPECT_TRUE(desk->ticket(2).has_tag("closed_by_merge"));
  const auto note = desk->comments(1).back();
  EXPECT_EQ(note.text.body, "two into one");
  EXPECT_FALSE(note.is_public);
  EXPECT_EQ(note.via.rel, "merge");
  EXPECT_EQ(note.via.from_ticket, 2);
  EXPECT_EQ(note.attachments.size(), 1u);
  EXPECT_EQ(desk->comments(2).back().via.from_ticket, 1);
}

TEST_F(ZendeskWrites, JobsAreThirtyAtATime) {
  start();
  for (int i = 0; i < 32; ++i) open();
  for (int i = 2; i < 32; ++i) ok("POST", "tickets/1/merge", "{\"ids\":[" + std::to_string(i) + "]}");
  EXPECT_EQ(refusal("POST", "tickets/1/merge", R"({"ids":[32]})"), "429 TooManyJobs");
}

TEST_F(ZendeskWrites, ACustomersReplyReopensOrFollowsUp) {
  start();
  open();
  desk->agent_solves(1, now);
  EXPECT_EQ(desk->ticket(1).assignee_id, agent);
  desk->customer_replies(1, "not solved", {}, now);
  EXPECT_EQ(desk->ticket(1).status, "open");
  desk->closes(1, now);
  desk->customer_replies(1, "still not", {}, now);
  EXPECT_EQ(desk->ticket(1).followups, std::vector<std::int64_t>{2});
  EXPECT_EQ(desk->comments(2).at(0).text.body, "still not");
  EXPECT_EQ(desk->ticket(2).via.from_ticket, 1);
  EXPECT_THROW(desk->agent_notes(1, agent, "late", {}, now), Error);
}

TEST_F(ZendeskWrites, AssigningOpensANewTicket) {
  start();
  open();
  put(1, R"("assignee_id":)" + std::to_string(agent));
  EXPECT_EQ(desk->ticket(1).status, "open");
  EXPECT_EQ(
      refusal("PUT", "tickets/1", R"({"ticket":{"assignee_id":)" + std::to_string(desk->ticket(1).requester_id) + "}}"),
      "422 RecordInvalid");
}

TEST_F(ZendeskWrites, ATriggerChangesTheTicketFurther) {
  ZendeskOptions options;
  options.automation = [](const ZendeskTicket& before, ZendeskTicket& after) {
    if (before.priority != after.priority) after.status = "hold";
  };
  start(options);
  open();
  put(1, R"("priority":"urgent")");
  EXPECT_EQ(desk->ticket(1).status, "hold");
  EXPECT_EQ(desk->ticket(1).custom_status_id, 1900004);
  EXPECT_EQ(desk->audits(1).size(), 2u);  // in the same update
}

}  // namespace
}  // namespace supportd::fakes
