#include "tests/connectors/zendesk/desk.hpp"

namespace supportd::connectors::zendesk {
namespace {

class ZendeskRead : public ZendeskDesk {
 protected:
  void SetUp() override { know_form(); }
  void page(const std::string& rows, const std::string& after, bool end = true) {
    http.then(200, R"({"tickets":[)" + rows + R"(],"after_cursor":)" + after + R"(,"end_of_stream":)" +
                       (end ? "true" : "false") + "}");
  }
};

TEST_F(ZendeskRead, StartTimeOnceThenOnlyTheCursor) {
  page(ticket_json("7"), "\"abc==\"", false);
  page(ticket_json("7"), "\"def\"");
  page("", "\"def\"");
  const DeskPage first = client.changes("", from, {});
  EXPECT_EQ(last(), "/incremental/tickets/cursor?start_time=1795251600&per_page=500&include=dates");
  EXPECT_EQ(http.asked.back().budget, "zendesk:acme/incremental");
  EXPECT_EQ(client.list_allowance().budget, http.asked.back().budget);
  EXPECT_EQ(client.list_allowance().patience, http.asked.back().deadline);
  EXPECT_EQ(http.asked.back().headers.get("Authorization"), "Basic Ym90QGFjbWUuZXhhbXBsZS90b2tlbjp0b2tlbjE=");
  EXPECT_TRUE(http.asked.back().safe);
  EXPECT_TRUE(first.more);
  EXPECT_EQ(first.tickets.size(), 1U);
  const DeskPage second = client.changes(first.cursor, from, {});
  EXPECT_EQ(last(), "/incremental/tickets/cursor?cursor=abc%3D%3D&per_page=500&include=dates");
  EXPECT_FALSE(second.more);
  EXPECT_EQ(second.tickets.size(), 1U);  // duplicates are expected
  const DeskPage third = client.changes(second.cursor, from, {});
  EXPECT_EQ(third.cursor, second.cursor);
  EXPECT_EQ(http.asked.size(), 5U);  // the form was read once
}

TEST_F(ZendeskRead, StartsNoYoungerThanAMinute) {
  page("", "null");
  const DeskPage nothing = client.changes("", clock.now(), {});
  EXPECT_THAT(last(), HasSubstr("start_time=1795255135&"));
  page("", "\"abc\"");
  client.changes(nothing.cursor, clock.now() + std::chrono::hours{1}, {});
  EXPECT_THAT(last(), HasSubstr("start_time=1795255135&"));  // it began there, whatever `from` is by now
}

TEST_F(ZendeskRead, BadRowsGoAsideAndBadPagesKeepTheCursor) {
  page(ticket_json("7") + R"(,{"id":8,"status":"open"},{"subject":"no id"},"text",)" +
           ticket_json("9", "open", R"(,"tags":5)") + "," +
           ticket_json("10", "open", R"(,"custom_fields":[{"id":{},"value":"x"}])"),
       "\"abc\"");
  const DeskPage page = client.changes("", from, {});
  EXPECT_EQ(page.tickets.size(), 1U);
  std::vector<std::string> ids;
  for (const BadRow& row : page.bad) {
    ids.push_back(row.id);
    EXPECT_FALSE(row.error.empty());
  }
  EXPECT_THAT(ids, ElementsAre("8", "", "", "9", "10"));
  EXPECT_EQ(page.bad[0].raw, R"({"id":8,"status":"open"})");
  for (const std::string& body :
       {std::string("<html>"), std::string("{\"tickets\":[{\"id\":1"), std::string("[]"), std::string("{}"),
        std::string(R"({"tickets":[],"after_cursor":"x"})"), std::string(R"({"tickets":{},"end_of_stream":true})"),
        std::string(R"({"tickets":[],"after_cursor":7,"end_of_stream":true})"),
        R"({"tickets":[],"after_cursor":")" + std::string(2000, 'x') + R"(","end_of_stream":true})",
        std::string(200'000, '[')}) {
    http.then(200, body);
    EXPECT_EQ(thrown_by([&] { client.changes(page.cursor, from, {}); }).first, ErrorKind::corrupt)
        << body.substr(0, 40);
  }
  for (const char* cursor : {"x", "after:", "start:", "start:-1", "start:1x", "{}"}) {
    EXPECT_EQ(thrown_by([&] { client.changes(cursor, from, {}); }).first, ErrorKind::corrupt) << cursor;
  }
}

TEST_F(ZendeskRead, OnlyAdministratorsExport) {
  http.then(403, R"({"error":{"title":"Forbidden","message":"You do not have access to this page."}})");
  std::string message;
  EXPECT_EQ(thrown_by([&] { client.changes("", from, {}); }, &message),
            std::pair(ErrorKind::config, std::string("not_admin")));
  EXPECT_THAT(message, HasSubstr("administrator"));
}

TEST_F(ZendeskRead, StatusesAndWhatTheyMean) {
  page(ticket_json("1", "open", R"(,"custom_status_id":12)") + "," +
           ticket_json("2", "open", R"(,"custom_status_id":1900001)") + "," +
           ticket_json("3", "open", R"(,"custom_status_id":99)") + "," +
           ticket_json("4", "closed", R"(,"custom_status_id":15)") + "," + ticket_json("5", "deleted") + "," +
           ticket_json("6", "archived") + "," + ticket_json("7", "snoozed"),
       "\"abc\"");
  const auto tickets = client.changes("", from, {}).tickets;
  ASSERT_EQ(tickets.size(), 7U);
  EXPECT_EQ(tickets[0].status, "open");
  EXPECT_EQ(tickets[1].status, "open:1900001");
  EXPECT_EQ(tickets[2].status, "open:99");
  EXPECT_FALSE(tickets[2].immutable);
  EXPECT_EQ(tickets[3].status, "closed");
  EXPECT_TRUE(tickets[3].immutable);
  EXPECT_TRUE(tickets[4].deleted);
  EXPECT_TRUE(tickets[5].archived);
  EXPECT_TRUE(tickets[5].immutable);
  EXPECT_EQ(tickets[6].status, "snoozed");  // data
}

TEST_F(ZendeskRead, AMergedTicketSaysInto) {
  page(ticket_json("7", "closed", R"(,"tags":["closed_by_merge"])"), "\"abc\"");
  http.then(200, audits_json({audit_json(1), audit_json(2, R"(,"via":{"channel":"web","source":{"rel":"merge",
    "from":{},"to":{"ticket_id":9}}})")}));
  EXPECT_EQ(client.changes("", from, {}).tickets.at(0).merged_into, "9");
  EXPECT_EQ(last(), "/tickets/7/audits?page%5Bsize%5D=100&include=users");
  page(ticket_json("7", "closed", R"(,"tags":["closed_by_merge"])"), "\"abc\"");
  EXPECT_EQ(client.changes("", from, {}).tickets.at(0).merged_into, "9");  // asked once

  page(ticket_json("8", "closed", R"(,"tags":["closed_by_merge"])"), "\"abc\"");
  http.then(404, R"({"error":"RecordNotFound","description":"Not found"})");  // deleted meanwhile
  EXPECT_EQ(client.changes("", from, {}).tickets.at(0).merged_into, "");

  // A target was the partner of a merge as well, but is not closed by it.
  page(ticket_json("9", "open"), "\"abc\"");
  EXPECT_EQ(client.changes("", from, {}).tickets.at(0).merged_into, "");
}

TEST_F(ZendeskRead, ATicketInTheDesksTerms) {
  http.then(200, R"({"ticket":)" +
                     ticket_json("7", "open",
                                 R"(,"external_id":"aws:1:case-2","tags":["a"],"unknown":{},
    "dates":{"status_updated_at":"2026-11-21T08:00:00Z","custom_status_updated_at":"2026-11-21T08:30:00Z"},
    "custom_fields":[{"id":101,"value":"x"},{"id":102,"value":5},{"id":104,"value":false},{"id":103,"value":null},
      {"id":106,"value":["a","b"]},{"id":109,"value":"other"},{"id":107,"value":""}])") +
                     "}");
  const DeskTicket ticket = client.ticket("7", {});
  EXPECT_EQ(path(2), "/tickets/7?include=dates");
  EXPECT_EQ(ticket.priority, "high");
  EXPECT_EQ(ticket.type, "");
  EXPECT_EQ(ticket.requester_id, "51");
  EXPECT_EQ(ticket.organisation_id, "");
  EXPECT_EQ(ticket.assignee_id, "61");
  EXPECT_EQ(ticket.group_id, "71");
  EXPECT_EQ(ticket.external_id, "aws:1:case-2");
  EXPECT_EQ(ticket.stamp, "2026-11-21T09:30:00Z");
  EXPECT_EQ(ticket.status_since, time::parse_instant("2026-11-21T08:30:00Z").value());
  EXPECT_EQ(ticket.fields,
            (std::map<std::string, std::string>{
                {"109", "other"}, {"aws_case", "x"}, {"parts", "a b"}, {"seats", "5"}, {"vip", "false"}}));
  EXPECT_EQ(thrown_by([&] { client.ticket("7/../8", {}); }).first, ErrorKind::refused);
  http.then(404, R"({"error":"RecordNotFound","description":"Not found"})");
  EXPECT_EQ(thrown_by([&] { client.ticket("8", {}); }), std::pair(ErrorKind::gone, std::string("RecordNotFound")));
}

TEST_F(ZendeskRead, TheOpeningIsTheFirstComment) {
  http.then(200,
            R"({"audits":[{"id":1,"created_at":"2026-11-20T00:00:00Z","author_id":61,"events":[{"id":5,"type":"Create"},
    {"id":10,"type":"Comment","public":false,"html_body":"<b>D</b>","attachments":[{"id":3,"file_name":"a.png",
    "content_type":"image/png","size":4,"inline":true,"content_url":"https://cdn.example/a"}]}]}]})");
  http.then(200, R"({"users":[{"id":61,"role":"agent"}]})");
  const DeskHistory history = client.history("7", {});
  ASSERT_TRUE(history.opening);
  EXPECT_EQ(history.opening->html, "<b>D</b>");
  EXPECT_FALSE(history.opening->is_public);
  EXPECT_FALSE(history.opening->from_customer);
  ASSERT_EQ(history.opening->files.size(), 1U);
  EXPECT_TRUE(history.opening->files[0].is_inline);
  EXPECT_EQ(history.newest, time::parse_instant("2026-11-20T00:00:00Z").value());
  EXPECT_TRUE(history.comments.empty());
  page(ticket_json("7") + "," + ticket_json("8", "open", R"(,"is_public":false)"), "\"abc\"");
  const auto listed = client.changes("", from, {}).tickets;
  EXPECT_EQ(listed.at(0).html, "a &lt; b<br>c");  // of a listing, plain
  EXPECT_FALSE(listed.at(0).description_is_private);
  EXPECT_TRUE(listed.at(1).description_is_private);
}

TEST_F(ZendeskRead, CommentsOfAllPages) {
  http.then(200, audits_json(
                     {audit_json(1), audit_json(2, R"(,"x":1)",
                                                R"(,"metadata":{"custom":{"supportd_ref":"abcdefghij"},"system":{}})")},
                     R"(,"meta":{"has_more":true,"after_cursor":"c/1"})" + std::string(users_json)));
  http.then(200, R"({"audits":[
    {"id":3,"created_at":"2026-11-21T09:10:00Z","author_id":51,"events":[
      {"id":30,"type":"Comment","author_id":51,"public":true,"body":"1 < 2","attachments":[]},
      {"id":31,"type":"Change","field_name":"status","value":"open"}]},
    {"id":4,"created_at":"2026-11-21T09:20:00Z","author_id":61,"events":[
      {"id":40,"type":"CommentPrivacyChange","comment_id":30,"public":false},
      {"id":41,"type":"CommentRedactionEvent","comment_id":20},{"id":42,"type":"Brandnew","comment_id":{}}]},
    {"id":5,"events":7},
    {"id":6,"created_at":"2026-11-21T09:30:00Z","author_id":-1,"events":[
      {"id":60,"type":"VoiceComment","author_id":-1,"public":false,"html_body":"<p>call</p>"}]},
    {"id":7,"created_at":"2026-11-21T09:40:00Z","author_id":52,"events":[
      {"id":70,"type":"Comment","public":true,"html_body":"x"}]}],"meta":{"has_more":false,"after_cursor":"c2"}})");
  http.then(200, R"({"users":[{"id":52,"role":"admin"}]})");
  std::vector<BadRow> bad;
  const auto comments = client.comments("7", bad, {});
  EXPECT_EQ(path(3), "/tickets/7/audits?page%5Bsize%5D=100&include=users&page%5Bafter%5D=c%2F1");
  EXPECT_EQ(path(4), "/users/show_many?ids=52");
  ASSERT_EQ(comments.size(), 4U);
  EXPECT_EQ(comments[0].id, "20");  // 10 is the description
  EXPECT_EQ(comments[0].ref, "abcdefghij");
  EXPECT_EQ(comments[0].html, "<p>b</p>");
  EXPECT_FALSE(comments[0].from_customer);
  EXPECT_EQ(comments[0].edited, time::parse_instant("2026-11-21T09:20:00Z").value());
  EXPECT_EQ(comments[1].html, "1 &lt; 2");
  EXPECT_TRUE(comments[1].from_customer);
  EXPECT_FALSE(comments[1].is_public);
  EXPECT_TRUE(comments[1].edited);
  EXPECT_FALSE(comments[2].from_customer);
  EXPECT_EQ(comments[3].author_id, "52");
  EXPECT_FALSE(comments[3].from_customer);
  ASSERT_EQ(bad.size(), 1U);
  EXPECT_EQ(bad[0].id, "5");

