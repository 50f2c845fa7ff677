#include "tests/fakes/zendesk_model.hpp"

#include <algorithm>
#include <set>

#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

std::string number_or_null(std::int64_t id) { return id == 0 ? "null" : std::to_string(id); }
std::string text_or_null(const std::string& text) { return text.empty() ? "null" : json_text(text); }

}  // namespace

bool ZendeskTicket::has_tag(const std::string& tag) const { return std::ranges::find(tags, tag) != tags.end(); }

std::string ZendeskTicket::field(std::int64_t wanted) const {
  const auto found = fields.find(wanted);
  if (found == fields.end()) return "";
  const auto document = json::Document::parse("[" + found->second + "]");
  return document.root().items().front().scalar_text();
}

std::vector<std::string> zendesk_tags(const std::vector<std::string>& given) {
  std::set<std::string> out;
  for (const auto& text : given) {
    std::string tag;
    for (const char c : lower_case(text) + " ") {
      if (c != ' ' && c != '\t' && c != '\n' && c != ',') {
        tag += c;
      } else if (!tag.empty()) {
        out.insert(std::exchange(tag, ""));
      }
    }
  }
  return {out.begin(), out.end()};
}

std::map<std::string, std::string> zendesk_properties(const ZendeskTicket& it) {
  json::Writer tags;
  tags.array([&] {
    for (const auto& tag : it.tags) tags.value(tag);
  });
  std::map<std::string, std::string> out = {
      {"subject", text_or_null(it.subject)},
      {"status", json_text(it.status)},
      {"custom_status_id", json_text(std::to_string(it.custom_status_id))},
      {"priority", text_or_null(it.priority)},
      {"type", text_or_null(it.type)},
      {"external_id", text_or_null(it.external_id)},
      {"requester_id", number_or_null(it.requester_id)},
      {"assignee_id", number_or_null(it.assignee_id)},
      {"group_id", number_or_null(it.group_id)},
      {"organization_id", number_or_null(it.organization_id)},
      {"tags", tags.take()},
  };
  for (const auto& [id, value] : it.fields) out[std::to_string(id)] = value;
  return out;
}

std::string json_text(std::string_view text) {
  json::Writer out;
  out.value(text);
  return out.take();
}

ZendeskFault zendesk_error(int status, const std::string& error, const std::string& description) {
  json::Writer out;
  out.object([&] { out.member("error", error).member("description", description); });
  return {status, out.take()};
}

ZendeskFault record_not_found() { return zendesk_error(404, "RecordNotFound", "Not found"); }
ZendeskFault invalid_endpoint() { return zendesk_error(404, "InvalidEndpoint", "Not found"); }

ZendeskFault invalid_attribute(const std::string& message) {
  json::Writer out;
  out.object(
      [&] { out.key("error").object([&] { out.member("title", "Invalid attribute").member("message", message); }); });
  return {400, out.take()};
}

ZendeskFault record_invalid(const std::vector<ZendeskProblem>& problems) {
  std::set<std::string> places;
  for (const auto& it : problems) places.insert(it.place);
  json::Writer out;
  out.object([&] {
    out.member("error", "RecordInvalid").member("description", "Record validation errors");
    out.key("details").object([&] {
      for (const auto& place : places) {
        out.key(place).array([&] {
          for (const auto& it : problems) {
            if (it.place != place) continue;
            out.object([&] {
              if (it.field_id != 0)
                out.member("ticket_field_id", it.field_id).member("ticket_field_type", it.field_type);
              out.member("description", it.description).key("error").null();
            });
          }
        });
      }
    });
  });
  return {422, out.take()};
}

}  // namespace supportd::fakes
