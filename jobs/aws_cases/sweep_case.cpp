// One case of a sweep, and the files that communications name.
#include "daemon/run/each.hpp"
#include "jobs/aws_cases/sweep.hpp"
#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::aws_cases {
namespace {

using store::Tx;

constexpr auto priority = http::Priority::normal;
constexpr int files_a_round = 50;
constexpr std::int64_t most_tries = 10;

// What becomes of a file that did not come. AWS's absence is never held against it.
tickets::FileState state_after(const Error& error, std::int64_t tries) {
  using tickets::FileState;
  if (error.kind() == ErrorKind::gone || error.kind() == ErrorKind::refused) return FileState::gone;
  if (error.kind() == ErrorKind::unreachable) return FileState::wanted;
  return tries >= most_tries ? FileState::gone : FileState::wanted;
}

// No other file of the account would come either.
bool is_of_the_account(ErrorKind kind) {
  return kind == ErrorKind::stopped || kind == ErrorKind::throttled || kind == ErrorKind::config;
}

}  // namespace

void Sweep::take(Reach& reach, const Case& it, const connectors::aws_support::Case& seen, bool whole, Instant asked) {
  ++out_.cases;
  const bool was_aside = reach.aside.contains(it.case_id);
  if (fingerprint(seen) == it.seen && whole) {
    if (was_aside && !terms_.dry_run) {
      write([&](Tx& tx) { tickets::take_back(tx, aside_source(reach.account), it.case_id); });
    }
    return;
  }
  ++out_.changed;
  Sighting sighting{seen, seen.recent, seen.recent_next_token.empty(), whole, asked};
  read_on(reach, it, sighting);
  if (terms_.dry_run) {
    context_.registry.ledger.read([&](Tx& tx) {
      const auto changes = decide(*settings_, it, tickets::load(tx, it.ticket), sighting,
                                  known_communications(tx, it.id), unseen_writes(tx, it.id), claimed_refs(tx, it.id));
      for (auto& line : describe(it, sighting, changes)) out_.plan.push_back(std::move(line));
    });
    return;
  }
  const Absorbed absorbed = write([&](Tx& tx) {
    const Absorbed done = absorb_(tx, *settings_, it.id, sighting, context_.registry.clock.now());
    if (was_aside && sighting.whole) tickets::take_back(tx, aside_source(reach.account), it.case_id);
    return done;
  });
  out_.messages += absorbed.messages;
  if (absorbed.status_waits) ++reach.waiting;
}

// Older pages, until one holds nothing new.
void Sweep::read_on(Reach& reach, const Case& it, Sighting& sighting) {
  const auto known = context_.registry.ledger.read([&](Tx& tx) { return known_communications(tx, it.id); });
  connectors::aws_support::CommunicationQuery query;
  query.case_id = it.case_id;
  query.next_token = sighting.seen.recent_next_token;
  while (!sighting.complete && must_read_on(listing_of(sighting), known)) {
    auto page = patiently([&] { return reach.client.describe_communications(query, priority, terms_.stop); });
    for (const auto& row : page.bad) {
      sighting.whole = false;
      put_aside(reach, it.case_id, row.raw, row.error);
    }
    for (auto& said : page.communications) sighting.newest_first.push_back(std::move(said));
    query.next_token = page.next_token;
    sighting.complete = query.next_token.empty();
  }
}

void Sweep::expire(const Case& it, const Error& why) {
  ++out_.expired;
  if (terms_.dry_run) {
    out_.plan.push_back("case " + it.case_id + " is known to AWS no more: " + why.what());
    return;
  }
  write([&](Tx& tx) {
    Case now = load_case(tx, it.id);
    now.state = State::expired;
    now.waiting.reset();
    now.reason += (now.reason.empty() ? "" : "; ") + std::string("AWS knows it no more: ") + why.what();
    save_case(tx, now);
  });
  context_.registry.log.info("AWS case expired", {{"case", it.case_id}, {"ticket", it.ticket.value}});
}

void Sweep::put_aside(Reach& reach, const std::string& case_id, const std::string& raw, const std::string& error) {
  ++out_.aside;
  context_.registry.log.warning("AWS case not understood", {{"case", case_id}, {"error", error}});
  if (terms_.dry_run) return;
  write([&](Tx& tx) {
    tickets::set_aside(tx, aside_source(reach.account), case_id, raw, error, context_.registry.clock.now());
  });
}

void Sweep::fetch_files(Reach& reach) {
  if (terms_.dry_run) return;
  const auto wanted = context_.registry.ledger.read(
      [&](Tx& tx) { return tickets::wanted_attachments(tx, origin_of(reach.account), files_a_round); });
  std::optional<Error> trouble;
  for (const auto& file : wanted) {
    if (auto met = fetch(reach, file)) trouble = std::move(met);
  }
  if (trouble) throw *trouble;
}

std::optional<Error> Sweep::fetch(Reach& reach, const tickets::Attachment& file) {
  std::string bytes;
  std::optional<Error> failure;
  try {
    bytes = patiently([&] { return reach.client.describe_attachment(file.remote_id, priority, terms_.stop); }).data;
    ++out_.files;
  } catch (const Error& error) {
    if (is_of_the_account(error.kind())) throw;
    failure = error;
  }
  write([&](Tx& tx) {
    if (failure) {
      tickets::mark_attachment(tx, file.id, state_after(*failure, file.tries + 1), failure->what());
    } else {
      tickets::hold_attachment(tx, file.id, bytes);
    }
    const auto message = tickets::find_message(tx, file.message);
    if (message) context_.registry.outbox.wake_subject(tx, subject_of(message->ticket));
  });
  return failure && failure->kind() == ErrorKind::unreachable ? failure : std::nullopt;
}

}  // namespace supportd::aws_cases
