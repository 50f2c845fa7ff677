// Reading AWS: the full sweep of rule 11, what changed lately between sweeps, and the files that came with it.
#pragma once

#include <map>
#include <set>

#include "daemon/run/job.hpp"
#include "daemon/run/patience.hpp"
#include "daemon/run/troubles.hpp"
#include "jobs/aws_cases/absorb.hpp"

namespace supportd::aws_cases {

std::string aside_source(const std::string& account);
std::string sweep_cursor(
    const std::string& account);  // its time: when the last full sweep that took every status began
std::string recent_cursor(const std::string& account);  // its value: up to when changes are known

// Of these accounts, the one whose last full sweep began longest ago, in words: "account 111122223333 2m10s ago".
std::string oldest_sweep(store::Tx& tx, const std::vector<std::string>& accounts, Instant now);

struct Swept {
  long long cases = 0, calls = 0, changed = 0, messages = 0, files = 0, expired = 0, aside = 0, failed_accounts = 0;
  run::Troubles troubles{};       // of accounts that could not be swept
  std::vector<std::string> plan;  // of a dry run
};

class Sweep {
 public:
  // `guard` is called in every writing transaction: a run that lost its lease must not write.
  struct Terms {
    std::stop_token stop;
    bool dry_run = false;
    std::function<void(store::Tx&)> guard = [](store::Tx&) {};
  };

  Sweep(const Context& context, Metrics& metrics, Terms terms)
      : context_(context), settings_(context.settings()), absorb_(context, metrics), terms_(std::move(terms)) {}

  // Every linked case of every account, those first that were swept longest ago. One account's failure, and one case's,
  // never stops the others.
  Swept full();
  // Cases with communications since the last look, less ten minutes; and those that must be looked at again.
  Swept recent();
  // Only those that must be looked at again.
  Swept again();

  static constexpr Millis longest_wait = std::chrono::minutes{5};  // of a call, for AWS or the budget

 private:
  using Client = connectors::aws_support::Client;
  using Linked = std::map<std::string, Case>;  // by AWS's id
  struct Reach {                               // an account that can be asked
    std::string account;
    Client& client;
    std::set<std::string> aside;  // cases that could not be understood before
    int waiting = 0;              // statuses that could not be taken yet
  };

  using Reachable = connectors::aws_support::Accounts::Clients::value_type;
  using Cursor = std::string (*)(const std::string& account);
  std::vector<Reachable> longest_ago_first(Cursor cursor) const;
  template <class Work>
  Swept each_account(Cursor cursor, Work work);
  // The call, waited for while AWS or the budget ask for it, but not so long that the accounts after this one starve.
  template <class Call>
  auto patiently(Call call) {
    check_stop();
    time::Clock& clock = context_.registry.clock;
    auto answer = run::patiently(clock, terms_.stop, clock.now() + longest_wait, call);
    ++out_.calls;
    return answer;
  }
  void check_stop() const;
  template <class Body>
  auto write(Body body) {
    return context_.registry.ledger.write([&](store::Tx& tx) {
      terms_.guard(tx);
      return body(tx);
    });
  }

  bool is_parked(const std::string& account, Client& client);
  void sweep(Reach& reach);
  void look(Reach& reach, const std::vector<Case>& cases);
  void look_again(Reach& reach);
  void take(Reach& reach, const Case& it, const connectors::aws_support::Case& seen, bool whole, Instant asked);
  void take_page(Reach& reach, const connectors::aws_support::CasePage& page, const Linked& linked, Instant asked);
  void read_on(Reach& reach, const Case& it, Sighting& sighting);
  void expire(const Case& it, const Error& why);
  void put_aside(Reach& reach, const std::string& case_id, const std::string& raw, const std::string& error);
  void fetch_files(Reach& reach);
  // What kept the file from us though it is no fault of the file's.
  std::optional<Error> fetch(Reach& reach, const tickets::Attachment& file);

  const Context context_;
  const Settings settings_;
  const Absorb absorb_;
  const Terms terms_;
  Swept out_;
};

}  // namespace supportd::aws_cases
