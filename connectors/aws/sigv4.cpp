#include "connectors/aws/sigv4.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <vector>

#include "daemon/digest.hpp"

namespace supportd::connectors::aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

// "20150830T123600Z"
std::string amz_date(Instant now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(now - day)};
  char out[40];
  std::snprintf(out, sizeof out, "%04d%02u%02uT%02d%02d%02dZ", int{date.year()}, unsigned{date.month()},
                unsigned{date.day()}, static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Outer white space gone, inner runs of it one space; folded lines count as white space.
std::string trimmed(std::string_view value) {
  std::string out;
  bool gap = false;
  for (char c : value) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += c;
  }
  return out;
}

// Headers that proxies and HTTP stacks change on the way.
bool is_signed(std::string_view name) {
  static constexpr std::string_view unsigned_names[] = {"authorization", "user-agent",        "expect",
                                                        "connection",    "transfer-encoding", "x-amzn-trace-id"};
  return std::ranges::find(unsigned_names, name) == std::end(unsigned_names);
}

std::map<std::string, std::string> canonical_headers(const http::Headers& headers) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : headers) {
    const std::string key = lower(name);
    if (!is_signed(key)) continue;
    const auto [at, fresh] = out.try_emplace(key, trimmed(value));
    if (!fresh) at->second += "," + trimmed(value);
  }
  return out;
}

std::string signed_names(const std::map<std::string, std::string>& headers) {
  std::string out;
  for (const auto& [name, value] : headers) out += (out.empty() ? "" : ";") + name;
  return out;
}

// RFC 3986 section 5.2.4 without its empty segments.
std::string normalized(std::string_view path) {
  std::vector<std::string_view> kept;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), segment.size() + 1));
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (std::string_view segment : kept) out += "/" + std::string(segment);
  if (kept.empty() || path.ends_with('/')) out += "/";
  return out;
}

// The path as sent is encoded once more, '%' included: what is already encoded is signed doubly encoded.
std::string canonical_path(std::string_view path, bool normalize) {
  const std::string plain = normalize ? normalized(path) : std::string(path.empty() ? "/" : path);
  std::string out;
  std::size_t from = 0;
  for (std::size_t slash = plain.find('/'); slash != std::string::npos; slash = plain.find('/', from)) {
    out += http::percent_encode(std::string_view(plain).substr(from, slash - from)) + "/";
    from = slash + 1;
  }
  return out + http::percent_encode(std::string_view(plain).substr(from));
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Sorted by encoded name, then encoded value.
std::string canonical_query(std::string_view query, const Pairs& extra) {
  Pairs pairs;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(pair.size(), equals + 1));
    // '+' is a plus here: AWS knows %20 only.
    pairs.emplace_back(http::percent_encode(http::percent_decode(pair.substr(0, equals))),
                       http::percent_encode(http::percent_decode(value)));
  }
  for (const auto& [name, value] : extra) pairs.emplace_back(http::percent_encode(name), http::percent_encode(value));
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

std::string credential_scope(std::string_view date, const Scope& scope) {
  return std::string(date.substr(0, 8)) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

std::string signing_key(const std::string& secret, std::string_view date, const Scope& scope) {
  const std::string day = digest::hmac_sha256("AWS4" + secret, date.substr(0, 8));
  return digest::hmac_sha256(digest::hmac_sha256(digest::hmac_sha256(day, scope.region), scope.service),
                             "aws4_request");
}

// The part both forms share, once headers and query are final.
Signature compute(const SigningInput& input, const std::map<std::string, std::string>& headers,
                  const std::string& query, const std::string& body_hash, const Credentials& credentials,
                  const Scope& scope, const std::string& date, bool normalize) {
  Signature out;
  out.canonical_request = input.method + "\n" + canonical_path(input.path, normalize) + "\n" + query + "\n";
  for (const auto& [name, value] : headers) out.canonical_request += name + ":" + value + "\n";
  out.canonical_request += "\n" + signed_names(headers) + "\n" + body_hash;
  out.string_to_sign = std::string(algorithm) + "\n" + date + "\n" + credential_scope(date, scope) + "\n" +
                       digest::hex(digest::sha256(out.canonical_request));
  out.signature =
      digest::hex(digest::hmac_sha256(signing_key(credentials.secret_key, date, scope), out.string_to_sign));
  return out;
}

}  // namespace

