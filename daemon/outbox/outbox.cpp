#include "daemon/outbox/outbox.hpp"

#include "daemon/outbox/rows.hpp"

namespace supportd::outbox {
namespace {

// Such an effect may be owed again by what happens; one that an operator has parked may not.
bool is_parked_by_hand(const Effect& effect) {
  return effect.state == State::parked && effect.awaits.empty() && effect.error != shadow_note;
}

}  // namespace

std::vector<store::Migration> schema() {
  return {{.slice = "outbox", .number = 1, .sql = R"(
CREATE TABLE effect (id {id}, position BIGINT NOT NULL, key TEXT NOT NULL UNIQUE, ref TEXT NOT NULL,
  channel TEXT NOT NULL, lane TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, subject TEXT NOT NULL,
  payload TEXT NOT NULL, caused_at BIGINT NOT NULL, created_at BIGINT NOT NULL, version BIGINT NOT NULL,
  attempts BIGINT NOT NULL, attempt_at BIGINT NOT NULL, absent_at BIGINT, due BIGINT NOT NULL, remote_id TEXT,
  error TEXT NOT NULL, ended_at BIGINT, postponed BIGINT NOT NULL);
CREATE INDEX effect_open ON effect (lane, position) WHERE state IN ('queued', 'leased', 'unknown');
CREATE INDEX effect_left ON effect (channel, attempt_at);
CREATE INDEX effect_subject ON effect (subject, id);
CREATE INDEX effect_state ON effect (state, id) WHERE state <> 'done';
CREATE UNIQUE INDEX effect_remote ON effect (channel, remote_id) WHERE remote_id IS NOT NULL;
CREATE TABLE lane (lane TEXT PRIMARY KEY, channel TEXT NOT NULL, due BIGINT NOT NULL, leased_until BIGINT NOT NULL,
  lease TEXT NOT NULL);
CREATE INDEX lane_due ON lane (due);
CREATE TABLE hold (channel TEXT PRIMARY KEY, reason TEXT NOT NULL, actor TEXT NOT NULL, since BIGINT NOT NULL,
  automatic BIGINT NOT NULL);
)"},
          {.slice = "outbox", .number = 2, .sql = "ALTER TABLE effect ADD COLUMN awaits TEXT NOT NULL DEFAULT ''"},
          // What left within the hour, each time: the blast limits count it.
          {.slice = "outbox", .number = 3, .sql = R"(
CREATE TABLE departure (effect BIGINT NOT NULL, at BIGINT NOT NULL, channel TEXT NOT NULL, subject TEXT NOT NULL,
  PRIMARY KEY (effect, at));
CREATE INDEX departure_channel ON departure (channel, at);
DROP INDEX effect_left;
)"},
          // The last position, and a lane's effects whatever has become of them, without a look at all there ever were.
          {.slice = "outbox", .number = 4, .sql = R"(
CREATE INDEX effect_position ON effect (position);
CREATE INDEX effect_lane ON effect (lane, id);
)"}};
}

void Outbox::add(std::unique_ptr<Channel> channel) {
  const std::string name = channel->name();
  const std::lock_guard lock(mutex_);
  channels_[name] = std::move(channel);
}

std::vector<std::string> Outbox::channels() const {
  std::vector<std::string> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, channel] : channels_) out.push_back(name);
  return out;
}

Channel* Outbox::channel(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = channels_.find(name);
  return found == channels_.end() ? nullptr : found->second.get();
}

void Outbox::wake_senders() {
  const std::lock_guard lock(doorbell_.mutex);
  ++doorbell_.rung;
  clock_.ring(doorbell_.bell);
}

void Outbox::ring(store::Tx& tx) {
  tx.after_commit([this] { wake_senders(); });
}

void Outbox::make_due(store::Tx& tx, const std::string& lane, const std::string& channel, Instant at) {
  tx.exec(
      "INSERT INTO lane (lane, channel, due, leased_until, lease) VALUES (:lane, :channel, :due, 0, '') "
      "ON CONFLICT (lane) DO UPDATE SET due = CASE WHEN lane.due < excluded.due THEN lane.due ELSE excluded.due END",
      lane, channel, at);
}

