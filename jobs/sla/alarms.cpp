#include "jobs/sla/alarms.hpp"

#include <algorithm>

#include "jobs/sla/channel.hpp"
#include "jobs/sla/section.hpp"

namespace supportd::sla {
namespace {

using store::Tx;
using tickets::TicketId;

constexpr const char* origin = "sla";
constexpr int most_at_once = 1'000;

}  // namespace

std::string key_of(TicketId ticket) { return std::to_string(ticket.value); }

TicketId ticket_of(const std::string& key) { return TicketId{std::stoll(key)}; }

void Alarms::look(Tx& tx, const std::vector<TicketId>& tickets, Instant now) const {
  if (rulebook_.versions()->empty()) return;
  const auto rules = rulebook_.current(tx);
  for (const Seen& seen : look_at(tx, tickets, *rules, now)) {
    for (const Passed& it : seen.recorded) record(tx, it, std::string(to_text(Passed::State::provisional)), now);
    for (const Passed& it : seen.withdrawn) record(tx, it, std::string(to_text(Passed::State::withdrawn)), now);
    for (const Passed& it : seen.corrected) record(tx, it, "corrected", now);
    registry_.deadlines.arm(tx, threshold_deadline, key_of(seen.ticket), seen.next.value_or(time::never));
    if (!seen.recorded.empty()) kernel_.completeness().ask(tx, seen.ticket, now);
    if (!seen.recorded.empty() || !seen.withdrawn.empty()) arm_confirm(tx, seen.ticket);
  }
}

std::vector<TicketId> Alarms::near(Tx& tx, Instant until, int most) const {
  std::vector<TicketId> out;
  for (const auto& [key, at] : registry_.deadlines.armed(tx, threshold_deadline, until, most)) {
    out.push_back(ticket_of(key));
  }
  return out;
}

void Alarms::swept(Tx& tx) const {
  tx.after_commit([this] { metrics_.reevaluating(false); });
}

Millis Alarms::confirm_max() const { return registry_.config.get()->get<Section>("sla").confirm_max; }

void Alarms::arm_confirm(Tx& tx, TicketId ticket) const {
  const auto since = provisional_since(tx, ticket);
  Instant at = time::never;
  if (since) at = known_of(tx, ticket).until == time::never ? *since : *since + confirm_max();
  registry_.deadlines.arm(tx, confirm_deadline, key_of(ticket), at);
}

void Alarms::confirm(Tx& tx, TicketId ticket, Instant now) const {
  const Known known = known_of(tx, ticket);
  const std::string behind =
      "origin behind: " + known.behind +
      (known.until == Instant{} ? " was not read since" : " was known up to " + time::to_text(known.until));
  const auto confirmed = sla::confirm(tx, ticket, known.until, now - confirm_max(), behind, now);
  const Instant since = Rulebook::watched_since(tx);
  std::vector<Passed> news;
  for (const Passed& it : confirmed) {
    record(tx, it, it.note.empty() ? std::string(to_text(it.state)) : "behind", now);
    if (it.at >= since) news.push_back(it);
  }
  if (!news.empty()) tell(tx, registry_.outbox, news);
  if (provisional_since(tx, ticket)) {
    arm_confirm(tx, ticket);
  } else {
    forget_known(tx, ticket);
  }
}

void Alarms::hear(Tx& tx, const std::string& system, std::optional<TicketId> ticket, Instant until) const {
  std::vector<TicketId> waiting;
  if (!ticket) {
    waiting = provisional_at(tx, system, until, most_at_once);
  } else if (provisional_since(tx, *ticket)) {
    waiting.push_back(*ticket);
  }
  if (waiting.empty()) return;
  note_known(tx, system, ticket, until);
  const Instant now = registry_.clock.now();
  for (const TicketId one : waiting) registry_.deadlines.arm(tx, confirm_deadline, key_of(one), now);
}

void Alarms::record(Tx& tx, const Passed& it, const std::string& became, Instant now) const {
  tickets::NewEvent event;
  event.ticket = it.ticket;
  event.change.kind = tickets::EventKind::sla;
  event.change.name = to_text(it.metric);
  event.change.value = to_text(it) + ", " + std::string(to_text(it.state)) + (it.note.empty() ? "" : ": " + it.note);
  event.effective = it.state == Passed::State::provisional ? it.at : now;
  event.origin = origin;
  event.actor = origin;
  event.identity = "sla:" + key_of(it.ticket) + ":" + std::string(to_text(it.metric)) + ":" +
                   std::to_string(it.instance) + ":" + lasting_text(it.target) + ":" + std::to_string(it.percent) +
                   ":" + became + ":" + std::to_string(time::to_millis(now));
  kernel_.append(tx, event, now);
  tx.after_commit([this, it, became] { metrics_.passed(it, became); });
}

}  // namespace supportd::sla
