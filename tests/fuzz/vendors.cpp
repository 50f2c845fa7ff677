#include "tests/fuzz/vendors.hpp"

#include "connectors/aws/errors.hpp"
#include "connectors/aws/json_credentials.hpp"
#include "connectors/aws/profile.hpp"
#include "connectors/aws/sts.hpp"
#include "connectors/aws/xml.hpp"
#include "connectors/aws_support/model.hpp"
#include "connectors/freshdesk/calls.hpp"
#include "connectors/freshdesk/model.hpp"
#include "connectors/freshdesk/position.hpp"
#include "connectors/zendesk/audits.hpp"
#include "connectors/zendesk/complaint.hpp"
#include "connectors/zendesk/form.hpp"
#include "connectors/zendesk/model.hpp"
#include "connectors/zendesk/position.hpp"
#include "connectors/zendesk/webhook.hpp"
#include "daemon/json.hpp"
#include "jobs/aws_cases/rules_event.hpp"
#include "tests/fuzz/targets.hpp"

namespace supportd::fuzz {
namespace {

namespace aws = connectors::aws;
namespace aws_support = connectors::aws_support;
namespace freshdesk = connectors::freshdesk;
namespace zendesk = connectors::zendesk;

http::Response answer(std::string_view bytes) {
  http::Response out;
  out.status = 400;
  out.body = bytes;
  return out;
}

template <class Read>
void read(std::string_view bytes, Read read) {
  may_refuse([&] {
    const auto document = json::Document::parse(bytes);
    read(document.root());
  });
}

}  // namespace

void aws_cases(std::string_view bytes) {
  read(bytes, aws_support::parse_cases);
  read(bytes, aws_support::parse_communications);
  read(bytes, aws_support::parse_services);
  read(bytes, aws_support::parse_severity_levels);
  read(bytes, aws_support::parse_attachment);
  aws_support::unescape_entities(bytes);
  require(aws_support::count_characters(bytes) <= bytes.size(), "no more characters than bytes");
}

void aws_errors(std::string_view bytes) {
  const http::Response response = answer(bytes);
  for (const auto parse : {aws::parse_json_error, aws::parse_xml_error}) {
    const auto error = parse(response);
    aws::remedy(error);
    aws::to_error(error, response, false, "create_case", Instant{});
  }
  may_refuse([&] { aws::parse_json_credentials(bytes, aws::JsonCredentials::imds); });
  may_refuse([&] { aws::parse_json_credentials(bytes, aws::JsonCredentials::process); });
}

void aws_xml(std::string_view bytes) {
  aws::xml_leaves(bytes);
  may_refuse([&] { aws::parse_assume_role(bytes); });
}

void freshdesk_rows(std::string_view bytes) {
  read(bytes, freshdesk::parse_ticket);
  read(bytes, [](const json::View& row) { freshdesk::parse_comment(row, false); });
  read(bytes, freshdesk::parse_contact);
  read(bytes, freshdesk::parse_agent);
  read(bytes, freshdesk::parse_ticket_fields);
  read(bytes, freshdesk::listed);
  read(bytes, freshdesk::row_id);
  may_refuse([&] { freshdesk::parse_cursor(std::string(bytes), Instant{}); });
}

void freshdesk_errors(std::string_view bytes) {
  http::Request request;
  request.operation = "update_ticket";
  const std::string message = freshdesk::failure(request, answer(bytes), Instant{}).what();
  require(json::valid_utf8(message) == message, "a message is UTF-8");
  http::Response response = answer("");
  response.headers = {{"X-RateLimit-Remaining", std::string(bytes)}, {"Retry-After", std::string(bytes)}};
  freshdesk::read_rate(request, response, Instant{});
}

void aws_events(std::string_view bytes) {
  const auto event = aws_cases::parse_case_event(bytes);
  if (event && *event) require(!(*event)->case_id.empty() && !(*event)->account.empty(), "an event names its case");
}

void zendesk_rows(std::string_view bytes) {
  zendesk::Form form;
  read(bytes, [&](const json::View& answer) {
    form = zendesk::Form(zendesk::parse_ticket_fields(answer), zendesk::parse_custom_statuses(answer),
                         zendesk::parse_own_choices(answer, "priority"));
  });
  const zendesk::FieldNames names({{"area", 360003}});
  read(bytes, [&](const json::View& row) { zendesk::parse_ticket(row, form, names); });
  read(bytes, [](const json::View& row) {
    zendesk::Audits audits;
    for (const json::View& audit : row.at("audits").items()) audits.add(audit);
    audits.add_users(row);
    for (const auto& comment : audits.replies()) require(!comment.id.empty(), "a comment has an id");
  });
  read(bytes, zendesk::parse_made_comment);
  read(bytes, zendesk::parse_user);
  read(bytes, zendesk::parse_organisation);
  read(bytes, zendesk::parse_attachments);
  may_refuse([&] { zendesk::parse_position(std::string(bytes), Instant{}, Instant{}); });
  zendesk::parse_complaint(std::string(bytes));
}

void zendesk_hooks(std::string_view bytes) {
  may_refuse([&] { zendesk::parse_notice(bytes, "01HXYZ"); });
  // Nothing but the right signature is genuine.
  const std::string text(bytes);
  require(zendesk::verify(text, text, bytes, "secret", Instant{}, Millis{300'000}) != zendesk::Verdict::genuine,
          "a signature is not guessed");
}

void profiles(std::string_view bytes) {
  aws::parse_profiles(bytes, aws::ProfileFile::config);
  aws::parse_profiles(bytes, aws::ProfileFile::credentials);
}

}  // namespace supportd::fuzz
