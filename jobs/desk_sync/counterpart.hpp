// A ticket's counterpart at a desk that does not have it: created there once, linked, and given what was said before.
// Also what goes on for a counterpart that takes nothing more.
#pragma once

#include "daemon/outbox/outbox.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::desk_sync {

// What names the ticket at other desks: "freshdesk:main:7", the desk it came from and its id there; "ticket:9" for one
// of the ledger's own. Survives a restore.
std::string origin_name(store::Tx& tx, const tickets::Ticket& ticket);

// Owes one to every desk of `desks` whose rule takes the ticket and that has none; a reaction calls it. Of a ticket
// that ends, one that is there unknown will be known.
struct WantingDesk {
  std::string system;
  const Mapping& mapping;
};
void owe_counterparts(store::Tx& tx, outbox::Outbox& outbox, const std::vector<WantingDesk>& desks,
                      const tickets::Happening& happening);
// Owes a follow-up of the immutable counterpart `link`, which goes on with the message.
void owe_follow_up(store::Tx& tx, outbox::Outbox& outbox, const tickets::Link& link, const tickets::Message& message);

// A counterpart that was made, or is being made, by its marker tag.
struct Made {
  tickets::TicketId ticket;
  tickets::MessageId message;  // that a follow-up goes on with; none: it is no follow-up
  std::string asked;           // Snapshot, as the desk was asked for it; empty: not yet
  std::string remote_id;       // what it became; empty: not known yet
};
std::optional<Made> made_with(store::Tx& tx, const std::string& system, const std::string& marker);
// Asked for with these values.
void note_asked(store::Tx& tx, const std::string& system, const std::string& marker, const Snapshot& values);
// What both sides agree on of one that was asked for with these values and is now so: a field, type, group or assignee
// that it does not have was not taken.
Snapshot agreed_at_birth(Snapshot asked, const Snapshot& desk);
// Those of the ticket that took nothing more are gone on for.
void end_predecessors(store::Tx& tx, const std::string& system, tickets::TicketId ticket);
// The ticket's first words: what was taken in first, whatever the clocks of those who said it showed. REQUIRES some.
const tickets::Message& opening_of(const std::vector<tickets::Message>& messages);
// What was said elsewhere and belongs on the ticket of `link`, in its order; of a follow-up (`from` its first) what was
// said since.
std::vector<tickets::Message> words_for(store::Tx& tx, const tickets::Link& link, tickets::MessageId from = {});
// Owes the ticket of `link` what was said elsewhere, in its order, and what its fields lack, or the end if it ended
// meanwhile. What it has it is not given again.
void catch_up(store::Tx& tx, outbox::Outbox& outbox, const Mapping& mapping, const tickets::Link& link,
              tickets::MessageId from = {});
// It is there and linked, whoever learns of it first, the write or a read.
void counterpart_is_there(store::Tx& tx, outbox::Outbox& outbox, const Mapping& mapping, const tickets::Link& link,
                          tickets::MessageId follows_with);

class CounterpartDelivery final : public outbox::Delivery {
 public:
  // Its last tag is its marker. `since`: what is older is not ours.
  CounterpartDelivery(std::shared_ptr<connectors::Desk> desk, connectors::NewTicket ticket, Snapshot values,
                      Instant since)
      : desk_(std::move(desk)), ticket_(std::move(ticket)), values_(std::move(values)), since_(since) {}

  outbox::Sent send(std::stop_token stop) override;
  outbox::Looked find(std::stop_token stop) override;

 private:
  bool is_it(const connectors::DeskTicket& row) const;

  const std::shared_ptr<connectors::Desk> desk_;
  const connectors::NewTicket ticket_;
  const Snapshot values_;  // what the ticket says in one
  const Instant since_;
};

}  // namespace supportd::desk_sync
