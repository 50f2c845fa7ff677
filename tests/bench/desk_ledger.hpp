// A ledger with one Freshdesk, whose tickets come as rows that were read before.
#pragma once

#include <memory>

#include "tests/bench/desk_pages.hpp"
#include "tests/bench/desk_room.hpp"
#include "tests/fakes/net.hpp"

namespace supportd::bench {

// Answers `changes` with the pages it is given, one a call, and everything else from them.
class RecordedDesk final : public connectors::Desk {
 public:
  using Call = connectors::Call;
  void show(std::vector<desk_sync::Reading> page);

  connectors::DeskPage changes(const std::string& cursor, Instant from, const Call& call) override;
  connectors::DeskTicket ticket(const std::string& id, const Call& call) override;
  connectors::DeskHistory history(const std::string& ticket_id, const Call& call) override;
  connectors::DeskPerson person(const std::string& id, bool agent, const Call& call) override;
  connectors::DeskOrganisation organisation(const std::string& id, const Call& call) override;
  connectors::DeskForm form(const Call& call) override;
  std::vector<connectors::DeskChoice> groups(const Call& call) override;
  std::vector<connectors::DeskTicket> by_external_id(const std::string& id, const Call& call) override;
  std::string own_id(const Call& call) override;
  std::string download(const connectors::DeskFile& file, std::size_t limit, const Call& call) override;
  bool keeps_external_ids() const override { return false; }
  Millis list_lag() const override { return Millis{0}; }
  connectors::FileRoom file_room() const override { return {0}; }
  connectors::Allowance list_allowance() const override { return {}; }
  bool lists_in_full() const override { return true; }
  connectors::Heard hear(const http::Headers&, std::string_view, Instant) const override { return {}; }
  bool create_is_keyed() const override { return false; }
  Millis longest_write() const override { return Millis{180'000}; }
  connectors::DeskTicket create(const connectors::NewTicket& ticket, std::stop_token stop) override;
  connectors::DeskTicket update(const std::string& id, const connectors::DeskUpdate& change,
                                std::stop_token stop) override;
  connectors::DeskComment comment(const std::string& ticket_id, const connectors::NewComment& comment,
                                  std::stop_token stop) override;
  void merge(const std::string& from, const std::string& into, std::stop_token stop) override;
  void remove(const std::string& id, std::stop_token stop) override;
  void restore(const std::string& id, std::stop_token stop) override;

 private:
  std::map<std::string, desk_sync::Reading> page_;  // by ticket id
  int shown_ = 0;
};

class DeskLedger {
 public:
  explicit DeskLedger(const std::filesystem::path& file);

  // In transactions of `tickets_a_commit` tickets, the cursor moved in the last of each page.
  void ingest(const std::vector<desk_sync::Reading>& page, std::size_t tickets_a_commit);
  // As the job does it, one transaction a ticket.
  run::Report pull(std::vector<desk_sync::Reading> page);
  store::Ledger& ledger() { return room_.ledger(); }

  static constexpr const char* system = "freshdesk:main";

 private:
  fakes::SetClock clock_;
  fakes::FaultPlan faults_;
  fakes::Net net_;
  std::shared_ptr<RecordedDesk> desk_ = std::make_shared<RecordedDesk>();
  DeskRoom room_;
};

}  // namespace supportd::bench
