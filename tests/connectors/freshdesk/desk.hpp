// A Freshdesk client on a scripted connection, and rows as Freshdesk writes them.
#pragma once

#include <gmock/gmock.h>

#include "connectors/freshdesk/client.hpp"
#include "tests/connectors/scripted.hpp"

namespace supportd::connectors::freshdesk {
using testing::ElementsAre;
using testing::HasSubstr;
using tests::thrown_by;

inline constexpr const char* date = "Sat, 21 Nov 2026 10:00:00 GMT";

inline std::string ticket_json(const std::string& id, const std::string& updated, const std::string& more = "") {
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

}  // namespace supportd::connectors::freshdesk
