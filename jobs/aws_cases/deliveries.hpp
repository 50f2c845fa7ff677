// The three calls that change something at AWS, each ready to go and each able to be looked for.
#pragma once

#include <memory>
#include <vector>

#include "connectors/aws_support/client.hpp"
#include "daemon/outbox/channel.hpp"
#include "daemon/time/clock.hpp"
#include "jobs/aws_cases/section.hpp"
#include "jobs/aws_cases/store.hpp"

namespace supportd::aws_cases {

// How long after its beginning an attempt may still call AWS; the last call's own wait and deadline come on top.
inline constexpr Millis preparing_at_most{120'000};
inline constexpr Millis longest_attempt{180'000};

struct Delivering {
  std::shared_ptr<connectors::aws_support::Client> client;
  time::Clock& clock;
  std::string ref;
  Instant since{};  // nothing of the attempt is older
  std::vector<connectors::NewFile> files;
};

// The case as it was opened, or found.
struct Opened {
  std::string display_id, status, severity, service, category, note;
  std::vector<Offering> services;  // read on the way; empty: not
  std::vector<std::string> severities;
  bool found = false;                // it was there already: what AWS has made of it since is news
  std::optional<Instant> created{};  // of one that was found
  bool fallback = false;             // the account does not have the service or the category that was wanted
};
std::string encode(const Opened& opened);
Opened decode_opened(const std::string& text);

class CreateDelivery final : public outbox::Delivery {
 public:
  // `catalogue`: what the account is known to offer; older than a day it is read anew.
  CreateDelivery(Delivering with, connectors::aws_support::NewCase request, Class found, ClassifyRules rules,
                 Account catalogue);
  outbox::Sent send(std::stop_token stop) override;
  outbox::Looked find(std::stop_token stop) override;

 private:
  Delivering with_;
  connectors::aws_support::NewCase request_;
  const Class found_;
  const ClassifyRules rules_;
  Account catalogue_;
};

// The answer of a communication that was looked for and found: what became of its case since is news.
inline constexpr const char* was_found = "found";

class SayDelivery final : public outbox::Delivery {
 public:
  SayDelivery(Delivering with, connectors::aws_support::NewCommunication request, std::size_t part);
  // Error{refused} with code "CaseResolved" when that is why AWS does not take it.
  outbox::Sent send(std::stop_token stop) override;
  outbox::Looked find(std::stop_token stop) override;

 private:
  Delivering with_;
  connectors::aws_support::NewCommunication request_;
  const std::size_t part_;
};

class ResolveDelivery final : public outbox::Delivery {
 public:
  // Sent::answer when AWS has opened it again meanwhile: nothing was written.
  static constexpr const char* was_reopened = "reopened";
  // `unless_said_after`: AWS may have resolved the case and opened it again, and nobody here knows. Its word stands when
  // it is younger than this, the ticket's end. Empty: it is not asked.
  ResolveDelivery(Delivering with, std::string case_id, std::optional<Instant> unless_said_after)
      : with_(std::move(with)), case_id_(std::move(case_id)), unless_said_after_(unless_said_after) {}
  outbox::Sent send(std::stop_token stop) override;
  outbox::Looked find(std::stop_token stop) override;

 private:
  std::optional<connectors::aws_support::Case> look(bool include_communications, std::stop_token stop);

  Delivering with_;
  const std::string case_id_;
  const std::optional<Instant> unless_said_after_;
};

}  // namespace supportd::aws_cases
