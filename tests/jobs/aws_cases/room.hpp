// The slice in one process: a ledger, an outbox turned by hand, AWS as the fake plays it, tickets as a desk brings
// them.
#pragma once

#include <gtest/gtest.h>

#include "connectors/aws_support/accounts.hpp"
#include "daemon/outbox/dispatch.hpp"
#include "jobs/aws_cases/operate.hpp"
#include "jobs/aws_cases/slice.hpp"
#include "jobs/aws_cases/sweep.hpp"
#include "jobs/tickets/kernel.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/faults.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"
#include "tests/fakes/sts.hpp"

namespace supportd::aws_cases {

inline constexpr const char* desk = "freshdesk:main";
inline constexpr const char* account = "111122223333";
inline constexpr const char* roled_account = "444455556666";  // reached by AssumeRole

class Room : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override;
  // The daemon starts (again): everything but the ledger and the outside is new.
  void start(const std::string& config = "", Instant certain_since = Instant{});
  // REQUIRES start() afterwards.
  void open_ledger(const store::LedgerOptions& where);

  // Deadlines and effects until nothing is due.
  void pump();
  // One sender's turn; false when there was nothing to do.
  bool turn();
  // A call leaves and its outcome is never recorded.
  void lose_outcome();
  Swept sweep(bool dry_run = false);
  Swept recent();
  void later(Millis by) { clock.at += by; }

  // What a desk brings.
  tickets::TicketId ticket(const std::string& remote_id, const std::string& subject, const std::string& text,
                           const std::string& organisation = "Hanbit");
  void desk_was_read();  // to its end
  void mark(tickets::TicketId id);
  void unmark(tickets::TicketId id);
  void event(tickets::TicketId id, tickets::EventKind kind, const std::string& value, const std::string& name = "");
  tickets::MessageId says(tickets::TicketId id, tickets::Author author, tickets::Visibility visibility,
                          const std::string& text, std::vector<tickets::NewAttachment> files = {});
  tickets::MessageId notes(tickets::TicketId id, const std::string& text) {
    return says(id, tickets::Author::agent, tickets::Visibility::private_note, text);
  }
  // Opens a case for a new ticket the usual way.
  tickets::TicketId opened(const std::string& remote_id = "7");

  // A copy of the ledger as it is; false where the engine's copies are made by others.
  bool keep_yesterday();
  // The daemon starts on that copy: what came since is forgotten.
  void restore_yesterday();
  // The desk tells of the ticket that opened() made at `when`, marked and with its case's id. It stays that time.
  tickets::TicketId brought_again(Instant when, const std::string& case_id);

  tickets::Ticket at(tickets::TicketId id);
  Case case_of(tickets::TicketId id);
  std::vector<tickets::Message> messages(tickets::TicketId id, const std::string& origin);
  std::string text(const tickets::Message& message);
  std::vector<std::string> notes_of(tickets::TicketId id);
  std::vector<std::string> bodies(const std::string& case_id);
  std::vector<fakes::AwsCase> aws_cases() { return aws->cases(); }
  outbox::State state_of(const std::string& key);

  struct Daemon;
  fakes::SetClock clock{Instant{Millis{1'800'000'000'000}}};
  fakes::Scratch scratch;
  fakes::Iam iam;
  fakes::FaultPlan faults;
  fakes::AwsSupportOptions options;
  std::unique_ptr<fakes::AwsSupport> aws;
  std::unique_ptr<fakes::Sts> sts;
  std::unique_ptr<fakes::Net> net;
  fakes::AwsKey key;
  std::string role;
  std::unique_ptr<store::Ledger> ledger;
  std::unique_ptr<Daemon> daemon;
  int serial = 0;
};

struct Keys final : connectors::aws::CredentialsProvider {
  explicit Keys(const fakes::AwsKey& key) : key(key) {}
  connectors::aws::Credentials get(std::stop_token) override {
    return {key.access_key_id, key.secret, key.session_token, {}};
  }
  const fakes::AwsKey& key;
};

struct Room::Daemon {
  Daemon(Room& room, const std::string& config, Instant certain_since);
  void configure(const std::string& role);
  RunningConfig config;
  observe::Log log;
  observe::Metrics metrics;
  outbox::Outbox outbox;
  http::Budgets budgets;
  run::Deadlines deadlines;
  run::JobKinds jobs;
  http::Router routes;
  Registry registry;
  tickets::Kernel kernel;
  Keys keys;
  connectors::aws::Endpoint sts_endpoint;
  connectors::aws::Sts sts;
  connectors::aws::RoleBook roles;
  connectors::aws_support::Accounts accounts;
  Slice slice;
  Context context;
  Metrics numbers;
};

}  // namespace supportd::aws_cases
