#include "connectors/aws/xml.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace supportd::connectors::aws {
namespace {

constexpr std::size_t most_levels = 16;
constexpr std::string_view space = " \t\r\n";

std::string utf8(std::uint32_t point) {
  utf8proc_uint8_t bytes[4];
  const auto count = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count)};
}

std::optional<std::string> entity(std::string_view name) {
  if (name == "amp") return "&";
  if (name == "lt") return "<";
  if (name == "gt") return ">";
  if (name == "quot") return "\"";
  if (name == "apos") return "'";
  if (!name.starts_with('#')) return {};
  name.remove_prefix(1);
  const int base = name.starts_with('x') ? 16 : 10;
  if (base == 16) name.remove_prefix(1);
  std::uint32_t point = 0;
  const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), point, base);
  if (wrong != std::errc{} || end != name.data() + name.size()) return {};
  if (point == 0 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return {};
  return utf8(point);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Parsed<std::map<std::string, std::string>> read() {
    if (text_.starts_with("<?xml")) {
      at_ = text_.find("?>");
      if (at_ == std::string_view::npos) return Mistake{"the XML declaration has no end", 1};
      at_ += 2;
    }
    while (at_ < text_.size()) {
      if (auto wrong = text_[at_] == '<' ? markup() : characters()) return *wrong;
    }
    if (!open_.empty()) return Mistake{"the XML ends inside <" + open_.back().name + ">", at_ + 1};
    if (!root_seen_) return Mistake{"no XML element", at_ + 1};
    return std::move(leaves_);
  }

 private:
  struct Element {
    std::string name;
    std::string path;
    std::string text;
    bool has_children = false;
  };

  Mistake wrong(std::string what) const { return {std::move(what), at_ + 1}; }

  std::optional<Mistake> characters() {
    const std::size_t end = std::min(text_.find('<', at_), text_.size());
    std::string_view run = text_.substr(at_, end - at_);
    if (open_.empty()) {
      if (run.find_first_not_of(space) != std::string_view::npos) return wrong("text outside the XML root element");
      at_ = end;
      return {};
    }
    while (!run.empty()) {
      const std::size_t mark = std::min(run.find('&'), run.size());
      open_.back().text += run.substr(0, mark);
      run.remove_prefix(mark);
      if (run.empty()) break;
      const std::size_t stop = run.find(';');
      const auto value = stop == std::string_view::npos ? std::nullopt : entity(run.substr(1, stop - 1));
      if (!value) return wrong("an XML entity that is not known");
      open_.back().text += *value;
      run.remove_prefix(stop + 1);
    }
    at_ = end;
    return {};
  }

  std::optional<Mistake> markup() {
    const std::size_t end = text_.find('>', at_);
    if (end == std::string_view::npos) return wrong("an XML tag has no end");
    std::string_view tag = text_.substr(at_ + 1, end - at_ - 1);
    if (tag.starts_with('!') || tag.starts_with('?'))
      return wrong("XML declarations and comments are not expected here");
    std::optional<Mistake> problem;
    if (tag.starts_with('/')) {
      problem = close(tag.substr(1));
    } else {
      const bool empty = tag.ends_with('/');
      if (empty) tag.remove_suffix(1);
      problem = open(tag.substr(0, tag.find_first_of(space)));
      if (!problem && empty) problem = close(open_.back().name);
    }
    at_ = end + 1;
    return problem;
  }

  std::optional<Mistake> open(std::string_view name) {
    if (name.empty() || name.find_first_of("<&\"'/") != std::string_view::npos) return wrong("a bad XML element name");
    if (open_.empty() && root_seen_) return wrong("a second XML root element");
    if (open_.size() == most_levels) return wrong("the XML is nested too deeply");
    root_seen_ = true;
    const std::string parent = open_.empty() ? "" : open_.back().path;
    if (!open_.empty()) open_.back().has_children = true;
    open_.push_back({std::string(name), parent + "/" + std::string(name), "", false});
    return {};
  }

  std::optional<Mistake> close(std::string_view name) {
    name = name.substr(0, name.find_last_not_of(space) + 1);
    if (open_.empty() || open_.back().name != name) return wrong("</" + std::string(name) + "> closes nothing");
    Element element = std::move(open_.back());
    open_.pop_back();
    if (!element.has_children && !leaves_.emplace(element.path, std::move(element.text)).second) {
      return wrong("the XML element " + element.path + " occurs twice");
    }
    return {};
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  bool root_seen_ = false;
  std::vector<Element> open_;
  std::map<std::string, std::string> leaves_;
};

}  // namespace

Parsed<std::map<std::string, std::string>> xml_leaves(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return Mistake{"the XML contains a NUL byte"};
  return Reader(text).read();
}

}  // namespace supportd::connectors::aws
