#include "connectors/freshdesk/client.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/connectors/scripted.hpp"

namespace supportd::connectors::freshdesk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tests::thrown_by;

constexpr const char* date = "Sat, 21 Nov 2026 10:00:00 GMT";

std::string ticket_json(const std::string& id, const std::string& updated, const std::string& more = "") {
  return R"({"id":)" + id + R"(,"subject":"S","description":"<div>D</div>","status":2,"priority":1,"type":null,)" +
         R"("requester_id":51,"company_id":null,"responder_id":61,"group_id":null,"tags":["a"],"spam":false,)" +
         R"("custom_fields":{"cf_a":"x","cf_n":5,"cf_b":true,"cf_none":null},"attachments":[],)" +
         R"("created_at":"2026-11-20T00:00:00Z","updated_at":")" + updated + "\"" + more + "}";
}

class FreshdeskClient : public testing::Test {
 protected:
  tests::ScriptedClient http;
  tests::StandingClock clock{"2026-11-21T10:00:00Z"};
  std::vector<std::string> refused;
  std::string next_key = "key1";
  Client client{http,
                clock,
                {.base_url = "https://acme.freshdesk.com/", .budget = "freshdesk:acme"},
                [this](const std::string& bad) {
                  if (!bad.empty()) refused.push_back(bad);
                  return next_key;
                }};
  Instant from = time::parse_instant("2026-11-21T09:00:00Z").value();

  void list(const std::string& rows) { http.then(200, "[" + rows + "]", {{"Date", date}}); }
  std::string path(std::size_t i) const {
    return http.asked.at(i).url.substr(std::string("https://acme.freshdesk.com/api/v2").size());
  }
};

TEST_F(FreshdeskClient, ChangesReadLiveThenDeletedAndSpamInTurn) {
  list(ticket_json("7", "2026-11-21T09:30:00Z"));
  list(ticket_json("8", "2026-11-21T09:10:00Z"));
  const DeskPage first = client.changes("", from, {});
  EXPECT_EQ(path(0),
            "/tickets?updated_since=2026-11-21T09%3A00%3A00Z&order_by=updated_at&order_type=asc&per_page=100"
            "&include=description,stats&page=1");
  EXPECT_EQ(path(1),
            "/tickets?updated_since=2026-11-21T09%3A00%3A00Z&order_by=updated_at&order_type=asc&per_page=100"
            "&filter=deleted&page=1");
  EXPECT_EQ(http.asked[0].headers.get("Authorization"), "Basic a2V5MTpY");
  EXPECT_EQ(http.asked[0].budget, "freshdesk:acme/list");
  EXPECT_TRUE(http.asked[0].safe);
  EXPECT_FALSE(first.more);
  ASSERT_EQ(first.tickets.size(), 2U);
  EXPECT_FALSE(first.tickets[0].deleted);
  EXPECT_TRUE(first.tickets[1].deleted);

  list(ticket_json("7", "2026-11-21T09:30:00Z"));
  list(ticket_json("9", "2026-11-21T09:20:00Z"));
  const DeskPage second = client.changes(first.cursor, from, {});
  EXPECT_THAT(path(2), HasSubstr("updated_since=2026-11-21T09%3A30%3A00Z"));
  EXPECT_THAT(path(3), HasSubstr("filter=spam"));
  ASSERT_EQ(second.tickets.size(), 1U);  // 7 is unchanged
  EXPECT_TRUE(second.tickets[0].spam);

  list(ticket_json("7", "2026-11-21T09:30:00Z", R"(,"x":1)"));
  list("");
  const DeskPage third = client.changes(second.cursor, from, {});
  EXPECT_THAT(path(5), HasSubstr("filter=deleted"));
  ASSERT_EQ(third.tickets.size(), 1U);  // changed within its second
  EXPECT_EQ(third.tickets[0].id, "7");
}

TEST_F(FreshdeskClient, AWholePageIsFollowedWithoutTheOtherLists) {
  std::string rows;
  for (int i = 1; i <= 100; ++i) {
    rows +=
        (i > 1 ? "," : "") + ticket_json(std::to_string(i), i < 50 ? "2026-11-21T09:00:00Z" : "2026-11-21T09:05:00Z");
  }
  list(rows);
  const DeskPage page = client.changes("", from, {});
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.tickets.size(), 100U);
  EXPECT_EQ(http.asked.size(), 1U);
  list(ticket_json("50", "2026-11-21T09:05:00Z"));
  list("");
  EXPECT_EQ(client.changes(page.cursor, from, {}).tickets.size(), 0U);
  EXPECT_THAT(path(1), HasSubstr("updated_since=2026-11-21T09%3A05%3A00Z"));
}

