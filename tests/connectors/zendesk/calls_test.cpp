#include "connectors/zendesk/calls.hpp"

#include "connectors/zendesk/complaint.hpp"
#include "connectors/zendesk/rate.hpp"
#include "tests/connectors/zendesk/desk.hpp"

namespace supportd::connectors::zendesk {
namespace {

class ZendeskErrors : public ZendeskDesk {
 protected:
  std::pair<ErrorKind, std::string> get(int status, const std::string& body = "", http::Headers headers = {}) {
    http.then(status, body, std::move(headers));
    return thrown_by([&] { client.organisation("9", {}); }, &message);
  }
  static Error of(int status, const std::string& body, http::Headers headers = {}, bool safe = false) {
    http::Request request;
    request.safe = safe;
    request.operation = "op";
    return failure(request, {.status = status, .headers = std::move(headers), .body = body}, {});
  }
  std::string message;
};

TEST_F(ZendeskErrors, ByStatus) {
  EXPECT_EQ(get(422, R"({"error":"RecordInvalid","description":"Record validation errors","details":{"base":[
    {"ticket_field_id":114,"description":"Type:: is required when solving a ticket"}],"requester":[
    {"description":"Requester: Email: x is not properly formatted","error":"InvalidFormat"}]}})",
                {{"X-Zendesk-Request-Id", "abc/123"}}),
            std::pair(ErrorKind::refused, std::string("RecordInvalid")));
  EXPECT_EQ(message,
            "get_organization: HTTP 422 RecordInvalid: Record validation errors; Type:: is required when solving a "
            "ticket; requester: Requester: Email: x is not properly formatted (Zendesk request abc/123)");
  EXPECT_EQ(get(403, R"({"error":{"title":"Forbidden","message":"You do not have access"}})"),
            std::pair(ErrorKind::refused, std::string("Forbidden")));
  EXPECT_THAT(message, HasSubstr("Forbidden: You do not have access"));
  EXPECT_EQ(get(404, R"({"error":"InvalidEndpoint","description":"Not found"})"),
            std::pair(ErrorKind::config, std::string("InvalidEndpoint")));
  EXPECT_EQ(get(404, R"({"error":"RecordNotFound","description":"Not found"})").first, ErrorKind::gone);
  EXPECT_EQ(get(404, "<html>").first, ErrorKind::gone);
  EXPECT_EQ(get(400, R"({"errors":[{"code":"InvalidPaginationDepth","title":"Too deep","detail":"use a cursor"}]})"),
            std::pair(ErrorKind::refused, std::string("InvalidPaginationDepth")));
  EXPECT_THAT(message, HasSubstr("Too deep: use a cursor"));
  EXPECT_EQ(get(409).first, ErrorKind::conflict);
  EXPECT_EQ(get(502, "<html>").first, ErrorKind::unreachable);
  EXPECT_EQ(get(301, "", {{"Location", "https://x.example/"}}).first, ErrorKind::config);
  EXPECT_EQ(get(402, R"({"error":7,"details":{"base":5},"description":{}})").first, ErrorKind::refused);
  EXPECT_EQ(of(524, "").kind(), ErrorKind::unknown_outcome);
  EXPECT_EQ(of(408, "").kind(), ErrorKind::unknown_outcome);
  EXPECT_EQ(of(408, "", {}, true).kind(), ErrorKind::unreachable);
  EXPECT_EQ(of(503, "", {{"Retry-After", "7"}}, true).retry_after(), Millis{7'000});
  EXPECT_FALSE(of(503, "", {}, true).retry_after());
  EXPECT_EQ(of(400, R"({"error":"IdempotentRequestError"})").kind(), ErrorKind::unknown_outcome);
}

TEST_F(ZendeskErrors, LongAndOddAnswersStayShort) {
  EXPECT_LT(
      std::string(
          of(400, R"({"error":")" + std::string(9'000, 'E') + R"(","description":")" + std::string(9'000, 'd') + "\"}",
             {{"X-Zendesk-Request-Id", std::string(9'000, 'x')}})
              .what())
          .size(),
      800U);
  EXPECT_EQ(of(400, "", {{"X-Zendesk-Request-Id", "a b"}}).what(), std::string("op: HTTP 400"));
  EXPECT_EQ(parse_complaint(R"({"error":"Couldn't authenticate you"})").code, "");
  EXPECT_EQ(parse_complaint(R"({"error":"Couldn't authenticate you"})").text, "Couldn't authenticate you");
  EXPECT_EQ(parse_complaint(R"({"message":"m","details":"d"})").text, "m; d");
}

TEST_F(ZendeskErrors, ThrottlingHasItsWait) {
  EXPECT_EQ(of(429, "", {{"Retry-After", "34"}}).retry_after(), Millis{34'000});
  EXPECT_EQ(of(429, "").retry_after(), Millis{60'000});
  EXPECT_EQ(of(429, "", {{"Retry-After", "0"}}).retry_after(), Millis{60'000});
  const Error edge = of(429, R"({"detail":"Rate limited by Zendesk edge protection","status":"429"})");
  EXPECT_EQ(edge.kind(), ErrorKind::throttled);
  EXPECT_THAT(edge.what(), HasSubstr("edge protection"));
  const Error named = of(429, R"({"error":"APIRateLimitExceeded","description":"Number of allowed ..."})");
  EXPECT_EQ(named.kind(), ErrorKind::throttled);
  EXPECT_EQ(named.code(), "APIRateLimitExceeded");
  const Error deep = of(429, R"({"error":"Pagination limit reached for offset model"})");
  EXPECT_EQ(deep.kind(), ErrorKind::refused);
  EXPECT_EQ(deep.code(), "page_limit");
  EXPECT_FALSE(deep.retry_after());
}

TEST_F(ZendeskErrors, ARefusedTokenIsFetchedAnewOnce) {
  EXPECT_EQ(get(401, R"({"error":"Couldn't authenticate you"})"),
            std::pair(ErrorKind::config, std::string("credentials")));
  EXPECT_THAT(refused, ElementsAre("token1"));
  EXPECT_EQ(message.find("token1"), std::string::npos);
  EXPECT_EQ(http.asked.size(), 1U);  // the same one is not tried twice

  int asked = 0;
  Client rotating(http, clock, {.base_url = "https://acme.zendesk.com"}, [&](const std::string& bad) {
    return bad.empty() && asked++ == 0 ? std::string("old") : std::string("new");
  });
  http.then(401, "").then(200, R"({"user":{"id":6}})");
  EXPECT_EQ(rotating.own_id({}), "6");
  EXPECT_EQ(rotating.own_id({}), "6");
  EXPECT_EQ(http.asked.size(), 3U);
  EXPECT_EQ(http.asked.back().headers.get("Authorization"), "Bearer new");
}

http::RateNews news(const std::string& budget, http::Headers headers, int status = 200, const std::string& body = "") {
  http::Request request;
  request.budget = budget;
  return read_rate(request, {.status = status, .headers = std::move(headers), .body = body}, {});
}

TEST(ZendeskRate, OfTheAccount) {
  EXPECT_EQ(news("zendesk:a", {{"x-rate-limit-remaining", "7"}}).remaining, 7);
  EXPECT_EQ(news("zendesk:a", {{"ratelimit-remaining", " 8 "}, {"ratelimit-reset", "9"}}).remaining, 8);
  EXPECT_FALSE(news("zendesk:a", {{"ratelimit-remaining", "8"}, {"ratelimit-reset", "9"}}).pause);
  EXPECT_EQ(news("zendesk:a", {{"ratelimit-remaining", "0"}, {"ratelimit-reset", "9"}}).pause, Millis{9'000});
  EXPECT_FALSE(news("zendesk:a", {{"X-Rate-Limit-Remaining", "-1x"}}).remaining);
  EXPECT_FALSE(news("zendesk:a", {{"zendesk-ratelimit-tickets-index", "total=50; remaining=0; resets=9"}}).remaining);
}

TEST(ZendeskRate, OfAnEndpoint) {
  const std::pair<std::string, std::string> exports{"Zendesk-RateLimit-incremental-exports",
                                                    "total=10; remaining=3; resets=2"};
  EXPECT_EQ(news("zendesk:a/incremental", {exports, {"X-Rate-Limit-Remaining", "300"}}).remaining, 3);
  EXPECT_EQ(news("zendesk:a/incremental", {exports, {"X-Rate-Limit-Remaining", "2"}}).remaining, 2);
  EXPECT_EQ(news("zendesk:a/update", {{"zendesk-ratelimit-tickets-update", "total=100;remaining=0;resets=12"}}).pause,
            Millis{12'000});
  EXPECT_FALSE(news("zendesk:a/update", {{"zendesk-ratelimit-inflight-jobs", "total=30; remaining=0"}}).remaining);
  for (const char* odd :
       {"", ";;;", "remaining", "remaining=", "remaining=x", "=5", "remaining=-1", "remaining=99999999999"}) {
    EXPECT_FALSE(news("zendesk:a/update", {{"zendesk-ratelimit-tickets-update", odd}}).remaining) << odd;
  }
  EXPECT_EQ(news("zendesk:a/update", {{"zendesk-ratelimit-x", "remaining=0; resets=2000000000"}}).pause,
            Millis{3'600'000});
}

TEST(ZendeskRate, PausesAfterRefusals) {
  EXPECT_EQ(news("zendesk:a", {}, 429).pause, Millis{60'000});
  EXPECT_EQ(news("zendesk:a", {{"Retry-After", "5"}}, 429).pause, Millis{5'000});
  EXPECT_EQ(news("zendesk:a", {{"Retry-After", "5"}}, 503).pause, Millis{5'000});
  EXPECT_FALSE(news("zendesk:a", {}, 503).pause);
  EXPECT_FALSE(news("zendesk:a", {}, 429, R"({"error":"Pagination limit reached for offset model"})").pause);
}

}  // namespace
}  // namespace supportd::connectors::zendesk
