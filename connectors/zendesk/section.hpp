// [zendesk.<name>]: one Zendesk account. The rates are the Growth plan's.
// https://developer.zendesk.com/api-reference/introduction/rate-limits/
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "connectors/zendesk/client.hpp"
#include "connectors/zendesk/webhook.hpp"
#include "daemon/config/section.hpp"
#include "daemon/http/budget.hpp"

namespace supportd::connectors::zendesk {

struct Section {
  std::string base_url;  // "https://acme.zendesk.com", not a host name of the desk's own: those redirect
  std::string email;     // with api_token: whose it is
  config::Secret api_token;
  config::Secret oauth_token;  // in place of both
  int calls_per_minute = 400;
  int updates_per_minute = 100;  // of tickets, whatever the plan
  int exports_per_minute = 10;
  Millis timeout{30'000};
  Millis write_timeout{60'000};
  Millis transfer_timeout{180'000};
  Millis job_timeout{60'000};
  int answer_mebibytes = 32;
  int file_mebibytes = 50;
  std::map<std::string, std::int64_t> fields;  // {aws_case = 360001234}: what custom fields are called here
  config::Secret webhook_secret;               // none: webhooks are not taken
  Millis skew = webhook_window;                // how old a webhook may be

  friend bool operator==(const Section&, const Section&) = default;
};

void bind(config::Binder& binder, Section& section);

// `aws`: for secrets that lie there.
ClientOptions client_options(const std::string& name, const Section& section, const config::AwsSecrets& aws = {});
// "zendesk:<name>" for the account and, below it, "/update" and "/incremental".
std::vector<http::BudgetRule> budget_rules(const std::string& name, const Section& section);
// `forget`: told the token that was refused, before it is read anew; may be empty.
FetchSecret token(const Section& section, config::AwsSecrets aws, std::function<void(const std::string&)> forget);

}  // namespace supportd::connectors::zendesk
