#include "tests/fakes/vendor.hpp"

namespace supportd::fakes {

Target split_url(std::string_view url) {
  Target target;
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('#'));
  const std::size_t query = url.find('?');
  if (query != std::string_view::npos) {
    target.query = std::string(url.substr(query + 1));
    url = url.substr(0, query);
  }
  const std::size_t slash = url.find('/');
  target.authority = std::string(url.substr(0, slash));
  target.path = slash == std::string_view::npos ? "/" : std::string(url.substr(slash));
  return target;
}

}  // namespace supportd::fakes
