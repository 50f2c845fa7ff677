#include "daemon/http/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "daemon/json.hpp"

namespace supportd::http {
namespace {

Router router_of(std::initializer_list<std::pair<const char*, const char*>> routes) {
  Router router;
  for (const auto& [method, path] : routes) router.add({.method = method, .path = path});
  return router;
}

std::string found(const Router& router, std::string_view method, std::string_view path) {
  const auto match = router.find(method, path);
  return match.route ? match.route->method + " " + match.route->path : "none, allowed: " + match.allowed;
}

TEST(Router, FindsByMethodAndPath) {
  const Router router = router_of({{"GET", "/metrics"}, {"GET", "/api/v1/jobs/{job}"}, {"POST", "/api/v1/jobs/{job}"}});
  EXPECT_EQ(found(router, "GET", "/metrics"), "GET /metrics");
  EXPECT_EQ(found(router, "POST", "/api/v1/jobs/sync"), "POST /api/v1/jobs/{job}");
  EXPECT_EQ(found(router, "GET", "/metrics/"), "none, allowed: ");
  EXPECT_EQ(found(router, "GET", "/metric"), "none, allowed: ");
  EXPECT_EQ(found(router, "GET", "/api/v1/jobs/"), "none, allowed: ");
  EXPECT_EQ(found(router, "GET", "/api/v1/jobs/a/b"), "none, allowed: ");
  EXPECT_EQ(found(router, "GET", ""), "none, allowed: ");
  EXPECT_EQ(found(router, "GET", "*"), "none, allowed: ");
}

TEST(Router, NamesTheMethodsOfAPathThatIsKnown) {
  const Router router = router_of({{"POST", "/a/{x}"}, {"GET", "/a/b"}});
  EXPECT_EQ(found(router, "DELETE", "/a/b"), "none, allowed: GET, HEAD, POST");
  EXPECT_EQ(found(router, "GET", "/a/c"), "none, allowed: POST");
  EXPECT_EQ(found(router, "HEAD", "/a/b"), "GET /a/b");
}

TEST(Router, PrefersTheTemplateWithFewerParams) {
  const Router router = router_of({{"GET", "/tickets/{id}"}, {"GET", "/tickets/due"}, {"GET", "/{any}/{thing}"}});
  EXPECT_EQ(found(router, "GET", "/tickets/due"), "GET /tickets/due");
  EXPECT_EQ(found(router, "GET", "/tickets/7"), "GET /tickets/{id}");
  EXPECT_EQ(found(router, "GET", "/cases/7"), "GET /{any}/{thing}");
}

TEST(Router, DecodesParamsAfterSplitting) {
  const Router router = router_of({{"GET", "/hooks/{vendor}/{name}"}});
  const auto match = router.find("GET", "/hooks/zen%20desk/a%2Fb+c");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.params, (std::map<std::string, std::string>{{"vendor", "zen desk"}, {"name", "a/b+c"}}));
}

TEST(Router, RefusesTheSameRouteTwice) {
  Router router = router_of({{"GET", "/a"}});
  EXPECT_THROW(router.add({.method = "GET", .path = "/a"}), std::logic_error);
}

TEST(Problem, IsARfc9457Document) {
  const Response response = problem(409, "Conflict", "the job \"sync\" runs already");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.headers.get("content-type"), "application/problem+json");
  const auto document = json::Document::parse(response.body);
  EXPECT_EQ(document.root().at("status").integer(), 409);
  EXPECT_EQ(document.root().at("title").string(), "Conflict");
  EXPECT_EQ(document.root().at("detail").string(), "the job \"sync\" runs already");
}

}  // namespace
}  // namespace supportd::http
