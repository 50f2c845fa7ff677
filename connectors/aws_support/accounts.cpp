#include "connectors/aws_support/accounts.hpp"

namespace supportd::connectors::aws_support {

Accounts::Accounts(const Section& section, const aws::Section& keys, http::Client& http, time::Clock& clock,
                   aws::Sts& sts, aws::CredentialsProvider& base)
    : endpoint_(section.endpoint, {section.region, "support"}), roles_(sts, clock, base) {
  for (const aws::Account& account : keys.accounts) {
    aws::CredentialsProvider& credentials =
        account.role_arn.empty() ? base : roles_.provider(aws::role_of(keys, account));
    Entry entry;
    entry.calls =
        std::make_unique<aws::JsonClient>(http, clock, endpoint_, credentials, std::string(target), "aws_support");
    entry.client = std::make_unique<Client>(*entry.calls, budget_name(account.id));
    entries_.insert_or_assign(account.id, std::move(entry));
  }
}

Client* Accounts::find(const std::string& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.client.get();
}

std::vector<std::string> Accounts::ids() const {
  std::vector<std::string> out;
  for (const auto& [id, entry] : entries_) out.push_back(id);
  return out;
}

}  // namespace supportd::connectors::aws_support
