#include "jobs/desk_sync/merge.hpp"

#include <algorithm>

#include "jobs/desk_sync/quarrel.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {
namespace {

using store::Tx;
using tickets::EventKind;

std::vector<std::string> without(const std::vector<std::string>& all, const std::vector<std::string>& those) {
  std::vector<std::string> out;
  std::ranges::set_difference(all, those, std::back_inserter(out));
  return out;
}

// When others than this desk last changed the field.
Instant ledger_changed_at(Tx& tx, const std::string& system, tickets::TicketId ticket, EventKind kind,
                          const std::string& ledger_field) {
  const std::string begins = ledger_field.empty() ? "" : tickets::data_of_field(ledger_field);
  return tx
      .one<std::optional<Instant>>(
          "SELECT MAX(effective) FROM ticket_event WHERE ticket = :ticket AND kind = :kind AND origin <> :system AND "
          "substr(data, 1, :length) = :begins",
          ticket, tickets::to_text(kind), system, tickets::length_of(begins), begins)
      ->value_or(Instant{});
}

std::optional<std::string> to_ledger(const Merge& m, const Difference& d) {
  if (d.kind != EventKind::assignee) return desk_sync::to_ledger(m.mapping, d.kind, d.name, d.desk);
  if (d.desk.empty()) return "";
  const auto& table = m.mapping.assignee_out;
  const auto named = std::ranges::find(table, d.desk, [](const auto& entry) { return entry.second; });
  if (named != table.end()) {
    if (const auto person = tickets::find_person(m.tx, named->first)) return std::to_string(person->id.value);
  }
  const auto& alias = m.aliases.find(d.desk);
  return alias ? std::optional(std::to_string(alias->person.value)) : std::nullopt;
}

// The desk's own default for a new ticket, which nobody chose.
bool was_not_given(const Merge& m, const Difference& d) {
  const auto& defaults = m.mapping.priority_not_given;
  return d.kind == EventKind::priority && d.agreed.empty() && std::ranges::find(defaults, d.desk) != defaults.end();
}

bool ends(const Mapping& mapping, const std::string& status) {
  return !tickets::is_unsolved(status_of(mapping, status));
}

// Whose value stands, and by which rule, as operate.hpp lists them.
struct Verdict {
  bool desk = true;
  std::string rule{};
};

Verdict judge(const Merge& m, const Difference& d) {
  if (m.first_sight) return {};
  const Owner owner = m.mapping.owner_of(d.field());
  if (owner == Owner::ledger) {
    // What only the ledger writes, and it never did: until the desk has been read once, a restored one has forgotten
    // that.
    const bool forgotten = !d.ledger_changed && m.reading.us.may_have_forgotten(m.known_until, m.row.updated) &&
                           !tickets::was_read_since(m.tx, m.system, m.reading.us.certain);
    return {forgotten, owner.to_text()};
  }
  if (owner == Owner::desk || !d.ledger_changed) return {true, owner.to_text()};
  // Somebody ended the ticket: no rule of ours that noticed something else meanwhile takes that back.
  if (d.kind == EventKind::status && ends(m.mapping, d.desk)) return {true, "ended"};
  const Millis lead =
      changed_at(m.reading, d.kind, d.name) -
      ledger_changed_at(m.tx, m.system, m.ticket, d.kind, d.name.empty() ? "" : m.mapping.ledger_name(d.name));
  if (std::chrono::abs(lead) <= m.mapping.skew) return {m.mapping.tie == Owner::desk, "tie"};
  return {lead > Millis{0}, "newest"};
}

void note(const Merge& m, const Difference& d, const char* winner, const std::string& rule = "") {
  m.tx.exec(
      "INSERT INTO desk_conflict (ticket, system, field, agreed, desk, ledger, winner, at, rule) VALUES (:ticket, "
      ":system, :field, :agreed, :desk, :ledger, :winner, :at, :rule)",
      m.ticket, m.system, d.field(), d.agreed, d.desk, d.ledger, winner, m.now, rule);
}

// It is what was agreed on, but was set anew since: it had been another in between. Where the desk tells of each field.
bool was_set_meanwhile(const Merge& m, const Difference& d) {
  constexpr Millis rounding{1'000};
  if (m.first_sight || d.desk_changed || d.kind == EventKind::status) return false;
  const auto at = m.reading.changed.find(d.field());
  return at != m.reading.changed.end() && at->second >= m.known_until + rounding;
}

// The ledger's word that a write has left to this read, because the desk had another then, which is gone by now.
bool is_left_over(const Merge& m, const Difference& d) {
  if (m.first_sight || d.desk_changed || !d.ledger_changed || d.desk == d.ledger || m.row.immutable) return false;
  return !m.tx.one<std::int64_t>(
      "SELECT id FROM desk_conflict WHERE ticket = :ticket AND system = :system AND field = :field AND winner = "
      "'refused' AND resolved = '' LIMIT 1",
      m.ticket, m.system, d.field());
}

// As an automation would: within minutes of the last that was known of the row. People who answer one another are
// slower, or say something with it.
bool follows_our_write(const Merge& m, const Difference& d) {
  constexpr Millis soon{2 * 60'000};
  const Millis after = changed_at(m.reading, d.kind, d.name) - m.known_until;
  return after >= Millis{0} && after <= soon;
}

// The ledger's own spelling of a tag that the desk spells so: none, one, or several.
std::vector<std::string> spelled_otherwise(const Merge& m, const tickets::Ticket& ticket, const std::string& tag) {
  std::vector<std::string> out;
  std::ranges::copy_if(ticket.tags, std::back_inserter(out),
                       [&](const std::string& own) { return own != tag && tag_at_desk(m.mapping, own) == tag; });
  return out;
}

void merge_tags(const Merge& m, Recorder& recorder, const tickets::Ticket& ticket, const Snapshot& agreed,
                const Snapshot& desk, const Snapshot& ledger, Ingested& out) {
  auto added = without(desk.tags, agreed.tags);
  std::erase_if(added, [&](const auto& tag) { return !spelled_otherwise(m, ticket, tag).empty(); });
  std::vector<std::string> removed;
  for (const auto& tag : without(agreed.tags, desk.tags)) {
    const auto others = spelled_otherwise(m, ticket, tag);
    if (others.empty() || ticket.has_tag(tag)) removed.push_back(tag);
    std::ranges::copy(others, std::back_inserter(removed));
  }
  if (added.empty() && removed.empty()) return;
  const Difference d{
      EventKind::tags, "", value_of(agreed, "tags"), value_of(desk, "tags"), value_of(ledger, "tags"), true, false};
  if (!m.first_sight && is_quarrel(m.tx, m.system, m.ticket, d, "", follows_our_write(m, d), m.now)) {
    ++out.conflicts;
    note(m, d, "cut");
  } else if (recorder.record_tags(std::move(added), std::move(removed))) {
    ++out.changes;
  }
}

}  // namespace

bool is_stale(const Snapshot& agreed, const Snapshot& desk) {
  return desk.status_since != Instant{} && desk.status_since < agreed.status_since;
}

void merge_fields(const Merge& m, Recorder& recorder, const Snapshot& agreed, Part part, Ingested& out) {
  const tickets::Ticket ticket = tickets::load(m.tx, m.ticket);
  const Snapshot desk = snapshot_of(m.row);
  const Snapshot ledger = wanted_at(m.tx, m.system, ticket, m.mapping, agreed);
  for (Difference d : compare(agreed, desk, ledger)) {
    if ((d.kind == EventKind::status) != (part == Part::status)) continue;
    d.desk_changed = d.desk_changed || was_set_meanwhile(m, d);
    const FieldRule* rule = d.name.empty() ? nullptr : m.mapping.rule_of(d.name);
    if (rule != nullptr && rule->is_fact()) {
      out.ledger_won = out.ledger_won || d.desk != d.ledger;
      continue;
    }
    if (was_not_given(m, d)) {
      out.ledger_won = out.ledger_won || m.joined;
      continue;
    }
    out.left_over = out.left_over || (is_left_over(m, d) && !is_stale(agreed, desk));
    // At first sight all that the desk has is news, even what the ledger would say the same way.
    if (!d.desk_changed || (d.desk == d.ledger && !m.first_sight)) continue;
    if (part == Part::status && is_stale(agreed, desk)) continue;
    const std::string ledger_field = d.kind == EventKind::field ? m.mapping.ledger_name(d.name) : "";
    if (!m.first_sight && is_quarrel(m.tx, m.system, m.ticket, d, ledger_field, follows_our_write(m, d), m.now)) {
      ++out.conflicts;
      note(m, d, "cut");
      continue;
    }
    const Verdict verdict = judge(m, d);
    if (!m.first_sight && (d.conflict() || !verdict.desk)) {
      ++out.conflicts;
      note(m, d, verdict.desk ? "desk" : "ledger", verdict.rule);
    }
    if (!verdict.desk) {
      out.ledger_won = true;
      continue;
    }
    const auto value = to_ledger(m, d);
    if (!value) {
      note(m, d, "nobody");  // it has no counterpart: each side keeps its own
      cut_off(m.tx, m.system, m.ticket, d, m.now);
    } else {
      if (!m.first_sight) take_up(m.tx, m.system, m.ticket, d.field());
      if (recorder.record(d.kind, *value, ledger_field, d.name)) ++out.changes;
    }
  }
  if (part == Part::others) merge_tags(m, recorder, ticket, agreed, desk, ledger, out);
}

bool was_open_meanwhile(const Merge& m, const Snapshot& agreed, const Snapshot& desk) {
  return !m.first_sight && was_set_again(agreed, desk) && ends(m.mapping, desk.status) &&
         !tickets::is_unsolved(tickets::load(m.tx, m.ticket).status);
}

}  // namespace supportd::desk_sync
