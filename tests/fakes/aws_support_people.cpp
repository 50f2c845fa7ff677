// What engineers at AWS and the customer's own people do, past the API.
#include "tests/fakes/aws_support.hpp"

namespace supportd::fakes {

void AwsSupport::engineer_takes(const std::string& case_id, Instant now) {
  set_status(case_id, "work-in-progress", now);
}

void AwsSupport::engineer_answers(const std::string& case_id, const std::string& body, const std::vector<File>& files,
                                  Instant now) {
  std::lock_guard lock(mutex_);
  AwsCase& it = known_case(case_id);
  auto kept = keep_files(it.account, files);
  AwsCommunication& said = append(it, body, "Amazon Web Services", now + options_.clock_offset);
  said.by_aws = true;
  said.attachments = std::move(kept);
  if (it.status != "resolved") it.status = "pending-customer-action";
  tell(it, "AddCommunicationToCase", "AWS", now);
}

void AwsSupport::engineer_resolves(const std::string& case_id, Instant now) {
  set_status(case_id, "resolved", now);
  const std::lock_guard lock(mutex_);
  tell(known_case(case_id), "ResolveCase", "", now);
}

void AwsSupport::engineer_reopens(const std::string& case_id, const std::string& body, Instant now) {
  set_status(case_id, "reopened", now);
  std::lock_guard lock(mutex_);
  AwsCase& it = known_case(case_id);
  tell(it, "ReopenCase", "", now);
  if (body.empty()) return;
  append(it, body, "Amazon Web Services", now + options_.clock_offset).by_aws = true;
  tell(it, "AddCommunicationToCase", "AWS", now);
}

void AwsSupport::colleague_writes(const std::string& case_id, const std::string& name, const std::string& body,
                                  Instant now) {
  std::lock_guard lock(mutex_);
  AwsCase& it = known_case(case_id);
  append(it, body, name + " (User) <" + name + "@" + options_.resource_domain + ">", now + options_.clock_offset);
  if (it.status == "pending-customer-action") it.status = "customer-action-completed";
  tell(it, "AddCommunicationToCase", "CUSTOMER", now);
}

void AwsSupport::set_status(const std::string& case_id, const std::string& status, Instant) {
  std::lock_guard lock(mutex_);
  known_case(case_id).status = status;
}

}  // namespace supportd::fakes
