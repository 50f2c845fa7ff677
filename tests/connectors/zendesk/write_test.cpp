#include "tests/connectors/zendesk/desk.hpp"
#include "tests/connectors/zendesk/skipping_clock.hpp"

namespace supportd::connectors::zendesk {
namespace {

std::string answer(const std::string& id, const std::string& more = "") {
  return R"({"ticket":)" + ticket_json(id, "open", more) + R"(,"audit":{"id":900,"events":[]}})";
}

std::string commented(const std::string& event = "") {
  return R"({"ticket":)" + ticket_json("7") + R"(,"audit":)" +
         audit_json(9, event, R"(,"metadata":{"custom":{"supportd_ref":"abcdefghij"}})") + "}";
}

class ZendeskWrite : public ZendeskDesk {
 protected:
  void SetUp() override { know_form(); }
  void know_ourselves() {
    http.then(200, R"({"user":{"id":61,"role":"admin"}})");
    client.own_id({});
  }
};

TEST_F(ZendeskWrite, CreatesByKey) {
  http.then(201, answer("7", R"(,"external_id":"aws:1:case-2")"));
  NewTicket ticket{"S", "<p>D</p>", "new", "high", "kim@b.example", {"t"}, {{"aws_case", "case-2"}, {"vip", "true"}},
                   {}};
  ticket.requester_name = "Kim";
  ticket.type = "incident";
  ticket.assignee_id = "61";
  ticket.group_id = "71";
  ticket.external_id = "aws:1:case-2";
  ticket.follows = "3";
  ticket.key = "k1";
  EXPECT_TRUE(client.create_is_keyed());
  EXPECT_EQ(client.create(ticket, {}).external_id, "aws:1:case-2");
  EXPECT_EQ(last(), "/tickets");
  EXPECT_EQ(http.asked.back().method, "POST");
  EXPECT_EQ(http.asked.back().headers.get("Idempotency-Key"), "k1");
  EXPECT_EQ(http.asked.back().budget, "zendesk:acme");
  EXPECT_FALSE(http.asked.back().safe);  // repeating is the outbox's
  EXPECT_EQ(http.asked.back().body,
            R"({"ticket":{"subject":"S","comment":{"html_body":"<p>D</p>","public":true},)"
            R"("requester":{"name":"Kim","email":"kim@b.example"},"status":"new","priority":"high","type":"incident",)"
            R"("assignee_id":61,"group_id":71,"external_id":"aws:1:case-2","tags":["t"],"via_followup_source_id":3,)"
            R"("custom_fields":[{"id":101,"value":"case-2"},{"id":104,"value":true}]}})");
  http.then(201, answer("8"));
  client.create({"S", "D", "", "", "kim@b.example", {}, {}, {}}, {});
  EXPECT_FALSE(http.asked.back().headers.has("Idempotency-Key"));
  EXPECT_EQ(http.asked.back().body, R"({"ticket":{"subject":"S","comment":{"html_body":"D","public":true},)"
                                    R"("requester":{"name":"kim","email":"kim@b.example"}}})");
  for (const std::string& key : {std::string(256, 'k'), std::string("a\nb")}) {
    ticket.key = key;
    EXPECT_EQ(thrown_by([&] { client.create(ticket, {}); }).first, ErrorKind::refused);
  }
}

TEST_F(ZendeskWrite, ARepeatedCreateIsTheSameToTheByte) {
  NewTicket ticket{"S", "D", "", "", "", {}, {}, {{"a b.log", "text/plain", "lines"}}};
  ticket.key = "k1";
  http.then(201, R"({"upload":{"token":"up1"}})").then(Error(ErrorKind::unknown_outcome, "cut"));
  EXPECT_EQ(thrown_by([&] { client.create(ticket, {}); }).first, ErrorKind::unknown_outcome);
  EXPECT_EQ(path(2), "/uploads?filename=a%20b.log");
  EXPECT_TRUE(http.asked.at(2).safe);
  EXPECT_EQ(http.asked.at(2).headers.get("Content-Type"), "text/plain");
  EXPECT_EQ(http.asked.at(2).body, "lines");
  http.then(201, answer("7"), {{"x-idempotency-lookup", "hit"}});
  EXPECT_EQ(client.create(ticket, {}).id, "7");
  EXPECT_EQ(http.asked.at(3).body, http.asked.at(4).body);
  EXPECT_THAT(http.asked.at(3).body, HasSubstr(R"("uploads":["up1"])"));
  // Another daemon's request with other tokens: the first was taken, so somebody must look.
  http.then(201, R"({"upload":{"token":"up2"}})");
  http.then(400, R"({"error":"IdempotentRequestError","description":"Request parameters don't match"})");
  EXPECT_EQ(thrown_by([&] { client.create(ticket, {}); }),
            std::pair(ErrorKind::unknown_outcome, std::string("IdempotentRequestError")));
}

TEST_F(ZendeskWrite, UpdatesOnlyWhatIsSet) {
  for (int i = 0; i < 4; ++i) http.then(200, answer("7"));
  DeskUpdate change;
  change.subject = "T";
  change.status = "open:1900001";
  change.priority = "";
  change.type = "";
  change.assignee_id = "";
  change.tags = std::vector<std::string>{};
  change.external_id = "x";
  client.update("7", change, {});
  EXPECT_EQ(http.asked.back().method, "PUT");
  EXPECT_EQ(last(), "/tickets/7");
  EXPECT_EQ(http.asked.back().budget, "zendesk:acme/update");
  EXPECT_EQ(http.asked.back().body,
            R"({"ticket":{"subject":"T","custom_status_id":1900001,"priority":null,"type":null,"assignee_id":null,)"
            R"("external_id":"x","tags":[]}})");
  DeskUpdate back;  // to the category's own, which the category's name alone would not do
  back.status = "open";
  client.update("7", back, {});
  EXPECT_EQ(http.asked.back().body, R"({"ticket":{"custom_status_id":12}})");
  DeskUpdate stamped;
  stamped.status = "solved";
  stamped.unless_changed_since = "2026-11-21T09:30:00Z";
  client.update("7", stamped, {});
  EXPECT_EQ(http.asked.back().body,
            R"({"ticket":{"status":"solved","updated_stamp":"2026-11-21T09:30:00Z","safe_update":true}})");
  EXPECT_EQ(thrown_by([&] { client.update("7", {}, {}); }).first, ErrorKind::refused);
  DeskUpdate bad;
  bad.status = "open:x";
  EXPECT_EQ(thrown_by([&] { client.update("7", bad, {}); }).first, ErrorKind::refused);
  EXPECT_EQ(thrown_by([&] { client.update("7?", stamped, {}); }).first, ErrorKind::refused);
  EXPECT_EQ(http.left(), 1U);
}

TEST_F(ZendeskWrite, AStaleStampAndABusyDatabaseAreConflicts) {
  DeskUpdate change;
  change.status = "pending";
  change.unless_changed_since = "2026-11-21T09:30:00Z";
  http.then(
      409,
      R"({"error":"UpdateConflict","description":"Safe Update prevented the update due to outdated ticket data"})");
  EXPECT_EQ(thrown_by([&] { client.update("7", change, {}); }),
            std::pair(ErrorKind::conflict, std::string("UpdateConflict")));
  http.then(409, R"({"error":"DatabaseConflict","description":"Database collision"})");
  EXPECT_EQ(thrown_by([&] { client.update("7", change, {}); }),
            std::pair(ErrorKind::conflict, std::string("DatabaseConflict")));
}

TEST_F(ZendeskWrite, AClosedTicketSaysSo) {
  DeskUpdate change;
  change.status = "open";
  http.then(422, R"({"error":"RecordInvalid","description":"Record validation errors","details":{"status":[
    {"description":"Status: closed prevents ticket update"}]}})");
  EXPECT_EQ(thrown_by([&] { client.update("7", change, {}); }), std::pair(ErrorKind::refused, std::string("closed")));
}

