// Two desks whose tickets are one another's counterparts.
#pragma once

#include "jobs/desk_sync/operate.hpp"
#include "tests/jobs/desk_sync/two_desks.hpp"

namespace supportd::desk_sync {

class Twins : public TwoDesks {
 protected:
  using TwoDesks::TwoDesks;
  std::int64_t twin_of(std::int64_t id) {
    for (const auto& link : links(fresh_system, id)) {
      if (link.system == zen_system) return std::stoll(link.remote_id);
    }
    return 0;
  }
  std::vector<Conflict> listed() {
    return ledger->read([](Tx& tx) { return conflicts(tx, true, 0, 50); });
  }
  // A write at Zendesk, which is read before its answer is recorded.
  void send_and_read_first(const std::function<void()>& meanwhile) {
    auto lease = ledger->write([&](Tx& tx) { return outbox::lease_next(tx, *outbox, "token", clock.at); });
    ASSERT_EQ(lease->effect.channel, zen_system);
    const auto outcome = outbox::act(*lease, clock, {});
    meanwhile();
    pull();
    ledger->write([&](Tx& tx) { outbox::end(tx, *outbox, *lease, outcome, clock.at); });
  }
  std::vector<std::string> dead() {
    return ledger->read([](Tx& tx) { return tx.all<std::string>("SELECT key FROM effect WHERE state = 'dead'"); });
  }
};

}  // namespace supportd::desk_sync
