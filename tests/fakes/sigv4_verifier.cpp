#include "tests/fakes/sigv4_verifier.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <map>
#include <vector>

#include "daemon/digest.hpp"
#include "daemon/time/instant.hpp"
#include "tests/fakes/codec.hpp"
#include "tests/fakes/vendor.hpp"

namespace supportd::fakes {
namespace {

constexpr std::chrono::minutes most_skew{5};

struct Authorization {
  std::string access_key_id, day, region, service;
  std::vector<std::string> signed_headers;
  std::string signature;
};

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = text.find(by);
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::optional<Authorization> parse(std::string_view header) {
  constexpr std::string_view algorithm = "AWS4-HMAC-SHA256 ";
  if (!header.starts_with(algorithm)) return {};
  header.remove_prefix(algorithm.size());
  std::map<std::string, std::string> parts;
  for (std::string part : split(header, ',')) {
    part.erase(0, part.find_first_not_of(' '));
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) return {};
    parts[part.substr(0, equals)] = part.substr(equals + 1);
  }
  const auto scope = split(parts["Credential"], '/');
  if (scope.size() != 5 || scope[4] != "aws4_request" || parts["Signature"].empty()) return {};
  return Authorization{scope[0], scope[1], scope[2], scope[3], split(parts["SignedHeaders"], ';'), parts["Signature"]};
}

// Leading and trailing blanks go, runs of blanks become one.
std::string folded(std::string_view value) {
  std::string out;
  for (char c : value) {
    if (c == ' ' || c == '\t') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string canonical_headers(const http::Request& request, const std::vector<std::string>& names,
                              const std::string& authority) {
  std::string out;
  for (const std::string& name : names) {
    std::string value;
    for (const auto& [key, text] : request.headers) {
      if (lower_case(key) != name) continue;
      if (!value.empty()) value += ',';
      value += folded(text);
    }
    if (name == "host" && value.empty()) value = authority;
    out += name + ":" + value + "\n";
  }
  return out;
}

std::string canonical_query(const std::string& query) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : http::parse_query(query)) {
    parts.push_back(http::percent_encode(name) + "=" + http::percent_encode(value));
  }
  std::ranges::sort(parts);
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : "&") + part;
  return out;
}

// "20260101T000000Z", ISO 8601's basic form.
std::optional<Instant> basic_time(std::string text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return {};
  for (const std::size_t at : {13, 11}) text.insert(at, ":");
  for (const std::size_t at : {6, 4}) text.insert(at, "-");
  const auto at = time::parse_instant(text);
  return at.has_value() ? std::optional(*at) : std::nullopt;
}

// Everything the specification asks to be covered by the signature.
std::optional<std::string> unsigned_header(const http::Request& request, const std::vector<std::string>& names) {
  const auto covered = [&](std::string_view name) { return std::ranges::find(names, name) != names.end(); };
  if (!covered("host")) return "host";
  for (const auto& [key, value] : request.headers) {
    const std::string name = lower_case(key);
    if (name.starts_with("x-amz-") && !covered(name)) return name;
  }
  return {};
}

std::string joined(const std::vector<std::string>& parts, char by) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : std::string(1, by)) + part;
  return out;
}

std::string expected_signature(const http::Request& request, const Authorization& given, const std::string& stamp,
                               const AwsKey& key) {
  const Target target = split_url(request.url);
  const std::string canonical = request.method + "\n" + target.path + "\n" + canonical_query(target.query) + "\n" +
                                canonical_headers(request, given.signed_headers, target.authority) + "\n" +
                                joined(given.signed_headers, ';') + "\n" + sha256_hex(request.body);
  const std::string scope = given.day + "/" + given.region + "/" + given.service + "/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + sha256_hex(canonical);
  std::string derived = digest::hmac_sha256("AWS4" + key.secret, given.day);
  for (const std::string& part : {given.region, given.service, std::string("aws4_request")}) {
    derived = digest::hmac_sha256(derived, part);
  }
  return digest::hex(digest::hmac_sha256(derived, to_sign));
}

bool equal(const std::string& a, const std::string& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::variant<AwsKey, AuthFailure> verify_sigv4(const http::Request& request, const SigningScope& scope, const Iam& iam,
                                               Instant now) {
  const auto header = request.headers.get("Authorization");
  if (!header) return AuthFailure{"MissingAuthenticationTokenException", "Missing Authentication Token"};
  const auto given = parse(*header);
  if (!given) return AuthFailure{"IncompleteSignatureException", "The Authorization header cannot be understood"};
  const std::string stamp = request.headers.get("X-Amz-Date").value_or("");
  const auto at = basic_time(stamp);
  if (!at || !stamp.starts_with(given->day))
    return AuthFailure{"IncompleteSignatureException", "X-Amz-Date is missing or is not of the credential's day"};
  if (given->region != scope.region || given->service != scope.service)
    return AuthFailure{"InvalidSignatureException", "Credential should be scoped to " + scope.region + "/" +
                                                        scope.service + ", not " + given->region + "/" +
                                                        given->service};
  const auto key = iam.find(given->access_key_id);
  if (!key || request.headers.get("X-Amz-Security-Token").value_or("") != key->session_token)
    return AuthFailure{"UnrecognizedClientException", "The security token included in the request is invalid."};
  if (key->expires <= now)
    return AuthFailure{"ExpiredTokenException", "The security token included in the request is expired"};
  if (*at < now - most_skew)
    return AuthFailure{"InvalidSignatureException",
                       "Signature expired: " + stamp + " is now earlier than " + time::to_text(now - most_skew)};
  if (*at > now + most_skew)
    return AuthFailure{"InvalidSignatureException", "Signature not yet current: " + stamp + " is still later than " +
                                                        time::to_text(now + most_skew)};
  if (const auto name = unsigned_header(request, given->signed_headers))
    return AuthFailure{"InvalidSignatureException", "The header " + *name + " must be signed"};
  if (!std::ranges::is_sorted(given->signed_headers) ||
      !equal(expected_signature(request, *given, stamp, *key), given->signature))
    return AuthFailure{"InvalidSignatureException",
                       "The request signature we calculated does not match the signature you provided."};
  return *key;
}

}  // namespace supportd::fakes
