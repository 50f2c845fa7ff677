// What becomes of a case and its ticket once AWS has answered.
#include "jobs/aws_cases/channel.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::aws_cases {
namespace {

using store::Tx;
using tickets::Change;
using tickets::EventKind;

Change status_change(tickets::Status status) {
  Change change;
  change.kind = EventKind::status;
  change.value = to_text(status);
  return change;
}

void join(std::string& text, const std::string& more) {
  if (!more.empty()) text += (text.empty() ? "" : "; ") + more;
}

}  // namespace

void SupportChannel::finished(Tx& tx, const outbox::Effect& effect, const outbox::Sent& sent, Instant now) {
  const Payload payload = decode(effect.payload);
  Case it = load_case(tx, payload.row);
  switch (payload.what) {
    case Payload::What::create: opened(tx, std::move(it), sent, now); return;
    case Payload::What::resolve:
      // AWS's word stands; the next sweep takes it to the ticket.
      if (sent.answer != ResolveDelivery::was_reopened) resolved(tx, std::move(it), now);
      return;
    case Payload::What::say:
      if (!it.waiting) it.waiting = effect.attempt_at;  // AWS may have answered before we knew that it arrived
      if (it.state == State::resolved) {
        reopened(tx, payload, std::move(it), sent.answer == was_found, now);
      } else {
        save_case(tx, it);
      }
      return;
  }
}

void SupportChannel::opened(Tx& tx, Case it, const outbox::Sent& sent, Instant now) {
  const Opened details = decode_opened(sent.answer);
  it.case_id = sent.remote_id;
  if (is_given_up(it.state)) {  // it had left before somebody decided otherwise
    it.display_id = details.display_id;
    join(it.reason, "AWS opened it all the same: " + it.case_id);
    save_case(tx, it);
    return;
  }
  it.state = State::open;
  it.display_id = details.display_id;
  it.aws_status = details.status;
  it.severity = details.severity;
  it.service = details.service;
  it.category = details.category;
  join(it.reason, details.note);
  it.opened = it.waiting = details.created.value_or(now);
  save_case(tx, it);
  if (!details.services.empty()) {
    save_catalogue(tx, {it.account, {}, "", {}, details.services, details.severities, {}}, now);
  }
  tx.after_commit([this, severity = it.severity] { metrics_.created(severity); });
  if (details.fallback) {
    tx.after_commit([this, account = it.account, id = it.case_id, note = details.note] {
      metrics_.fell_back();
      context_.registry.log.warning("AWS does not offer what the case was classified as",
                                    {{"account", account}, {"case", id}, {"note", note}});
    });
  }

  const Settings settings = context_.settings();
  const auto tell = [&](const Change& change, const std::string& what) {
    context_.kernel.append(tx, {it.ticket, change, now, slice_name, "supportd", "aws_cases:" + it.key + ":" + what},
                           now);
  };
  Change field;
  field.kind = EventKind::field;
  field.name = settings->case_id_field;
  field.value = it.case_id;
  tell(field, "field");
  Change tags;
  tags.kind = EventKind::tags;
  tags.added = settings->tags_when_open;
  tell(tags, "tags");
  const auto ticket = tickets::load(tx, it.ticket);
  if (is_unsolved(ticket.status)) tell(status_change(tickets::Status::hold), "hold");

  Values values = values_of(tx, *settings, it, ticket);
  values["time"] = local_time(tx, *settings, ticket, *it.opened);
  values["note"] = it.wanted_severity.empty() && details.note.empty() ? "" : "\n\n" + it.reason;
  add_note(tx, context_.kernel, it.ticket, "note:case-opened:" + it.key,
           render(texts_in(*settings, it.language).opened, values), now);
  if (!details.found) return;
  it.aws_status.clear();  // so that the next sweep tells the ticket what became of the case meanwhile
  save_case(tx, it);
}

void SupportChannel::resolved(Tx& tx, Case it, Instant now) {
  it.state = State::resolved;
  it.aws_status = resolved_status;
  // AWS's lists may show the old status for a while; that is no reopening.
  it.status_at = now + settle();
  it.resolved = now;
  it.waiting.reset();
  save_case(tx, it);
}