TEST_F(FreshdeskClient, OneSecondOfManyPagesIsPagedButNeverBeyond300) {
  std::string rows;
  for (int i = 1; i <= 100; ++i) rows += (i > 1 ? "," : "") + ticket_json(std::to_string(i), "2026-11-21T09:00:00Z");
  for (int page = 1; page <= 300; ++page) list(rows);
  EXPECT_EQ(thrown_by([&] { client.changes("", from, {}); }), std::pair(ErrorKind::refused, std::string("page_limit")));
  EXPECT_EQ(http.asked.size(), 300U);
  EXPECT_THAT(path(299), HasSubstr("&page=300"));
}

TEST_F(FreshdeskClient, BadRowsGoAsideAndBadPagesKeepTheCursor) {
  list(ticket_json("7", "2026-11-21T09:30:00Z") + R"(,{"id":8,"status":{}},{"subject":"no id"},"text",)" +
       R"({"id":9,"created_at":"2026-11-20T00:00:00Z","updated_at":"soon"},)" +
       ticket_json("10", "2026-11-21T09:31:00Z", R"(,"tags":5)"));
  list("");
  const DeskPage page = client.changes("", from, {});
  EXPECT_EQ(page.tickets.size(), 2U);
  std::vector<std::string> ids;
  for (const BadRow& row : page.bad) ids.push_back(row.id);
  EXPECT_THAT(ids, ElementsAre("8", "", "", "9"));
  EXPECT_EQ(page.bad[0].raw, R"({"id":8,"status":{}})");
  EXPECT_FALSE(page.bad[0].error.empty());

  for (const std::string& body :
       {std::string("<html>"), std::string("[{\"id\":1"), std::string("{}"), std::string("[]\0", 3),
        std::string("[\"\xc3\x28\"]"), std::string("[\"\\u0000\"]"), std::string(200'000, '[')}) {
    http.then(200, body);
    EXPECT_EQ(thrown_by([&] { client.changes(page.cursor, from, {}); }).first, ErrorKind::corrupt)
        << body.substr(0, 20);
  }
}

TEST_F(FreshdeskClient, AnUnreadableRowIsNotHandedOverTwice) {
  list(R"({"id":8,"updated_at":"2026-11-21T09:30:00Z"})");
  list("");
  const DeskPage first = client.changes("", from, {});
  EXPECT_EQ(first.bad.size(), 1U);
  list(R"({"id":8,"updated_at":"2026-11-21T09:30:00Z"})");
  list("");
  EXPECT_EQ(client.changes(first.cursor, from, {}).bad.size(), 0U);
}

TEST_F(FreshdeskClient, ATicketInTheDesksTerms) {
  http.then(200,
            ticket_json("7", "2026-11-21T09:30:00Z",
                        R"(,"status_is_new":1,"deleted":true,"stats":{"status_updated_at":"2026-11-21T08:00:00Z"})"));
  const DeskTicket ticket = client.ticket("7", {});
  EXPECT_EQ(path(0), "/tickets/7?include=stats");
  EXPECT_EQ(ticket.id, "7");
  EXPECT_EQ(ticket.html, "<div>D</div>");
  EXPECT_EQ(ticket.status, "2");
  EXPECT_EQ(ticket.assignee_id, "61");
  EXPECT_EQ(ticket.organisation_id, "");
  EXPECT_EQ(ticket.fields, (std::map<std::string, std::string>{{"cf_a", "x"}, {"cf_n", "5"}, {"cf_b", "true"}}));
  EXPECT_TRUE(ticket.deleted);
  EXPECT_EQ(ticket.status_since, time::parse_instant("2026-11-21T08:00:00Z").value());
  EXPECT_EQ(thrown_by([&] { client.ticket("7/../8", {}); }).first, ErrorKind::refused);
}

TEST_F(FreshdeskClient, AnArchivedTicketIsFound) {
  http.then(404, "").then(200, ticket_json("7", "2026-01-01T00:00:00Z"));
  const DeskTicket archived = client.ticket("7", {});
  EXPECT_TRUE(archived.archived);
  EXPECT_TRUE(archived.immutable);
  EXPECT_EQ(archived.stamp, "");
  EXPECT_EQ(path(1), "/tickets/archived/7");
  http.then(404, "").then(404, "");
  EXPECT_EQ(thrown_by([&] { client.ticket("7", {}); }).first, ErrorKind::gone);
}

TEST_F(FreshdeskClient, ConversationsUntilAShortPage) {
  const auto comment = [](int id, const char* created, const char* more = "") {
    return R"({"id":)" + std::to_string(id) +
           R"(,"user_id":5,"body":"b","private":true,"incoming":false,"created_at":")" + created + "\"" + more + "}";
  };
  std::string whole;
  for (int i = 1; i <= 99; ++i) whole += comment(i, "2026-11-21T09:00:00Z") + ",";
  http.then(200, "[" + whole + R"({"id":"x","body":7}])");
  http.then(200, "[" + comment(200, "2026-11-21T08:00:00Z", R"(,"last_edited_at":"2026-11-21T08:01:00Z","attachments":[
    {"id":3,"name":"a.png","content_type":"image/png","size":4,"attachment_url":"https://s3.example/a?sig=1"}])") +
                     "]");
  std::vector<BadRow> bad;
  const auto comments = client.comments("7", bad, {});
  EXPECT_EQ(path(1), "/tickets/7/conversations?per_page=100&page=2");
  ASSERT_EQ(comments.size(), 100U);
  EXPECT_EQ(comments[0].id, "200");  // oldest first
  EXPECT_EQ(comments[0].files.at(0).size, 4);
  EXPECT_TRUE(comments[0].edited);
  EXPECT_FALSE(comments[1].is_public);
  EXPECT_EQ(bad.at(0).id, "x");
}

TEST_F(FreshdeskClient, PeopleCompaniesStatuses) {
  http.then(200, R"({"id":5,"email":"a@b.example","name":"A","company_id":9})");
  http.then(200, R"({"id":6,"contact":{"email":"g@b.example","name":"G"}})");
  http.then(200, R"({"id":9,"name":"Acme","domains":["acme.example"]})");
  http.then(200, R"([{"name":"subject","type":"default_subject"},{"name":"cf_n","type":"custom_number","choices":[]},
    {"name":"cf_kind","type":"custom_dropdown","choices":["Bug","Wish"]},
    {"name":"cf_place","type":"nested_field","choices":{"Seoul":{"Mapo":[]}}},
    {"name":"status","type":"default_status","choices":{"2":["Open","Being Processed"],"11":["At AWS","At AWS"],"6":["Waiting","W"]}}])");
  EXPECT_EQ(client.person("5", false, {}).organisation_id, "9");
  EXPECT_TRUE(client.person("6", true, {}).is_agent);
  const DeskOrganisation acme = client.organisation("9", {});
  EXPECT_EQ(acme.name, "Acme");
  EXPECT_THAT(acme.domains, ElementsAre("acme.example"));
  const auto statuses = client.statuses({});
  ASSERT_EQ(statuses.size(), 3U);
  EXPECT_EQ(statuses[2].value, "11");
  EXPECT_EQ(statuses[2].label, "At AWS");
  const auto fields = client.fields({});
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].type, "custom_number");
  EXPECT_TRUE(fields[0].choices.empty());
  EXPECT_EQ(fields[1].choices.at(1).value, "Wish");
  EXPECT_EQ(fields[2].choices.at(0).label, "Seoul");
  EXPECT_EQ(http.asked.size(), 4U);
  EXPECT_TRUE(client.by_external_id("case-1", {}).empty());
  EXPECT_FALSE(client.create_is_keyed());
}

