#include "connectors/zendesk/section.hpp"

#include <limits>
#include <set>

namespace supportd::connectors::zendesk {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t mebibyte = 1024 * 1024;

std::string budget_name(const std::string& name) { return "zendesk:" + name; }

void check_login(config::Binder& binder, const Section& section) {
  if (!section.oauth_token.given()) {
    binder.require({"email", "api_token"});
  } else if (section.api_token.given() || !section.email.empty()) {
    binder.flaw("oauth_token", "stands beside email or api_token: either this one or those two");
  }
  const bool is_mail = section.email.find('@') != std::string::npos && section.email.find('/') == std::string::npos;
  if (!section.email.empty() && !is_mail)
    binder.flaw("email", "is no mail address (\"/token\" is added by the daemon)");
}

void check_fields(config::Binder& binder, const Section& section) {
  std::set<std::int64_t> seen;
  for (const auto& [name, id] : section.fields) {
    if (!seen.insert(id).second) binder.flaw("fields", "has two names for " + std::to_string(id));
    if (name.empty() || name.find_first_not_of("0123456789") == std::string::npos) {
      binder.flaw("fields", "has a name that reads as an id: \"" + name + "\"");
    }
  }
}

}  // namespace

void bind(config::Binder& binder, Section& section) {
  binder.field("base_url", section.base_url, config::secure_url());
  binder.field("email", section.email);
  binder.secret("api_token", section.api_token);
  binder.secret("oauth_token", section.oauth_token);
  binder.field("calls_per_minute", section.calls_per_minute, config::between(1, 100'000));
  binder.field("updates_per_minute", section.updates_per_minute, config::between(1, 100'000));
  binder.field("exports_per_minute", section.exports_per_minute, config::between(1, 1'000));
  binder.field("timeout", section.timeout, config::between(1s, 10min));
  binder.field("write_timeout", section.write_timeout, config::between(1s, 10min));
  binder.field("transfer_timeout", section.transfer_timeout, config::between(1s, 1h));
  binder.field("job_timeout", section.job_timeout, config::between(1s, 1h));
  binder.field("answer_mebibytes", section.answer_mebibytes, config::between(1, 256));
  binder.field("file_mebibytes", section.file_mebibytes, config::between(1, 50));
  binder.field("fields", section.fields, config::between(std::int64_t{1}, std::numeric_limits<std::int64_t>::max()));
  binder.secret("webhook_secret", section.webhook_secret);
  binder.field("skew", section.skew, config::between(1s, 1h));
  binder.require("base_url");
  check_login(binder, section);
  check_fields(binder, section);
}

ClientOptions client_options(const std::string& name, const Section& section, const config::AwsSecrets& aws) {
  ClientOptions out;
  out.base_url = section.base_url;
  out.email = section.email;
  out.budget = budget_name(name);
  out.fields = section.fields;
  if (section.webhook_secret.given()) {
    out.webhook_secret = [secret = section.webhook_secret, aws] { return secret.reveal(aws); };
  }
  out.webhook_skew = section.skew;
  out.read_deadline = section.timeout;
  out.write_deadline = section.write_timeout;
  out.transfer_deadline = section.transfer_timeout;
  out.job_deadline = section.job_timeout;
  out.answer_limit = static_cast<std::size_t>(section.answer_mebibytes) * mebibyte;
  out.most_file_bytes = static_cast<std::size_t>(section.file_mebibytes) * mebibyte;
  return out;
}

std::vector<http::BudgetRule> budget_rules(const std::string& name, const Section& section) {
  const std::string account = budget_name(name);
  return {{.name = account, .count = section.calls_per_minute},
          {.name = account + family::update, .count = section.updates_per_minute, .parent = account},
          {.name = account + family::incremental, .count = section.exports_per_minute, .parent = account}};
}

FetchSecret token(const Section& section, config::AwsSecrets aws, std::function<void(const std::string&)> forget) {
  return fetch_secret(section.oauth_token.given() ? section.oauth_token : section.api_token, std::move(aws),
                      std::move(forget));
}

}  // namespace supportd::connectors::zendesk
