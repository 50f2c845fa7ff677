// Paths and verbs of every request against the published OpenAPI texts.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/connectors/zendesk/desk.hpp"
#include "tests/shared.hpp"

namespace supportd::connectors::zendesk {
namespace {

// "/tickets/{ticket_id}/audits" and "/tickets/7/audits" are both "/tickets/N/audits".
std::string shape_of(std::string path) {
  if (path.starts_with("/api/v2")) path.erase(0, 7);
  std::string out;
  std::istringstream in(path.substr(1));
  for (std::string segment; std::getline(in, segment, '/');) {
    const bool varies = segment.starts_with("{") || segment.find_first_not_of("0123456789") == std::string::npos;
    out += "/" + (varies ? "N" : segment);
  }
  return out;
}

// "get /tickets/N" of an OpenAPI text in YAML: paths stand two deep, verbs four.
void add_operations(std::istream& yaml, std::set<std::string>& out) {
  std::string path;
  for (std::string line; std::getline(yaml, line);) {
    if (line.empty() || line.back() != ':') continue;
    line.pop_back();
    if (line.starts_with("  /")) path = shape_of(line.substr(2));
    for (const std::string verb : {"get", "post", "put", "delete"}) {
      if (line == "    " + verb) out.insert(verb + " " + path);
    }
  }
}

TEST_F(ZendeskDesk, RequestsAreInTheOpenApi) {
  const auto folder = std::filesystem::path(SUPPORTD_SHARED) / "specs/zendesk/openapi";
  SUPPORTD_NEED_SHARED(folder);
  std::set<std::string> known;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path());
    add_operations(in, known);
  }
  ASSERT_GT(known.size(), 150U);
  const std::string ticket = R"({"ticket":)" + ticket_json("7") + R"(,"audit":)" + audit_json(9) + "}";
  const std::string job = R"({"job_status":{"id":"1","status":"completed"}})";
  std::vector<BadRow> bad;
  know_form();
  http.then(200, R"({"tickets":[],"after_cursor":"x","end_of_stream":true})");
  client.changes("", from, {});
  http.then(200, ticket);
  client.ticket("7", {});
  http.then(200, audits_json({audit_json(1), audit_json(2)})).then(200, R"({"users":[]})");
  client.comments("7", bad, {});
  http.then(200, R"({"user":{"id":5}})").then(200, R"({"organization":{"id":9}})").then(200, R"({"user":{"id":61}})");
  client.person("5", false, {});
  client.organisation("9", {});
  client.own_id({});
  http.then(200, R"({"tickets":[]})");
  client.by_external_id("x", {});
  http.then(201, R"({"upload":{"token":"t"}})").then(201, ticket).then(200, ticket).then(200, ticket);
  client.create({"S", "D", "", "", "", {}, {}, {{"a", "", "x"}}}, {});
  DeskUpdate change;
  change.status = "open";
  client.update("7", change, {});
  client.comment("7", {"b", false, {}}, {});
  http.then(200, job).then(204, "").then(200, "{}");
  client.merge("8", "7", {});
  client.remove("7", {});
  client.restore("7", {});
  for (std::size_t i = 0; i < http.asked.size(); ++i) {
    std::string method = http.asked[i].method;
    std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    const std::string shape = shape_of(path(i).substr(0, path(i).find('?')));
    EXPECT_TRUE(known.contains(method + " " + shape)) << method << " " << shape;
  }
  EXPECT_TRUE(known.contains("get /job_statuses/N"));  // of a merge that takes longer
}

}  // namespace
}  // namespace supportd::connectors::zendesk