TEST_F(FreshdeskClient, CreatesWithTypedFields) {
  http.then(200, R"([{"name":"cf_n","type":"custom_number"},{"name":"cf_b","type":"custom_checkbox"},
    {"name":"cf_d","type":"custom_decimal"},{"name":"status","type":"default_status","choices":{"2":["Open","O"]}}])");
  http.then(201, ticket_json("7", "2026-11-21T09:30:00Z"));
  NewTicket ticket{"S",
                   "<p>D</p>",
                   "2",
                   "3",
                   "a@b.example",
                   {"t"},
                   {{"cf_b", "true"}, {"cf_d", "1.5"}, {"cf_n", "42"}, {"cf_t", "42"}},
                   {}};
  EXPECT_EQ(client.create(ticket, {}).id, "7");
  EXPECT_EQ(http.asked.at(1).method, "POST");
  EXPECT_EQ(http.asked.at(1).body,
            R"({"email":"a@b.example","subject":"S","description":"<p>D</p>","status":2,"priority":3,"tags":["t"],)"
            R"("custom_fields":{"cf_b":true,"cf_d":1.5,"cf_n":42,"cf_t":"42"}})");
  EXPECT_EQ(http.asked.at(1).budget, "freshdesk:acme/create");
  EXPECT_FALSE(http.asked.at(1).safe);
  ticket.fields = {{"cf_n", "many"}};
  EXPECT_EQ(thrown_by([&] { client.create(ticket, {}); }),
            std::pair(ErrorKind::refused, std::string("datatype_mismatch")));
  ticket.fields = {};
  ticket.status = "open";
  EXPECT_EQ(thrown_by([&] { client.create(ticket, {}); }).first, ErrorKind::refused);
  EXPECT_EQ(http.asked.size(), 2U);
}

