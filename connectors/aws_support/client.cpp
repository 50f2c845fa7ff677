#include "connectors/aws_support/client.hpp"

#include <algorithm>

#include "daemon/digest.hpp"

namespace supportd::connectors::aws_support {
namespace {

constexpr std::string_view add_attachments = "AddAttachmentsToSet";
constexpr std::string_view add_communication_to_case = "AddCommunicationToCase";
constexpr std::string_view create = "CreateCase";
constexpr std::string_view attachment = "DescribeAttachment";
constexpr std::string_view cases = "DescribeCases";
constexpr std::string_view communications = "DescribeCommunications";
constexpr std::string_view services = "DescribeServices";
constexpr std::string_view severity_levels = "DescribeSeverityLevels";
constexpr std::string_view resolve = "ResolveCase";

// Three files of 5 MB are 20 MB of base64 on the way.
constexpr Millis upload_deadline{180'000};
constexpr std::size_t attachment_answer_limit = 10 * 1024 * 1024;

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::refused, "ValidationException", what, {}); }

void check_body(const std::string& body) {
  const std::size_t count = count_characters(body);
  if (count == 0) refuse("the communication body is empty");
  if (count > most_body_characters) {
    refuse("the communication body has " + std::to_string(count) + " characters, AWS takes 8000");
  }
}

void check_cc(const std::vector<std::string>& cc) {
  if (cc.size() > most_cc) refuse("there are " + std::to_string(cc.size()) + " CC addresses, AWS takes 10");
}

void check_results(int max_results) {
  if (max_results < fewest_results || max_results > most_results) {
    refuse("maxResults is " + std::to_string(max_results) + ", AWS takes 10 to 100");
  }
}

void check_given(const std::string& value, const char* name) {
  if (value.empty()) refuse(std::string(name) + " is missing");
}

void check_files(const std::vector<NewFile>& files) {
  if (files.empty()) refuse("an attachment set needs a file");
  if (files.size() > most_set_files) {
    refuse("there are " + std::to_string(files.size()) + " files for one attachment set, AWS takes 3");
  }
  for (const NewFile& file : files) {
    if (file.data.size() > most_file_bytes) {
      refuse("the file " + file.name + " has " + std::to_string(file.data.size()) + " bytes, AWS takes 5 MB");
    }
  }
}

void member_if_given(json::Writer& body, std::string_view name, const std::string& value) {
  if (!value.empty()) body.member(name, value);
}

void member_if_given(json::Writer& body, std::string_view name, const std::vector<std::string>& values) {
  if (!values.empty()) body.member(name, values);
}

Resolution parse_resolution(const json::View& root) {
  return {root.string("initialCaseStatus", ""), root.string("finalCaseStatus", "")};
}

AttachmentSet parse_attachment_set(const json::View& root) {
  const auto expires = time::parse_instant(root.at("expiryTime").string());
  if (expires.has_error()) throw Error(ErrorKind::corrupt, "/expiryTime: " + expires.error().what);
  return {root.at("attachmentSetId").string(), *expires};
}

}  // namespace

std::vector<std::string> action_names() {
  std::vector<std::string> out;
  for (std::string_view name : {add_attachments, add_communication_to_case, create, attachment, cases, communications,
                                services, severity_levels, resolve}) {
    out.push_back("support:" + std::string(name));
  }
  std::ranges::sort(out);
  return out;
}

aws::CallOptions Client::options(const char* operation, bool safe, http::Priority priority) const {
  aws::CallOptions out;
  out.safe = safe;
  out.priority = priority;
  out.budget = budget_;
  out.operation = operation;
  return out;
}

CasePage Client::describe_cases(const CaseQuery& query, http::Priority priority, std::stop_token stop) {
  check_results(query.max_results);
  if (query.ids.size() > most_case_ids) {
    refuse("there are " + std::to_string(query.ids.size()) + " case ids, AWS takes 100");
  }
  json::Writer body;
  body.object([&] {
    member_if_given(body, "caseIdList", query.ids);
    member_if_given(body, "displayId", query.display_id);
    if (query.after) body.member("afterTime", time::to_text(*query.after));
    // Both defaults of AWS's are the other way round from what a sweep needs.
    body.member("includeResolvedCases", query.include_resolved);
    body.member("includeCommunications", query.include_communications);
    body.member("maxResults", query.max_results);
    member_if_given(body, "nextToken", query.next_token);
  });
  const auto how = options("describe_cases", true, priority);
  return calls_.call(cases, body.take(), how, stop, parse_cases);
}

