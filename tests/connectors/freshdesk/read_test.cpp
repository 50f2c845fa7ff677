#include "tests/connectors/freshdesk/desk.hpp"

namespace supportd::connectors::freshdesk {
namespace {

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
  EXPECT_EQ(client.list_allowance().budget, http.asked[0].budget);
  EXPECT_EQ(client.list_allowance().patience, http.asked[0].deadline);
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
  std::string with_nul = ticket_json("11", "2026-11-21T09:32:00Z");
  with_nul.replace(with_nul.find("\"S\""), 3, R"("a\u0000b")");
  list(ticket_json("7", "2026-11-21T09:30:00Z") + R"(,{"id":8,"status":{}},{"subject":"no id"},"text",)" +
       R"({"id":9,"created_at":"2026-11-20T00:00:00Z","updated_at":"soon"},)" +
       ticket_json("10", "2026-11-21T09:31:00Z", R"(,"tags":5)") + "," + with_nul);
  list("");
  const DeskPage page = client.changes("", from, {});
  EXPECT_EQ(page.tickets.size(), 2U);
  std::vector<std::string> ids;
  for (const BadRow& row : page.bad) ids.push_back(row.id);
  EXPECT_THAT(ids, ElementsAre("8", "", "", "9", "11"));
  EXPECT_THAT(page.bad[4].raw, HasSubstr(R"("a\u0000b")"));
  EXPECT_THAT(page.bad[4].error, HasSubstr("/subject: holds a NUL character"));
  EXPECT_EQ(page.bad[0].raw, R"({"id":8,"status":{}})");
  EXPECT_FALSE(page.bad[0].error.empty());