  http.then(200, audits_json({audit_json(1), audit_json(2)}));  // an archived ticket's come unpaged
  EXPECT_EQ(client.comments("7", bad, {}).size(), 1U);
  EXPECT_EQ(http.asked.size(), 6U);  // roles are remembered
}

TEST_F(ZendeskRead, ImagesInTheTextAreFiles) {
  const std::string image = R"(,"html_body":"<p><img src='https://acme.zendesk.com/attachments/token/x/'></p>")";
  const std::string shown =
      R"({"comments":[{"id":5,"attachments":[]},{"id":20,"attachments":[{"id":3,"file_name":"a.png",
    "content_type":"image/png","size":4,"inline":true,"content_url":"https://acme.zendesk.com/attachments/token/x/"}]},
    {"id":10,"attachments":[{"id":4,"inline":true}]},{"id":30,"attachments":7}],"meta":{"has_more":false}})";
  const auto event = [&](int id) {
    return R"({"id":)" + std::to_string(id) +
           R"(,"created_at":"2026-11-21T09:00:00Z","author_id":-1,"events":[{"id":)" + std::to_string(id * 10) +
           R"(,"type":"Comment","public":false)" + image + "}]}";
  };
  http.then(200, audits_json({event(1), event(2), event(3)})).then(200, shown);
  std::vector<BadRow> bad;
  const auto comments = client.comments("7", bad, {});
  EXPECT_EQ(last(), "/tickets/7/comments?include_inline_images=true&page%5Bsize%5D=100");
  ASSERT_EQ(comments.size(), 2U);
  ASSERT_EQ(comments[0].files.size(), 1U);
  EXPECT_TRUE(comments[0].files[0].is_inline);
  ASSERT_EQ(bad.size(), 1U);
  EXPECT_EQ(bad[0].id, "30");

  http.then(200, audits_json({event(1)})).then(200, shown);
  EXPECT_EQ(client.history("7", {}).opening->files.at(0).id, "4");
}

