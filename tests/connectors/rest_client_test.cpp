#include "connectors/rest_client.hpp"

#include "tests/connectors/scripted.hpp"

namespace supportd::connectors {
namespace {

using namespace std::chrono_literals;
using tests::thrown_by;

class RestDownload : public testing::Test {
 protected:
  std::string get(const std::string& url) { return client.download(url, 100, 5s, {}); }

  tests::ScriptedClient http;
  tests::StandingClock clock{"2026-11-21T10:00:00Z"};
  RestClient client{http,
                    clock,
                    {.system = "desk",
                     .base_url = "https://acme.freshdesk.com/",
                     .budget = "desk:acme",
                     .secret = [](const std::string&) { return "key"; },
                     .authorization = [](const std::string& secret) { return "Bearer " + secret; },
                     .failure = [](const http::Request&, const http::Response&,
                                   Instant) { return Error(ErrorKind::refused, "no"); }}};
};

TEST_F(RestDownload, TheSecretStaysAtHome) {
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

TEST_F(RestDownload, LinksThatAreNot) {
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

TEST_F(RestDownload, LimitsAndLostLinks) {
  const std::pair too_large(ErrorKind::refused, std::string("too_large"));
  http.then(200, std::string(101, 'x'));
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }), too_large);
  http.then(Error(ErrorKind::corrupt, "the answer is too long"));
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }), too_large);
  EXPECT_EQ(http.asked.back().answer_limit, 100U);
  http.then(404, "");
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }).first, ErrorKind::gone);
  http.then(403, "<Error>expired</Error>");
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }).first, ErrorKind::gone);
  http.then(503, "");
  EXPECT_EQ(thrown_by([&] { get("https://cdn.example/a"); }).first, ErrorKind::unreachable);
}

}  // namespace
}  // namespace supportd::connectors
