#include "jobs/aws_cases/absorb.hpp"

#include <algorithm>

#include "daemon/digest.hpp"
#include "daemon/store/cursor.hpp"
#include "jobs/aws_cases/rules_message.hpp"
#include "jobs/aws_cases/sweep.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::aws_cases {
namespace {

using connectors::aws_support::Communication;
using store::Tx;

std::string shown_text(const Section& section, const Case& it, const Communication& said) {
  const std::string prefix = render(texts_in(section, it.language).update_prefix, {{"case", it.case_id}});
  const std::string body = tickets::decode_entities(said.body);
  return prefix.empty() ? body : prefix + "\n\n" + body;
}

// Whether the desk's people changed the ticket's status later than that, or its customer wrote, which opens it again.
bool people_acted_since(Tx& tx, tickets::TicketId ticket, Instant at) {
  const auto decided = tx.one<std::optional<Instant>>(
      "SELECT MAX(effective) FROM ticket_event WHERE ticket = :ticket AND kind = 'status' AND origin NOT LIKE 'aws%'",
      ticket);
  const auto wrote = tx.one<std::optional<Instant>>(
      "SELECT MAX(created_at) FROM message WHERE ticket = :ticket AND author = 'customer' AND origin NOT LIKE 'aws%'",
      ticket);
  return std::max(decided->value_or(Instant{}), wrote->value_or(Instant{})) > at;
}

// After a restore a status is not taken before the desk has told what its people did since the copy: it would overwrite
// there what they did. A desk that cannot be read for a day is not waited for.
bool desks_were_read(Tx& tx, tickets::TicketId ticket, Instant since, Instant now) {
  if (now >= since + std::chrono::days{1}) return true;
  return std::ranges::all_of(tickets::links_of(tx, ticket), [&](const tickets::Link& link) {
    return link.state != "live" || tickets::was_read_since(tx, link.system, since);
  });
}

}  // namespace

std::string fingerprint(const connectors::aws_support::Case& seen) {
  std::string all = seen.status + '\n' + (seen.recent_next_token.empty() ? "all" : "more");
  for (const Communication& said : seen.recent) {
    all += '\n' + std::to_string(time::to_millis(said.created)) + ' ' + said.submitted_by + '\n' + said.body;
    for (const auto& file : said.attachments) all += '\n' + file.id;
  }
  return digest::hex(digest::sha256(all)).substr(0, 32);
}

Instant end_of(const tickets::Ticket& ticket) { return ticket.solved.value_or(Instant{}); }

bool said_after(const std::vector<Communication>& newest_first, Instant end) {
  return std::ranges::any_of(newest_first,
                             [&](const Communication& said) { return said.created > end && !find_marker(said.body); });
}

Listing listing_of(const Sighting& sighting) {
  Listing out;
  out.complete = sighting.complete;
  for (const Communication& said : sighting.newest_first) {
    out.newest_first.push_back({said.body, said.submitted_by, said.created});
  }
  return out;
}

Changes decide(const Section& section, const Case& it, const tickets::Ticket& ticket, const Sighting& sighting,
               const std::vector<Known>& known, const std::vector<Write>& writes, std::set<std::string> claimed) {
  Changes out;
  out.told = compare(listing_of(sighting), known, writes, std::move(claimed), it.ours);
  // Two sweeps may overlap, even at one instant, and our own ResolveCase may have overtaken this answer.
  if (sighting.asked <= it.status_at) return out;
  out.status_changed = sighting.seen.status != it.aws_status;
  out.ticket = ticket_status(section.status, it.aws_status, sighting.seen.status, ticket.status,
                             said_after(sighting.newest_first, end_of(ticket)));
  return out;
}

