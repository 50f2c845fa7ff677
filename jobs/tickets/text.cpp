#include "jobs/tickets/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

namespace supportd::tickets {
namespace {

constexpr std::pair<std::string_view, std::string_view> named_entities[] = {
    {"amp", "&"},        {"lt", "<"},         {"gt", ">"},          {"quot", "\""},      {"apos", "'"},
    {"nbsp", "\u00a0"},  {"copy", "\u00a9"},  {"reg", "\u00ae"},    {"trade", "\u2122"}, {"hellip", "\u2026"},
    {"ndash", "\u2013"}, {"mdash", "\u2014"}, {"lsquo", "\u2018"},  {"rsquo", "\u2019"}, {"ldquo", "\u201c"},
    {"rdquo", "\u201d"}, {"bull", "\u2022"},  {"middot", "\u00b7"}, {"laquo", "\u00ab"}, {"raquo", "\u00bb"},
    {"euro", "\u20ac"},  {"yen", "\u00a5"},   {"pound", "\u00a3"},  {"times", "\u00d7"}};

constexpr std::string_view block_tags[] = {"p",  "div", "li", "ul", "ol", "tr", "table", "blockquote", "pre",
                                           "h1", "h2",  "h3", "h4", "h5", "h6", "hr",    "section",    "article"};
constexpr std::string_view unseen_tags[] = {"script", "style", "head", "title", "template"};

std::string encode(utf8proc_int32_t point) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  if (point <= 0 || !utf8proc_codepoint_valid(point)) return "\xEF\xBF\xBD";
  const auto length = utf8proc_encode_char(point, bytes.data());
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length)};
}

// The entity that begins at text[at] == '&', and its length; empty when it is none.
std::pair<std::string, std::size_t> entity(std::string_view text, std::size_t at) {
  const std::size_t end = text.substr(at, 12).find(';');
  if (end == std::string_view::npos || end < 2) return {};
  std::string_view name = text.substr(at + 1, end - 1);
  if (name.front() == '#') {
    const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    const std::string digits(name.substr(hex ? 2 : 1));
    char* stop = nullptr;
    const long point = std::strtol(digits.c_str(), &stop, hex ? 16 : 10);
    if (digits.empty() || *stop != '\0') return {};
    return {encode(static_cast<utf8proc_int32_t>(std::min(point, 0x110000L))), end + 1};
  }
  for (const auto& [known, value] : named_entities) {
    if (known == name) return {std::string(value), end + 1};
  }
  return {};
}

struct Tag {
  std::string name;  // lower case; "/p" for a closing one
  std::size_t end;   // just after '>'
};

// Quoted attribute values may hold '>'.
Tag read_tag(std::string_view html, std::size_t at) {
  Tag tag;
  std::size_t i = at + 1;
  for (; i < html.size() && (std::isalnum(static_cast<unsigned char>(html[i])) != 0 || html[i] == '/'); ++i) {
    if (html[i] == '/' && i > at + 1) break;
    tag.name += static_cast<char>(std::tolower(static_cast<unsigned char>(html[i])));
  }
  char quote = 0;
  for (; i < html.size(); ++i) {
    if (quote != 0) {
      if (html[i] == quote) quote = 0;
    } else if (html[i] == '"' || html[i] == '\'') {
      quote = html[i];
    } else if (html[i] == '>') {
      break;
    }
  }
  tag.end = std::min(i + 1, html.size());
  return tag;
}

bool is_one_of(std::string_view name, auto& names) {
  if (!name.empty() && name.front() == '/') name.remove_prefix(1);
  return std::ranges::find(names, name) != std::end(names);
}

// Where the unseen element that `tag` opened ends.
std::size_t skip_element(std::string_view html, const Tag& tag) {
  for (std::size_t at = tag.end; at < html.size(); ++at) {
    if (html[at] == '<' && at + 1 < html.size() && html[at + 1] == '/') {
      const Tag closing = read_tag(html, at);
      if (closing.name == "/" + tag.name) return closing.end;
    }
  }
  return html.size();
}

constexpr std::array<bool, 256> means_something = [] {
  std::array<bool, 256> out{};
  for (const char c : {'<', '&', ' ', '\t', '\r', '\n'}) out[static_cast<unsigned char>(c)] = true;
  return out;
}();

// Where the next character stands that HTML gives a meaning to, or a blank.
std::size_t plain_end(std::string_view html, std::size_t at) {
  while (at < html.size() && !means_something[static_cast<unsigned char>(html[at])]) ++at;
  return at;
}

