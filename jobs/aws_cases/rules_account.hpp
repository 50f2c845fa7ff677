// In which AWS account a ticket's case is opened (product.md decision 5). Pure.
#pragma once

#include <string>
#include <vector>

namespace supportd::aws_cases {

struct AccountChoice {
  std::string account;  // empty: none, for `why`
  std::string why;
};
// `named`: the ticket's account field; `own`: the accounts of its organisation; `reachable`: those that we may call.
AccountChoice choose_account(const std::string& named, const std::string& organisation,
                             const std::vector<std::string>& own, const std::vector<std::string>& reachable);

}  // namespace supportd::aws_cases
