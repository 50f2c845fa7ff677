// [freshdesk.<name>]: one Freshdesk account. The rates are the Growth plan's.
// https://developers.freshdesk.com/api/#ratelimit
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "connectors/freshdesk/client.hpp"
#include "daemon/config/section.hpp"
#include "daemon/http/budget.hpp"

namespace supportd::connectors::freshdesk {

struct Section {
  std::string base_url;  // "https://acme.freshdesk.com", not a host name of the desk's own
  config::Secret api_key;
  PublicComment public_comment = PublicComment::reply;
  int calls_per_minute = 200;
  int lists_per_minute = 20;
  int creates_per_minute = 80;
  int updates_per_minute = 80;
  Millis timeout{30'000};
  Millis write_timeout{60'000};
  Millis transfer_timeout{180'000};
  int answer_mebibytes = 16;
  int file_mebibytes = 20;
  config::Secret webhook_secret;  // none: webhooks are not taken

  friend bool operator==(const Section&, const Section&) = default;
};

void bind(config::Binder& binder, Section& section);

// `aws`: for secrets that lie there.
ClientOptions client_options(const std::string& name, const Section& section, const config::AwsSecrets& aws = {});
// "freshdesk:<name>" for the account and, below it, "/list", "/create" and "/update".
std::vector<http::BudgetRule> budget_rules(const std::string& name, const Section& section);
// `forget`: told the key that was refused, before it is read anew; may be empty.
FetchSecret api_key(const Section& section, config::AwsSecrets aws, std::function<void(const std::string&)> forget);

}  // namespace supportd::connectors::freshdesk