// Texts of these code points alone are in NFC (UAX #15: NFC_Quick_Check=Yes, combining class 0): Latin, punctuation,
// kana without their marks, CJK ideographs, Hangul syllables, full-width forms. Nearly all messages are such.
bool is_composed(utf8proc_int32_t point) {
  return (point >= 0 && point < 0x300) || (point >= 0x2010 && point <= 0x2026) ||
         (point >= 0x3001 && point <= 0x3020) || (point >= 0x3041 && point <= 0x3096) ||
         (point >= 0x30a1 && point <= 0x30fa) || (point >= 0x4e00 && point <= 0x9fff) ||
         (point >= 0xac00 && point <= 0xd7a3) || (point >= 0xff01 && point <= 0xff60);
}

bool is_blank(utf8proc_int32_t point) {
  if (point < 0x80) return point == ' ' || (point >= 9 && point <= 13);
  if (is_composed(point)) return point == 0xa0;
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

// Calls `see(offset, length, code point)` for each code point.
template <class F>
void each_point(std::string_view text, F&& see) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    if (bytes[at] < 0x80) {
      see(at, std::size_t{1}, utf8proc_int32_t{bytes[at]});
      ++at;
      continue;
    }
    utf8proc_int32_t point = -1;
    auto length = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    if (length <= 0) length = 1;
    see(at, static_cast<std::size_t>(length), point);
    at += static_cast<std::size_t>(length);
  }
}

// Where the first piece of at most `most` code points ends.
std::size_t piece_end(std::string_view text, std::size_t most) {
  std::size_t seen = 0, line = 0, blank = 0, grapheme = 0, limit = text.size();
  utf8proc_int32_t state = 0, before = -1;
  bool full = false;
  each_point(text, [&](std::size_t at, std::size_t size, utf8proc_int32_t point) {
    if (full) return;
    if (before >= 0 && point >= 0 && utf8proc_grapheme_break_stateful(before, point, &state)) grapheme = at;
    if (seen == most) {
      limit = at;
      full = true;
      return;
    }
    ++seen;
    before = point;
    if (point == '\n') line = at + size;
    if (point == ' ') blank = at + size;
  });
  if (!full) return text.size();
  if (line > 0) return line;
  if (blank > 0) return blank;
  return grapheme > 0 ? grapheme : limit;
}

// The value of the attribute in the tag that begins at `at` and ends before `end`; its entities decoded.
std::string attribute(std::string_view html, std::size_t at, std::size_t end, std::string_view name) {
  const std::string_view tag = html.substr(at, end - at);
  const auto is_blank_at = [&](std::size_t i) { return std::isspace(static_cast<unsigned char>(tag[i])) != 0; };
  for (std::size_t i = 1; i + name.size() < tag.size(); ++i) {
    if (!is_blank_at(i - 1) || !std::ranges::equal(tag.substr(i, name.size()), name, {}, [](unsigned char c) {
          return static_cast<char>(std::tolower(c));
        })) {
      continue;
    }
    std::size_t from = i + name.size();
    while (from < tag.size() && is_blank_at(from)) ++from;
    if (from >= tag.size() || tag[from] != '=') continue;
    ++from;
    while (from < tag.size() && is_blank_at(from)) ++from;
    if (from >= tag.size()) return "";
    const bool quoted = tag[from] == '"' || tag[from] == '\'';
    const std::size_t to =
        quoted ? tag.find(tag[from], from + 1) : std::min(tag.find_first_of(" \t\r\n>", from), tag.size());
    if (to == std::string_view::npos) return "";
    if (quoted) ++from;
    return decode_entities(tag.substr(from, to - from));
  }
  return "";
}