bool Outbox::owe(store::Tx& tx, const NewEffect& effect) {
  const Instant now = clock_.now();
  Effect e;
  e.state = State::queued;
  e.due = now;
  // A ledger restored from yesterday may owe what was already sent (rule 8): it is looked for first.
  const bool may_have_left = effect.kind == Kind::message && effect.caused_at < certain_since_;
  if (may_have_left) e.attempt_at = certain_since_;
  if (mode_ == Mode::shadow) {
    take(e, Step::park);
    e.error = shadow_note;
  } else if (may_have_left) {
    take(e, Step::lose);
    e.error = "caused before this ledger was certain: looked for first";
  }
  const long long added = tx.exec(
      "INSERT INTO effect (position, key, ref, channel, lane, kind, state, subject, payload, caused_at, created_at, "
      "version, attempts, attempt_at, due, error, postponed) VALUES ((SELECT COALESCE(MAX(position), 0) + 1 FROM "
      "effect), :key, :ref, :channel, :lane, :kind, :state, :subject, :payload, :caused_at, :created_at, 1, 0, "
      ":attempt_at, :due, :error, 0) ON CONFLICT (key) DO NOTHING",
      effect.key, ref_of(effect.key), effect.channel, effect.lane, to_text(effect.kind), to_text(e.state),
      effect.subject, effect.payload, effect.caused_at, now, e.attempt_at, e.due, e.error);
  if (added == 0 && (effect.kind == Kind::message || !owe_again(tx, effect, now))) return false;
  if (is_open(e.state) || added == 0) {
    make_due(tx, effect.lane, effect.channel, now);
    ring(tx);
  }
  return true;
}

// A state owed once more: a finished one goes to the end of its lane, an open one keeps its place.
bool Outbox::owe_again(store::Tx& tx, const NewEffect& effect, Instant now) {
  auto known = load_one(tx, "WHERE key = :key", effect.key);
  if (!known) return false;
  ++known->version;
  known->payload = effect.payload;
  if (!is_open(known->state) && !is_parked_by_hand(*known)) {
    take(*known, Step::owe);
    if (mode_ == Mode::shadow) take(*known, Step::park);
    known->due = now;
    known->ended_at.reset();
    known->error = mode_ == Mode::shadow ? shadow_note : "";
    known->awaits.clear();
    known->postponed = 0;
    // It waits since now: how long something has been open is reckoned from here.
    tx.exec("UPDATE effect SET position = (SELECT MAX(position) + 1 FROM effect), created_at = :now WHERE id = :id",
            now, known->id);
  }
  save(tx, *known);
  return is_open(known->state);
}

void Outbox::wake(store::Tx& tx, const std::string& lane) {
  const Instant now = clock_.now();
  tx.exec("UPDATE effect SET due = :now, postponed = 0 WHERE lane = :lane AND state = 'queued'", now, lane);
  tx.exec("UPDATE lane SET due = :now WHERE lane = :lane", now, lane);
  ring(tx);
}

void Outbox::wake_subject(store::Tx& tx, const std::string& subject) {
  const auto lanes = tx.all<std::string>(
      "SELECT DISTINCT lane FROM effect WHERE subject = :subject AND state = 'queued' ORDER BY lane", subject);
  for (const auto& lane : lanes) wake(tx, lane);
}

void Outbox::wake_channel(store::Tx& tx, const std::string& channel) {
  const auto lanes = tx.all<std::string>(
      "SELECT DISTINCT lane FROM effect WHERE channel = :channel AND state = 'queued' AND state <> 'done' ORDER BY "
      "lane",
      channel);
  for (const auto& lane : lanes) wake(tx, lane);
}

std::optional<Effect> Outbox::find(store::Tx& tx, EffectId id) const { return load_one(tx, "WHERE id = :id", id); }

std::optional<Effect> Outbox::find_by_key(store::Tx& tx, const std::string& key) const {
  return load_one(tx, "WHERE key = :key", key);
}

