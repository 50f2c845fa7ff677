// Paths and verbs of every request against the published OpenAPI text.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/connectors/freshdesk/desk.hpp"
#include "tests/shared.hpp"

namespace supportd::connectors::freshdesk {
namespace {

// "/tickets/{ticket_id}/notes" and "/tickets/7/notes" are both "/tickets/N/notes".
std::string shape_of(const std::string& path) {
  std::string out;
  std::istringstream in(path.substr(1));
  for (std::string segment; std::getline(in, segment, '/');) {
    const bool varies = segment.starts_with("{") || segment.find_first_not_of("0123456789") == std::string::npos;
    out += "/" + (varies ? "N" : segment);
  }
  return out;
}

// "get /tickets/N" of an OpenAPI text in YAML: paths stand two deep, verbs four.
std::set<std::string> operations_of(std::istream& yaml) {
  std::set<std::string> out;
  std::string path;
  for (std::string line; std::getline(yaml, line);) {
    if (line.empty() || line.back() != ':') continue;
    line.pop_back();
    if (line.starts_with("  /")) path = shape_of(line.substr(2));
    for (const std::string verb : {"get", "post", "put", "delete"}) {
      if (line == "    " + verb) out.insert(verb + " " + path);
    }
  }
  return out;
}

// Paths and verbs against the published OpenAPI text.
TEST_F(FreshdeskClient, RequestsAreInTheOpenApi) {
  const auto file = std::filesystem::path(SUPPORTD_SHARED) / "specs/freshdesk/openapi/freshdesk-rest-api-openapi.yml";
  SUPPORTD_NEED_SHARED(file);
  std::ifstream in(file);
  const std::set<std::string> known = operations_of(in);
  ASSERT_GT(known.size(), 50U);
  list("");
  list("");
  client.changes("", from, {});
  const std::string ticket = ticket_json("7", "2026-11-21T09:30:00Z");
  http.then(200, ticket).then(200, "[]").then(200, R"({"id":5})").then(200, R"({"id":6,"contact":{}})");
  http.then(200, R"({"id":9,"name":"A"})").then(200, R"([{"type":"default_status","choices":{"2":["O"]}}])");
  http.then(201, ticket).then(200, ticket);
  http.then(201, R"({"id":1,"created_at":"2026-11-21T10:00:00Z"})")
      .then(201, R"({"id":1,"created_at":"2026-11-21T10:00:00Z"})");
  std::vector<BadRow> bad;
  client.ticket("7", {});
  client.comments("7", bad, {});
  client.person("5", false, {});
  client.person("6", true, {});
  client.organisation("9", {});
  client.form({});
  client.create({"S", "D", "2", "1", "a@b.example", {}, {}, {}}, {});
  DeskUpdate change;
  change.status = "3";
  client.update("7", change, {});
  client.comment("7", {"b", false, {}}, {});
  client.comment("7", {"b", true, {}}, {});
  http.then(204, "").then(204, "").then(204, "").then(200, "[]");
  client.merge("8", "7", {});
  client.remove("7", {});
  client.restore("7", {});
  client.groups({});
  for (std::size_t i = 0; i < http.asked.size(); ++i) {
    std::string method = http.asked[i].method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const std::string shape = shape_of(path(i).substr(0, path(i).find('?')));
    EXPECT_TRUE(known.contains(method + " " + shape)) << method << " " << shape;
  }
}

}  // namespace
}  // namespace supportd::connectors::freshdesk