// A URL as people write it: without its scheme and the slash at its end.
std::string_view bare(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://", "mailto:", "www."}) {
    if (url.starts_with(scheme)) url.remove_prefix(scheme.size());
  }
  if (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

// A link whose text does not say where it leads.
struct Link {
  std::string target;
  std::size_t text = 0;  // where its text begins

  bool is_told_by(std::string_view all) const {
    return !(target.starts_with("http://") || target.starts_with("https://")) ||
           all.substr(std::min(text, all.size())).find(bare(target)) != std::string_view::npos;
  }
};

std::string render(std::string_view html, bool with_links);

std::string render(std::string_view html, bool with_links) {
  std::string out;
  out.reserve(html.size());
  std::optional<Link> link;
  const auto end_line = [&] {
    while (!out.empty() && out.back() == ' ') out.pop_back();
    if (!out.empty() && out.back() != '\n') out += '\n';
  };
  for (std::size_t at = 0; at < html.size();) {
    const char c = html[at];
    if (c == '<' && html.substr(at, 4) == "<!--") {
      const std::size_t end = html.find("-->", at + 4);
      at = end == std::string_view::npos ? html.size() : end + 3;
    } else if (c == '<' && at + 1 < html.size() &&
               (std::isalpha(static_cast<unsigned char>(html[at + 1])) != 0 || html[at + 1] == '/' ||
                html[at + 1] == '!')) {
      const Tag tag = read_tag(html, at);
      if (with_links && tag.name == "a") link = Link{attribute(html, at, tag.end, "href"), out.size()};
      if (with_links && tag.name == "img") {
        const std::string shows = attribute(html, at, tag.end, "alt");
        if (!shows.empty()) out += "[image: " + shows + "]";
      }
      if (tag.name == "/a") {
        if (link && !link->is_told_by(out)) out += " (" + link->target + ")";
        link.reset();
      }
      at = tag.end;
      if (is_one_of(tag.name, unseen_tags) && tag.name.front() != '/') {
        at = skip_element(html, tag);
      } else if (tag.name == "br") {
        while (!out.empty() && out.back() == ' ') out.pop_back();
        out += '\n';
      } else if (is_one_of(tag.name, block_tags)) {
        end_line();
      }
    } else if (c == '&') {
      const auto [value, length] = entity(html, at);
      out += length > 0 ? value : "&";
      at += length > 0 ? length : 1;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (!out.empty() && out.back() != ' ' && out.back() != '\n') out += ' ';
      ++at;
    } else {
      const std::size_t end = plain_end(html, at + 1);
      out += html.substr(at, end - at);
      at = end;
    }
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) out.pop_back();
  return out;
}

bool turns_direction(utf8proc_int32_t point) {
  return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

}  // namespace

std::string decode_entities(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '&') {
      const auto [value, length] = entity(text, at);
      if (length > 0) {
        out += value;
        at += length;
        continue;
      }
    }
    out += text[at++];
  }
  return out;
}

std::string html_to_text(std::string_view html) { return render(html, false); }

std::string html_to_text_with_links(std::string_view html) { return render(html, true); }

std::string without_direction(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_point(text, [&](std::size_t at, std::size_t size, utf8proc_int32_t point) {
    if (!turns_direction(point)) out += text.substr(at, size);
  });
  return out;
}

std::string text_to_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\r': break;
      case '\n': out += "<br>"; break;
      default: out += text[at];
    }
  }
  return out;
}

std::string normalise(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  bool composed_already = true;
  std::size_t word = 0;  // where it began; after a blank, where the next may begin
  const auto end_word = [&](std::size_t at) {
    if (at == word) return;
    if (!folded.empty()) folded += ' ';
    folded += text.substr(word, at - word);
  };
  each_point(text, [&](std::size_t at, std::size_t size, utf8proc_int32_t point) {
    if (point >= 0 && is_blank(point)) {
      end_word(at);
      word = at + size;
    } else {
      composed_already = composed_already && is_composed(point);
    }
  });
  end_word(text.size());
  if (composed_already) return folded;
  utf8proc_uint8_t* composed = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(folded.data()),
                                   static_cast<utf8proc_ssize_t>(folded.size()), &composed,
                                   static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  if (length < 0) return folded;
  return {reinterpret_cast<const char*>(composed), static_cast<std::size_t>(length)};
}

std::vector<std::string> split(std::string_view text, std::size_t most) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = piece_end(text, most);
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

std::size_t length(std::string_view utf8) {
  std::size_t points = 0;
  each_point(utf8, [&](std::size_t, std::size_t, utf8proc_int32_t) { ++points; });
  return points;
}

std::string for_terminal(std::string_view text) {
  std::string out;
  each_point(text, [&](std::size_t at, std::size_t size, utf8proc_int32_t point) {
    const bool control = (point >= 0 && point < 32 && point != '\n' && point != '\t') || (point >= 127 && point < 160);
    if (point < 0 || control || turns_direction(point)) {
      char shown[16];
      std::snprintf(shown, sizeof shown, "\\u{%x}",
                    point < 0 ? static_cast<unsigned char>(text[at]) : static_cast<unsigned>(point));
      out += shown;
    } else {
      out += text.substr(at, size);
    }
  });
  return out;
}

}  // namespace supportd::tickets
