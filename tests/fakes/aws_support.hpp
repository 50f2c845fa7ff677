// AWS Support, API version 2013-04-15, with the limits its documents name. Every request is checked for its SigV4
// signature and against the published service model. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/json.hpp"
#include "tests/fakes/aws_support_model.hpp"
#include "tests/fakes/aws_wire.hpp"
#include "tests/fakes/iam.hpp"
#include "tests/fakes/random.hpp"
#include "tests/fakes/rate_limit.hpp"
#include "tests/fakes/service_model.hpp"
#include "tests/fakes/sigv4_verifier.hpp"
#include "tests/fakes/vendor.hpp"

namespace supportd::fakes {

struct AwsSupportOptions {
  std::uint64_t seed = 1;
  SigningScope scope{"us-east-1", "support"};
  // 0 anywhere: no limit.
  int calls_per_minute = 10;        // an account
  int payer_calls_per_minute = 40;  // all accounts of a payer
  int cases_per_day = 100;          // an account; beyond: CaseCreationLimitExceeded
  int sets_per_minute = 0;          // an account; beyond: AttachmentLimitExceeded
  int downloads_per_minute = 0;     // an account; beyond: DescribeAttachmentLimitExceeded
  std::chrono::months retention{24};
  Millis list_lag{0};                       // lists show the state of up to so long ago, drawn anew for every read
  bool refuse_replies_to_resolved = false;  // else such a reply reopens the case
  Millis clock_offset{0};                   // this side's clock against the caller's
  std::string resource_domain = "example.com";
};

class AwsSupport final : public Vendor {
 public:
  AwsSupport(const Iam& iam, ServiceModel model, AwsSupportOptions options = {});

  void add_account(const std::string& account, SupportPlan plan, const std::string& payer = "");
  void change_plan(const std::string& account, SupportPlan plan);

  // Called with each event for EventBridge, under the fake's lock.
  using Listener = std::function<void(const std::string& event, Instant now)>;
  void on_event(Listener listener);

  http::Response answer(const http::Request& request, Instant now) override;
  http::Response failure(int status, Instant now) override { return aws_failure(status, now); }

  // What people do. Each throws Error{gone} for an unknown case.
  void engineer_takes(const std::string& case_id, Instant now);  // work-in-progress
  void engineer_answers(const std::string& case_id, const std::string& body, const std::vector<File>& files,
                        Instant now);  // pending-customer-action
  void engineer_resolves(const std::string& case_id, Instant now);
  void engineer_reopens(const std::string& case_id, const std::string& body, Instant now);
  // Somebody of the customer's writes in the AWS console, past the daemon.
  void colleague_writes(const std::string& case_id, const std::string& name, const std::string& body, Instant now);
  void set_status(const std::string& case_id, const std::string& status, Instant now);

  // What is there, for counting.
  std::vector<AwsCase> cases() const;
  std::optional<AwsCase> find_case(const std::string& case_id) const;
  std::optional<AwsAttachment> attachment(const std::string& id) const;
  int calls(const std::string& action) const;  // answered other than by a throttle

 private:
  struct Account {
    SupportPlan plan = SupportPlan::basic;
    std::string payer;
    TokenBucket calls, sets, downloads;
    std::map<std::chrono::sys_days, int> opened;
  };
  struct AttachmentSet {
    std::string account;
    Instant expires{};
    bool used = false;
    std::vector<File> files;
  };
  struct Call {  // one verified request
    const AwsKey& caller;
    Account& account;
    json::View body;
    Instant now;
  };

  http::Response dispatch(const http::Request& request, Instant now);
  void throttle(Account& account, Instant now);
  void require_plan(const Account& account) const;
  std::string run(const std::string& action, Call& call);

  std::string create_case(Call& call);
  std::string describe_cases(Call& call);
  std::string describe_communications(Call& call);
  std::string add_communication(Call& call);
  std::string resolve_case(Call& call);
  std::string add_attachments_to_set(Call& call);
  std::string describe_attachment(Call& call);

  // The caller's case within retention; throws CaseIdNotFound.
  AwsCase& case_of(const Call& call, const std::string& id);
  AwsCase& known_case(const std::string& id);
  bool expired(const AwsCase& it, Instant now) const;
  std::vector<AwsCase*> selected_cases(Call& call);
  void write_case(json::Writer& out, const AwsCase& it, bool with_communications, Instant as_of) const;
  void write_communication(json::Writer& out, const AwsCase& it, const AwsCommunication& communication) const;
  // `origin`: "AWS" or "CUSTOMER" of a communication, else empty.
  void tell(const AwsCase& it, const std::string& name, const std::string& origin, Instant now);
  std::vector<std::string> consume_set(const Call& call);
  std::vector<std::string> keep_files(const std::string& account, const std::vector<File>& files);
  AwsCommunication& append(AwsCase& it, const std::string& body, const std::string& by, Instant now);
  Instant as_of(Instant now) { return now - Millis{random_.below(options_.list_lag.count() + 1)}; }
  std::string author(const AwsKey& caller) const;
  std::string fresh_id(std::string_view purpose, std::size_t digits);

  const Iam& iam_;
  const ServiceModel model_;
  const AwsSupportOptions options_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Listener listener_;
  Random random_;
  std::int64_t serial_ = 0;
  std::map<std::string, Account> accounts_;
  std::map<std::string, TokenBucket> payers_;
  std::map<std::string, AwsCase> cases_;
  std::map<std::string, std::vector<std::string>> case_order_;  // account -> ids, oldest first
  std::map<std::string, AttachmentSet> sets_;
  std::map<std::string, AwsAttachment> attachments_;
  std::map<std::string, int> calls_;
};

}  // namespace supportd::fakes
