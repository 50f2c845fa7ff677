#include "jobs/aws_cases/rules_account.hpp"

#include <algorithm>
#include <iterator>

namespace supportd::aws_cases {
namespace {

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

// "1111-2222-3333" is the console's way of writing it.
std::string digits(const std::string& text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c >= '0' && c <= '9'; });
  return out;
}

}  // namespace

AccountChoice choose_account(const std::string& named, const std::string& organisation,
                             const std::vector<std::string>& own, const std::vector<std::string>& reachable) {
  if (organisation.empty()) return {"", "the ticket belongs to no organisation"};
  std::string account = digits(named);
  if (account.empty()) {
    if (own.empty()) return {"", "organisation " + organisation + " has no AWS account"};
    if (own.size() > 1) {
      return {"", "organisation " + organisation + " has " + std::to_string(own.size()) +
                      " AWS accounts and the ticket names none"};
    }
    account = own.front();
  } else if (!has(own, account)) {
    return {"", "account " + account + " does not belong to organisation " + organisation};
  }
  if (!has(reachable, account)) return {"", "account " + account + " is not configured under [[aws.account]]"};
  return {account, named.empty() ? "the organisation's only account" : "named on the ticket"};
}

}  // namespace supportd::aws_cases