  for (const std::string& body : {std::string("<html>"), std::string("[{\"id\":1"), std::string("{}"),
                                  std::string("[]\0", 3), std::string("[\"\xc3\x28\"]"), std::string(200'000, '[')}) {
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

TEST_F(FreshdeskClient, WhatAnAutomationSaysIsNobodysAnswerWhereThatIsTold) {
  const auto said = [&](const char* how) {
    http.then(200, R"([{"id":1,"user_id":5,"created_at":"2026-11-21T09:00:00Z","private":false,"body":"b",)" +
                       std::string(how) + "}]");
    std::vector<BadRow> bad;
    return client.comments("7", bad, {}).at(0);
  };
  EXPECT_TRUE(said(R"("incoming":false,"automation_id":12)").by_machine);
  EXPECT_TRUE(said(R"("incoming":true,"auto_response":true)").by_machine);
  EXPECT_FALSE(said(R"("incoming":true,"auto_response":true)").from_customer);
  EXPECT_FALSE(said(R"("incoming":false,"automation_id":null,"auto_response":false)").by_machine);
  EXPECT_TRUE(said(R"("incoming":true)").from_customer);
}

TEST_F(FreshdeskClient, ItsOwnNotesOnAMergeAreKnownByTheWholeSentence) {
  const auto said = [&](const std::string& words, const char* how = R"("private":true,"incoming":false)") {
    http.then(200, R"([{"id":1,"user_id":5,"created_at":"2026-11-21T09:00:00Z",)" + std::string(how) +
                       R"(,"body":"<div>)" + words + R"(</div>"}])");
    std::vector<BadRow> bad;
    return client.comments("7", bad, {}).at(0);
  };
  EXPECT_EQ(said("This ticket is closed and merged into ticket #4").merged_into, "4");
  EXPECT_EQ(said("This ticket is closed and merged into ticket <a href='4'>4</a>.").merged_into, "4");
  for (const char* words : {"This ticket is closed and merged into ticket 4", "Ticket #4 merged into this ticket",
                            "Ticket #4, #5 merged into this ticket", "Ticket with ID 4 is merged into this ticket.",
                            "Tickets with IDs 167 is merged into this ticket.",
                            "Tickets with ids 4, 5 and 6 are merged into this ticket."}) {
    EXPECT_TRUE(said(words).of_a_merge) << words;
    // What customers and the public are told is no note of the desk's.
    EXPECT_FALSE(said(words, R"("private":false,"incoming":false)").of_a_merge) << words;
    EXPECT_FALSE(said(words, R"("private":true,"incoming":true)").of_a_merge) << words;
  }
  for (const char* words :
       {"Good news: the fix was merged into main as PR #3, please test.",
        "Ticket #4 merged into this ticket by mistake", "Tickets are merged into this ticket.",
        "Is ticket #4 merged into this ticket?", "This ticket is closed and merged into ticket #4, I think"}) {
    EXPECT_FALSE(said(words).of_a_merge) << words;
    EXPECT_EQ(said(words).merged_into, "") << words;
  }
}

TEST_F(FreshdeskClient, PeopleCompaniesStatuses) {
  http.then(200, R"({"id":5,"email":"a@b.example","name":"A","company_id":9})");
  http.then(200, R"({"id":6,"contact":{"email":"g@b.example","name":"G"}})");
  http.then(200, R"({"id":9,"name":"Acme","domains":["acme.example"]})");
  http.then(200, R"([{"name":"subject","type":"default_subject"},{"name":"cf_n","type":"custom_number","choices":[]},
    {"name":"cf_kind","type":"custom_dropdown","choices":["Bug","Wish"],"required_for_closure":true},
    {"name":"priority","type":"default_priority","choices":{"Low":1,"Urgent":4}},
    {"name":"ticket_type","type":"default_ticket_type","choices":["Incident"]},
    {"name":"cf_place","type":"nested_field","choices":{"Seoul":{"Mapo":[]}}},
    {"name":"status","type":"default_status","choices":{"2":["Open","Being Processed"],"11":["At AWS","At AWS"],"6":["Waiting","W"]}}])");
  EXPECT_EQ(client.person("5", false, {}).organisation_id, "9");
  EXPECT_TRUE(client.person("6", true, {}).is_agent);
  const DeskOrganisation acme = client.organisation("9", {});
  EXPECT_EQ(acme.name, "Acme");
  EXPECT_THAT(acme.domains, ElementsAre("acme.example"));
  const DeskForm form = client.form({});
  const auto& statuses = form.statuses;
  ASSERT_EQ(statuses.size(), 3U);
  EXPECT_EQ(statuses[2].value, "11");
  EXPECT_EQ(statuses[2].label, "At AWS");
  EXPECT_EQ(form.priorities.at(1).value, "4");
  EXPECT_EQ(form.priorities.at(1).label, "Urgent");
  EXPECT_EQ(form.types.at(0).value, "Incident");
  const auto& fields = form.fields;
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].type, "custom_number");
  EXPECT_TRUE(fields[0].choices.empty());
  EXPECT_EQ(fields[1].choices.at(1).value, "Wish");
  EXPECT_TRUE(fields[1].needed_to_close);
  EXPECT_FALSE(fields[0].needed_to_close);
  EXPECT_EQ(fields[2].choices.at(0).label, "Seoul");
  EXPECT_EQ(http.asked.size(), 4U);
  EXPECT_TRUE(client.by_external_id("case-1", {}).empty());
  EXPECT_FALSE(client.create_is_keyed());
}

TEST_F(FreshdeskClient, Groups) {
  http.then(200, R"([{"id":7,"name":"Network"},{"id":8,"name":"Support"}])");
  const auto groups = client.groups({});
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[1].value, "8");
  EXPECT_EQ(groups[1].label, "Support");
}

TEST_F(FreshdeskClient, AFileListedAsTooLargeIsNotFetched) {
  EXPECT_EQ(thrown_by([&] {
              client.download({"1", "a", "", 101, "https://cdn.example/a"}, 100, {});
            }),
            std::pair(ErrorKind::refused, std::string("too_large")));
}

}  // namespace
}  // namespace supportd::connectors::freshdesk
