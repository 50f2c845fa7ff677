#include "tests/sandbox/world.hpp"

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
      key(iam.add_user(home_account, "supportd")),
      aws(iam, fakes::ServiceModel::aws_support(options.shared), aws_options(options)),
      sts(iam),
      secrets(iam),
      desk(desk_options(options)),
      witness(aws, desk, options.seed) {
  using fakes::SupportPlan;
  aws.add_account(home_account, SupportPlan::business, home_account);
  aws.add_account(games_account, SupportPlan::business, home_account);
  aws.add_account(bank_account, SupportPlan::enterprise, home_account);
  aws.add_account(planless_account, SupportPlan::basic, home_account);
  for (const char* account : {games_account, bank_account, planless_account})
    iam.add_role(account, role_name, external_id, {key.arn});
  secrets.put(home_account, freshdesk_secret, freshdesk_key, now);

  bot = desk.add_agent("supportd", "supportd@desk.example", freshdesk_key);
  agent = desk.add_agent("이서연", "seoyeon@desk.example");
  const auto games = desk.add_company("한빛게임즈", "hanbit.example");
  const auto bank = desk.add_company("Northwind Bank", "northwind.example");
  const auto tailor = desk.add_company("Tailor & Sons", "tailor.example");
  desk.add_contact("김민준", "minjun@hanbit.example", games);
  desk.add_contact("박지우", "jiwoo@hanbit.example", games);
  desk.add_contact("Ann Carter", "ann@northwind.example", bank);
  desk.add_contact("Tom Tailor", "tom@tailor.example", tailor);
}

}  // namespace supportd::sandbox
