#include "jobs/aws_cases/events.hpp"

#include "daemon/run/patience.hpp"
#include "jobs/tickets/aside.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;
using connectors::aws::QueueMessage;
using store::Tx;

constexpr int again_a_run = 20;
constexpr Millis shortest_wait = 1s;

void add(Swept& to, const Swept& more) {
  to.cases += more.cases;
  to.calls += more.calls;
  to.changed += more.changed;
  to.messages += more.messages;
  to.files += more.files;
  to.expired += more.expired;
  to.aside += more.aside;
  to.failed_accounts += more.failed_accounts;
  to.troubles.add(more.troubles);
}

}  // namespace

Heard Events::listen(Instant until) {
  try_again();
  do {
    const auto queue = context_.accounts.events();
    if (!queue) throw Error(ErrorKind::config, "no queue is configured: [aws.events] queue_url");
    const Instant asked = job_.now();
    const Millis wait = std::min<Millis>(connectors::aws::Queue::longest_wait, until - asked);
    const auto messages = run::patiently(job_.clock, job_.stop, until, [&] { return queue->receive(wait, job_.stop); });
    if (messages.empty()) {
      // A queue that answers at once is not asked again at once.
      const Instant next = std::min(until, asked + std::max(wait, shortest_wait));
      if (job_.now() < next) run::rest(job_.clock, job_.stop, next - job_.now());
      continue;
    }
    take(messages);
    for (const auto& failed : queue->remove(messages, job_.stop)) {
      job_.log.warning("SQS kept a message, it comes again", {{"error", failed}});
    }
    look();
  } while (job_.now() < until);
  return heard_;
}

void Events::take(const std::vector<QueueMessage>& messages) {
  const auto results = job_.write([&](Tx& tx) {
    std::vector<Result> out;
    for (const auto& message : messages) out.push_back(take(tx, message.id, message.body));
    return out;
  });
  heard_.messages += static_cast<long long>(messages.size());
  for (const Result result : results) count(result);
}

Events::Result Events::take(Tx& tx, const std::string& id, const std::string& body) {
  const auto event = parse_case_event(body);
  if (!event) {
    tickets::set_aside(tx, event_source, id, body, event.error().what, job_.now());
    return Result::poison;
  }
  tickets::take_back(tx, event_source, id);
  if (!*event) return Result::other;
  return mark_unseen(tx, (*event)->account, (*event)->case_id) ? Result::marked : Result::unknown;
}

// What went aside may be understood by a newer program.
void Events::try_again() {
  const auto rows =
      job_.ledger.read([&](Tx& tx) { return tickets::due_aside(tx, event_source, job_.now(), again_a_run); });
  if (rows.empty()) return;
  bool marked = false;
  job_.write([&](Tx& tx) {
    marked = false;
    for (const auto& row : rows) marked |= take(tx, row.remote_id, row.raw) == Result::marked;
  });
  if (marked) look();
}

void Events::count(Result result) {
  switch (result) {
    case Result::marked: ++heard_.marked; return metrics_.heard("marked");
    case Result::unknown: ++heard_.unknown; return metrics_.heard("unknown");
    case Result::other: ++heard_.other; return metrics_.heard("other");
    case Result::poison: ++heard_.poison; return metrics_.heard("poison");
  }
}

void Events::look() {
  Sweep::Terms terms{job_.stop, false, [this](Tx& tx) { job_.fence.check(tx); }};
  add(heard_.looked, Sweep(context_, metrics_, std::move(terms)).again());
}

}  // namespace supportd::aws_cases
