#include "tests/fakes/freshdesk_model.hpp"

#include <algorithm>

namespace supportd::fakes {

bool FreshdeskTicket::has_tag(const std::string& tag) const { return std::ranges::find(tags, tag) != tags.end(); }

std::string FreshdeskTicket::field(const std::string& name) const {
  const auto found = fields.find(name);
  if (found == fields.end()) return "";
  const auto document = json::Document::parse("[" + found->second + "]");
  return document.root().items().front().scalar_text();
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
