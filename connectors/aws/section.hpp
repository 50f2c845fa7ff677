// [aws]: our keys, where STS and Secrets Manager listen, and the customers' accounts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/aws/credentials.hpp"
#include "connectors/aws/process.hpp"
#include "connectors/aws/sts.hpp"
#include "daemon/config/section.hpp"

namespace supportd::connectors::aws {

enum class KeySource {
  secrets,      // access_key and secret_key below
  environment,  // AWS_ACCESS_KEY_ID and its fellows
  profile,      // ~/.aws/credentials and ~/.aws/config
  instance,     // the EC2 instance's role, by IMDSv2
};

// A customer's account, reached by its role: [[aws.account]].
struct Account {
  std::string id;            // 12 digits
  std::string organisation;  // whose it is
  std::string role_arn;      // empty: our own keys are this account's
  std::string external_id;
  std::string payer;  // the payer account whose ceiling its calls count against; empty: none

  friend bool operator==(const Account&, const Account&) = default;
};

// Where EventBridge puts the events of AWS Support, read with our own keys: [aws.events].
struct EventQueue {
  std::string url;     // "https://sqs.us-east-1.amazonaws.com/111122223333/supportd"; empty: none
  std::string region;  // empty: the URL's

  friend bool operator==(const EventQueue&, const EventQueue&) = default;
};

struct Section {
  KeySource credentials = KeySource::secrets;
  config::Secret access_key, secret_key, session_token;
  std::string profile = "default";
  std::string region = "us-east-1";  // of STS and Secrets Manager
  std::string sts_endpoint;          // empty: the region's
  std::string secrets_endpoint;      // empty: the region's
  std::string instance_endpoint = "http://169.254.169.254";
  std::string session_name = "supportd";  // how customers see us in CloudTrail and AWS in `submittedBy`
  Millis session_length{3'600'000};
  std::vector<Account> accounts;
  EventQueue events;

  friend bool operator==(const Section&, const Section&) = default;
};

void bind(config::Binder& binder, Account& account);
void bind(config::Binder& binder, EventQueue& queue);
void bind(config::Binder& binder, Section& section);

// "https://sts.us-east-1.amazonaws.com", unless the section says otherwise.
std::string sts_url(const Section& section);
std::string secrets_url(const Section& section);
Role role_of(const Section& section, const Account& account);

// What a provider of our own keys may need. `direct` goes through no proxy.
struct Surroundings {
  time::Clock& clock;
  http::Client& direct;
  Sts& sts;
  Environment environment = process_environment();
  FileText files = local_files();
};
// Outlives neither what it borrows nor the section's values, which it copies.
std::unique_ptr<CredentialsProvider> base_provider(const Section& section, const Surroundings& surroundings);

}  // namespace supportd::connectors::aws