TEST_F(ZendeskRead, AuthorsNobodyKnows) {
  http.then(200, audits_json({audit_json(1), audit_json(2, "", ""),
                              R"({"id":3,"created_at":"2026-11-21T09:10:00Z","author_id":91,"events":[
    {"id":30,"type":"Comment","author_id":91,"public":true,"body":"x"},
    {"id":31,"type":"Comment","author_id":91,"public":false,"body":"x"}]})"}));
  http.then(200, R"({"users":[{"id":61,"role":"agent"}]})");
  std::vector<BadRow> bad;
  const auto comments = client.comments("7", bad, {});
  EXPECT_EQ(last(), "/users/show_many?ids=61,91");
  ASSERT_EQ(comments.size(), 3U);
  EXPECT_TRUE(comments[1].from_customer);
  EXPECT_FALSE(comments[2].from_customer);
}

TEST_F(ZendeskRead, CommentsOfADeletedTicketAndPagesInARing) {
  std::vector<BadRow> bad;
  http.then(404, R"({"error":"RecordNotFound","description":"Not found"})");
  EXPECT_EQ(thrown_by([&] { client.comments("7", bad, {}); }).first, ErrorKind::gone);
  for (const char* meta : {R"({"has_more":true})", R"({"has_more":true,"after_cursor":""})", R"({"has_more":1})"}) {
    http.then(200, R"({"audits":[],"meta":)" + std::string(meta) + "}");
    EXPECT_EQ(thrown_by([&] { client.comments("7", bad, {}); }).first, ErrorKind::corrupt) << meta;
  }
  http.then(200, R"({"audits":[],"meta":{"has_more":true,"after_cursor":"x"}})");
  http.then(200, R"({"audits":[],"meta":{"has_more":true,"after_cursor":"x"}})");
  EXPECT_EQ(thrown_by([&] { client.comments("7", bad, {}); }).first, ErrorKind::corrupt);
}

