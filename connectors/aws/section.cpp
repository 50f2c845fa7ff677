#include "connectors/aws/section.hpp"

#include <algorithm>
#include <set>

#include "connectors/aws/imds.hpp"
#include "connectors/aws/profile.hpp"
#include "connectors/aws/refreshing.hpp"
#include "connectors/aws/sqs.hpp"

namespace supportd::connectors::aws {
namespace {

using namespace std::chrono_literals;

config::Complaint account_number(const std::string& text) {
  const bool good = text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (good) return {};
  return "an AWS account has 12 digits";
}

std::string regional(const std::string& given, const char* service, const std::string& region) {
  if (!given.empty()) return given;
  const char* domain = region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
  return std::string("https://") + service + "." + region + domain;
}

void check_accounts(config::Binder& binder, const Section& section) {
  std::set<std::string> seen;
  for (const Account& account : section.accounts) {
    if (!account.id.empty() && !seen.insert(account.id).second) {
      binder.flaw("account", "account " + account.id + " stands here twice");
    }
  }
  const Role any{"arn:aws:iam::111122223333:role/any", "", section.session_name,
                 std::chrono::duration_cast<std::chrono::seconds>(section.session_length)};
  if (const auto wrong = flaw(any)) binder.flaw("session_name", *wrong);
}

}  // namespace

config::Complaint url_or_none(const std::string& text) {
  return text.empty() ? config::Complaint{} : config::url()(text);
}

void bind(config::Binder& binder, Account& account) {
  binder.field("id", account.id, account_number);
  binder.field("organisation", account.organisation, config::not_empty());
  binder.field("role_arn", account.role_arn);
  binder.field("external_id", account.external_id);
  binder.field("payer", account.payer,
               [](const std::string& text) { return text.empty() ? config::Complaint{} : account_number(text); });
  binder.require({"id", "organisation"});
  if (account.role_arn.empty()) return;
  if (const auto wrong = flaw(Role{account.role_arn, "", "any", 1h})) {
    binder.flaw("role_arn", *wrong);
  } else if (const auto owner = account_of_role(account.role_arn); !account.id.empty() && owner != account.id) {
    binder.flaw("role_arn", "this role acts as account " + owner + ", not as " + account.id +
                                ": cases would be opened in another's account");
  }
  const Role any{"arn:aws:iam::111122223333:role/any", account.external_id, "any", 1h};
  if (const auto wrong = flaw(any)) binder.flaw("external_id", *wrong);
}

void bind(config::Binder& binder, EventQueue& queue) {
  binder.field("queue_url", queue.url, url_or_none);
  binder.field("region", queue.region);
  if (queue.url.empty() || !queue.region.empty() || !region_of_queue(queue.url).empty()) return;
  binder.flaw("queue_url", "which region this is cannot be read from it: say it with region = \"us-east-1\"");
}

void bind(config::Binder& binder, Section& section) {
  binder.choice("credentials", section.credentials,
                {{"secrets", KeySource::secrets},
                 {"environment", KeySource::environment},
                 {"profile", KeySource::profile},
                 {"instance", KeySource::instance}});
  binder.secret("access_key", section.access_key);
  binder.secret("secret_key", section.secret_key);
  binder.secret("session_token", section.session_token);
  binder.field("profile", section.profile, config::not_empty());
  binder.field("region", section.region, config::not_empty());
  binder.field("sts_endpoint", section.sts_endpoint, url_or_none);
  binder.field("secrets_endpoint", section.secrets_endpoint, url_or_none);
  binder.field("instance_endpoint", section.instance_endpoint, config::url());
  binder.field("session_name", section.session_name);
  binder.field("session_length", section.session_length, config::between(15min, 12h));
  binder.tables("account", section.accounts);
  binder.table("events", section.events);
  if (binder.given() && section.credentials == KeySource::secrets) binder.require({"access_key", "secret_key"});
  check_accounts(binder, section);
}

std::string sts_url(const Section& section) { return regional(section.sts_endpoint, "sts", section.region); }

std::string secrets_url(const Section& section) {
  return regional(section.secrets_endpoint, "secretsmanager", section.region);
}

Role role_of(const Section& section, const Account& account) {
  return {account.role_arn, account.external_id, section.session_name,
          std::chrono::duration_cast<std::chrono::seconds>(section.session_length)};
}

std::unique_ptr<CredentialsProvider> base_provider(const Section& section, const Surroundings& surroundings) {
  switch (section.credentials) {
    case KeySource::secrets: {
      // Not from Secrets Manager: these are the keys that it is asked with.
      auto text = [section](const std::string& name) {
        if (name == "access_key") return section.access_key.reveal();
        return name == "secret_key" ? section.secret_key.reveal() : section.session_token.reveal();
      };
      const char* token = section.session_token.given() ? "session_token" : "";
      return std::make_unique<StaticProvider>(std::move(text), "access_key", "secret_key", token);
    }
    case KeySource::environment: return std::make_unique<EnvironmentProvider>(surroundings.environment);
    case KeySource::profile: {
      auto source =
          std::make_shared<ProfileSource>(section.profile, default_profile_paths(surroundings.environment),
                                          surroundings.files, local_processes(surroundings.clock), surroundings.sts);
      return std::make_unique<RefreshingProvider>(surroundings.clock, "profile " + section.profile,
                                                  [source](std::stop_token stop) { return source->fetch(stop); });
    }
    case KeySource::instance: {
      auto imds = std::make_shared<Imds>(surroundings.direct, section.instance_endpoint);
      return std::make_unique<RefreshingProvider>(surroundings.clock, "this instance",
                                                  [imds](std::stop_token stop) { return imds->fetch(stop); });
    }
  }
  throw Error(ErrorKind::config, "no source of AWS keys");
}

}  // namespace supportd::connectors::aws
