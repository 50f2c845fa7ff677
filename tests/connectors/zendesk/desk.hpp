// A Zendesk client on a scripted connection, and rows as Zendesk writes them.
#pragma once

#include <gmock/gmock.h>

#include "connectors/zendesk/client.hpp"
#include "tests/connectors/scripted.hpp"

namespace supportd::connectors::zendesk {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using tests::thrown_by;

inline constexpr const char* form_json = R"({"ticket_fields":[
  {"id":1,"type":"subject","title":"Subject"},{"id":2,"type":"status","title":"Status"},
  {"id":3,"type":"priority","title":"Priority","system_field_options":[{"name":"Low","value":"low"}]},
  {"id":4,"type":"tickettype","title":"Type","system_field_options":[{"name":"Task","value":"task"}]},
  {"id":101,"type":"text","title":"AWS case","active":true},{"id":102,"type":"integer","title":"Seats"},
  {"id":103,"type":"decimal","title":"Ratio"},{"id":104,"type":"checkbox","title":"VIP","tag":"vip_box"},
  {"id":105,"type":"tagger","title":"Area","custom_field_options":[{"name":"Network","value":"net"},
    {"name":"Disk","value":"disk"}]},
  {"id":106,"type":"multiselect","title":"Parts","custom_field_options":[{"name":"A","value":"a"},
    {"name":"B","value":"b"}]},
  {"id":107,"type":"date","title":"Due"},{"id":108,"type":"text","title":"Old","active":false}]})";

inline constexpr const char* statuses_json = R"({"custom_statuses":[
  {"id":11,"status_category":"new","agent_label":"New","default":true,"active":true},
  {"id":12,"status_category":"open","agent_label":"Open","default":true,"active":true},
  {"id":1900001,"status_category":"open","agent_label":"At AWS","default":false,"active":true},
  {"id":13,"status_category":"pending","agent_label":"Pending","default":true,"active":true},
  {"id":1900002,"status_category":"pending","agent_label":"Gone","default":false,"active":false},
  {"id":14,"status_category":"hold","agent_label":"On-hold","default":true,"active":true},
  {"id":15,"status_category":"solved","agent_label":"Solved","default":true,"active":true}]})";

inline std::string ticket_json(const std::string& id, const std::string& status = "open",
                               const std::string& more = "") {
  return R"({"id":)" + id + R"(,"subject":"S","description":"a < b\nc","status":")" + status +
         R"(","priority":"high","type":null,"requester_id":51,"organization_id":null,"assignee_id":61,"group_id":71,)" +
         R"("created_at":"2026-11-20T00:00:00Z","updated_at":"2026-11-21T09:30:00Z")" + more + "}";
}

// An audit with one comment of author 61, an agent; `event` and `audit` are more members of theirs.
inline std::string audit_json(int id, const std::string& event = "", const std::string& audit = "") {
  return R"({"id":)" + std::to_string(id) + R"(,"ticket_id":7,"created_at":"2026-11-21T09:00:00Z","author_id":61)" +
         audit + R"(,"events":[{"id":)" + std::to_string(id * 10) +
         R"(,"type":"Comment","author_id":61,"public":true,"body":"b","html_body":"<p>b</p>","attachments":[])" +
         event + "}]}";
}

inline std::string audits_json(const std::vector<std::string>& audits, const std::string& more = "") {
  std::string out;
  for (const std::string& audit : audits) out += (out.empty() ? "" : ",") + audit;
  return R"({"audits":[)" + out + "]" + more + "}";
}

inline constexpr const char* users_json =
    R"(,"users":[{"id":51,"role":"end-user"},{"id":61,"role":"agent","name":7},{"id":{}},5])";

class ZendeskDesk : public testing::Test {
 protected:
  tests::ScriptedClient http;
  tests::StandingClock clock{"2026-11-21T10:00:00Z"};
  std::vector<std::string> refused;
  std::string next_token = "token1";
  Client client{http,
                clock,
                {.base_url = "https://acme.zendesk.com/",
                 .email = "bot@acme.example",
                 .budget = "zendesk:acme",
                 .fields = {{"aws_case", 101},
                            {"seats", 102},
                            {"ratio", 103},
                            {"vip", 104},
                            {"area", 105},
                            {"parts", 106},
                            {"due", 107}}},
                [this](const std::string& bad) {
                  if (!bad.empty()) refused.push_back(bad);
                  return next_token;
                }};
  Instant from = time::parse_instant("2026-11-21T09:00:00Z").value();

  void form() { http.then(200, form_json).then(200, statuses_json); }
  // `then` answers with the form already known.
  void know_form() {
    form();
    client.form({});
  }
  std::string path(std::size_t i) const {
    return http.asked.at(i).url.substr(std::string("https://acme.zendesk.com/api/v2").size());
  }
  std::string last() const { return path(http.asked.size() - 1); }
};

}  // namespace supportd::connectors::zendesk