TEST_F(ZendeskWrite, FieldsInTheirTypes) {
  const auto sent = [&](const std::string& name, const std::string& value) {
    http.then(Error(ErrorKind::unreachable, "no more is needed"));
    DeskUpdate change;
    change.fields[name] = value;
    EXPECT_EQ(thrown_by([&] { client.update("7", change, {}); }).first, ErrorKind::unreachable) << name;
    const std::string& body = http.asked.back().body;
    const std::size_t from = body.find("\"value\":") + 8;
    return body.substr(from, body.find('}', from) - from);
  };
  EXPECT_EQ(sent("aws_case", "5"), R"("5")");
  EXPECT_EQ(sent("101", ""), "null");
  EXPECT_EQ(sent("seats", "42"), "42");
  EXPECT_EQ(sent("ratio", "1.5"), "1.5");
  EXPECT_EQ(sent("vip", "false"), "false");
  EXPECT_EQ(sent("area", "net"), R"("net")");
  EXPECT_EQ(sent("area", ""), "null");
  EXPECT_EQ(sent("parts", "b a"), R"(["b","a"])");
  EXPECT_EQ(sent("parts", ""), "[]");
  EXPECT_EQ(sent("due", "2026-12-24"), R"("2026-12-24")");
}

TEST_F(ZendeskWrite, FieldsThatAreWrongAreNotSent) {
  std::string message;
  const auto code = [&](const std::string& name, const std::string& value) {
    DeskUpdate change;
    change.fields[name] = value;
    const auto thrown = thrown_by([&] { client.update("7", change, {}); }, &message);
    EXPECT_EQ(thrown.first, ErrorKind::refused) << name;
    return thrown.second;
  };
  EXPECT_EQ(code("seats", "many"), "invalid_value");
  EXPECT_EQ(code("seats", "99999999999999999999"), "invalid_value");
  EXPECT_EQ(code("ratio", "inf"), "invalid_value");
  EXPECT_EQ(code("vip", "yes"), "invalid_value");
  EXPECT_EQ(code("due", "24.12.2026"), "invalid_value");
  EXPECT_EQ(code("area", "Network"), "unknown_option");
  EXPECT_THAT(message, HasSubstr("net, disk"));
  EXPECT_EQ(code("parts", "a c"), "unknown_option");
  EXPECT_EQ(code("108", "x"), "unknown_field");  // no longer on the form
  EXPECT_EQ(code("nothing", "x"), "unknown_field");
  EXPECT_THAT(message, HasSubstr("area, aws_case, due"));
  EXPECT_EQ(http.asked.size(), 2U);
}