std::vector<std::string> describe(const Case& it, const Sighting& sighting, const Changes& changes) {
  std::vector<std::string> out;
  const std::string ticket = "ticket " + std::to_string(it.ticket.value) + ": ";
  for (const Told& told : changes.told) {
    const Communication& said = sighting.newest_first.at(told.index);
    const std::string of = " by " + said.submitted_by + " of " + time::to_text(said.created);
    switch (told.what) {
      case Told::What::message:
        out.push_back(ticket + "message" + of + ", " + std::to_string(said.attachments.size()) + " files");
        break;
      case Told::What::rerendered: out.push_back(ticket + "new rendering of the message" + of); break;
      case Told::What::echo: break;
    }
  }
  if (changes.status_changed) {
    out.push_back(ticket + "case " + it.case_id + " was " + it.aws_status + " and is " + sighting.seen.status +
                  (changes.ticket ? ": ticket becomes " + std::string(to_text(*changes.ticket)) : ""));
  }
  return out;
}

std::optional<tickets::MessageId> Absorb::mirror(Tx& tx, const Section& section, const Case& it, const Told& told,
                                                 const Communication& said, Instant now) const {
  const bool by_aws = is_by_aws(said.submitted_by);
  tickets::NewMessage message;
  message.ticket = it.ticket;
  message.identity = identity_of(it.case_id, told);
  message.origin = origin_of(it.account);
  message.author = by_aws ? tickets::Author::vendor : tickets::Author::customer;
  message.author_name = by_aws ? "AWS Support" : said.submitted_by;
  message.author_id = told.author;
  const bool is_public = by_aws && (section.public_updates || it.customer_visible);
  message.visibility = is_public ? tickets::Visibility::public_reply : tickets::Visibility::private_note;
  message.created = said.created;
  message.text = shown_text(section, it, said);
  for (const auto& file : said.attachments) message.attachments.push_back({file.id, file.file_name, "", 0});
  const auto id = tickets::add_message(tx, context_.kernel, message, now);
  if (!id) {
    // A ledger rebuilt beside its messages: the row is ours all the same.
    const auto known = tickets::find_message(tx, message.identity);
    return known ? std::optional(known->id) : std::nullopt;
  }
  tickets::want_attachments(tx, *id);
  return id;
}

void Absorb::rerender(Tx& tx, const Section& section, const Case& it, const Told& told, const Communication& said,
                      Instant now) const {
  rerender_communication(tx, told.row, told.hash);
  if (const auto message = message_of_communication(tx, told.row)) {
    tickets::edit_message(tx, context_.kernel, *message, shown_text(section, it, said), "", now, now);
  }
}

// Which of the ticket's cases it is, its subject tells if we opened it. What was said before it was opened went with it
// or to the one before; what came later is owed, and found where it left already.
void Absorb::identify(Tx& tx, const Section& section, Case& it, const connectors::aws_support::Case& seen,
                      Instant now) const {
  constexpr std::int64_t most_cases_of_a_ticket = 100;
  const std::string stem = it.key.substr(0, it.key.rfind(':') + 1);
  for (std::int64_t n = 1; n <= most_cases_of_a_ticket; ++n) {
    const std::string key = stem + std::to_string(n);
    if (!is_marked_with(seen.subject, outbox::ref_of(key))) continue;
    it.n = n;
    it.key = key;
    break;
  }
  it.state = State::open;
  it.opened = seen.created;
  save_case(tx, it);
  const auto ticket = tickets::load(tx, it.ticket);
  if (is_unsolved(ticket.status)) return owing_.since(tx, section, it, seen.created, time::never, now);
  // In the order in which it happened: what AWS is told after the end would be refused, or open the case again.
  const Instant ended = ticket.solved.value_or(now);
  owing_.since(tx, section, it, seen.created, ended, now);
  owing_.resolve(tx, it, ended);
  owing_.since(tx, section, it, ended, time::never, now);
}

