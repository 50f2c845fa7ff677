#include "daemon/outbox/dispatch.hpp"

#include <algorithm>

#include "daemon/outbox/rows.hpp"
#include "daemon/run/each.hpp"

namespace supportd::outbox {
namespace {

using namespace std::chrono_literals;

constexpr Millis first_backoff = 5s, longest_backoff = 10min;
// What is waited for wakes its lane; looking without that only guards against a forgotten bell.
constexpr Millis first_pause = 60s, longest_pause = 1h;
constexpr Millis hour = 1h, ten_minutes = 10min;

Millis growing(Millis first, Millis longest, std::int64_t times) {
  return std::min<Millis>(longest, first * (std::int64_t{1} << std::min<std::int64_t>(times, 10)));
}

Millis backoff(std::int64_t postponed) { return growing(first_backoff, longest_backoff, postponed); }

// The lane to serve: free, due, its channel not held. Rows of other daemons are skipped rather than waited for.
std::optional<std::string> free_lane(store::Tx& tx, Instant now) {
  std::string sql =
      "SELECT lane FROM lane WHERE due <= :now AND leased_until <= :free AND channel NOT IN (SELECT channel FROM "
      "hold) ORDER BY due, lane LIMIT 1";
  if (tx.engine() == store::Engine::postgresql) sql += " FOR UPDATE SKIP LOCKED";
  return tx.one<std::string>(sql, now, now);
}

void finish(store::Tx& tx, Effect& effect, Step step, const std::string& note, Instant now) {
  take(effect, step);
  effect.error = note;
  effect.ended_at = now;
  save(tx, effect);
}

void park_absent(store::Tx& tx, Effect& effect, const std::string& whom, Instant now) {
  effect.awaits = whom;
  finish(tx, effect, Step::park, whom + " is not configured; it comes back with it", now);
}

// Whose departures the limit of a subject counts: those of what happened lately. The history of a ticket that gets a
// counterpart, or what an outage has held up, is no rule that runs wild.
std::string limited_subject(const Effect& effect, Instant now) {
  const bool is_of_the_past = effect.caused_at != Instant{} && effect.caused_at <= now - ten_minutes;
  return is_of_the_past ? "" : effect.subject;
}

// Why the effect must not leave now, by the channel's blast limits (rule 7).
std::optional<std::string> over_limit(store::Tx& tx, const Effect& effect, const Traits& traits, Instant now) {
  if (traits.most_an_hour > 0) {
    const auto left = *tx.one<std::int64_t>("SELECT count(*) FROM departure WHERE channel = :channel AND at > :since",
                                            effect.channel, now - hour);
    if (left >= traits.most_an_hour) {
      return "blast limit: " + std::to_string(left) + " calls left through " + effect.channel + " within an hour";
    }
  }
  const std::string subject = limited_subject(effect, now);
  if (traits.most_a_subject > 0 && !subject.empty()) {
    const auto left = *tx.one<std::int64_t>(
        "SELECT count(*) FROM departure WHERE channel = :channel AND at > :since AND subject = :subject",
        effect.channel, now - ten_minutes, subject);
    if (left >= traits.most_a_subject) {
      return "blast limit: " + std::to_string(left) + " calls about " + subject + " within ten minutes";
    }
  }
  return {};
}

void refuse(store::Tx& tx, Channel& channel, Effect& effect, const Error& why, Instant now) {
  finish(tx, effect, Step::refuse, why.what(), now);
  channel.refused(tx, effect, why, now);
}

// Nobody can be asked about a blind effect; a keyed one need not be, nor a state, which may be sent again (rules 3 and
// 5). False: it was ended.
bool settle_doubt(store::Tx& tx, Effect& effect, const Traits& traits, Instant now) {
  if (traits.certainty == Certainty::findable && effect.kind == Kind::message) return true;
  if (effect.kind == Kind::state || traits.certainty == Certainty::keyed || traits.resend_in_doubt) {
    take(effect, Step::miss);
    return true;
  }
  finish(tx, effect, Step::park, "in doubt: it may have been sent, and nobody can be asked", now);
  return false;
}

void note_departure(store::Tx& tx, const Effect& effect, Instant now) {
  tx.exec("DELETE FROM departure WHERE channel = :channel AND at <= :before", effect.channel, now - hour);
  tx.exec(
      "INSERT INTO departure (effect, at, channel, subject) VALUES (:effect, :at, :channel, :subject) ON CONFLICT DO "
      "NOTHING",
      effect.id, now, effect.channel, limited_subject(effect, now));
}

// Makes the head ready to act on. Nothing: the lane has moved on or waits.
std::optional<Lease> prepare(store::Tx& tx, Outbox& outbox, Effect effect, Instant now) {
  if (effect.state == State::leased) take(effect, Step::lose);
  // Owed before a restore: what the ledger has forgotten since may have sent it (rule 8).
  const Instant certain = outbox.certain_since();
  if (effect.state == State::queued && effect.kind == Kind::message && effect.created_at < certain &&
      effect.attempt_at < certain) {
    take(effect, Step::lose);
    effect.attempt_at = certain;
  }
  Channel* channel = outbox.channel(effect.channel);
  if (channel == nullptr) {
    park_absent(tx, effect, effect.channel, now);
    return {};
  }
  Lease lease;
  lease.traits = channel->traits();
  if (effect.state == State::unknown && !settle_doubt(tx, effect, lease.traits, now)) return {};
  lease.look = effect.state == State::unknown;
  if (!lease.look) {
    if (outbox.mode() == Mode::shadow) {
      finish(tx, effect, Step::park, shadow_note, now);
      return {};
    }
    if (const auto why = over_limit(tx, effect, lease.traits, now)) {
      outbox.hold(tx, {effect.channel, *why, "blast limit", now, true});
      return {};
    }
  }
  Prepared prepared{nullptr, Prepared::Otherwise::moot, ""};
  std::string trouble;
  // What is wrong with one effect is no reason for the others to wait.
  run::each(
      std::initializer_list<int>{0}, [&](int) { tx.attempt([&] { prepared = channel->prepare(tx, effect); }); },
      [&](int, const std::exception& error) {
        const auto* known = dynamic_cast<const Error*>(&error);
        if (known != nullptr && known->kind() != ErrorKind::corrupt && known->kind() != ErrorKind::gone) throw;
        trouble = error.what();
      });
  if (!trouble.empty()) {
    finish(tx, effect, Step::park, "cannot be made ready: " + trouble, now);
    return {};
  }
  if (!prepared.delivery) {
    switch (prepared.otherwise) {
      case Prepared::Otherwise::wait:
        effect.due = now + growing(first_pause, longest_pause, effect.postponed++);
        effect.error = prepared.reason;
        save(tx, effect);
        break;
      case Prepared::Otherwise::moot: finish(tx, effect, Step::moot, prepared.reason, now); break;
      case Prepared::Otherwise::refuse:
        if (lease.look) {  // it may be there all the same
          finish(tx, effect, Step::park, "in doubt, and cannot be looked for: " + prepared.reason, now);
        } else {
          refuse(tx, *channel, effect, Error(ErrorKind::refused, prepared.reason), now);
        }
        break;
      case Prepared::Otherwise::absent: park_absent(tx, effect, prepared.reason, now); break;
    }
    return {};
  }
  if (!lease.look) {
    take(effect, Step::lease);
    ++effect.attempts;
    effect.attempt_at = now;
    effect.absent_at.reset();
    note_departure(tx, effect, now);
  }
  save(tx, effect);
  lease.delivery = std::move(prepared.delivery);
  lease.effect = std::move(effect);
  return lease;
}

void succeed(store::Tx& tx, Outbox& outbox, Effect& effect, std::int64_t leased_version, const Outcome& outcome,
             Instant now) {
  effect.remote_id = effect.kind == Kind::message ? outcome.sent.remote_id : "";
  effect.postponed = 0;
  effect.due = now;
  finish(tx, effect, outcome.what == Outcome::What::found ? Step::find : Step::succeed, "", now);
  // A state that was owed again while it was being sent is sent once more.
  if (effect.kind == Kind::state && effect.version != leased_version) {
    take(effect, Step::owe);
    effect.ended_at.reset();
    save(tx, effect);
  }
  outbox.channel(effect.channel)->finished(tx, effect, outcome.sent, now);
}

// It took effect. What the ledger cannot take of that is no reason to hold up the lane: it is kept for an operator, who
// has it looked for, and so taken, again.
void try_to_succeed(store::Tx& tx, Outbox& outbox, const Effect& effect, const Lease& lease, const Outcome& outcome,
                    Instant now) {
  try {
    tx.attempt([&] {
      Effect ended = effect;
      succeed(tx, outbox, ended, lease.effect.version, outcome, now);
    });
  } catch (const std::exception& error) {
    const auto* known = dynamic_cast<const Error*>(&error);
    if (known != nullptr && known->kind() == ErrorKind::unreachable) throw;
    Effect parked = effect;
    if (parked.state == State::leased) take(parked, Step::lose);
    if (parked.state == State::unknown) take(parked, Step::park);
    parked.error = "it took effect" +
                   (outcome.sent.remote_id.empty() ? std::string() : " as " + outcome.sent.remote_id) +
                   ", but the ledger could not take that: " + error.what();
    parked.ended_at = now;
    save(tx, parked);
  }
}

void fail(store::Tx& tx, Outbox& outbox, Effect& effect, const Error& error, Instant now) {
  switch (error.kind()) {
    case ErrorKind::refused:
    case ErrorKind::gone: refuse(tx, *outbox.channel(effect.channel), effect, error, now); return;
    case ErrorKind::unreachable:
    case ErrorKind::throttled:
    case ErrorKind::conflict:
    case ErrorKind::config:
    case ErrorKind::stopped:
      take(effect, Step::postpone);
      --effect.attempts;
      tx.exec("DELETE FROM departure WHERE effect = :effect AND at = :at", effect.id, effect.attempt_at);
      effect.due = now + error.retry_after().value_or(backoff(effect.postponed));
      ++effect.postponed;
      break;
    case ErrorKind::unknown_outcome:
    case ErrorKind::corrupt:  // it answered, so it may well have happened
      take(effect, Step::lose);
      effect.due = now;
      break;
  }
  effect.error = error.what();
  save(tx, effect);
}

// Absence is believed of two complete listings, late enough after the attempt and apart from one another (rule 3).
void miss(store::Tx& tx, Effect& effect, const Traits& traits, Instant began) {
  const Instant believable = effect.attempt_at + traits.deadline + traits.settle;
  if (began < believable) {
    effect.due = believable;
  } else if (!effect.absent_at) {
    effect.absent_at = began;
    effect.due = began + traits.settle / 2;
  } else if (began >= *effect.absent_at + traits.settle / 2) {
    take(effect, Step::miss);
    effect.due = began;
    effect.error = "";
  } else {
    effect.due = *effect.absent_at + traits.settle / 2;
  }
  save(tx, effect);
}

}  // namespace

std::optional<Lease> lease_next(store::Tx& tx, Outbox& outbox, const std::string& token, Instant now) {
  for (int passed = 0; passed < 100; ++passed) {
    const auto lane = free_lane(tx, now);
    if (!lane) return {};
    auto head = head_of(tx, *lane);
    std::optional<Lease> lease;
    if (head && head->due <= now) lease = prepare(tx, outbox, std::move(*head), now);
    if (lease) {
      lease->token = token;
      lease->until = now + 3 * lease->traits.deadline;
      tx.exec("UPDATE lane SET leased_until = :until, lease = :token WHERE lane = :lane", lease->until, token, *lane);
      return lease;
    }
    reschedule(tx, *lane);
  }
  return {};
}

Instant next_due(store::Tx& tx) {
  const auto at = tx.one<std::optional<Instant>>(
      "SELECT MIN(CASE WHEN leased_until > due THEN leased_until ELSE due END) FROM lane WHERE channel NOT IN (SELECT "
      "channel FROM hold)");
  return at ? at->value_or(time::never) : time::never;
}

Outcome act(Lease& lease, time::Clock& clock, std::stop_token stop) {
  Outcome out;
  out.began = clock.now();
  try {
    if (lease.look) {
      Looked looked = lease.delivery->find(stop);
      out.sent = std::move(looked.sent);
      switch (looked.answer) {
        case Looked::Answer::found: out.what = Outcome::What::found; break;
        case Looked::Answer::absent: out.what = Outcome::What::absent; break;
        case Looked::Answer::cannot_tell: out.what = Outcome::What::cannot_tell; break;
      }
    } else if (out.began + lease.traits.deadline > lease.until) {
      throw Error(ErrorKind::unreachable, "this sender was held up longer than its lease");
    } else {
      out.sent = lease.delivery->send(stop);
      out.what = Outcome::What::sent;
    }
  } catch (const Error& error) {
    out.what = Outcome::What::failed;
    out.error = error;
  } catch (const std::exception& error) {  // no memory, say, or a library's own: the call may have left
    out.what = Outcome::What::failed;
    out.error = Error(ErrorKind::unknown_outcome, error.what());
  }
  return out;
}

bool end(store::Tx& tx, Outbox& outbox, const Lease& lease, const Outcome& outcome, Instant now) {
  const std::string& lane = lease.effect.lane;
  if (tx.exec("UPDATE lane SET leased_until = 0, lease = '' WHERE lane = :lane AND lease = :token", lane,
              lease.token) != 1) {
    return false;
  }
  Effect effect = *load_one(tx, "WHERE id = :id", lease.effect.id);
  // An operator may have decided meanwhile; what was found is a fact all the same.
  const bool decided = effect.state != State::leased && effect.state != State::unknown;
  if (decided && outcome.what != Outcome::What::found) {
    reschedule(tx, lane);
    return true;
  }
  switch (outcome.what) {
    case Outcome::What::sent:
    case Outcome::What::found: try_to_succeed(tx, outbox, effect, lease, outcome, now); break;
    case Outcome::What::absent: miss(tx, effect, lease.traits, outcome.began); break;
    case Outcome::What::cannot_tell:
      effect.absent_at.reset();
      effect.due = now + std::max<Millis>(lease.traits.settle / 2, 1s);
      save(tx, effect);
      break;
    case Outcome::What::failed:
      if (lease.look) {
        effect.due = now + outcome.error->retry_after().value_or(backoff(effect.postponed));
        ++effect.postponed;
        effect.error = std::string("looking for it: ") + outcome.error->what();
        save(tx, effect);
      } else {
        fail(tx, outbox, effect, *outcome.error, now);
      }
      break;
  }
  reschedule(tx, lane);
  return true;
}

void void_leases(store::Tx& tx) { tx.exec("UPDATE lane SET leased_until = 0, lease = ''"); }

}  // namespace supportd::outbox
