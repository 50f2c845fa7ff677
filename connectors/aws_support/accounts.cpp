#include "connectors/aws_support/accounts.hpp"

namespace supportd::connectors::aws_support {
namespace {

// A client and all it borrows.
struct Whole {
  Whole(http::Client& http, time::Clock& clock, std::shared_ptr<aws::Endpoint> where, KeySources from,
        aws::CredentialsProvider& credentials, std::string budget)
      : endpoint(std::move(where)),
        keys(std::move(from)),
        calls(http, clock, *endpoint, credentials, {std::string(target), "aws_support"}),
        client(calls, std::move(budget)) {}

  const std::shared_ptr<aws::Endpoint> endpoint;
  const KeySources keys;
  aws::JsonClient calls;
  Client client;
};

// The queue and whose keys open it.
struct Events {
  Events(http::Client& http, time::Clock& clock, KeySources from, const aws::EventQueue& section)
      : keys(std::move(from)),
        queue(http, clock, *keys.base, section.url,
              section.region.empty() ? aws::region_of_queue(section.url) : section.region) {}

  const KeySources keys;
  aws::Queue queue;
};

}  // namespace

void Accounts::configure(const Section& section, const aws::Section& accounts, const KeySources& keys) {
  const std::lock_guard lock(mutex_);
  if (!endpoint_ || endpoint_->url() != section.endpoint || endpoint_->scope().region != section.region) {
    endpoint_ = std::make_shared<aws::Endpoint>(section.endpoint, aws::Scope{section.region, "support"});
  }
  clients_.clear();
  for (const aws::Account& account : accounts.accounts) {
    aws::CredentialsProvider& credentials =
        account.role_arn.empty() ? *keys.base : keys.roles->provider(aws::role_of(accounts, account));
    const auto whole = std::make_shared<Whole>(http_, clock_, endpoint_, keys, credentials, budget_name(account.id));
    clients_[account.id] = {whole, &whole->client};
  }
  events_.reset();
  if (!accounts.events.url.empty()) {
    const auto events = std::make_shared<Events>(http_, clock_, keys, accounts.events);
    events_ = {events, &events->queue};
  }
}

std::shared_ptr<Client> Accounts::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : found->second;
}

Accounts::Clients Accounts::all() const {
  const std::lock_guard lock(mutex_);
  return clients_;
}

std::shared_ptr<aws::Queue> Accounts::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

std::vector<std::string> Accounts::ids() const {
  std::vector<std::string> out;
  for (const auto& [id, client] : all()) out.push_back(id);
  return out;
}

}  // namespace supportd::connectors::aws_support