CommunicationPage Client::describe_communications(const CommunicationQuery& query, http::Priority priority,
                                                  std::stop_token stop) {
  check_results(query.max_results);
  check_given(query.case_id, "caseId");
  json::Writer body;
  body.object([&] {
    body.member("caseId", query.case_id);
    if (query.after) body.member("afterTime", time::to_text(*query.after));
    body.member("maxResults", query.max_results);
    member_if_given(body, "nextToken", query.next_token);
  });
  const auto how = options("describe_communications", true, priority);
  CommunicationPage out = calls_.call(communications, body.take(), how, stop, parse_communications);
  for (Communication& communication : out.communications) communication.case_id = query.case_id;
  for (BadRow& row : out.bad) row.id = query.case_id;
  return out;
}

NewFile Client::describe_attachment(const std::string& id, http::Priority priority, std::stop_token stop) {
  check_given(id, "attachmentId");
  json::Writer body;
  body.object([&] { body.member("attachmentId", id); });
  auto how = options("describe_attachment", true, priority);
  how.deadline = upload_deadline;
  how.answer_limit = attachment_answer_limit;
  return calls_.call(attachment, body.take(), how, stop, parse_attachment);
}

std::vector<Service> Client::describe_services(const std::string& language, std::stop_token stop) {
  json::Writer body;
  body.object([&] { member_if_given(body, "language", language); });
  const auto how = options("describe_services", true, http::Priority::normal);
  return calls_.call(services, body.take(), how, stop, parse_services);
}

std::vector<SeverityLevel> Client::describe_severity_levels(const std::string& language, std::stop_token stop) {
  json::Writer body;
  body.object([&] { member_if_given(body, "language", language); });
  const auto how = options("describe_severity_levels", true, http::Priority::normal);
  return calls_.call(severity_levels, body.take(), how, stop, parse_severity_levels);
}

std::string Client::create_case(const NewCase& request, http::Priority priority, std::stop_token stop) {
  check_given(request.subject, "subject");
  check_given(request.service_code, "serviceCode");
  check_given(request.category_code, "categoryCode");
  check_given(request.severity_code, "severityCode");
  check_body(request.body);
  check_cc(request.cc);
  json::Writer body;
  body.object([&] {
    body.member("subject", request.subject);
    body.member("communicationBody", request.body);
    body.member("serviceCode", request.service_code);
    body.member("categoryCode", request.category_code);
    body.member("severityCode", request.severity_code);
    body.member("issueType", "technical");
    member_if_given(body, "language", request.language);
    member_if_given(body, "ccEmailAddresses", request.cc);
    member_if_given(body, "attachmentSetId", request.attachment_set_id);
  });
  return calls_.call(create, body.take(), options("create_case", false, priority), stop,
                     [](const json::View& root) { return root.at("caseId").string(); });
}

void Client::add_communication(const NewCommunication& request, http::Priority priority, std::stop_token stop) {
  check_given(request.case_id, "caseId");
  check_body(request.body);
  check_cc(request.cc);
  json::Writer body;
  body.object([&] {
    body.member("caseId", request.case_id);
    body.member("communicationBody", request.body);
    member_if_given(body, "ccEmailAddresses", request.cc);
    member_if_given(body, "attachmentSetId", request.attachment_set_id);
  });
  const auto how = options("add_communication", false, priority);
  const bool added = calls_.call(add_communication_to_case, body.take(), how, stop,
                                 [](const json::View& root) { return root.at("result").boolean(); });
  if (!added) throw Error(ErrorKind::unknown_outcome, "AddCommunicationToCase answers neither yes nor an error");
}

Resolution Client::resolve_case(const std::string& id, http::Priority priority, std::stop_token stop) {
  check_given(id, "caseId");
  json::Writer body;
  body.object([&] { body.member("caseId", id); });
  return calls_.call(resolve, body.take(), options("resolve_case", false, priority), stop, parse_resolution);
}

AttachmentSet Client::add_attachments_to_set(const std::vector<NewFile>& files, http::Priority priority,
                                             std::stop_token stop) {
  check_files(files);
  json::Writer body;
  body.object([&] {
    body.key("attachments").array([&] {
      for (const NewFile& file : files) {
        body.object([&] { body.member("fileName", file.name).member("data", digest::base64(file.data)); });
      }
    });
  });
  auto how = options("add_attachments_to_set", true, priority);
  how.deadline = upload_deadline;
  return calls_.call(add_attachments, body.take(), how, stop, parse_attachment_set);
}

}  // namespace supportd::connectors::aws_support
