// What a desk does about a ticket that was merged or deleted at another: nothing, say so, or do the same.
#pragma once

#include "daemon/outbox/outbox.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {

// Owes it to the desk of `link`; of a merged or deleted event that came from elsewhere.
void owe_end(store::Tx& tx, outbox::Outbox& outbox, const tickets::Link& link, const Mapping& mapping,
             const tickets::Happening& happening);

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

}  // namespace supportd::desk_sync
