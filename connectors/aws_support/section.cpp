#include "connectors/aws_support/section.hpp"

#include <map>

namespace supportd::connectors::aws_support {
namespace {

std::string payer_name(const std::string& id) { return "aws_support:payer:" + id; }

}  // namespace

void bind(config::Binder& binder, Payer& payer) {
  binder.field("id", payer.id, config::not_empty());
  binder.field("calls_per_minute", payer.calls_per_minute, config::between(1, 10'000));
  binder.field("at_once", payer.at_once, config::between(1, 100));
  binder.require("id");
}

void bind(config::Binder& binder, Section& section) {
  binder.field("endpoint", section.endpoint, config::url());
  binder.field("region", section.region, config::not_empty());
  binder.field("calls_per_minute", section.calls_per_minute, config::between(1, 1'000));
  binder.tables("payer", section.payers);
}

std::string budget_name(const std::string& account_id) { return "aws_support:" + account_id; }

std::vector<http::BudgetRule> budget_rules(const Section& section, const std::vector<aws::Account>& accounts) {
  std::map<std::string, Payer> payers;
  for (const Payer& payer : section.payers) payers[payer.id] = payer;
  for (const aws::Account& account : accounts) {
    if (!account.payer.empty()) payers.try_emplace(account.payer);
  }
  std::vector<http::BudgetRule> out;
  for (const auto& [id, payer] : payers) {
    out.push_back({.name = payer_name(id), .count = payer.calls_per_minute, .max_in_flight = payer.at_once});
  }
  for (const aws::Account& account : accounts) {
    out.push_back({.name = budget_name(account.id),
                   .count = section.calls_per_minute,
                   .parent = account.payer.empty() ? "" : payer_name(account.payer)});
  }
  return out;
}

}  // namespace supportd::connectors::aws_support
