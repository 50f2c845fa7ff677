#include "tests/connectors/freshdesk/desk.hpp"

namespace supportd::connectors::freshdesk {
namespace {

class FreshdeskWrites : public FreshdeskClient {};

TEST_F(FreshdeskWrites, CreatesWithTypedFields) {
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

TEST_F(FreshdeskWrites, CreatesForSomeoneByNameAtAnAgent) {
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

TEST_F(FreshdeskWrites, MergesAndRemoves) {
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

TEST_F(FreshdeskWrites, UpdatesOnlyWhatIsSet) {
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

TEST_F(FreshdeskWrites, NotesArePrivateRepliesAreNot) {
  http.then(201, R"({"id":1,"body":"b","private":true,"created_at":"2026-11-21T10:00:00Z","user_id":6})");
  http.then(201, R"({"id":2,"body":"b","created_at":"2026-11-21T10:00:00Z","user_id":6})");
  EXPECT_FALSE(client.comment("7", {"b", false, {}}, {}).is_public);
  EXPECT_TRUE(client.comment("7", {"b", true, {}}, {}).is_public);
  EXPECT_EQ(path(0), "/tickets/7/notes");
  EXPECT_EQ(http.asked.at(0).body, R"({"body":"b","private":true})");
  EXPECT_EQ(path(1), "/tickets/7/reply");
  EXPECT_EQ(http.asked.at(1).body, R"({"body":"b"})");
}

TEST_F(FreshdeskWrites, PublicNotesByOption) {
  Client notes(http, clock, {.base_url = "https://acme.freshdesk.com", .public_comment = PublicComment::note},
               [](const std::string&) { return std::string("k"); });
  http.then(201, R"({"id":1,"body":"b","private":false,"created_at":"2026-11-21T10:00:00Z","user_id":6})");
  EXPECT_TRUE(notes.comment("7", {"b", true, {}}, {}).is_public);
  EXPECT_EQ(http.asked.at(0).body, R"({"body":"b","private":false})");
  EXPECT_EQ(http.asked.at(0).budget, "");
}

TEST_F(FreshdeskWrites, FilesGoAsMultipart) {
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

TEST_F(FreshdeskWrites, AWriteWithAnUnreadableAnswerIsUnknown) {
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

}  // namespace
}  // namespace supportd::connectors::freshdesk