std::vector<Effect> Outbox::list(store::Tx& tx, const Filter& filter) const {
  const auto any = [](const std::string& text) { return text.empty() ? std::string("%") : text; };
  std::string states;
  for (const State state : filter.states) states += (states.empty() ? "'" : ", '") + std::string(to_text(state)) + "'";
  return load(tx,
              "WHERE " + (states.empty() ? "" : "state IN (" + states + ") AND ") +
                  "channel LIKE :channel AND lane LIKE :lane AND subject LIKE :subject AND id < :before ORDER BY id "
                  "DESC LIMIT :most",
              any(filter.channel), any(filter.lane), any(filter.subject),
              filter.before > 0 ? filter.before : std::numeric_limits<std::int64_t>::max(), filter.most);
}

std::map<std::string, std::map<State, std::int64_t>> Outbox::counts(store::Tx& tx) const {
  std::map<std::string, std::map<State, std::int64_t>> out;
  for (const auto& name : channels()) {
    for (const State state : all_states) {
      if (state != State::done) out[name][state] = 0;
    }
  }
  tx.each<std::string, std::string, std::int64_t>(
      "SELECT channel, state, count(*) FROM effect WHERE state <> 'done' GROUP BY channel, state",
      [&](const auto& row) { out[std::get<0>(row)][*parse_state(std::get<1>(row))] = std::get<2>(row); });
  return out;
}

std::map<std::string, Instant> Outbox::oldest_open(store::Tx& tx) const {
  std::map<std::string, Instant> out;
  tx.each<std::string, Instant>(
      "SELECT channel, MIN(created_at) FROM effect WHERE state IN ('queued', 'leased', 'unknown') AND state <> 'done' "
      "GROUP BY channel",
      [&](const auto& row) { out[std::get<0>(row)] = std::get<1>(row); });
  return out;
}

