#include "tests/fakes/zendesk_html.hpp"

#include <vector>

#include "tests/fakes/aws_support_model.hpp"
#include "tests/fakes/codec.hpp"
#include "tests/fakes/freshdesk_html.hpp"

namespace supportd::fakes {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string wrapped(const std::string& inner) { return "<div class=\"zd-comment\" dir=\"auto\">" + inner + "</div>"; }

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

std::string plain_of(const std::string& body) { return replace_all(body, "  ", " &nbsp;"); }

std::string link_to(const std::string& address, const std::string& text) {
  return "<a href=\"" + address + "\" target=\"_blank\" rel=\"nofollow noreferrer\">" + text;
}

// One tag as the sanitiser left it, as Zendesk shows it.
std::string shown_tag(const std::string& tag) {
  if (tag == "<p>") return "<p dir=\"auto\">";
  if (tag.starts_with("<img") && tag.find("src=\"data:") != std::string::npos) return "";
  if (!tag.starts_with("<a ")) return tag;
  const std::size_t at = tag.find("href=\"");
  if (at == std::string::npos) return "<a>";
  return link_to(tag.substr(at + 6, tag.find('"', at + 6) - at - 6), "");
}

// Addresses in an escaped text, which end at a blank or a '<'.
std::string with_links(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (!rest.starts_with("https://") && !rest.starts_with("http://")) {
      out += text[i++];
      continue;
    }
    const std::string address(rest.substr(0, rest.find_first_of(" \t\r\n<")));
    out += link_to(address, address) + "</a>";
    i += address.size();
  }
  return out;
}

std::string covered(const std::string& what) {
  std::string out;
  for (std::size_t i = 0; i < characters(what); ++i) out += "▇";
  return out;
}

}  // namespace

ZendeskText zendesk_html(std::string_view given) {
  const std::string safe = safe_html(given);
  std::string inner;
  for (std::size_t i = 0; i < safe.size();) {
    const std::size_t end = safe[i] == '<' ? safe.find('>', i) : std::string::npos;
    if (end == std::string::npos) {
      inner += safe[i++];
      continue;
    }
    inner += shown_tag(safe.substr(i, end - i + 1));
    i = end + 1;
  }
  const std::string body = text_of(replace_all(inner, "</p>", "<br></p>"));
  return {wrapped(inner), body, plain_of(body)};
}

ZendeskText zendesk_plain(std::string_view given) {
  const std::string text = trimmed(replace_all(std::string(given), "\r\n", "\n"));
  std::string inner;
  for (std::size_t i = 0; i <= text.size() && !text.empty();) {
    const std::size_t end = std::min(text.find("\n\n", i), text.size());
    const std::string paragraph = with_links(html_escaped(trimmed(text.substr(i, end - i))));
    if (!paragraph.empty()) inner += "<p dir=\"auto\">" + replace_all(paragraph, "\n", "\n<br>") + "</p>\n";
    i = end + 2;
  }
  return {wrapped(inner), text, plain_of(text)};
}

void redact(ZendeskText& text, const std::string& what) {
  if (what.empty()) return;
  const std::string cover = covered(what);
  text.html = replace_all(text.html, html_escaped(what), cover);
  text.body = replace_all(text.body, what, cover);
  text.plain = replace_all(text.plain, plain_of(what), cover);
}

std::vector<std::string> redacted_parts(std::string_view html) {
  constexpr std::string_view open = "<redact>", close = "</redact>";
  std::vector<std::string> out;
  for (std::size_t at = html.find(open); at != std::string_view::npos; at = html.find(open, at + 1)) {
    const std::size_t end = html.find(close, at);
    if (end == std::string_view::npos) break;
    out.push_back(text_of(html.substr(at + open.size(), end - at - open.size())));
  }
  return out;
}

}  // namespace supportd::fakes
