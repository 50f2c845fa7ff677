#include "tests/fakes/freshdesk_model.hpp"

#include <algorithm>
#include <set>

namespace supportd::fakes {

bool FreshdeskTicket::has_tag(const std::string& tag) const { return std::ranges::find(tags, tag) != tags.end(); }

std::string FreshdeskTicket::field(const std::string& name) const {
  const auto found = fields.find(name);
  if (found == fields.end()) return "";
  const auto document = json::Document::parse("[" + found->second + "]");
  return document.root().items().front().scalar_text();
}

std::map<std::string, std::string> freshdesk_properties(const FreshdeskTicket& ticket) {
  std::map<std::string, std::string> out = ticket.fields;
  std::string tags;
  for (const auto& tag : std::set(ticket.tags.begin(), ticket.tags.end())) tags += (tags.empty() ? "" : " ") + tag;
  out["subject"] = ticket.subject;
  out["type"] = ticket.type;
  out["tags"] = tags;
  out["status"] = std::to_string(ticket.status);
  out["priority"] = std::to_string(ticket.priority);
  out["responder_id"] = std::to_string(ticket.responder_id);
  out["group_id"] = std::to_string(ticket.group_id);
  return out;
}

FreshdeskFault validation_failed(const std::vector<FreshdeskProblem>& problems) {
  json::Writer out;
  out.object([&] {
    out.member("description", "Validation failed");
    out.key("errors").array([&] {
      for (const auto& it : problems) {
        out.object([&] { out.member("field", it.field).member("message", it.message).member("code", it.code); });
      }
    });
  });
  return {400, out.take()};
}

FreshdeskFault refused(int status, const std::string& code, const std::string& message) {
  json::Writer out;
  out.object([&] { out.member("code", code).member("message", message); });
  return {status, out.take()};
}

}  // namespace supportd::fakes
