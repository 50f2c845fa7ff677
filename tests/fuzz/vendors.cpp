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
#include "daemon/json.hpp"
#include "tests/fuzz/targets.hpp"

namespace supportd::fuzz {
namespace {

namespace aws = connectors::aws;
namespace aws_support = connectors::aws_support;
namespace freshdesk = connectors::freshdesk;

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

void profiles(std::string_view bytes) {
  aws::parse_profiles(bytes, aws::ProfileFile::config);
  aws::parse_profiles(bytes, aws::ProfileFile::credentials);
}

}  // namespace supportd::fuzz
