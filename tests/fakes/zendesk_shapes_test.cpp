// The fake's answers against the vendor's published contracts.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/fakes/zendesk_fixture.hpp"
#include "tests/shared.hpp"

namespace supportd::fakes {
namespace {

const std::string contracts = std::string(SUPPORTD_SHARED) + "/specs/zendesk/";

struct Member {
  std::string type;
  bool nullable = false;
};
using Members = std::map<std::string, Member>;

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

std::size_t indent(const std::string& line) { return line.find_first_not_of(' '); }

// The direct properties of a schema in an OpenAPI file: what stands two and four blanks deeper than `properties:`.
Members openapi_members(const std::string& file, const std::string& schema) {
  Members out;
  bool inside = false, properties = false;
  std::string name;
  for (const auto& line : lines_of(contracts + "openapi/" + file)) {
    if (line == "    " + schema + ":") {
      inside = true;
    } else if (inside && !line.empty() && indent(line) <= 4) {
      break;
    } else if (inside && indent(line) == 6) {
      properties = line == "      properties:";
    } else if (properties && indent(line) == 8) {
      name = line.substr(8, line.find(':') - 8);
      out[name];
    } else if (properties && line.starts_with("          type: ")) {
      out[name].type = line.substr(16);
    } else if (properties && line == "          nullable: true") {
      out[name].nullable = true;
    }
  }
  return out;
}

// The same of a JSON schema; those leave out what may be null.
Members schema_members(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(contracts + "json-schema/" + file).rdbuf();
  const auto document = json::Document::parse(text.str());
  Members out;
  for (const auto& [name, member] : document.root().at("properties").members())
    out[name] = {member.at("type").string(), true};
  return out;
}

std::string type_of(const json::View& value) {
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  if (value.is_string()) return "string";
  if (value.is_integer()) return "integer";
  return value.is_boolean() ? "boolean" : "null";
}

// Each member that the contract names is there and of its type.
void expect_shape(const json::View& value, const Members& members, const std::string& what) {
  ASSERT_FALSE(members.empty()) << what << " is not in the contracts";
  std::map<std::string, std::string> types;
  for (const auto& [name, member] : value.members()) types[name] = type_of(member);
  for (const auto& [name, member] : members) {
    ASSERT_TRUE(types.contains(name)) << what << " has no " << name;
    if (member.type.empty() || (member.nullable && types[name] == "null")) continue;
    EXPECT_EQ(types[name], member.type) << what << "/" << name;
  }
}

// "GET /api/v2/tickets/{ticket_id}" of every file.
std::string operations() {
  std::string out;
  for (const auto& file : std::filesystem::directory_iterator(contracts + "openapi")) {
    std::string path;
    for (const auto& line : lines_of(file.path())) {
      if (line.starts_with("  /") && line.ends_with(":")) path = line.substr(2, line.size() - 3);
      for (const std::string method : {"get", "put", "post", "delete"}) {
        if (line == "    " + method + ":") out += "\n" + method + " " + path + "\n";
      }
    }
  }
  return out;
}

class ZendeskShapes : public ZendeskAccount {
 protected:
  void SetUp() override {
    SUPPORTD_NEED_SHARED(contracts);
    start();
    desk->customer_opens({.mail = "kim@acme.example",
                          .subject = "s",
                          .text = "t",
                          .tags = {"aws"},
                          .fields = {{case_field, "\"case-1\""}},
                          .priority = "high",
                          .files = {{"a.log", "lines"}}},
                         now);
  }
};

TEST_F(ZendeskShapes, ATicketIsOne) {
  const auto shown = ok("GET", "tickets/1");
  const json::View ticket = shown.root().at("ticket");
  expect_shape(ticket, schema_members("zendesk-support-ticket-schema.json"), "ticket");
  expect_shape(ticket, openapi_members("zendesk-support-curated.yml", "Ticket"), "ticket");
  expect_shape(ticket.at("via"), schema_members("zendesk-support-via-schema.json"), "via");
  expect_shape(ticket.at("custom_fields").items().at(0), openapi_members("zendesk-support-curated.yml", "CustomField"),
               "field");
}

TEST_F(ZendeskShapes, ACommentAndItsFileAreOnes) {
  const auto page = ok("GET", "tickets/1/comments");
  expect_shape(page.root(), openapi_members("tickets.yml", "TicketCommentsResponse"), "comments");
  const json::View comment = page.root().at("comments").items().at(0);
  expect_shape(comment, schema_members("zendesk-support-comment-schema.json"), "comment");
  expect_shape(comment, openapi_members("zendesk-support-curated.yml", "Comment"), "comment");
  expect_shape(comment.at("attachments").items().at(0), openapi_members("zendesk-support-curated.yml", "Attachment"),
               "attachment");
}

TEST_F(ZendeskShapes, AnUpdateIsAnsweredWithItsAudit) {
  const auto answer = json::Document::parse(put(1, R"("comment":{"body":"b"},"metadata":{"ref":"r"})"));
  expect_shape(answer.root(), openapi_members("tickets.yml", "TicketUpdateResponse"), "update");
  const Members audit = {{"id", {"integer"}},        {"ticket_id", {"integer"}}, {"author_id", {"integer"}},
                         {"created_at", {"string"}}, {"events", {"array"}},      {"metadata", {"object"}},
                         {"via", {"object"}}};
  expect_shape(answer.root().at("audit"), audit, "audit");
  const auto audits = ok("GET", "tickets/1/audits");
  expect_shape(audits.root(), openapi_members("tickets.yml", "TicketAuditsResponseNoneCursor"), "audits");
  expect_shape(audits.root().at("audits").items().at(1), audit, "audit");
}

TEST_F(ZendeskShapes, APageOfTheExportIsOne) {
  std::ostringstream text;
  text << std::ifstream(contracts + "examples/incremental-cursor-page.json").rdbuf();
  const auto example = json::Document::parse(text.str());
  pass(std::chrono::minutes{2});
  const auto page = ok("GET", "incremental/tickets/cursor?start_time=1000000000");
  Members members;
  for (const auto& [name, member] : example.root().members()) members[name] = {type_of(member)};
  expect_shape(page.root(), members, "page");
  expect_shape(page.root(), openapi_members("incremental.yml", "CursorBasedExportIncrementalTicketsResponse"), "page");
  EXPECT_TRUE(page.root()
                  .at("after_url")
                  .string()
                  .starts_with("https://acme.zendesk.com/api/v2/incremental/tickets/cursor.json?cursor="));
  // And the example's own cursor is understood.
  const std::string cursor = example.root().at("after_cursor").string();
  EXPECT_EQ(call("GET", "incremental/tickets/cursor?cursor=" + cursor).status, 200);
}

TEST_F(ZendeskShapes, OtherObjectsAreToo) {
  const auto user = ok("GET", "users/me");
  const Members known = openapi_members("zendesk-support-curated.yml", "User");
  for (const auto* name : {"id", "url", "name", "email", "role", "organization_id", "created_at", "active"})
    expect_shape(user.root().at("user"), {{name, known.at(name)}}, "user");
  const auto job = json::Document::parse(call("DELETE", "deleted_tickets/1").body);
  EXPECT_EQ(job.root().at("error").string(), "RecordNotFound");
  expect_shape(job.root(), {{"error", {"string"}}, {"description", {"string"}}}, "error");
  const auto invalid = json::Document::parse(call("PUT", "tickets/1", R"({"ticket":{"status":"x"}})").body);
  expect_shape(invalid.root(), openapi_members("zendesk-support-curated.yml", "Error"), "error");
  const auto statuses = ok("GET", "custom_statuses");
  expect_shape(statuses.root(), openapi_members("custom-statuses.yml", "CustomStatusesResponse"), "statuses");
  const auto options = ok("GET", "ticket_fields/360002/options");
  expect_shape(options.root(), {{"custom_field_options", {"array"}}, {"count", {"integer"}}}, "options");
}

TEST_F(ZendeskShapes, RequestsAreTakenAsDescribed) {
  std::string members;
  const std::map<std::string, std::string> examples = {{"string", "\"x\""}, {"array", "[]"}, {"object", "{}"}};
  for (const auto* file : {"zendesk-support-ticket-update-schema.json", "zendesk-support-ticket-create-schema.json"}) {
    std::string unknown;
    for (const auto& [name, member] : schema_members(file)) {
      if (name == "type" || name == "priority" || name == "status" || !examples.contains(member.type)) continue;
      if (name == "comment" || name == "requester") continue;
      unknown += (unknown.empty() ? "\"" : ",\"") + name + "\":" + examples.at(member.type);
    }
    const auto response = call("PUT", "tickets/1", "{\"ticket\":{" + unknown + "}}");
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_FALSE(response.headers.has("X-Zendesk-API-Warn")) << response.headers.get("X-Zendesk-API-Warn").value_or("");
  }
}

TEST_F(ZendeskShapes, WhatItServesIsDocumented) {
  const std::string all = operations();
  for (const auto* operation :
       {"get /api/v2/tickets",
        "post /api/v2/tickets",
        "get /api/v2/tickets/{ticket_id}",
        "put /api/v2/tickets/{ticket_id}",
        "delete /api/v2/tickets/{ticket_id}",
        "get /api/v2/tickets/{ticket_id}/comments",
        "get /api/v2/tickets/{ticket_id}/audits",
        "get /api/v2/tickets/{ticket_id}/audits/{ticket_audit_id}",
        "post /api/v2/tickets/{ticket_id}/merge",
        "get /api/v2/tickets/{ticket_id}/tags",
        "put /api/v2/tickets/{ticket_id}/tags",
        "post /api/v2/tickets/{ticket_id}/tags",
        "delete /api/v2/tickets/{ticket_id}/tags",
        "put /api/v2/tickets/{ticket_id}/comments/{ticket_comment_id}/make_private",
        "put /api/v2/tickets/{ticket_id}/comments/{ticket_comment_id}/redact",
        "put /api/v2/tickets/{ticket_id}/comments/{comment_id}/attachments/{attachment_id}/redact",
        "put /api/v2/comment_redactions/{ticket_comment_id}",
        "get /api/v2/tickets/show_many",
        "get /api/v2/incremental/tickets/cursor",
        "get /api/v2/deleted_tickets",
        "delete /api/v2/deleted_tickets/{ticket_id}",
        "put /api/v2/deleted_tickets/{ticket_id}/restore",
        "get /api/v2/job_statuses",
        "get /api/v2/job_statuses/{job_status_id}",
        "post /api/v2/uploads",
        "delete /api/v2/uploads/{token}",
        "get /api/v2/attachments/{attachment_id}",
        "get /api/v2/ticket_fields",
        "get /api/v2/ticket_fields/{ticket_field_id}",
        "get /api/v2/ticket_fields/{ticket_field_id}/options",
        "get /api/v2/custom_statuses",
        "get /api/v2/custom_statuses/{custom_status_id}",
        "get /api/v2/users",
        "get /api/v2/users/{user_id}",
        "get /api/v2/users/me",
        "get /api/v2/users/show_many",
        "get /api/v2/users/search"}) {
    EXPECT_NE(all.find("\n" + std::string(operation) + "\n"), std::string::npos) << operation;
  }
}

TEST_F(ZendeskShapes, EventsAreLikeTheExamples) {
  desk->subscribe("u", "secret", {"ticket.comment_added", "ticket.status_changed"});
  desk->agent_replies(1, agent, "r", {}, now);
  desk->set_status(1, "pending", now);
  const auto deliveries = desk->due_deliveries(now);
  ASSERT_EQ(deliveries.size(), 2u);
  std::size_t next = 0;
  for (const auto* file : {"event.ticket.comment_added.json", "event.ticket.status_changed.json"}) {
    std::ostringstream text;
    text << std::ifstream(contracts + "examples/" + file).rdbuf();
    const auto example = json::Document::parse(text.str());
    const auto ours = json::Document::parse(deliveries[next++].body);
    const std::function<void(const json::View&, const json::View&)> compare = [&](const json::View& theirs,
                                                                                  const json::View& mine) {
      Members members;
      for (const auto& [name, member] : theirs.members()) members[name] = {member.is_null() ? "" : type_of(member)};
      std::map<std::string, json::View> values;
      for (const auto& [name, member] : mine.members()) values.emplace(name, member);
      for (auto& [name, member] : members) member.nullable = true;
      expect_shape(mine, members, file + theirs.path());
      for (const auto& [name, member] : theirs.members()) {
        if (member.is_object() && values.contains(name)) compare(member, values.at(name));
      }
    };
    compare(example.root(), ours.root());
  }
}

}  // namespace
}  // namespace supportd::fakes