TEST_F(ZendeskRead, PeopleOrganisationsOurselves) {
  http.then(200, R"({"user":{"id":51,"email":"a@b.example","name":"A","role":"end-user","organization_id":9}})");
  http.then(200, R"({"user":{"id":61,"email":null,"name":"G","role":"light_agent"}})");
  http.then(200, R"({"organization":{"id":9,"name":"Acme","domain_names":["acme.example"],"external_id":"x1"}})");
  http.then(200, R"({"user":{"id":null,"name":"Anonymous user"}})").then(200, R"({"user":{"id":61,"role":"admin"}})");
  const DeskPerson customer = client.person("51", true, {});
  EXPECT_FALSE(customer.is_agent);
  EXPECT_EQ(customer.organisation_id, "9");
  EXPECT_TRUE(client.person("61", false, {}).is_agent);
  EXPECT_TRUE(client.person("-1", true, {}).is_agent);
  EXPECT_EQ(path(3), "/users/61");
  const DeskOrganisation acme = client.organisation("9", {});
  EXPECT_EQ(acme.name, "Acme");
  EXPECT_THAT(acme.domains, ElementsAre("acme.example"));
  EXPECT_EQ(acme.external_id, "x1");
  EXPECT_EQ(thrown_by([&] { client.own_id({}); }), std::pair(ErrorKind::config, std::string("credentials")));
  EXPECT_EQ(client.own_id({}), "61");
  EXPECT_EQ(client.own_id({}), "61");
  EXPECT_EQ(http.left(), 0U);
}

