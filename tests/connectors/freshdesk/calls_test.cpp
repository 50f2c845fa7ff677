#include "connectors/freshdesk/calls.hpp"

#include "tests/connectors/freshdesk/desk.hpp"

namespace supportd::connectors::freshdesk {
namespace {

class FreshdeskErrors : public FreshdeskClient {};

TEST_F(FreshdeskErrors, ErrorsByStatus) {
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

TEST_F(FreshdeskErrors, ARefusedKeyIsFetchedAnewOnce) {
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

TEST_F(FreshdeskErrors, RateHeaders) {
  const http::Response answer{
      .status = 429, .headers = {{"x-ratelimit-remaining", "7"}, {"Retry-After", "5"}}, .body = ""};
  const http::RateNews news = read_rate({}, answer, clock.now());
  EXPECT_EQ(news.remaining, 7);
  EXPECT_EQ(news.pause, Millis{5000});
  EXPECT_EQ(
      read_rate({}, {.status = 200, .headers = {{"X-RateLimit-Remaining", "-1x"}}, .body = ""}, clock.now()).remaining,
      std::nullopt);
}

}  // namespace
}  // namespace supportd::connectors::freshdesk