TEST_F(ZendeskWrite, AFieldDroppedInSilenceIsNoticed) {
  DeskUpdate change;
  change.fields = {{"aws_case", " case-1 "}, {"ratio", "1.50"}, {"seats", "42"}, {"vip", "false"}, {"parts", "b a"}};
  http.then(200, answer("7", R"(,"custom_fields":[{"id":101,"value":"case-1"},{"id":102,"value":"42"},
    {"id":103,"value":"1.5"},{"id":104,"value":null},{"id":106,"value":["a","b"]}])"));
  EXPECT_EQ(client.update("7", change, {}).fields.at("aws_case"), "case-1");
  std::string message;
  change.fields = {{"area", "disk"}};
  http.then(200, answer("7", R"(,"custom_fields":[{"id":105,"value":null}])"));
  EXPECT_EQ(thrown_by([&] { client.update("7", change, {}); }, &message),
            std::pair(ErrorKind::refused, std::string("dropped")));
  EXPECT_THAT(message, HasSubstr("'disk' for area"));
  // A ticket that was made is not refused for it.
  NewTicket ticket{"S", "D", "", "", "", {}, {{"area", "disk"}}, {}};
  http.then(201, answer("8"));
  EXPECT_TRUE(client.create(ticket, {}).fields.empty());
}

TEST_F(ZendeskWrite, NewOptionsAreSeenWithinMinutes) {
  DeskUpdate change;
  change.fields["area"] = "cpu";
  EXPECT_EQ(thrown_by([&] { client.update("7", change, {}); }).first, ErrorKind::refused);
  clock.set("2026-11-21T10:05:00Z");
  http.then(200,
            R"({"ticket_fields":[{"id":105,"type":"tagger","custom_field_options":[{"name":"C","value":"cpu"}]}]})");
  http.then(200, statuses_json).then(200, answer("7", R"(,"custom_fields":[{"id":105,"value":"cpu"}])"));
  client.update("7", change, {});
}

