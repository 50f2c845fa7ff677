// The door to one desk: comments and changed fields of its tickets.
#pragma once

#include "daemon/json.hpp"
#include "daemon/outbox/outbox.hpp"
#include "daemon/registry.hpp"
#include "jobs/desk_sync/delivery.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {

class DeskChannel final : public outbox::Channel {
 public:
  // Borrows all.
  DeskChannel(std::string system, const connectors::Desks& desks, const Learned& learned, const tickets::Kernel& kernel,
              Registry& registry)
      : system_(std::move(system)), desks_(desks), learned_(learned), kernel_(kernel), registry_(registry) {}

  std::string name() const override { return system_; }
  outbox::Traits traits() const override;
  outbox::Prepared prepare(store::Tx& tx, const outbox::Effect& effect) override;
  void finished(store::Tx& tx, const outbox::Effect& effect, const outbox::Sent& sent, Instant now) override;
  void refused(store::Tx& tx, const outbox::Effect& effect, const Error& why, Instant now) override;

 private:
  Millis longest_write() const;
  using DeskPtr = std::shared_ptr<connectors::Desk>;
  outbox::Prepared prepare_fields(store::Tx& tx, DeskPtr desk, const tickets::Ticket& ticket,
                                  const std::string& remote_id);
  outbox::Prepared prepare_comment(store::Tx& tx, DeskPtr desk, const outbox::Effect& effect, const json::View& payload,
                                   const tickets::Link& link);
  outbox::Prepared prepare_merge(store::Tx& tx, DeskPtr desk, const outbox::Effect& effect, const json::View& payload,
                                 const tickets::Link& link);
  outbox::Prepared prepare_notice(DeskPtr desk, const outbox::Effect& effect, const json::View& payload,
                                  const tickets::Link& link);
  outbox::Prepared prepare_counterpart(store::Tx& tx, DeskPtr desk, const outbox::Effect& effect,
                                       const json::View& payload);
  void fields_sent(store::Tx& tx, tickets::TicketId ticket, const std::string& answer);
  void list_once(store::Tx& tx, const tickets::Link& link, const std::string& field, const std::string& desk,
                 const std::string& ledger, const char* winner);
  void settle_taken(store::Tx& tx, const tickets::Link& link, const std::string& field, const Answer& answer,
                    const Snapshot& wanted, Snapshot& agreed);
  void look_again(store::Tx& tx, tickets::Link& link);
  void counterpart_made(store::Tx& tx, const outbox::Effect& effect, const json::View& payload,
                        const outbox::Sent& sent);
  void comment_sent(store::Tx& tx, const json::View& payload, const outbox::Sent& sent);
  // The desk takes nothing more for the ticket: a follow-up goes on with the message.
  void close(store::Tx& tx, tickets::Link link, tickets::MessageId message);
  const std::string system_;
  const connectors::Desks& desks_;
  const Learned& learned_;
  const tickets::Kernel& kernel_;
  Registry& registry_;
};

}  // namespace supportd::desk_sync