Signature sign_headers(const SigningInput& input, const Credentials& credentials, const Scope& scope, Instant now,
                       const SigningOptions& options) {
  const std::string date = amz_date(now);
  const std::string body_hash = digest::hex(digest::sha256(input.body));
  http::Headers added{{"X-Amz-Date", date}};
  if (options.send_body_hash) added.add("X-Amz-Content-Sha256", body_hash);
  http::Headers late;
  if (!credentials.session_token.empty()) {
    (options.sign_session_token ? added : late).add("X-Amz-Security-Token", credentials.session_token);
  }
  http::Headers all = input.headers;
  for (const auto& [name, value] : added) all.set(name, value);
  const auto headers = canonical_headers(all);
  Signature out = compute(input, headers, canonical_query(input.query, {}), body_hash, credentials, scope, date,
                          options.normalize_path);
  out.headers = added;
  for (const auto& [name, value] : late) out.headers.add(name, value);
  out.headers.add("Authorization", std::string(algorithm) + " Credential=" + credentials.access_key + "/" +
                                       credential_scope(date, scope) + ", SignedHeaders=" + signed_names(headers) +
                                       ", Signature=" + out.signature);
  return out;
}

Signature sign_query(const SigningInput& input, const Credentials& credentials, const Scope& scope, Instant now,
                     std::chrono::seconds expires, const SigningOptions& options) {
  const std::string date = amz_date(now);
  const auto headers = canonical_headers(input.headers);
  Pairs extra{{"X-Amz-Algorithm", std::string(algorithm)},
              {"X-Amz-Credential", credentials.access_key + "/" + credential_scope(date, scope)},
              {"X-Amz-Date", date},
              {"X-Amz-Expires", std::to_string(expires.count())},
              {"X-Amz-SignedHeaders", signed_names(headers)}};
  const bool token = !credentials.session_token.empty();
  if (token && options.sign_session_token) extra.emplace_back("X-Amz-Security-Token", credentials.session_token);
  const std::string query = canonical_query(input.query, extra);
  Signature out = compute(input, headers, query, digest::hex(digest::sha256(input.body)), credentials, scope, date,
                          options.normalize_path);
  out.query = query;
  if (token && !options.sign_session_token) {
    out.query += "&X-Amz-Security-Token=" + http::percent_encode(credentials.session_token);
  }
  out.query += "&X-Amz-Signature=" + out.signature;
  return out;
}

void sign(http::Request& request, const Credentials& credentials, const Scope& scope, Instant now) {
  const std::string_view url = request.url;
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) throw Error(ErrorKind::config, "not an absolute URL: " + request.url);
  const std::string_view rest = url.substr(scheme + 3);
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  std::string_view target = rest.substr(authority.size());
  target = target.substr(0, target.find('#'));
  // HTTP clients leave the default port out of Host.
  if (url.starts_with("https:") && authority.ends_with(":443")) authority.remove_suffix(4);
  if (url.starts_with("http:") && authority.ends_with(":80")) authority.remove_suffix(3);
  SigningInput input;
  input.method = request.method;
  input.path = std::string(target.substr(0, target.find('?')));
  if (const std::size_t mark = target.find('?'); mark != std::string_view::npos) {
    input.query = std::string(target.substr(mark + 1));
  }
  request.headers.set("Host", std::string(authority));
  input.headers = request.headers;
  input.body = request.body;
  const Signature signature = sign_headers(input, credentials, scope, now);
  for (const auto& [name, value] : signature.headers) request.headers.set(name, value);
}

}  // namespace supportd::connectors::aws
