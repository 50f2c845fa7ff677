#include "tests/sandbox/world.hpp"

#include "tests/fakes/customers.hpp"

namespace supportd::sandbox {
namespace {

fakes::AwsSupportOptions aws_options(const WorldOptions& options) {
  fakes::AwsSupportOptions out;
  out.seed = options.seed;
  out.calls_per_minute = options.aws_calls_per_minute;
  out.payer_calls_per_minute = 4 * options.aws_calls_per_minute;
  out.list_lag = options.list_lag;
  return out;
}

fakes::FreshdeskOptions desk_options(const WorldOptions& options) {
  fakes::FreshdeskOptions out;
  out.seed = options.seed;
  out.list_lag = options.list_lag;
  out.search_lag = std::chrono::minutes{3};
  out.attachment_base = options.attachment_base;
  out.fields = {{.name = "cf_aws_support_case_id"}, {.name = "cf_aws_account_id"}, {.name = "cf_product_area"}};
  return out;
}

}  // namespace

World::World(const WorldOptions& options, Instant now)
    : iam(options.seed),
      key(iam.add_user(fakes::customers::home_account, "supportd")),
      aws(iam, fakes::ServiceModel::aws_support(options.shared), aws_options(options)),
      sts(iam),
      secrets(iam),
      desk(desk_options(options)),
      witness(aws, desk, options.seed) {
  fakes::customers::add_accounts(iam, aws, key, external_id);
  secrets.put(fakes::customers::home_account, freshdesk_secret, freshdesk_key, now);
  bot = desk.add_agent("supportd", "supportd@desk.example", freshdesk_key);
  agent = desk.add_agent("이서연", "seoyeon@desk.example");
  fakes::customers::add_companies(desk);
}

}  // namespace supportd::sandbox