bool Absorb::take_status(Tx& tx, Case& it, const Sighting& sighting, const Changes& changes, Instant now) const {
  it.display_id = sighting.seen.display_id;
  if (!changes.status_changed) return true;
  // AWS dates no status: it is as new as this look. After a restore it may be as old as the last one that the ledger
  // remembers, or as the last word of a case that is open, and whatever people did to the ticket since then is not
  // undone by it.
  const auto swept = store::find_cursor(tx, sweep_cursor(it.account));
  const bool first_look = it.aws_status.empty();  // no sweep has known the case yet
  const bool is_resolved = sighting.seen.status == resolved_status;
  const bool was_spoken_to = !is_resolved && !sighting.newest_first.empty();
  const Instant last =
      std::max({it.status_at, it.opened.value_or(it.marked), swept && !first_look ? swept->moved : Instant{},
                was_spoken_to ? sighting.newest_first.front().created : Instant{}});
  const Instant at = last < context_.registry.outbox.certain_since() ? std::min(last, now) : now;
  if (at < now && !desks_were_read(tx, it.ticket, context_.registry.outbox.certain_since(), now)) return false;
  it.aws_status = sighting.seen.status;
  it.status_at = sighting.asked;
  ++it.changes;
  if (is_resolved) {
    if (it.state != State::resolved) it.resolved = now;
    it.state = State::resolved;
    it.waiting.reset();
  } else {
    it.state = State::open;
    it.resolved.reset();
  }
  save_case(tx, it);
  if (!changes.ticket) return true;
  if (at < now && people_acted_since(tx, it.ticket, at)) {
    // What they decided stands. If they ended the ticket before this ledger knew that its case was open again, nobody
    // else would resolve the case.
    const bool ended = !tickets::is_unsolved(tickets::load(tx, it.ticket).status);
    if (ended && it.state == State::open) owing_.resolve(tx, it, now);
    return true;
  }
  tickets::Change change;
  change.kind = tickets::EventKind::status;
  change.value = to_text(*changes.ticket);
  context_.kernel.append(tx,
                         {it.ticket, change, at, origin_of(it.account), "AWS Support",
                          "aws_cases:" + it.key + ":status:" + std::to_string(it.changes)},
                         now);
  return true;
}

Absorbed Absorb::operator()(Tx& tx, const Section& section, CaseRow id, const Sighting& sighting, Instant now) const {
  Case it = load_case(tx, id);
  if (it.state == State::adopting) identify(tx, section, it, sighting.seen, now);
  if (it.state != State::open && it.state != State::resolved) return {};
  const auto changes = decide(section, it, tickets::load(tx, it.ticket), sighting, known_communications(tx, id),
                              unseen_writes(tx, id), claimed_refs(tx, id));
  Absorbed out;
  for (const Told& told : changes.told) {
    const Communication& said = sighting.newest_first.at(told.index);
    switch (told.what) {
      case Told::What::echo:
        add_communication(tx, id, told, {});
        if (!told.ref.empty()) claim_write(tx, id, told.ref);
        break;
      case Told::What::rerendered: rerender(tx, section, it, told, said, now); break;
      case Told::What::message: {
        add_communication(tx, id, told, mirror(tx, section, it, told, said, now));
        ++out.messages;
        tx.after_commit([this] { metrics_.message_mirrored(); });
        if (!is_by_aws(said.submitted_by)) break;
        // What AWS said before it was asked last is no answer to that.
        if (it.waiting && said.created >= *it.waiting) it.waiting.reset();
        if (it.answered || !it.opened) break;
        it.answered = said.created;
        tx.after_commit([this, after = said.created - *it.opened] { metrics_.answered(std::max(after, Millis{0})); });
        break;
      }
    }
  }
  // A listing with holes, or one that came too late, is looked at again.
  it.seen = sighting.whole && sighting.asked > it.status_at ? fingerprint(sighting.seen) : "";
  out.status_waits = !take_status(tx, it, sighting, changes, now);
  if (out.status_waits) it.seen.clear();
  save_case(tx, it);
  return out;
}

}  // namespace supportd::aws_cases
