#include "jobs/desk_sync/quarrel.hpp"

#include "jobs/desk_sync/desk.hpp"

namespace supportd::desk_sync {
namespace {

using namespace std::chrono_literals;
using store::Tx;
using tickets::EventKind;

constexpr Millis between_rounds = 1h, between_slow_rounds = 25h;
constexpr std::int64_t most_rounds = 2, most_slow_rounds = 6;

// Who last gave the ledger's field its value; empty: nobody.
std::string last_origin(Tx& tx, tickets::TicketId ticket, EventKind kind, const std::string& ledger_field) {
  const std::string begins = ledger_field.empty() ? "" : tickets::data_of_field(ledger_field);
  return tx
      .one<std::string>(
          "SELECT origin FROM ticket_event WHERE ticket = :ticket AND kind = :kind AND substr(data, 1, :length) = "
          ":begins ORDER BY seq DESC LIMIT 1",
          ticket, tickets::to_text(kind), tickets::length_of(begins), begins)
      .value_or("");
}

bool somebody_spoke(Tx& tx, tickets::TicketId ticket, Instant since) {
  return tx
      .one<int>(
          "SELECT 1 FROM ticket_event WHERE ticket = :ticket AND kind = 'commented' AND recorded > :since LIMIT 1",
          ticket, since)
      .has_value();
}

}  // namespace

bool is_quarrel(Tx& tx, const std::string& system, tickets::TicketId ticket, const Difference& d,
                const std::string& ledger_field, bool soon, Instant now) {
  const std::string origin = last_origin(tx, ticket, d.kind, ledger_field);
  if (origin.empty() || origin == system) return false;  // it changed what it had itself
  std::int64_t rounds = soon ? 1 : 0, slow = 1;
  if (const auto last = tx.one<std::int64_t, std::int64_t, Instant>(
          "SELECT rounds, slow, at FROM desk_round WHERE system = :system AND ticket = :ticket AND field = :field AND "
          "agreed = :agreed AND desk = :desk",
          system, ticket, d.field(), d.agreed, d.desk)) {
    const auto& [before, slow_before, at] = *last;
    if (at + between_rounds > now) rounds += before;
    if (at + between_slow_rounds > now && !somebody_spoke(tx, ticket, at)) slow = slow_before + 1;
  }
  tx.exec(
      "INSERT INTO desk_round (system, ticket, field, agreed, desk, rounds, slow, at, cut, ledger) VALUES (:system, "
      ":ticket, :field, :agreed, :desk, :rounds, :slow, :now, 0, '') ON CONFLICT (system, ticket, field) DO UPDATE SET "
      "agreed = excluded.agreed, desk = excluded.desk, rounds = excluded.rounds, slow = excluded.slow, at = "
      "excluded.at, cut = 0",
      system, ticket, d.field(), d.agreed, d.desk, rounds, slow, now);
  if (rounds <= most_rounds && slow <= most_slow_rounds) return false;
  tx.exec(
      "UPDATE desk_round SET cut = 1, ledger = :ledger WHERE system = :system AND ticket = :ticket AND field = :field",
      d.ledger, system, ticket, d.field());
  return true;
}

void cut_off(Tx& tx, const std::string& system, tickets::TicketId ticket, const Difference& d, Instant now) {
  tx.exec(
      "INSERT INTO desk_round (system, ticket, field, agreed, desk, rounds, slow, at, cut, ledger) VALUES (:system, "
      ":ticket, :field, :agreed, :desk, 0, 0, :now, 1, :ledger) ON CONFLICT (system, ticket, field) DO UPDATE SET "
      "agreed = excluded.agreed, desk = excluded.desk, at = excluded.at, cut = 1, ledger = excluded.ledger",
      system, ticket, d.field(), d.agreed, d.desk, now, d.ledger);
}

void take_up(Tx& tx, const std::string& system, tickets::TicketId ticket, const std::string& field) {
  tx.exec("UPDATE desk_round SET cut = 0 WHERE system = :system AND ticket = :ticket AND field = :field AND cut = 1",
          system, ticket, field);
}

Snapshot wanted_at(Tx& tx, const std::string& system, const tickets::Ticket& ticket, const Mapping& mapping,
                   const Snapshot& agreed, std::map<std::string, std::string>* missing,
                   std::map<std::string, std::string>* cut) {
  Snapshot out =
      to_desk(with_facts(tx, ticket, mapping), remote_assignee(tx, system, ticket, mapping), mapping, agreed, missing);
  tx.each<std::string, std::string>(
      "SELECT field, ledger FROM desk_round WHERE system = :system AND ticket = :ticket AND cut = 1 ORDER BY field",
      [&](const auto& row) {
        const auto& [field, ledger] = row;
        if (value_of(out, field) != ledger) return;
        if (cut != nullptr) cut->emplace(field, ledger);
        if (field == "tags") {
          out.tags = agreed.tags;
        } else {
          set_value(out, field, value_of(agreed, field));
        }
      },
      system, ticket.id);
  return out;
}

void end_quarrel(Tx& tx, const std::string& system, tickets::TicketId ticket, const std::string& field) {
  tx.exec("DELETE FROM desk_round WHERE system = :system AND ticket = :ticket AND field = :field", system, ticket,
          field);
}

}  // namespace supportd::desk_sync
