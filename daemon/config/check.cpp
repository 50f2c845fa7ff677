#include "daemon/config/check.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace supportd::config {

Complaint OneOf::operator()(const std::string& text) const {
  for (const std::string& known : texts_) {
    if (known == text) return {};
  }
  return quote(text) + " is not one of the choices; " + known_names(text, texts_);
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

}  // namespace supportd::config