TEST_F(ZendeskWrite, CommentsSayWhetherTheyArePublicAlways) {
  know_ourselves();
  http.then(200, commented(R"(,"via":{"channel":"api"})")).then(200, commented());
  const DeskComment made = client.comment("7", {"<p>b</p>", true, {}, "abcdefghij"}, {});
  EXPECT_EQ(made.id, "90");
  EXPECT_EQ(made.ref, "abcdefghij");
  EXPECT_TRUE(made.is_public);
  EXPECT_EQ(last(), "/tickets/7");
  EXPECT_EQ(http.asked.back().method, "PUT");
  EXPECT_EQ(http.asked.back().budget, "zendesk:acme/update");
  EXPECT_EQ(http.asked.back().body, R"({"ticket":{"comment":{"html_body":"<p>b</p>","public":true,"author_id":61},)"
                                    R"("metadata":{"supportd_ref":"abcdefghij"}}})");
  client.comment("7", {"b", false, {}}, {});
  EXPECT_EQ(http.asked.back().body, R"({"ticket":{"comment":{"html_body":"b","public":false,"author_id":61}}})");
}

TEST_F(ZendeskWrite, FilesAreUploadedFirst) {
  know_ourselves();
  http.then(201, R"({"upload":{"token":"up1"}})").then(201, R"({"upload":{"token":"up2"}})").then(200, commented());
  client.comment("7", {"b", false, {{"../a.log", "text/plain\r\nX: y", std::string("\0\r\n", 3)}, {"", "", "x"}}}, {});
  EXPECT_EQ(path(3), "/uploads?filename=..%2Fa.log");
  EXPECT_EQ(http.asked.at(3).headers.get("Content-Type"), "application/octet-stream");
  EXPECT_EQ(http.asked.at(3).body.size(), 3U);
  EXPECT_EQ(path(4), "/uploads?filename=file");
  EXPECT_THAT(http.asked.back().body, HasSubstr(R"("uploads":["up1","up2"])"));
  NewComment huge{"b", false, {{"a", "", std::string(50 * 1024 * 1024 + 1, 'x')}}};
  EXPECT_EQ(thrown_by([&] { client.comment("7", huge, {}); }), std::pair(ErrorKind::refused, std::string("too_large")));
  // Nothing is in doubt when a file did not get there.
  http.then(Error(ErrorKind::unreachable, "cut"));
  EXPECT_EQ(thrown_by([&] { client.comment("7", {"b", false, {{"a", "", "x"}}}, {}); }).first, ErrorKind::unreachable);
}

TEST_F(ZendeskWrite, AWriteWithAnUnreadableAnswerIsUnknown) {
  know_ourselves();
  DeskUpdate change;
  change.status = "open";
  for (const char* body : {"", "<html>", "[]", R"({"ticket":{"id":null}})", R"({"ticket":{"id":7,)"}) {
    http.then(201, body).then(200, body).then(200, body);
    EXPECT_EQ(thrown_by([&] {
                client.create({"S", "D", "", "", "", {}, {}, {}}, {});
              }).first,
              ErrorKind::unknown_outcome)
        << body;
    EXPECT_EQ(thrown_by([&] { client.update("7", change, {}); }).first, ErrorKind::unknown_outcome) << body;
    EXPECT_EQ(thrown_by([&] { client.comment("7", {"b", false, {}}, {}); }).first, ErrorKind::unknown_outcome) << body;
  }
  http.then(200, answer("7"));  // an audit without a comment
  EXPECT_EQ(thrown_by([&] { client.comment("7", {"b", false, {}}, {}); }).first, ErrorKind::unknown_outcome);
  http.then(Error(ErrorKind::corrupt, "too long"));
  EXPECT_EQ(thrown_by([&] { client.update("7", change, {}); }).first, ErrorKind::unknown_outcome);
}

