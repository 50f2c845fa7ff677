#include "connectors/aws_support/model.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "daemon/digest.hpp"

namespace supportd::connectors::aws_support {
namespace {

Instant instant(const json::View& value) {
  const auto at = time::parse_instant(value.string());
  if (at.has_error()) throw Error(ErrorKind::corrupt, value.path() + ": " + at.error().what);
  return *at;
}

Communication parse_communication(const json::View& value) {
  Communication out;
  out.case_id = value.string("caseId", "");
  out.body = value.string("body", "");
  out.submitted_by = unescape_entities(value.string("submittedBy", ""));
  out.created = instant(value.at("timeCreated"));
  if (const auto files = value.find("attachmentSet")) {
    for (const json::View& file : files->items()) {
      out.attachments.push_back({file.at("attachmentId").string(), file.string("fileName", "")});
    }
  }
  return out;
}

// The members that can be understood; the others go to `bad`.
std::vector<Communication> parse_list(const json::View& list, const std::string& case_id, std::vector<BadRow>& bad) {
  std::vector<Communication> out;
  for (const json::View& value : list.items()) {
    try {
      out.push_back(parse_communication(value));
      if (out.back().case_id.empty()) out.back().case_id = case_id;
    } catch (const Error& error) {
      bad.push_back({case_id, value.dump(), error.what()});
    }
  }
  return out;
}

Case parse_case(const json::View& value, std::vector<BadRow>& bad) {
  Case out;
  out.id = value.at("caseId").string();
  out.display_id = value.string("displayId", "");
  out.subject = value.string("subject", "");
  out.status = value.string("status", "");
  out.service_code = value.string("serviceCode", "");
  out.category_code = value.string("categoryCode", "");
  out.severity_code = value.string("severityCode", "");
  out.submitted_by = unescape_entities(value.string("submittedBy", ""));
  out.created = instant(value.at("timeCreated"));
  out.cc = value.strings("ccEmailAddresses");
  out.language = value.string("language", "");
  if (const auto recent = value.find("recentCommunications")) {
    out.recent_next_token = recent->string("nextToken", "");
    if (const auto list = recent->find("communications")) out.recent = parse_list(*list, out.id, bad);
  }
  return out;
}

std::string id_of(const json::View& value) {
  if (!value.is_object()) return "";
  const auto id = value.find("caseId");
  return id && id->is_string() ? id->string() : "";
}

std::string utf8(std::uint32_t point) {
  utf8proc_uint8_t bytes[4];
  const auto count = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count)};
}

// The character that "&name;" stands for; none when it is no entity.
std::optional<std::string> entity(std::string_view name) {
  static const std::map<std::string_view, std::string_view> named{{"amp", "&"},   {"lt", "<"},   {"gt", ">"},
                                                                  {"quot", "\""}, {"apos", "'"}, {"nbsp", "\xC2\xA0"}};
  if (const auto at = named.find(name); at != named.end()) return std::string(at->second);
  if (!name.starts_with('#')) return {};
  name.remove_prefix(1);
  const int base = name.starts_with('x') || name.starts_with('X') ? 16 : 10;
  if (base == 16) name.remove_prefix(1);
  std::uint32_t point = 0;
  const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), point, base);
  if (wrong != std::errc{} || end != name.data() + name.size()) return {};
  if (point == 0 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return {};
  return utf8(point);
}

}  // namespace

CasePage parse_cases(const json::View& answer) {
  CasePage out;
  out.next_token = answer.string("nextToken", "");
  if (const auto list = answer.find("cases")) {
    for (const json::View& value : list->items()) {
      try {
        out.cases.push_back(parse_case(value, out.bad));
      } catch (const Error& error) {
        out.bad.push_back({id_of(value), value.dump(), error.what()});
      }
    }
  }
  return out;
}

CommunicationPage parse_communications(const json::View& answer) {
  CommunicationPage out;
  out.next_token = answer.string("nextToken", "");
  if (const auto list = answer.find("communications")) out.communications = parse_list(*list, "", out.bad);
  return out;
}

NewFile parse_attachment(const json::View& answer) {
  const json::View attachment = answer.at("attachment");
  auto bytes = digest::parse_base64(attachment.string("data", ""));
  if (bytes.has_error()) throw Error(ErrorKind::corrupt, "/attachment/data: " + bytes.error().what);
  return {attachment.string("fileName", ""), "", std::move(*bytes)};
}

std::vector<Service> parse_services(const json::View& answer) {
  std::vector<Service> out;
  for (const json::View& value : answer.at("services").items()) {
    Service service{value.at("code").string(), value.string("name", ""), {}};
    if (const auto categories = value.find("categories")) {
      for (const json::View& category : categories->items()) {
        service.categories.push_back({category.at("code").string(), category.string("name", "")});
      }
    }
    out.push_back(std::move(service));
  }
  return out;
}

std::vector<SeverityLevel> parse_severity_levels(const json::View& answer) {
  std::vector<SeverityLevel> out;
  for (const json::View& value : answer.at("severityLevels").items()) {
    out.push_back({value.at("code").string(), value.string("name", "")});
  }
  return out;
}

std::string unescape_entities(std::string_view text) {
  constexpr std::size_t longest = 10;  // "&#x10FFFF;"
  std::string out;
  while (!text.empty()) {
    const std::size_t mark = std::min(text.find('&'), text.size());
    out += text.substr(0, mark);
    text.remove_prefix(mark);
    if (text.empty()) break;
    const std::size_t end = text.substr(0, longest).find(';');
    const auto character = end == std::string_view::npos ? std::nullopt : entity(text.substr(1, end - 1));
    out += character.value_or("&");
    text.remove_prefix(character ? end + 1 : 1);
  }
  return out;
}

std::size_t count_characters(std::string_view text) {
  const std::string clean = json::valid_utf8(text);
  return static_cast<std::size_t>(
      std::ranges::count_if(clean, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace supportd::connectors::aws_support