TEST_F(ZendeskRead, ByExternalIdOldestFirst) {
  const auto row = [](const char* id, const char* external) {
    return ticket_json(id, "open", R"(,"external_id":)" + std::string(external));
  };
  http.then(200, R"({"tickets":[)" + row("10", R"("case 1")") + "," + row("11", "null") + "," +
                     row("12", R"("case 2")") + R"(],"meta":{"has_more":true,"after_cursor":"x"}})");
  http.then(200, R"({"tickets":[)" + row("9", R"("case 1")") + R"(],"meta":{"has_more":false}})");
  const auto found = client.by_external_id("case 1", {});
  EXPECT_EQ(path(2), "/tickets?external_id=case%201&page%5Bsize%5D=100");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, "9");
  EXPECT_EQ(thrown_by([&] { client.by_external_id("", {}); }).first, ErrorKind::refused);
  http.then(200, R"({"tickets":[{"id":1,"external_id":"case 1"}]})");
  EXPECT_EQ(thrown_by([&] { client.by_external_id("case 1", {}); }).first, ErrorKind::corrupt);
}

TEST_F(ZendeskRead, TheFormsStatusesAndFields) {
  const DeskForm form = client.form({});
  std::vector<std::string> statuses;
  for (const DeskChoice& choice : form.statuses) statuses.push_back(choice.value + "=" + choice.label);
  EXPECT_THAT(statuses, ElementsAre("new=New", "open=Open", "open:1900001=At AWS", "pending=Pending", "hold=On-hold",
                                    "solved=Solved", "closed=Closed"));
  EXPECT_EQ(form.priorities.at(0).value, "low");
  EXPECT_EQ(form.types.at(0).label, "Task");
  const auto& fields = form.fields;
  ASSERT_EQ(fields.size(), 7U);
  EXPECT_EQ(fields[0].name, "aws_case");
  EXPECT_EQ(fields[4].type, "tagger");
  EXPECT_EQ(fields[4].choices.at(1).value, "disk");
  EXPECT_THAT(fields[2].tags, IsEmpty());
  EXPECT_THAT(fields[3].tags, ElementsAre(Pair("true", "vip_box")));
  EXPECT_THAT(fields[4].tags, ElementsAre(Pair("disk", "disk"), Pair("net", "net")));
  EXPECT_EQ(http.asked.size(), 2U);
  clock.set("2026-11-22T11:00:00Z");
  http.then(200, form_json).then(404, R"({"error":"InvalidEndpoint"})");
  EXPECT_EQ(client.form({}).statuses.size(), 6U);  // a plan without custom ones
  clock.set("2026-11-23T12:00:00Z");
  http.then(200, R"({"ticket_fields":[{"id":1}]})").then(200, statuses_json);
  EXPECT_EQ(thrown_by([&] { client.form({}); }).first, ErrorKind::corrupt);
}

TEST_F(ZendeskRead, GroupsThatAreThere) {
  http.then(200, R"({"groups":[{"id":7,"name":"Network","deleted":false},{"id":8,"name":"Gone","deleted":true}],
    "meta":{"has_more":true,"after_cursor":"x"}})");
  http.then(200, R"({"groups":[{"id":9,"name":"Support"}],"meta":{"has_more":false}})");
  const auto groups = client.groups({});
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].value, "7");
  EXPECT_EQ(groups[1].label, "Support");
}

TEST_F(ZendeskRead, AFileListedAsTooLargeIsNotFetched) {
  EXPECT_EQ(thrown_by([&] {
              client.download({"1", "a", "", 101, "https://cdn.example/a"}, 100, {});
            }),
            std::pair(ErrorKind::refused, std::string("too_large")));
}

}  // namespace
}  // namespace supportd::connectors::zendesk