TEST_F(FreshdeskClient, CreatesForSomeoneByNameAtAnAgent) {
  http.then(201, ticket_json("7", "2026-11-21T09:30:00Z")).then(201, ticket_json("8", "2026-11-21T09:30:00Z"));
  NewTicket ticket{"S", "D", "2", "1", "a@b.example", {}, {}, {}};
  ticket.requester_name = "Kim";
  ticket.type = "Question";
  ticket.assignee_id = "61";
  ticket.group_id = "71";
  client.create(ticket, {});
  EXPECT_EQ(http.asked.at(0).body,
            R"({"email":"a@b.example","subject":"S","description":"D","name":"Kim","status":2,"priority":1,)"
            R"("type":"Question","responder_id":61,"group_id":71})");
  ticket.files = {{"a.log", "text/plain", "lines"}};
  client.create(ticket, {});
  const auto parts = http::decode_multipart(http.asked.at(1).body, *http.asked.at(1).headers.get("Content-Type"));
  ASSERT_TRUE(parts.has_value());
  std::map<std::string, std::string> sent;
  for (const auto& part : *parts) sent[part.name] = part.data;
  EXPECT_EQ(sent["name"], "Kim");
  EXPECT_EQ(sent["type"], "Question");
  EXPECT_EQ(sent["responder_id"], "61");
  EXPECT_EQ(sent["group_id"], "71");
}

TEST_F(FreshdeskClient, MergesAndRemoves) {
  http.then(204, "").then(204, "").then(404, "").then(405, "");
  client.merge("8", "7", {});
  EXPECT_EQ(http.asked.at(0).method, "PUT");
  EXPECT_EQ(path(0), "/tickets/merge");
  EXPECT_EQ(http.asked.at(0).body, R"({"primary_id":7,"ticket_ids":[8]})");
  client.remove("7", {});
  EXPECT_EQ(http.asked.at(1).method, "DELETE");
  EXPECT_EQ(path(1), "/tickets/7");
  EXPECT_FALSE(http.asked.at(1).safe);
  EXPECT_EQ(thrown_by([&] { client.merge("8", "7", {}); }).first, ErrorKind::gone);
  EXPECT_EQ(thrown_by([&] { client.remove("7", {}); }).first, ErrorKind::gone);
  EXPECT_EQ(thrown_by([&] { client.merge("8", "7/x", {}); }).first, ErrorKind::refused);
}

TEST_F(FreshdeskClient, UpdatesOnlyWhatIsSet) {
  http.then(200, ticket_json("7", "2026-11-21T09:30:00Z"));
  DeskUpdate change;
  change.status = "6";
  change.assignee_id = "";
  change.tags = std::vector<std::string>{};
  client.update("7", change, {});
  EXPECT_EQ(http.asked.at(0).method, "PUT");
  EXPECT_EQ(path(0), "/tickets/7");
  EXPECT_EQ(http.asked.at(0).body, R"({"status":6,"responder_id":null,"tags":[]})");
  EXPECT_EQ(http.asked.at(0).budget, "freshdesk:acme/update");
  EXPECT_EQ(thrown_by([&] { client.update("7", {}, {}); }).first, ErrorKind::refused);
}