std::string Outbox::dump(store::Ledger& ledger) const {
  std::string out = std::string("outbox: ") + (mode_ == Mode::live ? "live" : "shadow mode, nothing is sent") + "\n";
  ledger.read([&](store::Tx& tx) {
    const auto oldest = oldest_open(tx);
    for (const auto& [channel, states] : counts(tx)) {
      std::string line;
      for (const auto& [state, count] : states) {
        if (count > 0) line += (line.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(to_text(state));
      }
      if (line.empty()) continue;
      out += "channel " + channel + ": " + line;
      if (const auto at = oldest.find(channel); at != oldest.end()) out += ", oldest of " + time::to_text(at->second);
      out += "\n";
    }
    for (const Hold& hold : holds(tx))
      out += "channel " + hold.channel + " held by " + hold.actor + ": " + hold.reason + "\n";
  });
  return out;
}

void Outbox::decide(store::Tx& tx, EffectId id, Step step, const std::string& action, const std::string& actor,
                    const std::string& reason) {
  auto effect = find(tx, id);
  if (!effect) throw Error(ErrorKind::gone, "there is no effect " + std::to_string(id.value));
  const Instant now = clock_.now();
  const State before = effect->state;
  take(*effect, step == Step::retry ? way_back(*effect) : step);
  effect->due = now;
  effect->absent_at.reset();
  effect->ended_at = is_open(effect->state) ? std::optional<Instant>{} : now;
  effect->postponed = 0;
  effect->awaits.clear();
  effect->error = is_open(effect->state) ? "" : action + " by " + actor + (reason.empty() ? "" : ": " + reason);
  save(tx, *effect);
  if (is_open(effect->state)) make_due(tx, effect->lane, effect->channel, now);
  reschedule(tx, effect->lane);
  store::audit(tx, now,
               {actor, "outbox." + action, "effect " + std::to_string(id.value), reason,
                "{\"key\":\"" + effect->key + "\",\"was\":\"" + std::string(to_text(before)) + "\"}"});
  ring(tx);
}

void Outbox::retry(store::Tx& tx, EffectId id, const std::string& actor, const std::string& reason) {
  if (mode_ == Mode::shadow) {
    throw Error(ErrorKind::refused,
                "the daemon is in shadow mode, where nothing leaves: set [daemon] mode = \"live\" first");
  }
  decide(tx, id, Step::retry, "retry", actor, reason);
}

void Outbox::drop(store::Tx& tx, EffectId id, const std::string& actor, const std::string& reason) {
  decide(tx, id, Step::drop, "drop", actor, reason);
}

void Outbox::park(store::Tx& tx, EffectId id, const std::string& actor, const std::string& reason) {
  decide(tx, id, Step::park, "park", actor, reason);
}

void Outbox::hold(store::Tx& tx, const Hold& hold) {
  if (channel(hold.channel) == nullptr) throw Error(ErrorKind::gone, "there is no channel " + hold.channel);
  const long long added = tx.exec(
      "INSERT INTO hold (channel, reason, actor, since, automatic) VALUES (:channel, :reason, :actor, :since, "
      ":automatic) ON CONFLICT DO NOTHING",
      hold.channel, hold.reason, hold.actor, hold.since, hold.automatic);
  if (added > 0) store::audit(tx, clock_.now(), {hold.actor, "outbox.hold", hold.channel, hold.reason, ""});
}

bool Outbox::release(store::Tx& tx, const std::string& channel, const std::string& actor, const std::string& reason) {
  if (tx.exec("DELETE FROM hold WHERE channel = :channel", channel) == 0) return false;
  tx.exec("DELETE FROM departure WHERE channel = :channel", channel);
  store::audit(tx, clock_.now(), {actor, "outbox.release", channel, reason, ""});
  ring(tx);
  return true;
}

int Outbox::configured(store::Tx& tx, const std::set<std::string>& present) {
  const Instant now = clock_.now();
  int back = 0;
  for (const auto& name : tx.all<std::string>(
           "SELECT DISTINCT awaits FROM effect WHERE state = 'parked' AND awaits <> '' ORDER BY awaits")) {
    if (!present.contains(name)) continue;
    for (Effect& effect : load(tx, "WHERE state = 'parked' AND awaits = :name ORDER BY position", name)) {
      bring_back(tx, effect, now);
      ++back;
    }
  }
  // What goes to others is parked by the sender that next takes it: now, not when its time would come.
  for (const auto& name : tx.all<std::string>("SELECT DISTINCT channel FROM lane ORDER BY channel")) {
    if (present.contains(name)) continue;
    tx.exec("UPDATE effect SET due = :now WHERE channel = :name AND state IN ('queued', 'unknown') AND state <> 'done'",
            now, name);
    tx.exec("UPDATE lane SET due = :now WHERE channel = :name", now, name);
  }
  ring(tx);
  return back;
}

// What may have left once is looked for before it leaves again, however long it lay. Nobody can look for what goes by a
// blind channel: whoever wants it sent again has decided.
Step Outbox::way_back(const Effect& effect) const {
  const bool may_have_left = effect.kind == Kind::message && effect.attempt_at != Instant{};
  if (effect.state != State::parked || !may_have_left) return Step::retry;
  const Channel* to = channel(effect.channel);
  return to != nullptr && to->traits().certainty == Certainty::blind ? Step::retry : Step::lose;
}

void Outbox::bring_back(store::Tx& tx, Effect& effect, Instant now) {
  const bool may_have_left = effect.kind == Kind::message && effect.attempt_at != Instant{};
  take(effect, may_have_left ? Step::lose : Step::retry);
  effect.due = now;
  effect.ended_at.reset();
  effect.absent_at.reset();
  effect.error.clear();
  effect.awaits.clear();
  effect.postponed = 0;
  save(tx, effect);
  make_due(tx, effect.lane, effect.channel, now);
}

std::vector<Hold> Outbox::holds(store::Tx& tx) const {
  std::vector<Hold> out;
  tx.each<std::string, std::string, std::string, Instant, bool>(
      "SELECT channel, reason, actor, since, automatic FROM hold ORDER BY channel", [&](const auto& row) {
        const auto& [channel, reason, actor, since, automatic] = row;
        out.push_back({channel, reason, actor, since, automatic});
      });
  return out;
}

}  // namespace supportd::outbox
