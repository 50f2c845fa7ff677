#include "jobs/tickets/kernel.hpp"

#include <limits>
#include <tuple>

#include "daemon/json.hpp"

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
  const auto priority = t.priority ? std::optional(std::string(to_text(*t.priority))) : std::nullopt;
  tx.exec(
      "UPDATE ticket SET seq = :seq, created_at = :created, updated_at = :updated, origin = :origin, subject = "
      ":subject, type = :type, team = :team, category = :category, product_area = :area, severity = :severity, status "
      "= :status, priority = :priority, requester = :requester, assignee = :assignee, organisation = :organisation, "
      "tags = :tags, fields = :fields, solved_at = :solved, merged_into = :merged, deleted = :deleted WHERE id = :id",
      t.seq, t.created, t.updated, t.origin, t.subject, t.type, t.group, t.category, t.product_area, t.severity,
      to_text(t.status), priority, t.requester, t.assignee, t.organisation, encode_tags(t.tags),
      encode_fields(t.fields), t.solved, t.merged_into, t.deleted, t.id);
  tx.memo<Ticket>() = t;
}

// Most events leave the row as it is but for its number and time.
void save_change(Tx& tx, const Ticket& before, const Ticket& after) {
  Ticket same = before;
  same.seq = after.seq;
  same.updated = after.updated;
  if (same != after) return save(tx, after);
  tx.exec("UPDATE ticket SET seq = :seq, updated_at = :updated WHERE id = :id", after.seq, after.updated, after.id);
  tx.memo<Ticket>() = after;
}

// The new row's id; nothing when the identity is known.
std::optional<std::int64_t> insert_event(Tx& tx, const NewEvent& event, std::int64_t seq, Instant effective,
                                         Instant now) {
  return tx.insert<std::int64_t>(
      "INSERT INTO ticket_event (ticket, seq, kind, effective, recorded, clamped, origin, actor, identity, data) "
      "VALUES (:ticket, :seq, :kind, :effective, :recorded, :clamped, :origin, :actor, :identity, :data) ON CONFLICT "
      "(identity) DO NOTHING",
      event.ticket, seq, to_text(event.change.kind), effective, now, effective != event.effective, event.origin,
      event.actor, event.identity, encode(event.change));
}

}  // namespace

void Kernel::react(std::string slice, Reaction reaction) {
  reactions_.push_back({std::move(slice), std::move(reaction)});
}

Event Kernel::record(Tx& tx, const Ticket& before, const NewEvent& event, std::int64_t row, Instant now) const {
  Event recorded{row, event.ticket,          before.seq + 1, event.change, std::min(event.effective, now),
                 now, event.effective > now, event.origin,   event.actor,  event.identity};
  Ticket changed = before;
  apply(changed, recorded);
  save_change(tx, before, changed);
  for (const Named& named : reactions_) named.reaction(tx, {before, changed, recorded}, now);
  return recorded;
}

std::optional<TicketId> Kernel::create(Tx& tx, NewEvent event, Instant now) const {
  if (tx.one<std::int64_t>("SELECT id FROM ticket_event WHERE identity = :identity", event.identity)) return {};
  Ticket fresh;
  fresh.id = *tx.insert<TicketId>(
      "INSERT INTO ticket (seq, created_at, updated_at, origin, subject, type, team, category, product_area, severity, "
      "status, tags, fields, deleted) VALUES (0, 0, 0, '', '', '', '', '', '', '', 'new', '[]', '{}', 0)");
  event.ticket = fresh.id;
  const auto row = insert_event(tx, event, 1, std::min(event.effective, now), now);
  record(tx, fresh, event, *row, now);
  return fresh.id;
}

std::optional<Event> Kernel::append(Tx& tx, const NewEvent& event, Instant now) const {
  const Ticket before = load(tx, event.ticket);
  if (is_idle(before, event.change)) return {};
  const auto row = insert_event(tx, event, before.seq + 1, std::min(event.effective, now), now);
  if (!row) return {};
  return record(tx, before, event, *row, now);
}

std::optional<Event> Kernel::command(Tx& tx, const NewEvent& event, Instant now) const {
  if (event.change.kind == EventKind::status) {
    const Status from = load(tx, event.ticket).status;
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
  auto& last = tx.memo<Ticket>();
  if (last && last->id == id) return last;
  auto found = select(tx, "WHERE id = :id", id);
  if (found.empty()) return {};
  last = std::move(found.front());
  return last;
}

Ticket load(Tx& tx, TicketId id) {
  if (auto ticket = find(tx, id)) return std::move(*ticket);
  throw Error(ErrorKind::gone, "there is no ticket " + std::to_string(id.value));
}

std::vector<Event> events_of(Tx& tx, TicketId id) {
  std::vector<Event> out;
  tx.each<std::int64_t, std::int64_t, std::string, Instant, Instant, bool, std::string, std::string, std::string,
          std::string>(
      "SELECT id, seq, kind, effective, recorded, clamped, origin, actor, identity, data FROM ticket_event WHERE "
      "ticket "
      "= :ticket ORDER BY seq",
      [&](const auto& row) {
        const auto& [row_id, seq, kind, effective, recorded, clamped, origin, actor, identity, data] = row;
        out.push_back({row_id, id, seq, decode(kind, data), effective, recorded, clamped, origin, actor, identity});
      },
      id);
  return out;
}

std::vector<Ticket> list(Tx& tx, const TicketFilter& filter) {
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
    std::vector<Ticket> wrong;
    const auto ids = ledger.read([&](Tx& tx) {
      const auto page =
          tx.all<TicketId>("SELECT id FROM ticket WHERE id > :after ORDER BY id LIMIT :most", after, step);
      for (TicketId id : page) {
        Ticket folded;
        folded.id = id;
        for (const Event& event : events_of(tx, id)) apply(folded, event);
        if (folded != load(tx, id)) wrong.push_back(std::move(folded));
      }
      return page;
    });
    for (const Ticket& ticket : wrong) differing.push_back(ticket.id);
    if (repair && !wrong.empty()) {
      ledger.write(
          [&](Tx& tx) {
            for (const Ticket& ticket : wrong) save(tx, ticket);
          },
          store::WritePriority::bulk);
    }
    if (ids.size() < step) return differing;
    after = ids.back();
  }
}

}  // namespace supportd::tickets