// A reply to a resolved case reopens it. The ticket learns it now: a case that is resolved again before the next sweep
// would look there as if nothing had happened.
void SupportChannel::reopened(Tx& tx, const Payload& payload, Case it, bool found, Instant now) {
  const Settings settings = context_.settings();
  const auto ticket = tickets::load(tx, it.ticket);
  if (found) {
    // AWS may have resolved it once more since: the next sweep tells, be the ticket's work done or not.
    if (is_unsolved(ticket.status)) {
      it.state = State::open;
      it.aws_status.clear();
      it.status_at = now;
      it.resolved.reset();
    }
    save_case(tx, it);
    return;
  }
  const auto message = tickets::find_message(tx, payload.message);
  const bool said_before_the_end = message && ticket.solved && message->created <= *ticket.solved;
  const auto becomes = ticket_status(settings->status, it.aws_status, reopened_status, ticket.status, true);
  it.state = State::open;
  it.aws_status = reopened_status;
  it.status_at = now + settings->settle;
  it.resolved.reset();
  ++it.changes;
  save_case(tx, it);
  if (said_before_the_end) return owing_.resolve(tx, it, *ticket.solved);
  if (!becomes) return;
  context_.kernel.append(tx,
                         {it.ticket, status_change(*becomes), now, origin_of(it.account), "supportd",
                          "aws_cases:" + it.key + ":status:" + std::to_string(it.changes)},
                         now);
}

void SupportChannel::refused(Tx& tx, const outbox::Effect& effect, const Error& why, Instant now) {
  const Payload payload = decode(effect.payload);
  auto it = find_case(tx, payload.row);
  if (!it) return;
  if (why.code() == no_plan) park(tx, *it, why, now);
  if (why.kind() == ErrorKind::gone && !it->case_id.empty()) {
    it->state = State::expired;
    join(it->reason, "AWS knows it no more");
    save_case(tx, *it);
  }
  switch (payload.what) {
    case Payload::What::create: not_opened(tx, std::move(*it), why, now); return;
    case Payload::What::say: not_said(tx, payload, std::move(*it), why, now); return;
    case Payload::What::resolve:
      join(it->reason, std::string("AWS did not resolve it: ") + why.what());
      save_case(tx, *it);
      return;
  }
}

void SupportChannel::park(Tx& tx, const Case& it, const Error& why, Instant now) {
  park_account(tx, it.account, why.what(), now);
  context_.registry.log.warning("AWS account has no support plan with an API",
                                {{"account", it.account}, {"error", std::string(why.what())}});
}

void SupportChannel::not_opened(Tx& tx, Case it, const Error& why, Instant now) {
  it.state = State::refused;
  join(it.reason, std::string("AWS: ") + why.what());
  save_case(tx, it);
  const Settings settings = context_.settings();
  const std::string reason = why.code() == no_plan ? why_no_plan(it.account) : why.what();
  add_note(tx, context_.kernel, it.ticket, "note:case-refused:" + it.key,
           render(texts_in(*settings, it.language).not_opened, {{"reason", reason}}), now);
}

void SupportChannel::not_said(Tx& tx, const Payload& payload, Case it, const Error& why, Instant now) {
  const auto message = tickets::find_message(tx, payload.message);
  const Settings settings = context_.settings();
  if (why.code() == "CaseResolved" && message) {
    const auto next = follow_up_of(tx, it.id);
    if (!next) {
      opening_.follow(tx, it, message->id, now);
      return;
    }
    if (next->message == message->id) return;  // its text begins the follow-up
    if (next->state == State::opening || next->state == State::open || next->state == State::resolved) {
      owing_.message(tx, *settings, *next, *message, now);
      return;
    }
    if (next->state == State::deciding || next->state == State::approving) {
      forget_writes(tx, it.id, message->id);  // so that the follow-up takes it along when it is opened
      return;
    }
  }
  owing_.not_sent(tx, *settings, it, message ? message->identity : std::to_string(payload.message.value), why.what(),
                  now);
}

}  // namespace supportd::aws_cases
