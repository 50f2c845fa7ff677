// Both public suites: aws-c-auth (header and query form) and the classic aws4_testsuite kept by botocore.
#include "connectors/aws/sigv4.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/json.hpp"
#include "tests/shared.hpp"

namespace supportd::connectors::aws {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  std::string out = text.str();
  std::erase(out, '\r');
  return out;
}

// "GET /path?query HTTP/1.1", header lines (folded ones begin with white space), empty line, body.
SigningInput parse_request(const std::string& text, std::string& body) {
  SigningInput out;
  std::istringstream in(text);
  std::string line;
  std::getline(in, line);
  const std::size_t first = line.find(' '), last = line.rfind(" HTTP/");
  out.method = line.substr(0, first);
  const std::string target = line.substr(first + 1, last - first - 1);
  out.path = target.substr(0, target.find('?'));
  if (target.find('?') != std::string::npos) out.query = target.substr(target.find('?') + 1);
  std::vector<std::pair<std::string, std::string>> fields;
  while (std::getline(in, line) && !line.empty()) {
    if (line[0] == ' ' || line[0] == '\t') {
      fields.back().second += "\n" + line;
    } else {
      fields.emplace_back(line.substr(0, line.find(':')), line.substr(line.find(':') + 1));
    }
  }
  for (auto& [name, value] : fields) out.headers.add(name, value);
  std::ostringstream rest;
  if (in.peek() != std::istringstream::traits_type::eof()) rest << in.rdbuf();
  body = rest.str();
  out.body = body;
  return out;
}

std::vector<fs::path> cases_below(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == extension) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

TEST(SigV4, AwsCAuthSuite) {
  const fs::path folder = fs::path(SUPPORTD_SHARED) / "specs/sigv4/aws-c-auth/v4";
  SUPPORTD_NEED_SHARED(folder);
  int count = 0;
  for (const fs::path& context_file : cases_below(folder, ".json")) {
    const fs::path place = context_file.parent_path();
    SCOPED_TRACE(place.filename().string());
    ++count;
    const std::string context_text = text_of(context_file);
    const auto document = json::Document::parse(context_text);
    const json::View context = document.root();
    const json::View keys = context.at("credentials");
    const Credentials credentials{
        keys.at("access_key_id").string(), keys.at("secret_access_key").string(), keys.string("token", ""), {}};
    const Scope scope{context.at("region").string(), context.at("service").string()};
    const Instant now = time::parse_instant(context.at("timestamp").string()).value();
    SigningOptions options;
    options.normalize_path = context.at("normalize").boolean();
    options.sign_session_token = !context.boolean("omit_session_token", false);
    options.send_body_hash = context.at("sign_body").boolean();
    std::string body;
    const SigningInput input = parse_request(text_of(place / "request.txt"), body);

    const Signature header = sign_headers(input, credentials, scope, now, options);
    EXPECT_EQ(header.canonical_request, text_of(place / "header-canonical-request.txt"));
    EXPECT_EQ(header.string_to_sign, text_of(place / "header-string-to-sign.txt"));
    EXPECT_EQ(header.signature, text_of(place / "header-signature.txt"));
    EXPECT_NE(
        text_of(place / "header-signed-request.txt").find("Authorization:" + *header.headers.get("Authorization")),
        std::string::npos);

    const std::chrono::seconds expires{context.at("expiration_in_seconds").integer()};
    const Signature query = sign_query(input, credentials, scope, now, expires, options);
    EXPECT_EQ(query.canonical_request, text_of(place / "query-canonical-request.txt"));
    EXPECT_EQ(query.string_to_sign, text_of(place / "query-string-to-sign.txt"));
    EXPECT_EQ(query.signature, text_of(place / "query-signature.txt"));
  }
  EXPECT_EQ(count, 38);
}

TEST(SigV4, Aws4Testsuite) {
  const fs::path folder = fs::path(SUPPORTD_SHARED) / "specs/sigv4/botocore-aws4_testsuite";
  SUPPORTD_NEED_SHARED(folder);
  int count = 0;
  for (const fs::path& request : cases_below(folder, ".req")) {
    SCOPED_TRACE(request.stem().string());
    ++count;
    std::string body;
    const SigningInput input = parse_request(text_of(request), body);
    // Some cases carry the token only in the signed request; ours belongs to the credentials in every case.
    std::string unused;
    const SigningInput signed_request = parse_request(text_of(fs::path(request).replace_extension(".sreq")), unused);
    const Credentials credentials{"AKIDEXAMPLE",
                                  "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                  signed_request.headers.get("X-Amz-Security-Token").value_or(""),
                                  {}};
    SigningOptions options;
    options.sign_session_token = request.stem() != "post-sts-header-after";
    const Instant now = time::parse_instant("2015-08-30T12:36:00Z").value();
    const Signature signature = sign_headers(input, credentials, {"us-east-1", "service"}, now, options);
    const auto expected = [&](const char* extension) {
      return text_of(fs::path(request).replace_extension(extension));
    };
    EXPECT_EQ(signature.canonical_request, expected(".creq"));
    EXPECT_EQ(signature.string_to_sign, expected(".sts"));
    EXPECT_EQ(*signature.headers.get("Authorization"), expected(".authz"));
  }
  EXPECT_EQ(count, 34);
}

TEST(SigV4, SignsARequestWithItsHostAndToken) {
  http::Request request;
  request.method = "POST";
  request.url = "https://support.us-east-1.amazonaws.com:443/";
  request.headers = {{"Content-Type", "application/x-amz-json-1.1"}};
  request.body = "{}";
  sign(request, {"AKID", "secret", "token", {}}, {"us-east-1", "support"},
       time::parse_instant("2026-11-21T00:00:00Z").value());
  EXPECT_EQ(request.headers.get("host"), "support.us-east-1.amazonaws.com");
  EXPECT_EQ(request.headers.get("x-amz-date"), "20261121T000000Z");
  EXPECT_EQ(request.headers.get("x-amz-security-token"), "token");
  EXPECT_NE(
      request.headers.get("authorization")->find("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"),
      std::string::npos);
}

TEST(SigV4, SigningAgainReplacesTheOldSignature) {
  http::Request request;
  request.method = "POST";
  request.url = "http://127.0.0.1:8080";
  const Instant now = time::parse_instant("2026-11-21T00:00:00Z").value();
  sign(request, {"AKID", "secret", "old", {}}, {"us-east-1", "support"}, now);
  const std::string first = *request.headers.get("authorization");
  sign(request, {"AKID", "secret", "new", {}}, {"us-east-1", "support"}, now + std::chrono::minutes(10));
  EXPECT_EQ(request.headers.get("x-amz-date"), "20261121T001000Z");
  EXPECT_EQ(request.headers.get("x-amz-security-token"), "new");
  EXPECT_NE(*request.headers.get("authorization"), first);
  EXPECT_EQ(request.headers.get("host"), "127.0.0.1:8080");
  EXPECT_THROW(
      {
        request.url = "not a url";
        sign(request, {"AKID", "secret", "", {}}, {"us-east-1", "support"}, now);
      },
      Error);
}

}  // namespace
}  // namespace supportd::connectors::aws
