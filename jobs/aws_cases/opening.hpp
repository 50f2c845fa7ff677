// From a marked ticket to an owed CreateCase: which rules decided what, and what people must approve.
#pragma once

#include "jobs/aws_cases/owing.hpp"

namespace supportd::aws_cases {

// The rule of the section; says nothing about whether the ticket still lives.
bool is_marked(const Section& section, const tickets::Ticket& ticket);
// AWS's word for an account whose plan has no API, and what people are told of it.
inline constexpr const char* no_plan = "SubscriptionRequiredException";
std::string why_no_plan(const std::string& account);

bool is_alive(const tickets::Ticket& ticket);

class Opening {
 public:
  explicit Opening(const Context& context) : context_(context), owing_(context) {}

  // After any event of the ticket: begins a case, takes one back, or has a refusal decided anew. The decision itself
  // waits for the end of the transaction, when all of the ticket is in the ledger.
  void consider(store::Tx& tx, const Section& section, const tickets::Happening& happening, Instant now) const;
  // The deadline of a case that was begun.
  void decide(store::Tx& tx, CaseRow id, Instant now) const;
  // Nobody approved in time: opens with the highest automatic severity.
  void lapse(store::Tx& tx, CaseRow id, Instant now) const;
  // What waits for an approval, or for its account's next day, and would do so until another instant under `fresh`.
  std::vector<run::Deadlines::Move> moves(store::Tx& tx, const Section& fresh, Instant now) const;
  // Throws Error{refused} when the case waits for no approval.
  void approve(store::Tx& tx, CaseRow id, const std::string& actor, const std::string& reason, Instant now) const;
  // A case refused for want of a support plan, now that its account has one.
  void go_on(store::Tx& tx, Case it, Instant now) const;
  // The resolved case takes no more messages: the next one begins with this message.
  void follow(store::Tx& tx, const Case& resolved, tickets::MessageId message, Instant now) const;

 private:
  // The case that the ticket names, opened before this ledger was certain: it goes on. False: there is none.
  bool adopt(store::Tx& tx, const Section& section, const tickets::Happening& happening, Instant now) const;
  void begin(store::Tx& tx, tickets::TicketId ticket, std::int64_t n, Instant marked, Instant now) const;
  bool may_be_withdrawn(store::Tx& tx, const Case& it) const;
  void decide_soon(store::Tx& tx, Case it, Instant now) const;
  void refuse(store::Tx& tx, const Section& section, Case it, const std::string& reason, Instant now) const;
  void open(store::Tx& tx, const Section& section, Case it, const tickets::Ticket& ticket, Instant now) const;
  // Postponed: the account has had its cases for today.
  bool is_over_limit(store::Tx& tx, const Section& section, Case& it, Instant now) const;

  const Context context_;
  const Owing owing_;
};

}  // namespace supportd::aws_cases