TEST_F(FreshdeskClient, NotesArePrivateRepliesAreNot) {
  http.then(201, R"({"id":1,"body":"b","private":true,"created_at":"2026-11-21T10:00:00Z","user_id":6})");
  http.then(201, R"({"id":2,"body":"b","created_at":"2026-11-21T10:00:00Z","user_id":6})");
  EXPECT_FALSE(client.comment("7", {"b", false, {}}, {}).is_public);
  EXPECT_TRUE(client.comment("7", {"b", true, {}}, {}).is_public);
  EXPECT_EQ(path(0), "/tickets/7/notes");
  EXPECT_EQ(http.asked.at(0).body, R"({"body":"b","private":true})");
  EXPECT_EQ(path(1), "/tickets/7/reply");
  EXPECT_EQ(http.asked.at(1).body, R"({"body":"b"})");
}

TEST_F(FreshdeskClient, PublicNotesByOption) {
  Client notes(http, clock, {.base_url = "https://acme.freshdesk.com", .public_comment = PublicComment::note},
               [](const std::string&) { return std::string("k"); });
  http.then(201, R"({"id":1,"body":"b","private":false,"created_at":"2026-11-21T10:00:00Z","user_id":6})");
  EXPECT_TRUE(notes.comment("7", {"b", true, {}}, {}).is_public);
  EXPECT_EQ(http.asked.at(0).body, R"({"body":"b","private":false})");
  EXPECT_EQ(http.asked.at(0).budget, "");
}

TEST_F(FreshdeskClient, FilesGoAsMultipart) {
  http.then(201, R"({"id":1,"body":"b","private":true,"created_at":"2026-11-21T10:00:00Z"})");
  const std::string bytes("\0\r\n--x", 6);
  client.comment("7", {"b", false, {{"../a \"1\".log", "text/plain\r\nX: y", bytes}}}, {});
  const auto parts = http::decode_multipart(http.asked.at(0).body, *http.asked.at(0).headers.get("Content-Type"));
  ASSERT_TRUE(parts.has_value()) << parts.error().what;
  ASSERT_EQ(parts->size(), 3U);
  EXPECT_EQ((*parts)[1].name, "private");
  EXPECT_EQ((*parts)[1].data, "true");
  EXPECT_EQ((*parts)[2].name, "attachments[]");
  EXPECT_EQ((*parts)[2].content_type, "application/octet-stream");
  EXPECT_EQ((*parts)[2].data, bytes);
  NewComment huge{"b", false, {{"a", "", std::string(20 * 1024 * 1024 + 1, 'x')}}};
  EXPECT_EQ(thrown_by([&] { client.comment("7", huge, {}); }), std::pair(ErrorKind::refused, std::string("too_large")));
}

TEST_F(FreshdeskClient, AWriteWithAnUnreadableAnswerIsUnknown) {
  DeskUpdate change;
  change.status = "4";
  for (const char* body : {"", "<html>", "[]", "{\"id\":null}", "{\"id\":7,"}) {
    http.then(201, body).then(200, body);
    EXPECT_EQ(thrown_by([&] { client.comment("7", {"b", false, {}}, {}); }).first, ErrorKind::unknown_outcome) << body;
    EXPECT_EQ(thrown_by([&] { client.update("7", change, {}); }).first, ErrorKind::unknown_outcome) << body;
  }
  http.then(Error(ErrorKind::corrupt, "too long"));
  EXPECT_EQ(thrown_by([&] { client.update("7", change, {}); }).first, ErrorKind::unknown_outcome);
}

