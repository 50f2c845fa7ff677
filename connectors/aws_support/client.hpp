// The calls of AWS Support, one method each, for one account. Limits that AWS documents are checked before anything
// leaves: Error{refused, "ValidationException"}, as AWS itself would answer. Other errors: connectors/aws/errors.hpp;
// SubscriptionRequiredException means that the account's plan has no API.
// https://docs.aws.amazon.com/awssupport/latest/APIReference/API_Operations.html
#pragma once

#include <stop_token>

#include "connectors/aws/json_client.hpp"
#include "connectors/aws_support/model.hpp"

namespace supportd::connectors::aws_support {

inline constexpr std::string_view target = "AWSSupport_20130415";

inline constexpr std::size_t most_body_characters = 8'000;
inline constexpr std::size_t most_cc = 10;
inline constexpr std::size_t most_case_ids = 100;
inline constexpr int fewest_results = 10, most_results = 100;
inline constexpr std::size_t most_set_files = 3;
inline constexpr std::size_t most_file_bytes = 5 * 1024 * 1024;

// The IAM actions that this client calls, "support:CreateCase" and so on, sorted.
std::vector<std::string> action_names();

struct CaseQuery {
  std::vector<std::string> ids;  // at most 100; one expired id spoils the call (CaseIdNotFound)
  std::string display_id;
  std::optional<Instant> after;  // of a communication; a changed status alone is not seen
  bool include_resolved = true;
  bool include_communications = true;
  int max_results = most_results;
  std::string next_token;
};

struct CommunicationQuery {
  std::string case_id;
  std::optional<Instant> after;
  int max_results = most_results;
  std::string next_token;
};

// Thread-safe.
class Client {
 public:
  // `budget`: the account's shared budget.
  Client(aws::JsonClient& calls, std::string budget) : calls_(calls), budget_(std::move(budget)) {}

  CasePage describe_cases(const CaseQuery& query, http::Priority priority, std::stop_token stop = {});
  CommunicationPage describe_communications(const CommunicationQuery& query, http::Priority priority,
                                            std::stop_token stop = {});
  NewFile describe_attachment(const std::string& id, http::Priority priority, std::stop_token stop = {});
  std::vector<Service> describe_services(const std::string& language, std::stop_token stop = {});
  std::vector<SeverityLevel> describe_severity_levels(const std::string& language, std::stop_token stop = {});

  // Writes: each leaves at most once. Neither takes an idempotency key, so look before sending again.
  std::string create_case(const NewCase& request, http::Priority priority, std::stop_token stop = {});
  void add_communication(const NewCommunication& request, http::Priority priority, std::stop_token stop = {});
  Resolution resolve_case(const std::string& id, http::Priority priority, std::stop_token stop = {});
  // A new set. May leave twice: nobody sees a set that is not used.
  AttachmentSet add_attachments_to_set(const std::vector<NewFile>& files, http::Priority priority,
                                       std::stop_token stop = {});

 private:
  aws::CallOptions options(const char* operation, bool safe, http::Priority priority) const;

  aws::JsonClient& calls_;
  const std::string budget_;
};

}  // namespace supportd::connectors::aws_support
