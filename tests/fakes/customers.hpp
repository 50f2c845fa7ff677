// The customers whom the sandbox and the simulation serve: four AWS accounts, three companies, four people.
#pragma once

#include <string>

#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/iam.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes::customers {

inline constexpr const char* home_account = "111122223333";      // Business; the daemon's own keys
inline constexpr const char* games_account = "222233334444";     // Business; hanbit.example
inline constexpr const char* bank_account = "333344445555";      // Enterprise; northwind.example
inline constexpr const char* planless_account = "444455556666";  // Basic; tailor.example
inline constexpr const char* role_name = "SupportdRole";

// The accounts with their support plans, and in each but the home account a role that `key` may take.
void add_accounts(Iam& iam, AwsSupport& aws, const AwsKey& key, const std::string& external_id);
// The companies and their people at the desk.
void add_companies(Freshdesk& desk);
void add_companies(Zendesk& desk);

}  // namespace supportd::fakes::customers
