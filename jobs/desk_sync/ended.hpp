// What a desk does about a ticket that was merged, deleted or restored at another: nothing, say so, or do the same.
#pragma once

#include "daemon/outbox/outbox.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {

// The ticket was deleted, and is back.
bool is_return(const tickets::Change& change);
// Owes it to the desk of `link`; of such an event of `ticket` that came from elsewhere.
void owe_end(store::Tx& tx, outbox::Outbox& outbox, const tickets::Link& link, const Mapping& mapping,
             const tickets::Ticket& ticket, const tickets::Event& event);

class MergeDelivery final : public outbox::Delivery {
 public:
  MergeDelivery(std::shared_ptr<connectors::Desk> desk, std::string from, std::string into)
      : desk_(std::move(desk)), from_(std::move(from)), into_(std::move(into)) {}
  outbox::Sent send(std::stop_token stop) override;
  outbox::Looked find(std::stop_token stop) override;

 private:
  const std::shared_ptr<connectors::Desk> desk_;
  const std::string from_, into_;
};

class RemoveDelivery final : public outbox::Delivery {
 public:
  RemoveDelivery(std::shared_ptr<connectors::Desk> desk, std::string id) : desk_(std::move(desk)), id_(std::move(id)) {}
  outbox::Sent send(std::stop_token stop) override;
  outbox::Looked find(std::stop_token stop) override;

 private:
  const std::shared_ptr<connectors::Desk> desk_;
  const std::string id_;
};

class RestoreDelivery final : public outbox::Delivery {
 public:
  RestoreDelivery(std::shared_ptr<connectors::Desk> desk, std::string id)
      : desk_(std::move(desk)), id_(std::move(id)) {}
  outbox::Sent send(std::stop_token stop) override;
  outbox::Looked find(std::stop_token stop) override;

 private:
  bool is_there(std::stop_token stop) const;

  const std::shared_ptr<connectors::Desk> desk_;
  const std::string id_;
};

}  // namespace supportd::desk_sync
