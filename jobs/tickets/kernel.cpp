#include "jobs/tickets/kernel.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "daemon/config/suggest.hpp"
#include "daemon/json.hpp"
#include "daemon/run/each.hpp"

namespace supportd::tickets {
namespace {

using store::Tx;

std::string encode(const Change& change) {
  json::Writer out;
  out.object([&] {
    if (!change.name.empty()) out.member("name", change.name);
    if (!change.value.empty()) out.member("value", change.value);
    if (!change.added.empty()) out.member("added", change.added);
    if (!change.removed.empty()) out.member("removed", change.removed);
    if (change.message.value != 0) out.member("message", change.message.value);
  });
  return out.take();
}

Change decode(const std::string& kind, const std::string& data) {
  const auto known = parse_event_kind(kind);
  if (!known) throw Error(ErrorKind::corrupt, "ledger: unknown kind of event: " + kind);
  Change change;
  change.kind = *known;
  const auto document = json::Document::parse(data, "event");
  const auto root = document.root();
  change.name = root.string("name", "");
  change.value = root.string("value", "");
  change.added = root.strings("added");
  change.removed = root.strings("removed");
  change.message = {root.integer("message", 0)};
  return change;
}

std::string encode_tags(const std::vector<std::string>& tags) {
  json::Writer out;
  out.array([&] {
    for (const auto& tag : tags) out.value(tag);
  });
  return out.take();
}

std::string encode_fields(const std::map<std::string, std::string>& fields) {
  json::Writer out;
  out.object([&] {
    for (const auto& [name, value] : fields) out.member(name, value);
  });
  return out.take();
}

using Row = std::tuple<TicketId, std::int64_t, Instant, Instant, std::string, std::string, std::string, std::string,
                       std::string, std::string, std::string, std::string, std::optional<std::string>,
                       std::optional<PersonId>, std::optional<PersonId>, std::optional<OrganisationId>, std::string,
                       std::string, std::optional<Instant>, std::optional<TicketId>, bool>;

Ticket to_ticket(Row row) {
  Ticket t;
  std::string status, tags, fields;
  std::optional<std::string> priority;
  std::tie(t.id, t.seq, t.created, t.updated, t.origin, t.subject, t.type, t.group, t.category, t.product_area,
           t.severity, status, priority, t.requester, t.assignee, t.organisation, tags, fields, t.solved, t.merged_into,
           t.deleted) = std::move(row);
  const auto known = parse_status(status);
  if (!known) throw Error(ErrorKind::corrupt, "ledger: ticket with unknown status " + status);
  t.status = *known;
  if (priority) t.priority = parse_priority(*priority);
  if (tags != "[]") {
    const auto document = json::Document::parse(tags, "tags");
    for (const auto& tag : document.root().items()) t.tags.push_back(tag.string());
  }
  if (fields != "{}") {
    const auto document = json::Document::parse(fields, "fields");
    for (const auto& [name, value] : document.root().members()) t.fields[name] = value.string();
  }
  return t;
}

template <class... A>
std::vector<Ticket> select(Tx& tx, const std::string& tail, const A&... args) {
  std::vector<Ticket> out;
  [&]<class... O>(std::tuple<O...>*) {
    tx.each<O...>(
        "SELECT id, seq, created_at, updated_at, origin, subject, type, team, category, product_area, severity, "
        "status, priority, requester, assignee, organisation, tags, fields, solved_at, merged_into, deleted FROM "
        "ticket " +
            tail,
        [&](Row row) { out.push_back(to_ticket(std::move(row))); }, args...);
  }(static_cast<Row*>(nullptr));
  return out;
}

void save(Tx& tx, const Ticket& t) {
  const auto priority = t.priority ? std::optional(to_text(*t.priority)) : std::nullopt;
  tx.exec(
      "UPDATE ticket SET seq = :seq, created_at = :created, updated_at = :updated, origin = :origin, subject = "
      ":subject, type = :type, team = :team, category = :category, product_area = :area, severity = :severity, status "
      "= :status, priority = :priority, requester = :requester, assignee = :assignee, organisation = :organisation, "
      "tags = :tags, fields = :fields, solved_at = :solved, merged_into = :merged, deleted = :deleted WHERE id = :id",
      t.seq, t.created, t.updated, t.origin, t.subject, t.type, t.group, t.category, t.product_area, t.severity,
      to_text(t.status), priority, t.requester, t.assignee, t.organisation, encode_tags(t.tags),
      encode_fields(t.fields), t.solved, t.merged_into, t.deleted, t.id);
}

// The ticket a transaction works on: read once, changed with every event, its row written once when the transaction
// ends or turns to another ticket.
struct InHand {
  std::shared_ptr<const Ticket> ticket;
  std::vector<Event> events{};  // since it was settled
  Instant now{};
};

std::shared_ptr<const Ticket> take(Tx& tx, TicketId id) {
  auto& held = tx.memo<InHand>();
  if (held && held->ticket->id == id) return held->ticket;
  tx.settle();
  auto found = select(tx, "WHERE id = :id", id);
  if (found.empty()) return {};
  return (tx.memo<InHand>() = InHand{std::make_shared<const Ticket>(std::move(found.front()))})->ticket;
}

std::shared_ptr<const Ticket> require(Tx& tx, TicketId id) {
  if (auto ticket = take(tx, id)) return ticket;
  throw Error(ErrorKind::gone, "there is no ticket " + std::to_string(id.value));
}

// The new row's id; nothing when the identity is known.
std::optional<std::int64_t> insert_event(Tx& tx, const Event& e) {
  return tx.insert<std::int64_t>(
      "INSERT INTO ticket_event (ticket, seq, kind, effective, recorded, clamped, origin, actor, identity, data) "
      "VALUES (:ticket, :seq, :kind, :effective, :recorded, :clamped, :origin, :actor, :identity, :data) ON CONFLICT "
      "(identity) DO NOTHING",
      e.ticket, e.seq, to_text(e.change.kind), e.effective, e.recorded, e.clamped, e.origin, e.actor, e.identity,
      encode(e.change));
}

Ticket folded(Tx& tx, TicketId id) {
  Ticket out;
  out.id = id;
  for (const Event& event : events_of(tx, id)) apply(out, event);
  return out;
}

}  // namespace

void Kernel::react(std::string slice, Reaction reaction) {
  named_.push_back({.slice = std::move(slice), .reaction = std::move(reaction)});
}

void Kernel::when_settled(std::string slice, Settler settler) {
  named_.push_back({.slice = std::move(slice), .settler = std::move(settler)});
}

void Kernel::renamed(Tx& tx, OrganisationId id, Instant now) const {
  for (const Renamed& tell : renamed_) tell(tx, id, now);
}

const Kernel::Named& Kernel::named(const std::string& slice) const {
  const auto found = std::ranges::find(named_, slice, &Named::slice);
  if (found != named_.end()) return *found;
  std::vector<std::string> known;
  for (const Named& one : named_) known.push_back(one.slice);
  throw Error(ErrorKind::config, "no slice '" + slice + "': " + config::known_names(slice, known));
}

void Kernel::begin(store::Ledger& ledger) const {
  const auto known = ledger.read([](Tx& tx) { return tx.all<std::string>("SELECT slice FROM reaction"); });
  for (const Named& one : named_) {
    if (std::ranges::find(known, one.slice) != known.end()) continue;
    ledger.write([&](Tx& tx) {
      tx.exec(
          "INSERT INTO reaction (slice, missed, replayed) SELECT :slice, coalesce(max(id), 0), 0 FROM ticket_event "
          "WHERE true "
          "ON CONFLICT DO NOTHING",
          one.slice);
    });
  }
}

// A ticket's events from before the slice's time; returns how many.
std::int64_t Kernel::show(Tx& tx, TicketId id, std::int64_t missed, const Named& to, Instant now) {
  auto events = events_of(tx, id);
  std::erase_if(events, [&](const Event& event) { return event.id > missed; });
  Ticket after;
  after.id = id;
  for (const Event& event : events) {
    const Ticket before = after;
    apply(after, event);
    if (to.reaction) to.reaction(tx, {before, after, event}, now);
  }
  if (to.settler && !events.empty()) to.settler(tx, after, events, now);
  return static_cast<std::int64_t>(events.size());
}

// The next tickets of a replay, and where it stands then; nothing when all were shown.
std::optional<Kernel::Replayed> Kernel::replay_step(Tx& tx, const Named& to, Instant now) {
  constexpr int step = 50;
  const auto place =
      tx.one<std::int64_t, TicketId>("SELECT missed, replayed FROM reaction WHERE slice = :slice", to.slice);
  if (!place) return {};
  const std::int64_t missed = std::get<0>(*place);
  const auto ids =
      tx.all<TicketId>("SELECT id FROM ticket WHERE id > :after ORDER BY id LIMIT :most", std::get<1>(*place), step);
  if (ids.empty()) return {};
  Replayed out;
  run::each(
      ids, [&](TicketId id) { tx.attempt([&] { out.events += show(tx, id, missed, to, now); }); },
      [&](TicketId id, const std::exception& error) { out.failed.emplace(id, error.what()); });
  tx.exec("UPDATE reaction SET replayed = :ticket WHERE slice = :slice", ids.back(), to.slice);
  return out;
}

Kernel::Replayed Kernel::replay(store::Ledger& ledger, const std::string& slice, Instant now) const {
  const Named& to = named(slice);
  Replayed all;
  while (auto step = ledger.write([&](Tx& tx) { return replay_step(tx, to, now); }, store::WritePriority::bulk)) {
    all.events += step->events;
    all.failed.merge(step->failed);
  }
  return all;
}

// REQUIRES: the ticket is in hand, or new.
void Kernel::change(Tx& tx, std::shared_ptr<const Ticket> to, const Event& event, Instant now) const {
  auto& held = tx.memo<InHand>();
  if (!held || held->ticket->id != to->id) held.emplace();
  held->ticket = std::move(to);
  held->events.push_back(event);
  held->now = now;
  if (!tx.owes()) tx.owe([this, &tx] { settle(tx); });
}

void Kernel::settle(Tx& tx) const {
  InHand& held = *tx.memo<InHand>();
  const auto ticket = held.ticket;
  const auto events = std::exchange(held.events, {});
  const Instant now = held.now;
  save(tx, *ticket);
  for (const Named& one : named_) {
    if (one.settler) one.settler(tx, *ticket, events, now);
  }
}

std::optional<Event> Kernel::record(Tx& tx, const std::shared_ptr<const Ticket>& before, const NewEvent& event,
                                    Instant now) const {
  Event recorded{0,   event.ticket,          before->seq + 1, event.change, std::min(event.effective, now),
                 now, event.effective > now, event.origin,    event.actor,  event.identity};
  auto after = std::make_shared<Ticket>(*before);
  apply(*after, recorded);
  if (is_idle(*before, *after, event.change.kind)) return {};
  const auto row = insert_event(tx, recorded);
  if (!row) return {};
  recorded.id = *row;
  change(tx, after, recorded, now);
  for (const Named& one : named_) {
    if (one.reaction) one.reaction(tx, {*before, *after, recorded}, now);
  }
  return recorded;
}

std::optional<TicketId> Kernel::create(Tx& tx, NewEvent event, Instant now) const {
  if (tx.one<std::int64_t>("SELECT id FROM ticket_event WHERE identity = :identity", event.identity)) return {};
  tx.settle();
  event.ticket = *tx.insert<TicketId>(
      "INSERT INTO ticket (seq, created_at, updated_at, origin, subject, type, team, category, product_area, severity, "
      "status, tags, fields, deleted) VALUES (0, 0, 0, '', '', '', '', '', '', '', 'new', '[]', '{}', 0)");
  Ticket fresh;
  fresh.id = event.ticket;
  record(tx, std::make_shared<const Ticket>(std::move(fresh)), event, now);
  return event.ticket;
}

std::optional<Event> Kernel::append(Tx& tx, const NewEvent& event, Instant now) const {
  return record(tx, require(tx, event.ticket), event, now);
}

std::optional<Event> Kernel::command(Tx& tx, const NewEvent& event, Instant now) const {
  if (event.change.kind == EventKind::status) {
    const Status from = require(tx, event.ticket)->status;
    const auto to = parse_status(event.change.value);
    if (!to) throw Error(ErrorKind::refused, "there is no status '" + event.change.value + "'");
    if (from == *to) return {};
    if (!may_become(from, *to)) {
      throw Error(ErrorKind::refused, "ticket " + std::to_string(event.ticket.value) + " is " +
                                          std::string(to_text(from)) + " and cannot become " + event.change.value);
    }
  }
  return append(tx, event, now);
}

std::optional<Ticket> find(Tx& tx, TicketId id) {
  const auto ticket = take(tx, id);
  return ticket ? std::optional(*ticket) : std::nullopt;
}

Ticket load(Tx& tx, TicketId id) { return *require(tx, id); }

void each_event(Tx& tx, TicketId first, TicketId last, const std::function<void(Event)>& take) {
  tx.each<std::int64_t, TicketId, std::int64_t, std::string, Instant, Instant, bool, std::string, std::string,
          std::string, std::string>(
      "SELECT id, ticket, seq, kind, effective, recorded, clamped, origin, actor, identity, data FROM ticket_event "
      "WHERE ticket BETWEEN :first AND :last ORDER BY ticket, seq",
      [&](auto row) {
        auto& [id, ticket, seq, kind, effective, recorded, clamped, origin, actor, identity, data] = row;
        take({id, ticket, seq, decode(kind, data), effective, recorded, clamped, std::move(origin), std::move(actor),
              std::move(identity)});
      },
      first, last);
}

std::vector<Event> events_of(Tx& tx, TicketId id) {
  std::vector<Event> out;
  each_event(tx, id, id, [&](Event event) { out.push_back(std::move(event)); });
  return out;
}

std::string data_of_field(const std::string& name) {
  json::Writer text;
  text.value(name);
  return "{\"name\":" + text.take();
}

std::int64_t length_of(const std::string& utf8) {
  return std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

std::vector<Ticket> list(Tx& tx, const TicketFilter& filter) {
  tx.settle();
  return select(tx,
                "WHERE status LIKE :status AND tags LIKE :tag AND subject LIKE :text AND id < :before ORDER BY id DESC "
                "LIMIT :most",
                filter.status ? std::string(to_text(*filter.status)) : std::string("%"),
                filter.tag.empty() ? std::string("%") : "%\"" + filter.tag + "\"%", "%" + filter.text + "%",
                filter.before > 0 ? filter.before : std::numeric_limits<std::int64_t>::max(), filter.most);
}

std::vector<TicketId> rebuild(store::Ledger& ledger, bool repair) {
  constexpr int step = 500;
  std::vector<TicketId> differing;
  TicketId after{0};
  for (;;) {
    std::vector<TicketId> wrong;
    const auto ids = ledger.read([&](Tx& tx) {
      const auto page =
          tx.all<TicketId>("SELECT id FROM ticket WHERE id > :after ORDER BY id LIMIT :most", after, step);
      for (TicketId id : page) {
        if (folded(tx, id) != load(tx, id)) wrong.push_back(id);
      }
      return page;
    });
    differing.insert(differing.end(), wrong.begin(), wrong.end());
    if (repair && !wrong.empty()) {
      // Folded anew: events may have come since they were read.
      ledger.write(
          [&](Tx& tx) {
            for (TicketId id : wrong) save(tx, folded(tx, id));
          },
          store::WritePriority::bulk);
    }
    if (ids.size() < step) return differing;
    after = ids.back();
  }
}

}  // namespace supportd::tickets
