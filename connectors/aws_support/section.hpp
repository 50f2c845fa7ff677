// [aws_support]: where AWS Support listens and how often it may be called. The endpoint is one for all regions.
#pragma once

#include <string>
#include <vector>

#include "connectors/aws/section.hpp"
#include "daemon/http/budget.hpp"

namespace supportd::connectors::aws_support {

// A ceiling shared by the accounts that name it: [[aws_support.payer]].
struct Payer {
  std::string id;
  int calls_per_minute = 60;
  int at_once = 2;
};

struct Section {
  std::string endpoint = "https://support.us-east-1.amazonaws.com";
  std::string region = "us-east-1";  // for signing
  int calls_per_minute = 10;         // of each account
  std::vector<Payer> payers;
};

void bind(config::Binder& binder, Payer& payer);
void bind(config::Binder& binder, Section& section);

// The budget of an account's calls: "aws_support:111122223333".
std::string budget_name(const std::string& account_id);
// One for each account, below its payer's where it names one. A payer without a table of its own has the defaults.
std::vector<http::BudgetRule> budget_rules(const Section& section, const std::vector<aws::Account>& accounts);

}  // namespace supportd::connectors::aws_support
