#include "tests/fakes/aws_support.hpp"

#include "tests/fakes/aws_describe.hpp"
#include "tests/fakes/codec.hpp"

namespace supportd::fakes {

AwsSupport::AwsSupport(const Iam& iam, ServiceModel model, AwsSupportOptions options)
    : iam_(iam),
      model_(std::move(model)),
      options_(std::move(options)),
      random_(seed_for(options_.seed, "aws support")) {}

void AwsSupport::add_account(const std::string& account, SupportPlan plan, const std::string& payer) {
  std::lock_guard lock(mutex_);
  Account& added = accounts_[account];
  added.plan = plan;
  added.payer = payer.empty() ? account : payer;
  added.calls = TokenBucket(options_.calls_per_minute);
  added.sets = TokenBucket(options_.sets_per_minute);
  added.downloads = TokenBucket(options_.downloads_per_minute);
  payers_.try_emplace(added.payer, options_.payer_calls_per_minute);
}

void AwsSupport::change_plan(const std::string& account, SupportPlan plan) {
  std::lock_guard lock(mutex_);
  accounts_.at(account).plan = plan;
}

http::Response AwsSupport::answer(const http::Request& request, Instant now) {
  now += options_.clock_offset;
  try {
    return dispatch(request, now);
  } catch (const AwsFault& fault) {
    return aws_fault(fault, now);
  } catch (const Error& error) {  // the body is not JSON
    return aws_fault({"SerializationException", error.what()}, now);
  }
}

http::Response AwsSupport::dispatch(const http::Request& request, Instant now) {
  if (request.method != "POST" || split_url(request.url).path != "/")
    throw AwsFault{"UnknownOperationException", "POST / is the only resource", 404};
  const auto verified = verify_sigv4(request, options_.scope, iam_, now);
  if (const auto* failure = std::get_if<AuthFailure>(&verified)) throw AwsFault{failure->code, failure->message};
  const AwsKey& caller = std::get<AwsKey>(verified);

  const std::string action = aws_action(request.headers, "AWSSupport_20130415");
  if (!model_.has(action)) throw AwsFault{"UnknownOperationException", "there is no such action"};
  if (request.headers.get("Content-Type").value_or("") != "application/x-amz-json-1.1")
    throw AwsFault{"SerializationException", "Content-Type must be application/x-amz-json-1.1"};
  const auto document = json::Document::parse(request.body, "the request");

  std::lock_guard lock(mutex_);
  Account& account = accounts_[caller.account];
  throttle(account, now);
  ++calls_[action];
  require_plan(account);
  if (const auto wrong = model_.check(action, document.root())) throw AwsFault{wrong->code, wrong->message};
  Call call{caller, account, document.root(), now};
  return aws_json(run(action, call), now);
}

void AwsSupport::throttle(Account& account, Instant now) {
  if (!account.calls.take(now) || !payers_[account.payer].take(now))
    throw AwsFault{"ThrottlingException", "Rate exceeded"};
}

void AwsSupport::require_plan(const Account& account) const {
  if (account.plan == SupportPlan::basic || account.plan == SupportPlan::developer)
    throw AwsFault{"SubscriptionRequiredException",
                   "Amazon Web Services Premium Support Subscription is required to use this service."};
}

std::string AwsSupport::run(const std::string& action, Call& call) {
  if (action == "CreateCase") return create_case(call);
  if (action == "DescribeCases") return describe_cases(call);
  if (action == "DescribeCommunications") return describe_communications(call);
  if (action == "AddCommunicationToCase") return add_communication(call);
  if (action == "ResolveCase") return resolve_case(call);
  if (action == "AddAttachmentsToSet") return add_attachments_to_set(call);
  if (action == "DescribeAttachment") return describe_attachment(call);
  if (action == "DescribeServices") return describe_services(call.body);
  if (action == "DescribeSeverityLevels") return describe_severity_levels(call.account.plan);
  if (action == "DescribeSupportedLanguages") return describe_supported_languages();
  if (action == "DescribeCreateCaseOptions") return describe_create_case_options();
  throw AwsFault{"UnknownOperationException", action + " is not simulated"};
}

std::string AwsSupport::author(const AwsKey& caller) const {
  return caller.name + " (Role) <" + lower_case(caller.name) + "@" + options_.resource_domain + ">";
}

std::string AwsSupport::fresh_id(std::string_view purpose, std::size_t digits) {
  ++serial_;
  return sha256_hex(std::string(purpose) + std::to_string(options_.seed) + "/" + std::to_string(serial_))
      .substr(0, digits);
}

std::vector<AwsCase> AwsSupport::cases() const {
  std::lock_guard lock(mutex_);
  std::vector<AwsCase> out;
  for (const auto& [account, ids] : case_order_) {
    for (const auto& id : ids) out.push_back(cases_.at(id));
  }
  return out;
}

std::optional<AwsCase> AwsSupport::find_case(const std::string& case_id) const {
  std::lock_guard lock(mutex_);
  const auto found = cases_.find(case_id);
  if (found == cases_.end()) return {};
  return found->second;
}

std::optional<AwsAttachment> AwsSupport::attachment(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto found = attachments_.find(id);
  if (found == attachments_.end()) return {};
  return found->second;
}

int AwsSupport::calls(const std::string& action) const {
  std::lock_guard lock(mutex_);
  const auto found = calls_.find(action);
  return found == calls_.end() ? 0 : found->second;
}

}  // namespace supportd::fakes