TEST_F(ZendeskWrite, ThirtyUpdatesOfATicketInTenMinutes) {
  DeskUpdate change;
  change.status = "open";
  for (int i = 0; i < 30; ++i) {
    http.then(200, answer("7"));
    client.update("7", change, {});
  }
  clock.set("2026-11-21T10:04:00Z");
  try {
    client.update("7", change, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::throttled);
    EXPECT_EQ(error.code(), "ticket_updates");
    EXPECT_EQ(error.retry_after(), Millis{6 * 60'000});
  }
  http.then(200, answer("8"));
  client.update("8", change, {});
  clock.set("2026-11-21T10:10:00Z");
  http.then(200, answer("7"));
  client.update("7", change, {});
}

TEST_F(ZendeskWrite, Removes) {
  http.then(204, "").then(404, R"({"error":"RecordNotFound"})").then(403, R"({"error":"Forbidden"})");
  client.remove("7", {});
  EXPECT_EQ(http.asked.back().method, "DELETE");
  EXPECT_EQ(last(), "/tickets/7");
  EXPECT_EQ(thrown_by([&] { client.remove("7", {}); }).first, ErrorKind::gone);
  EXPECT_EQ(thrown_by([&] { client.remove("7", {}); }).first, ErrorKind::refused);
}

class ZendeskMerge : public testing::Test {
 protected:
  void job(int status, const std::string& state, const std::string& more = "") {
    http.then(status, R"({"job_status":{"id":"82de0b","status":")" + state + "\"" + more + "}}");
  }
  std::pair<ErrorKind, std::string> failed() {
    return thrown_by([&] { client.merge("8", "7", {}); }, &message);
  }

  tests::ScriptedClient http;
  SkippingClock clock;
  Client client{http, clock, {.base_url = "https://acme.zendesk.com"}, [](const std::string&) { return "t"; }};
  std::string message;
};

TEST_F(ZendeskMerge, AwaitsTheJob) {
  job(200, "queued");
  job(200, "working");
  job(200, "completed", R"(,"results":[{"id":8,"success":true}])");
  client.merge("8", "7", {});
  EXPECT_THAT(http.asked.at(0).url, HasSubstr("/tickets/7/merge"));
  EXPECT_EQ(http.asked.at(0).headers.get("Authorization"), "Bearer t");
  EXPECT_THAT(http.asked.at(0).body, HasSubstr(R"("ids":[8])"));
  EXPECT_THAT(http.asked.at(0).body, HasSubstr(R"("source_comment_is_public":false)"));
  EXPECT_THAT(http.asked.at(2).url, HasSubstr("/job_statuses/82de0b"));
}

TEST_F(ZendeskMerge, AJobThatFails) {
  job(200, "queued");
  job(200, "failed", R"(,"message":"no such ticket")");
  EXPECT_EQ(failed(), std::pair(ErrorKind::refused, std::string("merge_failed")));
  EXPECT_THAT(message, HasSubstr("no such ticket"));
  job(200, "completed", R"(,"results":[{"id":8,"success":false,"error":"TicketMergeFailed","details":"closed"}])");
  EXPECT_EQ(failed().first, ErrorKind::refused);
  EXPECT_THAT(message, HasSubstr("TicketMergeFailed closed"));
  http.then(429, R"({"error":"TooManyJobs","current_job_ids":["a"]})", {{"Retry-After", "5"}});
  EXPECT_EQ(failed(), std::pair(ErrorKind::throttled, std::string("TooManyJobs")));
}

TEST_F(ZendeskMerge, AJobWhoseEndNobodySees) {
  for (int i = 0; i < 20; ++i) job(200, "working");
  EXPECT_EQ(failed().first, ErrorKind::unknown_outcome);
  EXPECT_GT(http.left(), 0U);
  tests::ScriptedClient lost;
  Client other(lost, clock, {.base_url = "https://acme.zendesk.com"}, [](const std::string&) { return "t"; });
  lost.then(200, R"({"job_status":{"id":"1","status":"queued"}})").then(Error(ErrorKind::unreachable, "cut"));
  EXPECT_EQ(thrown_by([&] { other.merge("8", "7", {}); }).first, ErrorKind::unknown_outcome);
  lost.then(200, R"({"job_status":{"id":"1","status":"puzzled"}})");
  EXPECT_EQ(thrown_by([&] { other.merge("8", "7", {}); }).first, ErrorKind::unknown_outcome);
  lost.then(200, "{}");
  EXPECT_EQ(thrown_by([&] { other.merge("8", "7", {}); }).first, ErrorKind::unknown_outcome);
}

}  // namespace
}  // namespace supportd::connectors::zendesk
