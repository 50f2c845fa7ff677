#include "daemon/config/check.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace supportd::config {

Complaint OneOf::operator()(const std::string& text) const {
  for (const std::string& known : texts_) {
    if (known == text) return {};
  }
  auto shown = texts_;
  std::ranges::replace(shown, "", "\"\"");
  return quote(text) + " is not one of the choices; " + known_names(text, shown);
}

Complaint NotEmpty::operator()(const std::string& text) const {
  if (!text.empty()) return {};
  return "must not be empty";
}

Complaint Url::operator()(const std::string& text) const {
  const auto url = boost::urls::parse_uri(text);
  const bool web = url && (url->scheme() == "https" || url->scheme() == "http") && !url->encoded_host().empty();
  if (!web) return "expected an absolute http or https address such as \"https://example.com/path\"";
  if (url->has_userinfo()) return "an address must not hold a user or password; use a secret";
  return {};
}

Complaint SecureUrl::operator()(const std::string& text) const {
  if (auto complaint = url()(text)) return complaint;
  const auto url = boost::urls::parse_uri(text);
  const std::string host = url->host_address();
  const bool here = host == "localhost" || host == "::1" || host.starts_with("127.");
  if (url->scheme() == "https" || here) return {};
  return "http would send the secret in the clear: use https";
}

Complaint PlainName::operator()(const std::string& text) const {
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
  if (plain && !text.empty()) return {};
  return "expected letters, digits and \"._-\"";
}

Complaint AbsolutePath::operator()(const std::string& text) const {
  if (text.starts_with('/')) return {};
  return "expected an absolute path: the service starts in a directory of its own";
}

Complaint HostAndPort::operator()(const std::string& text) const {
  const auto colon = text.rfind(':');
  unsigned port = 0;
  const char* const end = text.data() + text.size();
  const char* const begin = colon == text.npos ? end : text.data() + colon + 1;
  const auto [rest, wrong] = std::from_chars(begin, end, port);
  const std::string host = text.substr(0, colon);
  const bool bracketed =
      host.starts_with('[') == host.ends_with(']') && (host.starts_with('[') || host.find(':') == host.npos);
  if (wrong == std::errc{} && rest == end && port <= 65'535 && !host.empty() && bracketed) return {};
  return "expected host:port with a port of 0 to 65535, as in \"127.0.0.1:9180\" or \"[::1]:9180\"";
}

Complaint MailAddress::operator()(const std::string& text) const {
  const auto at = text.find('@');
  const bool good = at != text.npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == text.npos &&
                    text.find_first_of(" \t\r\n,;<>\"") == text.npos;
  if (good) return {};
  return "expected a mail address such as \"support@example.com\"";
}

}  // namespace supportd::config
