#include "jobs/aws_cases/rules_event.hpp"

#include "daemon/json.hpp"

namespace supportd::aws_cases {
namespace {

constexpr const char* case_update = "Support Case Update";

std::string text_of(const json::View& object, std::string_view name) {
  const auto found = object.find(name);
  return found && found->is_string() ? found->string() : "";
}

Parsed<std::optional<CaseEvent>> read(const json::View& event) {
  const std::string kind = text_of(event, "detail-type");
  if (kind.empty()) return Mistake{"no event of EventBridge: it has no detail-type"};
  if (kind != case_update || text_of(event, "source") != "aws.support") return std::optional<CaseEvent>{};
  const json::View detail = event.at("detail");
  CaseEvent out{event.at("account").string(), detail.at("case-id").string(), text_of(detail, "event-name")};
  if (out.account.empty() || out.case_id.empty()) return Mistake{"a case event that names no case"};
  return std::optional(std::move(out));
}

}  // namespace

Parsed<std::optional<CaseEvent>> parse_case_event(std::string_view body) {
  try {
    const auto document = json::Document::parse(body, "event");
    const json::View root = document.root();
    if (text_of(root, "Type") != "Notification") return read(root);
    const std::string inner = root.at("Message").string();
    const auto enveloped = json::Document::parse(inner, "event in SNS's envelope");
    return read(enveloped.root());
  } catch (const Error& error) {
    return Mistake{error.what()};
  }
}

}  // namespace supportd::aws_cases
