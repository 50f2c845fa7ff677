#include "tests/fakes/freshdesk_html.hpp"

#include <array>
#include <utility>

#include "tests/fakes/aws_support_model.hpp"
#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; }

// Whether the '&' at the front begins an entity: &name; or &#12; or &#x1f;
bool is_entity(std::string_view text) {
  std::size_t i = 1;
  if (i < text.size() && text[i] == '#') ++i;
  const std::size_t first = i;
  while (i < text.size() && is_name(text[i])) ++i;
  return i > first && i < text.size() && text[i] == ';';
}

std::string attributes(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t start = text.find_first_not_of(" \t\r\n/");
    if (start == std::string_view::npos) return out;
    text.remove_prefix(start);
    const std::size_t end = text.find_first_of(" \t\r\n=/");
    const std::string name = lower_case(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
    std::string value;
    if (text.starts_with('=')) {
      text.remove_prefix(1);
      const bool quoted = !text.empty() && (text[0] == '"' || text[0] == '\'');
      const char quote = quoted ? text[0] : '\0';
      if (quoted) text.remove_prefix(1);
      const std::size_t stop = quoted ? text.find(quote) : text.find_first_of(blanks);
      value = std::string(text.substr(0, stop));
      text.remove_prefix(stop == std::string_view::npos ? text.size() : stop + (quoted ? 1 : 0));
    }
    const bool unsafe = name.starts_with("on") || lower_case(value).starts_with("javascript:");
    if (!name.empty() && !unsafe) out += " " + name + "=\"" + replace_all(value, "\"", "&quot;") + "\"";
  }
}

// The tag at the front ("<a href=x>") as it is kept; nothing when it is dropped.
std::string tag(std::string_view inside) {
  if (inside.starts_with('/')) return "</" + lower_case(inside.substr(1, inside.find_first_of(blanks) - 1)) + ">";
  std::size_t end = 0;
  while (end < inside.size() && is_name(inside[end])) ++end;
  return "<" + lower_case(inside.substr(0, end)) + attributes(inside.substr(end)) + ">";
}

// How much of the text, which starts with '<', is something that is dropped whole.
std::size_t dropped(std::string_view text) {
  if (text.starts_with("<!--")) {
    const std::size_t end = text.find("-->");
    return end == std::string_view::npos ? text.size() : end + 3;
  }
  for (const std::string_view name : {"script", "style", "iframe"}) {
    if (lower_case(text.substr(1, name.size())) != name) continue;
    const std::string close = "</" + std::string(name) + ">";
    const std::size_t end = lower_case(text).find(close);
    return end == std::string_view::npos ? text.size() : end + close.size();
  }
  return 0;
}

bool begins_tag(std::string_view text) {
  return text.size() > 1 && (is_name(text[1]) || text[1] == '/' || text[1] == '!');
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string decoded(std::string text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> entities = {
      {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&nbsp;", " "}, {"&amp;", "&"}}};
  for (const auto& [entity, plain] : entities) text = replace_all(std::move(text), entity, plain);
  return text;
}

}  // namespace

std::string safe_html(std::string_view html) {
  std::string out;
  for (std::size_t i = 0; i < html.size();) {
    const std::string_view rest = html.substr(i);
    if (rest[0] == '\r') {
      if (!rest.starts_with("\r\n")) out += '\n';
      ++i;
    } else if (rest[0] == '&' && !is_entity(rest)) {
      out += "&amp;";
      ++i;
    } else if (rest[0] != '<') {
      out += rest[0];
      ++i;
    } else if (const std::size_t gone = dropped(rest)) {
      i += gone;
    } else if (const std::size_t end = rest.find('>'); end != std::string_view::npos && begins_tag(rest)) {
      out += tag(rest.substr(1, end - 1));
      i += end + 1;
    } else {
      out += "&lt;";
      ++i;
    }
  }
  return trimmed(out);
}

std::string sanitized(std::string_view html) {
  const std::string out = safe_html(html);
  return out.starts_with("<div") ? out : "<div>" + out + "</div>";
}

std::string text_of(std::string_view html) {
  std::string out;
  for (std::size_t i = 0; i < html.size();) {
    const std::size_t end = html[i] == '<' ? html.find('>', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += html[i++];
      continue;
    }
    const std::string name = lower_case(html.substr(i + 1, html.find_first_of(" />", i + 2) - i - 1));
    if (name == "br" || name == "/p" || name == "/div" || name == "/li" || name == "/tr") out += '\n';
    i = end + 1;
  }
  return trimmed(decoded(out));
}

std::string html_of(std::string_view text) {
  return "<div>" + replace_all(html_escaped(replace_all(std::string(text), "\r\n", "\n")), "\n", "<br>") + "</div>";
}

}  // namespace supportd::fakes
