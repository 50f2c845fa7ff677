#include "daemon/http/answer.hpp"

#include <openssl/crypto.h>
#include <zlib.h>

#include <algorithm>

#include "daemon/error.hpp"

namespace supportd::http {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "";  // the phrase is optional (RFC 9112 section 4)
  }
}

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::config: return 400;
    case ErrorKind::gone: return 404;
    case ErrorKind::refused:
    case ErrorKind::conflict: return 409;
    case ErrorKind::throttled: return 429;
    case ErrorKind::unreachable:
    case ErrorKind::stopped: return 503;
    case ErrorKind::corrupt:
    case ErrorKind::unknown_outcome: return 500;
  }
  return 500;
}

Response fault(std::string_view what, const std::function<void(std::string_view)>& on_fault) {
  if (on_fault) on_fault(what);
  return problem(500, "Internal Server Error", "The request could not be answered; the daemon's log says why.");
}

bool is_equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool breaks_lines(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos; }

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int gzip_window = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::optional<Response> check_access(const Route& route, const Peer& peer, const Headers& headers,
                                     const std::function<std::string()>& daemon_token) {
  if (route.access == Access::open || peer.local) return {};
  const std::string token = daemon_token ? daemon_token() : "";
  if (token.empty()) return problem(403, "Forbidden", "This needs the control socket; no token is configured.");
  constexpr std::string_view scheme = "Bearer ";
  const std::string given = headers.get("Authorization").value_or("");
  const bool is_bearer = equal_ignoring_case(std::string_view(given).substr(0, scheme.size()), scheme);
  if (is_bearer && is_equal_in_constant_time(std::string_view(given).substr(scheme.size()), token)) return {};
  Response response = problem(401, "Unauthorized", "This needs the control socket, or a bearer token.");
  response.headers.set("WWW-Authenticate", "Bearer");
  response.headers.set("WWW-Authenticate", "Bearer");
  return response;
}

Response not_found(const std::string& allowed) {
  if (allowed.empty()) return problem(404, "Not Found", "There is nothing at this path.");
  Response response = problem(405, "Method Not Allowed", "This path knows: " + allowed);
  response.headers.set("Allow", allowed);
  return response;
}

std::string_view origin_form(std::string_view target) {
  const auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == target.npos) return target;
  const auto slash = target.find('/', scheme + 3);
  return slash == target.npos ? "/" : target.substr(slash);
}

}  // namespace

Admission admit_request(const Router& router, const Peer& peer, Head head, const std::function<std::string()>& token) {
  if (!head.is_http_1_0 && !head.headers.has("Host")) {
    return {.refusal = problem(400, "Bad Request", "The Host header is missing.")};
  }
  const std::string_view target = origin_form(head.target);
  const std::size_t question = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, question);
  Router::Match match = router.find(head.method, path);
  if (!match.route) return {.refusal = not_found(match.allowed)};
  Admission admission{.route = match.route};
  Inbound& inbound = admission.inbound;
  inbound.path = percent_decode(path);
  if (question < target.size()) {
    for (auto& [name, value] : parse_query(target.substr(question + 1))) inbound.query.emplace(name, value);
  }
  inbound.method = std::move(head.method);
  inbound.params = std::move(match.params);
  inbound.headers = std::move(head.headers);
  inbound.peer = peer;
  admission.refusal = check_access(*match.route, peer, inbound.headers, token);
  return admission;
}

Response run_handler(const Route& route, const Inbound& inbound,
                     const std::function<void(std::string_view)>& on_fault) try {
  return route.handler(inbound);
} catch (const Error& error) {
  const int status = status_of(error.kind());
  if (status == 500) return fault(error.what(), on_fault);
  Response response = problem(status, reason_of(status), error.what());
  if (error.retry_after()) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after());
    response.headers.set("Retry-After", std::to_string(seconds.count()));
  }
  return response;
} catch (const std::exception& error) {
  return fault(error.what(), on_fault);
}

void gzip_if_wanted(const Inbound& inbound, Response& response) {
  constexpr std::size_t worth_it = 1024;
  if (response.body.size() <= worth_it || response.headers.has("Content-Encoding")) return;
  const std::string type = response.headers.get("Content-Type").value_or("");
  if (!type.starts_with("text/") && type.find("json") == type.npos) return;
  response.headers.add("Vary", "Accept-Encoding");
  const std::string accepted = inbound.headers.get("Accept-Encoding").value_or("");
  if (accepted.find("gzip") == accepted.npos || accepted.find("gzip;q=0") != accepted.npos) return;
  response.body = gzip(response.body);
  response.headers.add("Content-Encoding", "gzip");
}

void serialise(const Response& response, const Framing& framing, std::string& out) {
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += reason_of(response.status);
  out += "\r\n";
  bool has_date = false;
  for (const auto& [name, value] : response.headers) {
    if (breaks_lines(name) || breaks_lines(value)) continue;
    if (equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Connection")) continue;
    has_date = has_date || equal_ignoring_case(name, "Date");
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!has_date && !framing.date.empty()) out.append("Date: ").append(framing.date).append("\r\n");
  if (!framing.keep_alive) {
    out += "Connection: close\r\n";
  } else if (framing.is_http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  const bool has_body = response.status != 204 && response.status != 304;
  if (has_body) out.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  out += "\r\n";
  if (has_body && !framing.is_head) out += response.body;
}

}  // namespace supportd::http
