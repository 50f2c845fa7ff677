#include "connectors/zendesk/inline_images.hpp"

#include <algorithm>

namespace supportd::connectors::zendesk {
namespace {

constexpr std::size_t most_images = 50;

std::string unescaped(std::string text) {
  for (std::size_t at = 0; (at = text.find("&amp;", at)) != std::string::npos; ++at) text.erase(at + 1, 4);
  return text;
}

// The value of src in `tag`, the text between "<img" and ">"; empty when there is none in quotes.
std::string source_of(const std::string& tag) {
  for (const char quote : {'"', '\''}) {
    const std::string opening = std::string(" src=") + quote;
    const std::size_t at = tag.find(opening);
    if (at == std::string::npos) continue;
    const std::size_t from = at + opening.size();
    const std::size_t end = tag.find(quote, from);
    if (end != std::string::npos) return unescaped(tag.substr(from, end - from));
  }
  return "";
}

// "https://acme.zendesk.com/attachments/token/abc/?name=shot.png"
DeskFile file_of(const std::string& url, std::size_t path) {
  DeskFile out;
  out.url = url;
  out.is_inline = true;
  const std::size_t query = std::min(url.find('?', path), url.size());
  std::string_view below(url.data() + path, query - path);
  if (below.starts_with("token/")) below.remove_prefix(6);
  out.id = below.substr(0, below.find('/'));
  for (const auto& [name, value] : http::parse_query(std::string_view(url).substr(std::min(query + 1, url.size())))) {
    if (name == "name") out.name = value;
  }
  return out;
}

}  // namespace

std::vector<DeskFile> inline_images(const std::string& html, const std::string& base_url) {
  const std::string ours = base_url + "/attachments/";
  std::vector<DeskFile> out;
  std::size_t at = 0;
  while (out.size() < most_images && (at = html.find("<img", at)) != std::string::npos) {
    const std::size_t end = html.find('>', at);
    if (end == std::string::npos) break;
    const std::string url = source_of(html.substr(at, end - at));
    at = end;
    if (!url.starts_with(ours) || std::ranges::find(out, url, &DeskFile::url) != out.end()) continue;
    DeskFile file = file_of(url, ours.size());
    if (!file.id.empty()) out.push_back(std::move(file));
  }
  return out;
}

}  // namespace supportd::connectors::zendesk
