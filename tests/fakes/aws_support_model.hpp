// What AWS Support keeps (API version 2013-04-15).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/time/instant.hpp"
#include "tests/fakes/vendor.hpp"

namespace supportd::fakes {

enum class SupportPlan { basic, developer, business, enterprise_on_ramp, enterprise };

struct AwsAttachment {
  std::string id;
  std::string account;
  File file;
};

struct AwsCommunication {
  std::int64_t serial = 0;  // order of arrival; never shown to callers, the API has no communication id
  std::string body;         // line ends and blanks already as the vendor keeps them, not yet HTML-escaped
  std::string submitted_by;
  Instant created{};
  bool by_aws = false;
  std::vector<std::string> attachments;
};

struct AwsCase {
  std::int64_t serial = 0;
  std::string id;
  std::string display_id;
  std::string account;
  std::string subject;
  std::string status = "opened";
  std::string service, category, severity;
  std::string submitted_by;
  std::string language;
  std::vector<std::string> cc;
  Instant created{};
  std::vector<AwsCommunication> communications;  // oldest first
};

struct AwsCategory {
  std::string code, name;
};
struct AwsService {
  std::string code, name;
  std::vector<AwsCategory> categories;
};
const std::vector<AwsService>& aws_services();
const AwsService* find_aws_service(const std::string& code);
// Lowest first: {"low", "General guidance"}.
std::vector<AwsCategory> severity_levels(SupportPlan plan);

// A body as Support keeps it: LF line ends, no blanks at line ends, no empty lines at the end.
std::string kept_body(const std::string& body);
// As it is read back: & < > " as entities.
std::string html_escaped(const std::string& text);

}  // namespace supportd::fakes
