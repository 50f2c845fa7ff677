// AWS Support in each customer's account: keys by AssumeRole, one budget an account.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/aws/section.hpp"
#include "connectors/aws_support/client.hpp"
#include "connectors/aws_support/section.hpp"

namespace supportd::connectors::aws_support {

// Immutable after construction; thread-safe. Borrows what it is given.
class Accounts {
 public:
  // `http`: the layer that waits for the budgets of budget_rules(). `base`: our own keys.
  Accounts(const Section& section, const aws::Section& keys, http::Client& http, time::Clock& clock, aws::Sts& sts,
           aws::CredentialsProvider& base);

  // Null when the account is not configured.
  Client* find(const std::string& id) const;
  std::vector<std::string> ids() const;  // sorted

 private:
  struct Entry {
    std::unique_ptr<aws::JsonClient> calls;
    std::unique_ptr<Client> client;
  };
  aws::Endpoint endpoint_;
  aws::RoleBook roles_;
  std::map<std::string, Entry> entries_;
};

}  // namespace supportd::connectors::aws_support