TEST_F(FreshdeskClient, ErrorsByStatus) {
  const auto kind = [&](int status, const std::string& body = "", http::Headers headers = {}) {
    http.then(status, body, std::move(headers));
    return thrown_by([&] { client.organisation("9", {}); });
  };
  std::string message;
  http.then(400,
            R"({"description":"Validation failed","errors":[{"field":"cf_ref","message":"It should be a/an Integer.",
    "code":"datatype_mismatch"},{"field":"type","message":"missing","code":"missing_field"}]})");
  EXPECT_EQ(thrown_by([&] { client.organisation("9", {}); }, &message),
            std::pair(ErrorKind::refused, std::string("datatype_mismatch")));
  EXPECT_THAT(message, HasSubstr("cf_ref: It should be a/an Integer.; type: missing"));
  EXPECT_EQ(kind(403, R"({"code":"access_denied","message":"no"})"),
            std::pair(ErrorKind::refused, std::string("access_denied")));
  EXPECT_EQ(kind(404).first, ErrorKind::gone);
  EXPECT_EQ(kind(405).first, ErrorKind::gone);
  EXPECT_EQ(kind(409).first, ErrorKind::conflict);
  EXPECT_EQ(kind(502, "<html>").first, ErrorKind::unreachable);
  EXPECT_EQ(kind(301).first, ErrorKind::config);
  EXPECT_EQ(kind(400, "{\"errors\":7}").first, ErrorKind::refused);
  EXPECT_EQ(kind(400, R"({"errors":["x"],"code":5})").first, ErrorKind::refused);
  http.then(429, "", {{"Retry-After", "34"}});
  try {
    client.organisation("9", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::throttled);
    EXPECT_EQ(error.retry_after(), Millis{34'000});
  }
}

TEST_F(FreshdeskClient, ARefusedKeyIsFetchedAnewOnce) {
  http.then(401, R"({"code":"invalid_credentials"})");
  EXPECT_EQ(thrown_by([&] { client.organisation("9", {}); }), std::pair(ErrorKind::config, std::string("credentials")));
  EXPECT_THAT(refused, ElementsAre("key1"));
  EXPECT_EQ(http.asked.size(), 1U);  // the same key is not tried twice

  int asked = 0;
  Client rotating(http, clock, {.base_url = "https://acme.freshdesk.com"}, [&](const std::string& bad) {
    return bad.empty() && asked++ == 0 ? std::string("old") : std::string("new");
  });
  http.then(401, "").then(200, R"({"id":6,"contact":{}})");
  EXPECT_EQ(rotating.own_id({}), "6");
  EXPECT_EQ(rotating.own_id({}), "6");
  EXPECT_EQ(http.asked.size(), 3U);
}

TEST_F(FreshdeskClient, RateHeaders) {
  const http::Response answer{
      .status = 429, .headers = {{"x-ratelimit-remaining", "7"}, {"Retry-After", "5"}}, .body = ""};
  const http::RateNews news = read_rate({}, answer, clock.now());
  EXPECT_EQ(news.remaining, 7);
  EXPECT_EQ(news.pause, Millis{5000});
  EXPECT_EQ(
      read_rate({}, {.status = 200, .headers = {{"X-RateLimit-Remaining", "-1x"}}, .body = ""}, clock.now()).remaining,
      std::nullopt);
}

class FreshdeskDownload : public FreshdeskClient {
 protected:
  std::string get(const std::string& url, std::size_t limit = 100) {
    return client.download({"1", "a", "", 0, url}, limit, {});
  }
};

TEST_F(FreshdeskDownload, TheKeyStaysAtHome) {
  http.then(302, "", {{"Location", "https://cdn.example/a?sig=1"}}).then(200, "bytes");
  EXPECT_EQ(get("https://ACME.freshdesk.com/attachments/1"), "bytes");
  EXPECT_TRUE(http.asked.at(0).headers.has("Authorization"));
  EXPECT_FALSE(http.asked.at(1).headers.has("Authorization"));
  EXPECT_EQ(http.asked.at(1).url, "https://cdn.example/a?sig=1");
  EXPECT_EQ(http.asked.at(1).budget, "");
  for (const char* url : {"https://acme.freshdesk.com.evil.example/a", "https://acme.freshdesk.com:8443/a"}) {
    http.then(200, "x");
    get(url);
    EXPECT_FALSE(http.asked.back().headers.has("Authorization")) << url;
  }
}

TEST_F(FreshdeskDownload, LinksThatAreNot) {
  for (const char* url : {"", "a", "http://cdn.example/a", "file:///etc/passwd",
                          "https://acme.freshdesk.com@evil.example/a", "https://x.example/a b"}) {
    EXPECT_EQ(thrown_by([&] { get(url); }).first, ErrorKind::corrupt) << url;
  }
  for (int i = 0; i < 4; ++i) http.then(302, "", {{"Location", "/again"}});
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }).first, ErrorKind::corrupt);
  EXPECT_EQ(http.asked.at(1).url, "https://cdn.example/again");
  http.then(302, "", {{"Location", "http://169.254.169.254/latest"}});
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }).first, ErrorKind::corrupt);
  http.then(302, "");
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }).first, ErrorKind::corrupt);
}

