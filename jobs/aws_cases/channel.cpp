#include "jobs/aws_cases/channel.hpp"

#include <algorithm>

#include "jobs/aws_cases/absorb.hpp"
#include "jobs/aws_cases/probe.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::aws_cases {
namespace {

using outbox::Prepared;
using store::Tx;
using tickets::FileState;

// Desks close what they merge: that is no word about the problem.
bool is_gone(const tickets::Ticket& ticket) { return ticket.deleted || ticket.merged_into.has_value(); }

Prepared wait(const std::string& reason) { return {nullptr, Prepared::Otherwise::wait, reason}; }
Prepared moot(const std::string& reason) { return {nullptr, Prepared::Otherwise::moot, reason}; }
Prepared refuse(const std::string& reason) { return {nullptr, Prepared::Otherwise::refuse, reason}; }

// The files that go with the message, and a line for those that turned out to be missing or too large.
struct Files {
  std::vector<connectors::NewFile> files;
  std::string line;
  bool ready = true;
};

Files files_of(Tx& tx, tickets::MessageId message, std::size_t most_line) {
  Files out;
  std::vector<FileLine> missing;
  for (const auto& file : tickets::attachments_of(tx, message)) {
    if (file.size > most_file_bytes && file.state != FileState::held) continue;  // named when it was owed
    if (out.files.size() == most_files) break;                                   // likewise
    switch (file.state) {
      case FileState::wanted: out.ready = false; return out;
      case FileState::held: {
        auto bytes = file.content ? store::get(tx, *file.content) : std::nullopt;
        if (bytes && static_cast<std::int64_t>(bytes->size()) <= most_file_bytes) {
          out.files.push_back({file.name, file.content_type, std::move(*bytes)});
        } else if (bytes) {
          missing.push_back({file.name, static_cast<std::int64_t>(bytes->size()), "more than 5 MB"});
        } else {
          missing.push_back({file.name, file.size, "erased"});
        }
        break;
      }
      case FileState::listed:
      case FileState::oversize: missing.push_back({file.name, file.size, "too large"}); break;
      case FileState::gone:
      case FileState::released: missing.push_back({file.name, file.size, "gone at its origin"}); break;
    }
  }
  out.line = name_files(missing, most_line);
  return out;
}

std::size_t room_after(const std::string& body, std::size_t marker) {
  const std::size_t used = tickets::length(body) + marker + 4;
  return used + 20 > most_body_characters ? 0 : most_body_characters - used;
}

std::string with_line(const std::string& body, const std::string& line) {
  return line.empty() ? body : body + "\n\n" + line;
}

}  // namespace

SupportChannel::SupportChannel(const Context& context, Metrics& metrics)
    : context_(context), opening_(context), owing_(context), metrics_(metrics) {
  context.registry.ledger.read([&](Tx& tx) { learn(tx); });
}

void SupportChannel::learn(Tx& tx) { probed_settle_ms_ = probed_settle(tx).count(); }

Millis SupportChannel::settle() const {
  return std::max(context_.settings()->settle, Millis{probed_settle_ms_.load()});
}

outbox::Traits SupportChannel::traits() const {
  const Settings settings = context_.settings();
  outbox::Traits out;
  out.certainty = outbox::Certainty::findable;
  out.deadline = longest_attempt;
  out.settle = settle();
  out.most_an_hour = settings->effects_an_hour;
  out.most_a_subject = settings->effects_a_ticket;
  return out;
}

Prepared SupportChannel::prepare(Tx& tx, const outbox::Effect& effect) {
  learn(tx);
  const Payload payload = decode(effect.payload);
  const auto it = find_case(tx, payload.row);
  if (!it) return refuse("its case is not in the ledger");
  auto client = context_.accounts.find(it->account);
  if (!client) return {nullptr, Prepared::Otherwise::absent, origin_of(it->account)};
  const Account account = load_account(tx, it->account);
  if (account.parked) return wait("account " + it->account + " has no support plan with an API: " + account.reason);
  // After a restore the cause is dated by when the ticket was last changed, and the case may be older than that (rule
  // 8).
  const Instant since = effect.attempts > 0 ? effect.attempt_at : tickets::load(tx, it->ticket).created;
  Delivering with{std::move(client), context_.registry.clock, effect.ref, since, {}};
  switch (payload.what) {
    case Payload::What::create:
      // What may have left is looked for all the same.
      if (is_given_up(it->state) && effect.state != outbox::State::unknown) {
        return moot("the case is " + std::string(to_text(it->state)));
      }
      return prepare_create(tx, payload, *it, std::move(with));
    case Payload::What::say: return prepare_say(tx, effect, payload, *it, std::move(with));
    case Payload::What::resolve: {
      if (it->state == State::opening || it->state == State::adopting) return wait("its case is not open yet");
      if (it->state != State::open) return moot("the case is " + std::string(to_text(it->state)));
      const auto ticket = tickets::load(tx, it->ticket);
      if (is_gone(ticket)) return moot("the ticket is gone: its case goes on");
      if (is_unsolved(ticket.status)) return moot("the ticket is " + std::string(to_text(ticket.status)) + " again");
      const auto ended = it->aws_status != reopened_status ? std::optional(end_of(ticket)) : std::nullopt;
      return {std::make_unique<ResolveDelivery>(std::move(with), it->case_id, ended), {}, {}};
    }
  }
  return refuse("an effect of an unknown kind");
}

Prepared SupportChannel::prepare_create(Tx& tx, const Payload& payload, const Case& it, Delivering with) {
  const auto subject = store::get(tx, payload.subject), body = store::get(tx, payload.body);
  if (!subject || !body) return refuse("its text was erased");
  Files files = files_of(tx, payload.message, room_after(*body, 0));
  if (!files.ready) return wait("its attachments are not here yet");
  with.files = std::move(files.files);
  const Settings settings = context_.settings();
  connectors::aws_support::NewCase request;
  request.subject = marked_subject(*subject, with.ref);
  request.body = with_line(*body, files.line);
  request.severity_code = it.severity;
  request.language = it.language;
  request.cc = it.cc;
  Class found;
  found.service_code = it.service;
  found.category = it.category;
  return {std::make_unique<CreateDelivery>(std::move(with), std::move(request), std::move(found), settings->classify,
                                           load_account(tx, it.account)),
          {},
          {}};
}

Prepared SupportChannel::prepare_say(Tx& tx, const outbox::Effect& effect, const Payload& payload, const Case& it,
                                     Delivering with) {
  switch (it.state) {
    case State::deciding:
    case State::approving:
    case State::opening:
    case State::adopting: return wait("its case is not open yet");
    case State::open:
    case State::resolved: break;
    case State::refused:
    case State::withdrawn:
    case State::expired:
    case State::unlinked: return refuse("its case is " + std::string(to_text(it.state)));
  }
  const auto text = store::get(tx, payload.body);
  if (!text) return moot("its text was erased before it was sent");
  const std::string marker = marker_line(effect.ref, payload.part, payload.parts);
  Files files;
  // Later parts of an opening message carry none: its files went with the case.
  if (payload.part == 1) files = files_of(tx, payload.message, room_after(*text, marker.size()));
  if (!files.ready) return wait("its attachments are not here yet");
  with.files = std::move(files.files);
  connectors::aws_support::NewCommunication request;
  request.case_id = it.case_id;
  request.body = with_line(*text, files.line) + "\n\n" + marker;
  return {std::make_unique<SayDelivery>(std::move(with), std::move(request), payload.part), {}, {}};
}

}  // namespace supportd::aws_cases
