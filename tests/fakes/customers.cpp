#include "tests/fakes/customers.hpp"

namespace supportd::fakes::customers {

void add_accounts(Iam& iam, AwsSupport& aws, const AwsKey& key, const std::string& external_id) {
  aws.add_account(home_account, SupportPlan::business, home_account);
  aws.add_account(games_account, SupportPlan::business, home_account);
  aws.add_account(bank_account, SupportPlan::enterprise, home_account);
  aws.add_account(planless_account, SupportPlan::basic, home_account);
  for (const char* account : {games_account, bank_account, planless_account})
    iam.add_role(account, role_name, external_id, {key.arn});
}

void add_companies(Freshdesk& desk) {
  const auto games = desk.add_company("한빛게임즈", "hanbit.example");
  const auto bank = desk.add_company("Northwind Bank", "northwind.example");
  const auto tailor = desk.add_company("Tailor & Sons", "tailor.example");
  desk.add_contact("김민준", "minjun@hanbit.example", games);
  desk.add_contact("박지우", "jiwoo@hanbit.example", games);
  desk.add_contact("Ann Carter", "ann@northwind.example", bank);
  desk.add_contact("Tom Tailor", "tom@tailor.example", tailor);
}

void add_companies(Zendesk& desk) {
  const auto games = desk.add_organization("한빛게임즈", "hanbit.example");
  const auto bank = desk.add_organization("Northwind Bank", "northwind.example");
  const auto tailor = desk.add_organization("Tailor & Sons", "tailor.example");
  desk.add_user("김민준", "minjun@hanbit.example", games);
  desk.add_user("박지우", "jiwoo@hanbit.example", games);
  desk.add_user("Ann Carter", "ann@northwind.example", bank);
  desk.add_user("Tom Tailor", "tom@tailor.example", tailor);
}

}  // namespace supportd::fakes::customers
