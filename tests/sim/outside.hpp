// The outside of one support desk: its Freshdesk, AWS, the people on both sides' accounts, the net with its faults and
// outages, and the witness that counts. None of it knows the daemon.
#pragma once

#include <map>
#include <set>
#include <string>

#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/sqs.hpp"
#include "tests/fakes/sts.hpp"
#include "tests/fakes/witness.hpp"
#include "tests/fakes/zendesk.hpp"
#include "tests/sim/baton.hpp"
#include "tests/sim/nature.hpp"
#include "tests/sim/word.hpp"

namespace supportd::sim {

// The clock of everybody else: seams and waits of the process, but not its wall clock.
class TrueTime final : public time::Clock {
 public:
  explicit TrueTime(Baton& baton) : baton_(baton) {}

  Instant now() const override { return baton_.true_now(); }
  std::chrono::nanoseconds steady() const override { return baton_.steady(); }
  void wait(std::unique_lock<std::mutex>& lock, time::Bell& bell, Instant until) override {
    baton_.wait(lock, bell, until == time::never ? until : until + (baton_.now() - baton_.true_now()));
  }
  void ring(time::Bell& bell) override { baton_.ring(bell); }
  std::unique_ptr<time::Thread> spawn(std::string name, std::function<void()> body) override {
    return baton_.spawn(std::move(name), std::move(body));
  }
  void seam(time::Seam seam) override { baton_.seam(seam); }

 private:
  Baton& baton_;
};

// While a vendor is out, nothing reaches it.
class Weather final : public http::Client {
 public:
  Weather(http::Client& net, const Nature& nature, const TrueTime& clock) : net_(net), nature_(nature), clock_(clock) {}

  http::Response send(const http::Request& request, std::stop_token stop = {}) override;
  int outage_calls() const { return outage_calls_; }

 private:
  http::Client& net_;
  const Nature& nature_;
  const TrueTime& clock_;
  int outage_calls_ = 0;
};

// The first desk's webhooks, one for each change of a ticket: some are lost, some come twice, all late and in any
// order.
class Hooks {
 public:
  explicit Hooks(std::uint64_t seed) : random_(fakes::seed_for(seed, "hooks")) {}
  void changed(std::int64_t ticket, Instant now);
  std::optional<Instant> next() const;
  std::vector<std::int64_t> due(Instant now);  // whose time has come; each once

 private:
  mutable std::mutex mutex_;
  fakes::Random random_;                         // guarded, as below
  std::multimap<Instant, std::int64_t> queued_;  // tickets
};

// The desks' own rules that act a moment after a change of a ticket.
class Robots {
 public:
  struct Task {
    Place desk;
    std::int64_t ticket;
  };
  explicit Robots(std::uint64_t seed) : random_(fakes::seed_for(seed, "robots")) {}
  void changed(Place desk, std::int64_t ticket, Instant now);
  std::optional<Instant> next() const;
  std::vector<Task> due(Instant now);  // whose time has come; each once

 private:
  mutable std::mutex mutex_;
  fakes::Random random_;  // guarded, as below
  std::multimap<Instant, Task> queued_;
};

class Outside {
 public:
  Outside(const Nature& nature, Baton& baton);
  // Does what the robots are due to do.
  void robots_act(Instant now);

  static constexpr const char* support_url = "https://support.us-east-1.amazonaws.com";
  static constexpr const char* sts_url = "https://sts.us-east-1.amazonaws.com";
  static constexpr const char* queue_url = "https://sqs.us-east-1.amazonaws.com/111122223333/supportd";
  static constexpr const char* desk_url = "https://acme.freshdesk.com";
  static constexpr const char* zendesk_url = "https://acme.zendesk.com";
  static constexpr const char* zendesk_mail = "supportd@desk.example";
  static constexpr const char* zendesk_token = "sim-zendesk-token";
  static constexpr const char* zendesk_webhook_secret = "sim-zendesk-webhook";
  static constexpr const char* freshdesk_webhook_secret = "sim-freshdesk-webhook";
  static constexpr std::int64_t zendesk_case_field = 360001;
  static constexpr const char* external_id = "supportd-sim";
  static constexpr const char* freshdesk_key = "sim-freshdesk-key";
  static constexpr const char* cause_field = "cf_root_cause";  // required for closure in some months

  const Nature& nature;
  TrueTime clock;
  fakes::Iam iam;
  fakes::AwsKey key;
  fakes::AwsSupport aws;
  fakes::Sts sts;
  fakes::Sqs sqs;
  Hooks hooks;
  Robots robots;
  fakes::Freshdesk desk;
  fakes::Zendesk zendesk;
  fakes::Witness witness;
  fakes::FaultPlan faults;
  fakes::Net net;
  Weather weather;
  std::int64_t bot = 0;                             // the daemon's agent
  std::int64_t agents[2] = {0, 0};                  // humans
  std::int64_t zendesk_bot = 0, zendesk_agent = 0;  // the daemon's, a human
  bool remapped = false;                            // the mapping has changed
  int promises_changed = 0;                         // how often
  bool owner_forgotten = false;                     // planted: the configuration lacks Nature::first_owns
  std::map<std::int64_t, int> chosen;               // priorities that people last chose at the first desk, by ticket
  std::map<std::int64_t, std::set<std::string>> untagged;  // tags that people took off and put on no more, by ticket
};

}  // namespace supportd::sim