TEST_F(FreshdeskDownload, LimitsAndLostLinks) {
  const std::pair too_large(ErrorKind::refused, std::string("too_large"));
  EXPECT_EQ(thrown_by([&] { client.download({"1", "a", "", 101, "https://cdn.example/a"}, 100, {}); }), too_large);
  http.then(200, std::string(101, 'x'));
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }), too_large);
  http.then(Error(ErrorKind::corrupt, "the answer is too long"));
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }), too_large);
  EXPECT_EQ(http.asked.back().answer_limit, 100U);
  http.then(403, "<Error>expired</Error>");
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }).first, ErrorKind::gone);
  http.then(503, "");
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }).first, ErrorKind::unreachable);
}

// "/tickets/{ticket_id}/notes" and "/tickets/7/notes" are both "/tickets/N/notes".
std::string shape_of(const std::string& path) {
  std::string out;
  std::istringstream in(path.substr(1));
  for (std::string segment; std::getline(in, segment, '/');) {
    const bool varies = segment.starts_with("{") || segment.find_first_not_of("0123456789") == std::string::npos;
    out += "/" + (varies ? "N" : segment);
  }
  return out;
}

// "get /tickets/N" of an OpenAPI text in YAML: paths stand two deep, verbs four.
std::set<std::string> operations_of(std::istream& yaml) {
  std::set<std::string> out;
  std::string path;
  for (std::string line; std::getline(yaml, line);) {
    if (line.empty() || line.back() != ':') continue;
    line.pop_back();
    if (line.starts_with("  /")) path = shape_of(line.substr(2));
    for (const std::string verb : {"get", "post", "put", "delete"}) {
      if (line == "    " + verb) out.insert(verb + " " + path);
    }
  }
  return out;
}

// Paths and verbs against the published OpenAPI text.
TEST_F(FreshdeskClient, RequestsAreInTheOpenApi) {
  const auto file = std::filesystem::path(SUPPORTD_SHARED) / "specs/freshdesk/openapi/freshdesk-rest-api-openapi.yml";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  std::ifstream in(file);
  const std::set<std::string> known = operations_of(in);
  ASSERT_GT(known.size(), 50U);
  list("");
  list("");
  client.changes("", from, {});
  const std::string ticket = ticket_json("7", "2026-11-21T09:30:00Z");
  http.then(200, ticket).then(200, "[]").then(200, R"({"id":5})").then(200, R"({"id":6,"contact":{}})");
  http.then(200, R"({"id":9,"name":"A"})").then(200, R"([{"type":"default_status","choices":{"2":["O"]}}])");
  http.then(201, ticket).then(200, ticket);
  http.then(201, R"({"id":1,"created_at":"2026-11-21T10:00:00Z"})")
      .then(201, R"({"id":1,"created_at":"2026-11-21T10:00:00Z"})");
  std::vector<BadRow> bad;
  client.ticket("7", {});
  client.comments("7", bad, {});
  client.person("5", false, {});
  client.person("6", true, {});
  client.organisation("9", {});
  client.statuses({});
  client.create({"S", "D", "2", "1", "a@b.example", {}, {}, {}}, {});
  DeskUpdate change;
  change.status = "3";
  client.update("7", change, {});
  client.comment("7", {"b", false, {}}, {});
  client.comment("7", {"b", true, {}}, {});
  http.then(204, "").then(204, "");
  client.merge("8", "7", {});
  client.remove("7", {});
  for (std::size_t i = 0; i < http.asked.size(); ++i) {
    std::string method = http.asked[i].method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const std::string shape = shape_of(path(i).substr(0, path(i).find('?')));
    EXPECT_TRUE(known.contains(method + " " + shape)) << method << " " << shape;
  }
}

}  // namespace
}  // namespace supportd::connectors::freshdesk
