// The door to one desk: comments and changed fields of its tickets.
#pragma once

#include "daemon/json.hpp"
#include "daemon/outbox/outbox.hpp"
#include "daemon/registry.hpp"
#include "jobs/desk_sync/desk.hpp"

namespace supportd::desk_sync {

class DeskChannel final : public outbox::Channel {
 public:
  // Borrows all.
  DeskChannel(Spoke spoke, const Learned& learned, const tickets::Kernel& kernel, Registry& registry)
      : spoke_(std::move(spoke)), learned_(learned), kernel_(kernel), registry_(registry) {}

  std::string name() const override { return spoke_.system; }
  outbox::Traits traits() const override;
  outbox::Prepared prepare(store::Tx& tx, const outbox::Effect& effect) override;
  void finished(store::Tx& tx, const outbox::Effect& effect, const outbox::Sent& sent, Instant now) override;
  void refused(store::Tx& tx, const outbox::Effect& effect, const Error& why, Instant now) override;

 private:
  outbox::Prepared prepare_fields(store::Tx& tx, const outbox::Effect& effect, const tickets::Ticket& ticket,
                                  const std::string& remote_id);
  outbox::Prepared prepare_comment(store::Tx& tx, const outbox::Effect& effect, const json::View& payload,
                                   const std::string& remote_id);
  const Spoke spoke_;
  const Learned& learned_;
  const tickets::Kernel& kernel_;
  Registry& registry_;
};

// What the slice owes a desk when a ticket changes; a reaction of the kernel.
void owe_desks(store::Tx& tx, outbox::Outbox& outbox, const std::vector<Spoke>& spokes,
               const tickets::Happening& happening);
// The effect that brings a desk's fields to the ledger's.
void owe_fields(store::Tx& tx, outbox::Outbox& outbox, const std::string& system, const std::string& remote_id,
                tickets::TicketId ticket, Instant caused_at);

}  // namespace supportd::desk_sync
