#include "jobs/aws_cases/reaction.hpp"

#include "jobs/tickets/messages.hpp"

namespace supportd::aws_cases {

using store::Tx;
using tickets::EventKind;
using tickets::Happening;

namespace {

// Most tickets have nothing to do with AWS, and their events must cost nothing here.
bool is_concerned(const Section& section, const Happening& happening) {
  return is_marked(section, happening.after) || is_marked(section, happening.before) ||
         !happening.after.field(section.case_id_field).empty();
}

}  // namespace

void Reaction::operator()(Tx& tx, const Happening& happening, Instant now) const {
  if (is_own_origin(happening.event.origin)) return;
  const Settings settings = context_.settings();
  if (!is_concerned(*settings, happening)) return;
  switch (happening.event.change.kind) {
    case EventKind::commented: commented(tx, *settings, happening, now); return;
    case EventKind::status: {
      if (is_unsolved(happening.before.status) && !is_unsolved(happening.after.status)) ended(tx, happening);
      break;
    }
    case EventKind::merged:
    case EventKind::deleted: lost(tx, happening); break;
    case EventKind::created:
    case EventKind::priority:
    case EventKind::type:
    case EventKind::subject:
    case EventKind::category:
    case EventKind::product_area:
    case EventKind::severity:
    case EventKind::requester:
    case EventKind::organisation:
    case EventKind::tags:
    case EventKind::field: break;
    case EventKind::redacted: owing_.erase(tx, happening.after.id, happening.event.change.message); return;
    case EventKind::edited:  // recorded, not sent again
    case EventKind::assignee:
    case EventKind::group:
    case EventKind::sla: return;
  }
  opening_.consider(tx, *settings, happening, now);
}

void Reaction::commented(Tx& tx, const Section& section, const Happening& happening, Instant now) const {
  const auto message = tickets::find_message(tx, happening.event.change.message);
  if (!message || message->ours) return;
  const auto it = newest_case(tx, happening.after.id);
  if (!it) return;
  switch (it->state) {
    case State::opening:
    case State::open:
    case State::resolved:
      if (message->id != it->message) owing_.message(tx, section, *it, *message, now);
      return;
    case State::expired:
      if (addressed_to_aws(section.address, message->visibility, message->author, tickets::text_of(tx, *message))) {
        owing_.not_sent(tx, section, *it, message->identity, "AWS knows case " + it->case_id + " no more", now);
      }
      return;
    case State::adopting:
    case State::deciding:  // the decision will look at what is there by then
    case State::approving:
    case State::refused:
    case State::withdrawn:
    case State::unlinked: return;
  }
}

// Solved, closed or cancelled by the desk: AWS's case is resolved too, once it is there. One that is yet to be
// identified is owed its words first.
void Reaction::ended(Tx& tx, const Happening& happening) const {
  if (happening.after.deleted || happening.after.merged_into) return;
  const auto it = newest_case(tx, happening.after.id);
  if (!it || (it->state != State::open && it->state != State::opening)) return;
  owing_.resolve(tx, *it, happening.event.effective);
}

// The case goes on, visibly: what AWS says is kept on the ledger's ticket.
void Reaction::lost(Tx& tx, const Happening& happening) const {
  for (Case& it : cases_of(tx, happening.after.id)) {
    if (it.state != State::open && it.state != State::opening && it.state != State::adopting &&
        it.state != State::resolved) {
      continue;
    }
    it.reason += (it.reason.empty() ? "" : "; ") +
                 std::string(happening.after.merged_into ? "its ticket was merged into ticket " +
                                                               std::to_string(happening.after.merged_into->value)
                                                         : "its ticket was deleted");
    save_case(tx, it);
  }
}

}  // namespace supportd::aws_cases
