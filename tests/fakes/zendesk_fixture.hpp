// A Zendesk account with one admin's token, for the tests of the fake.
#pragma once

#include <gtest/gtest.h>

#include "daemon/digest.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {

inline constexpr std::int64_t case_field = 360001, area_field = 360002, cause_field = 360003, seats_field = 360004;

class ZendeskAccount : public testing::Test {
 protected:
  void start(ZendeskOptions options = {}) {
    options.fields = {
        {.id = case_field, .title = "AWS Support case"},
        {.id = area_field,
         .title = "Area",
         .type = "tagger",
         .options = {{901, "Network", "area_network"}, {902, "Database", "area_database"}}},
        {.id = cause_field, .title = "Cause", .required_to_solve = need_cause},
        {.id = seats_field, .title = "Seats", .type = "integer"},
    };
    desk = std::make_unique<Zendesk>(options);
    bot = desk->add_agent("Bot", "bot@desk.example", "admin");
    agent = desk->add_agent("이서연", "seoyeon@desk.example");
    desk->add_api_token("t0ken");
  }
  static std::string basic(const std::string& mail, const std::string& token) {
    return "Basic " + digest::base64(mail + "/token:" + token);
  }
  http::Response call(const std::string& method, const std::string& path, const std::string& body = "",
                      const http::Headers& headers = {}) {
    http::Request request;
    request.method = method;
    request.url = "https://acme.zendesk.com/api/v2/" + path;
    request.headers.set("Authorization", basic("bot@desk.example", "t0ken"));
    if (!body.empty()) request.headers.set("Content-Type", "application/json");
    for (const auto& [name, value] : headers) request.headers.set(name, value);
    request.body = body;
    return desk->answer(request, now);
  }
  json::Document ok(const std::string& method, const std::string& path, const std::string& body = "") {
    const auto response = call(method, path, body);
    EXPECT_LT(response.status, 300) << path << ": " << response.body;
    return json::Document::parse(response.body);
  }
  // "422 RecordInvalid": the status and the error's word.
  std::string refusal(const std::string& method, const std::string& path, const std::string& body = "") {
    const auto response = call(method, path, body);
    const auto document = json::Document::parse(response.body);
    const auto error = document.root().at("error");
    return std::to_string(response.status) + " " + (error.is_object() ? error.at("title").string() : error.string());
  }
  std::int64_t open(const std::string& text = "help") {
    return desk->customer_opens({.mail = "kim@acme.example",
                                 .subject = "s",
                                 .text = text,
                                 .tags = {},
                                 .fields = {},
                                 .priority = "",
                                 .files = {}},
                                now);
  }
  std::string put(std::int64_t ticket, const std::string& members) {
    return call("PUT", "tickets/" + std::to_string(ticket), R"({"ticket":{)" + members + "}}").body;
  }
  std::vector<std::int64_t> ids(const json::View& list) {
    std::vector<std::int64_t> out;
    for (const auto& it : list.items()) out.push_back(it.at("id").integer());
    return out;
  }
  void pass(std::chrono::seconds length) { now += length; }

  bool need_cause = false;
  std::unique_ptr<Zendesk> desk;
  std::int64_t bot = 0, agent = 0;
  Instant now = *time::parse_instant("2026-03-02T01:00:00Z");
};

}  // namespace supportd::fakes
