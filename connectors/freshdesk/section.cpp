#include "connectors/freshdesk/section.hpp"

namespace supportd::connectors::freshdesk {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t mebibyte = 1024 * 1024;

std::string budget_name(const std::string& name) { return "freshdesk:" + name; }

}  // namespace

void bind(config::Binder& binder, Section& section) {
  binder.field("base_url", section.base_url, config::secure_url());
  binder.secret("api_key", section.api_key);
  binder.choice("public_comment", section.public_comment,
                {{"reply", PublicComment::reply}, {"note", PublicComment::note}});
  binder.field("calls_per_minute", section.calls_per_minute, config::between(1, 100'000));
  binder.field("lists_per_minute", section.lists_per_minute, config::between(1, 100'000));
  binder.field("creates_per_minute", section.creates_per_minute, config::between(1, 100'000));
  binder.field("updates_per_minute", section.updates_per_minute, config::between(1, 100'000));
  binder.field("timeout", section.timeout, config::between(1s, 10min));
  binder.field("write_timeout", section.write_timeout, config::between(1s, 10min));
  binder.field("transfer_timeout", section.transfer_timeout, config::between(1s, 1h));
  binder.field("answer_mebibytes", section.answer_mebibytes, config::between(1, 256));
  binder.field("file_mebibytes", section.file_mebibytes, config::between(1, 20));
  binder.secret("webhook_secret", section.webhook_secret);
  binder.require({"base_url", "api_key"});
}

ClientOptions client_options(const std::string& name, const Section& section, const config::AwsSecrets& aws) {
  ClientOptions out;
  out.base_url = section.base_url;
  out.budget = budget_name(name);
  out.public_comment = section.public_comment;
  if (section.webhook_secret.given()) {
    out.webhook_secret = [secret = section.webhook_secret, aws] { return secret.reveal(aws); };
  }
  out.read_deadline = section.timeout;
  out.write_deadline = section.write_timeout;
  out.transfer_deadline = section.transfer_timeout;
  out.answer_limit = static_cast<std::size_t>(section.answer_mebibytes) * mebibyte;
  out.most_file_bytes = static_cast<std::size_t>(section.file_mebibytes) * mebibyte;
  return out;
}

std::vector<http::BudgetRule> budget_rules(const std::string& name, const Section& section) {
  const std::string account = budget_name(name);
  return {{.name = account, .count = section.calls_per_minute},
          {.name = account + family::list, .count = section.lists_per_minute, .parent = account},
          {.name = account + family::create, .count = section.creates_per_minute, .parent = account},
          {.name = account + family::update, .count = section.updates_per_minute, .parent = account}};
}

FetchSecret api_key(const Section& section, config::AwsSecrets aws, std::function<void(const std::string&)> forget) {
  return fetch_secret(section.api_key, std::move(aws), std::move(forget));
}

}  // namespace supportd::connectors::freshdesk
