// AWS Support in each customer's account: keys by AssumeRole, one budget an account.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/aws/section.hpp"
#include "connectors/aws/sqs.hpp"
#include "connectors/aws_support/client.hpp"
#include "connectors/aws_support/section.hpp"

namespace supportd::connectors::aws_support {

// Whose keys the calls are signed with; kept by every client made from them.
struct KeySources {
  std::shared_ptr<aws::CredentialsProvider> base;  // our own
  std::shared_ptr<aws::RoleBook> roles;
};

// A reload configures it anew; whoever took a client keeps it to its end (rule 26). Thread-safe.
class Accounts {
 public:
  using Clients = std::map<std::string, std::shared_ptr<Client>>;

  // Borrows both. `http`: the layer that waits for the budgets of budget_rules().
  Accounts(http::Client& http, time::Clock& clock) : http_(http), clock_(clock) {}
  void configure(const Section& section, const aws::Section& accounts, const KeySources& keys);

  // Null when the account is not configured.
  std::shared_ptr<Client> find(const std::string& id) const;
  Clients all() const;
  std::vector<std::string> ids() const;  // sorted
  // Where the events of all accounts come; null when none is configured.
  std::shared_ptr<aws::Queue> events() const;

 private:
  http::Client& http_;
  time::Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<aws::Endpoint> endpoint_;  // guarded; the same while its URL is, since it has learnt the clock's skew
  Clients clients_;                          // guarded
  std::shared_ptr<aws::Queue> events_;       // guarded
};

}  // namespace supportd::connectors::aws_support
