// Following an attachment's link.
#include <algorithm>

#include "connectors/rest_client.hpp"

namespace supportd::connectors {
namespace {

constexpr int most_redirects = 3;

// "https://host:port", lower case.
std::string origin(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  const std::size_t end = std::min(url.find_first_of("/?#", scheme + 3), url.size());
  std::string out(url.substr(0, end));
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

void check(const std::string& url, const std::string& base) {
  const std::string from = origin(url);
  const bool secure = from.starts_with("https://");
  const bool sandbox = from.starts_with("http://") && base.starts_with("http://");
  // A user part is how a link dresses up as another host.
  if ((!secure && !sandbox) || from.find('@') != std::string::npos ||
      url.find_first_of(" \t\r\n") != std::string::npos) {
    throw Error(ErrorKind::corrupt, "an attachment's link is not a plain https URL");
  }
}

std::string next_hop(const std::string& url, const http::Response& answer) {
  const std::string location = answer.headers.get("Location").value_or("");
  if (location.starts_with("https://") || location.starts_with("http://")) return location;
  if (location.starts_with("//")) return url.substr(0, url.find(':') + 1) + location;
  if (location.starts_with("/")) return origin(url) + location;
  throw Error(ErrorKind::corrupt, "an attachment's link redirects to nowhere");
}

Error too_large(std::size_t limit) {
  return {ErrorKind::refused, "too_large", "the attachment has more than " + std::to_string(limit) + " bytes", {}};
}

}  // namespace

http::Response RestClient::fetch(const std::string& url, std::size_t limit, Millis deadline, std::stop_token stop) {
  Options options;
  options.safe = true;
  options.deadline = deadline;
  options.answer_limit = limit;
  http::Request out = request("GET", "", "download", options);
  out.url = url;
  out.headers = {};
  try {
    if (origin(url) == origin(account_.base_url)) return exchange(std::move(out), stop);
    out.budget.clear();  // a storage host, not the API
    return client_.send(out, stop);
  } catch (const Error& error) {
    // The one way for plain bytes to be corrupt is to be too many.
    if (error.kind() == ErrorKind::corrupt) throw too_large(limit);
    throw;
  }
}

std::string RestClient::download(const std::string& url, std::size_t limit, Millis deadline, std::stop_token stop) {
  std::string at = url;
  for (int hop = 0; hop <= most_redirects; ++hop) {
    check(at, origin(account_.base_url));
    http::Response answer = fetch(at, limit, deadline, stop);
    if (answer.status >= 300 && answer.status < 400) {
      at = next_hop(at, answer);
      continue;
    }
    if (answer.status == 200) {
      if (answer.body.size() > limit) throw too_large(limit);
      return std::move(answer.body);
    }
    const std::string what = "the attachment's link answers HTTP " + std::to_string(answer.status);
    if (answer.status == 429 || answer.status >= 500) throw Error(ErrorKind::unreachable, what);
    throw Error(ErrorKind::gone, what);
  }
  throw Error(ErrorKind::corrupt, "the attachment's link redirects too often");
}

}  // namespace supportd::connectors
