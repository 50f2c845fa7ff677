#include "jobs/tickets/routes.hpp"

#include <sstream>

#include "daemon/config/suggest.hpp"
#include "daemon/http/query.hpp"
#include "daemon/json.hpp"
#include "daemon/store/audit.hpp"
#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::tickets {
namespace {

using http::Inbound, http::Query;
using json::Writer;

template <class Tag>
void write_id(Writer& w, std::string_view name, std::optional<store::Id<Tag>> id) {
  w.key(name);
  id ? w.value(id->value) : w.null();
}

void write(Writer& w, const Ticket& t) {
  w.object([&] {
    w.member("id", t.id.value).member("status", to_text(t.status));
    w.key("priority");
    t.priority ? w.value(to_text(*t.priority)) : w.null();
    w.member("subject", t.subject).member("origin", t.origin);
    w.member("created", time::to_text(t.created)).member("updated", time::to_text(t.updated));
    w.key("solved");
    t.solved ? w.value(time::to_text(*t.solved)) : w.null();
    w.member("type", t.type).member("group", t.group).member("category", t.category);
    w.member("product_area", t.product_area).member("severity", t.severity);
    write_id(w, "requester", t.requester);
    write_id(w, "assignee", t.assignee);
    write_id(w, "organisation", t.organisation);
    write_id(w, "merged_into", t.merged_into);
    w.member("tags", t.tags).member("deleted", t.deleted);
    w.key("fields").object([&] {
      for (const auto& [name, value] : t.fields) w.member(name, value);
    });
  });
}

void write(Writer& w, const Event& e) {
  w.object([&] {
    w.member("seq", e.seq).member("kind", to_text(e.change.kind)).member("name", e.change.name);
    w.member("value", e.change.value).member("added", e.change.added).member("removed", e.change.removed);
    w.key("message");
    e.change.message.value > 0 ? w.value(e.change.message.value) : w.null();
    w.member("effective", time::to_text(e.effective)).member("recorded", time::to_text(e.recorded));
    w.member("clamped", e.clamped).member("origin", e.origin).member("actor", e.actor);
  });
}

void write(Writer& w, store::Tx& tx, const Message& m) {
  w.object([&] {
    w.member("id", m.id.value).member("origin", m.origin).member("author", to_text(m.author));
    w.member("author_name", m.author_name).member("visibility", to_text(m.visibility));
    w.member("created", time::to_text(m.created)).member("edits", m.edits).member("ours", m.ours);
    w.member("text", text_of(tx, m));
    w.key("attachments").array([&] {
      for (const Attachment& file : attachments_of(tx, m.id)) {
        w.object([&] {
          w.member("name", file.name).member("size", file.size).member("state", to_text(file.state));
          w.member("sha256", file.sha256).member("note", file.note);
        });
      }
    });
  });
}

void write(Writer& w, const Link& link) {
  w.object([&] {
    w.member("system", link.system).member("remote_id", link.remote_id).member("state", link.state);
    w.member("remote_updated", time::to_text(link.remote_updated));
  });
}

void write(Writer& w, const Aside& aside) {
  w.object([&] {
    w.member("id", aside.id).member("source", aside.source).member("remote_id", aside.remote_id);
    w.member("error", aside.error)
        .member("first", time::to_text(aside.first))
        .member("last", time::to_text(aside.last));
    w.member("next", time::to_text(aside.next)).member("tries", aside.tries);
  });
}

Status status_of(const std::string& text) {
  if (const auto status = parse_status(text)) return *status;
  std::vector<std::string> names;
  for (const Status status : all_statuses) names.emplace_back(to_text(status));
  throw Error(ErrorKind::config, "no status '" + text + "': " + config::known_names(text, names));
}

http::Response tickets(store::Ledger& ledger, const Inbound& in) {
  const Query query(in, {"status", "tag", "text", "before", "limit"});
  TicketFilter filter;
  filter.tag = query.text("tag");
  filter.text = query.text("text");
  filter.before = query.number("before", 0, 0, std::numeric_limits<std::int64_t>::max());
  filter.most = static_cast<int>(query.number("limit", 50, 1, 1000));
  if (const auto status = query.text("status"); !status.empty()) filter.status = status_of(status);
  const auto found = ledger.read([&](store::Tx& tx) { return list(tx, filter); });
  Writer w;
  w.object([&] {
    w.key("tickets").array([&] {
      for (const Ticket& ticket : found) write(w, ticket);
    });
  });
  return http::json(w.take());
}

http::Response ticket(store::Ledger& ledger, const Inbound& in) {
  const TicketId id{http::id_of(in)};
  return http::json(ledger.read([&](store::Tx& tx) {
    const Ticket found = load(tx, id);
    Writer w;
    w.object([&] {
      w.key("ticket");
      write(w, found);
      w.key("links").array([&] {
        for (const Link& link : links_of(tx, id)) write(w, link);
      });
      w.key("messages").array([&] {
        for (const Message& message : messages_of(tx, id)) write(w, tx, message);
      });
      w.key("events").array([&] {
        for (const Event& event : events_of(tx, id)) write(w, event);
      });
    });
    return w.take();
  }));
}

http::Response aside(store::Ledger& ledger, const Inbound& in) {
  const Query query(in, {"limit"});
  const auto most = static_cast<int>(query.number("limit", 50, 1, 1000));
  const auto found = ledger.read([&](store::Tx& tx) { return list_aside(tx, most); });
  Writer w;
  w.object([&] {
    w.key("aside").array([&] {
      for (const Aside& row : found) write(w, row);
    });
  });
  return http::json(w.take());
}

http::Response change_aside(store::Ledger& ledger, time::Clock& clock, const Inbound& in, const char* action,
                            const std::function<bool(store::Tx&, std::int64_t)>& change) {
  const Query query(in, {"reason"});
  const std::int64_t id = http::id_of(in);
  ledger.write([&](store::Tx& tx) {
    if (!change(tx, id)) throw Error(ErrorKind::gone, "nothing aside has number " + std::to_string(id));
    store::audit(tx, clock.now(),
                 {http::actor_of(in), action, "aside " + std::to_string(id), query.text("reason"), ""});
  });
  Writer w;
  w.object([&] { w.member("id", id); });
  return http::json(w.take());
}

http::Response redact(store::Ledger& ledger, const Kernel& kernel, time::Clock& clock, const Inbound& in) {
  const Query query(in, {"reason"});
  const MessageId id{http::id_of(in)};
  const std::string actor = http::actor_of(in);
  ledger.write([&](store::Tx& tx) {
    redact_message(tx, kernel, id, actor, clock.now());
    store::audit(tx, clock.now(),
                 {actor, "message.redact", "message " + std::to_string(id.value), query.text("reason"), ""});
  });
  Writer w;
  w.object([&] { w.member("id", id.value); });
  return http::json(w.take());
}

// What may be set by name; "field.NAME" are the ticket's own fields.
constexpr std::pair<const char*, EventKind> settable[] = {{"status", EventKind::status},
                                                          {"priority", EventKind::priority},
                                                          {"type", EventKind::type},
                                                          {"subject", EventKind::subject},
                                                          {"group", EventKind::group},
                                                          {"category", EventKind::category},
                                                          {"product_area", EventKind::product_area},
                                                          {"severity", EventKind::severity}};

std::vector<std::string> tags_of(const std::string& list) {
  std::vector<std::string> out;
  std::istringstream in(list);
  for (std::string tag; std::getline(in, tag, ',');) {
    if (tag.empty()) throw Error(ErrorKind::config, "a tag is empty in '" + list + "'");
    out.push_back(tag);
  }
  return out;
}

void check_priority(const std::string& text) {
  if (text.empty() || parse_priority(text)) return;
  throw Error(ErrorKind::config,
              "no priority '" + text + "': " + config::known_names(text, {"low", "normal", "high", "urgent"}));
}

std::vector<Change> asked_changes(const Query& query, const Inbound& in) {
  std::vector<Change> out;
  const auto add = [&](EventKind kind, std::string value, std::string name = "") {
    out.emplace_back();
    out.back().kind = kind;
    out.back().name = std::move(name);
    out.back().value = std::move(value);
  };
  for (const auto& [name, kind] : settable) {
    if (!in.query.contains(name)) continue;
    const std::string value = query.text(name);
    if (kind == EventKind::status) status_of(value);
    if (kind == EventKind::priority) check_priority(value);
    if (kind == EventKind::subject && value.empty()) throw Error(ErrorKind::config, "a ticket needs a subject");
    add(kind, value);
  }
  for (const auto& [name, value] : query.below("field.")) add(EventKind::field, value, name);
  if (in.query.contains("tag") || in.query.contains("untag")) {
    add(EventKind::tags, "");
    out.back().added = tags_of(query.text("tag"));
    out.back().removed = tags_of(query.text("untag"));
  }
  if (out.empty()) throw Error(ErrorKind::config, "nothing to set is given");
  return out;
}

// "status = open", "field cf_ref = A-1", "group = nothing", "tags +vip -old".
std::string in_words(const Change& change) {
  std::string out(to_text(change.kind));
  if (change.kind == EventKind::tags) {
    for (const auto& tag : change.added) out += " +" + tag;
    for (const auto& tag : change.removed) out += " -" + tag;
    return out;
  }
  if (!change.name.empty()) out += " " + change.name;
  return out + " = " + (change.value.empty() ? "nothing" : change.value);
}

http::Response set(store::Ledger& ledger, const Kernel& kernel, time::Clock& clock, const Inbound& in) {
  const Query query(in, {"status", "priority", "type", "subject", "group", "category", "product_area", "severity",
                         "field.", "tag", "untag", "reason"});
  const TicketId id{http::id_of(in)};
  const auto changes = asked_changes(query, in);
  const std::string actor = http::actor_of(in);
  return http::json(ledger.write([&](store::Tx& tx) {
    const Instant now = clock.now();
    if (load(tx, id).deleted) throw Error(ErrorKind::refused, "ticket " + std::to_string(id.value) + " is deleted");
    std::string kinds;
    for (const Change& change : changes) {
      const std::string identity = "operator:" + std::to_string(id.value) + ":" + std::to_string(load(tx, id).seq + 1);
      if (!kernel.command(tx, {id, change, now, "operator", actor, identity}, now)) continue;
      kinds += (kinds.empty() ? "" : ", ") + in_words(change);
    }
    if (!kinds.empty()) {
      store::audit(tx, now, {actor, "ticket.set", "ticket " + std::to_string(id.value), query.text("reason"), kinds});
    }
    Writer w;
    w.object([&] {
      w.member("changed", kinds).key("ticket");
      write(w, load(tx, id));
    });
    return w.take();
  }));
}

http::Response replay_slice(store::Ledger& ledger, const Kernel& kernel, time::Clock& clock, const Inbound& in) {
  const Query query(in, {"slice"});
  const std::string slice = query.required("slice");
  kernel.require_slice(slice);
  ledger.write([&](store::Tx& tx) {
    store::audit(tx, clock.now(), {http::actor_of(in), "ledger.replay", "slice " + slice, "", ""});
  });
  const auto replayed = kernel.replay(ledger, slice, clock.now());
  Writer w;
  w.object([&] {
    w.member("slice", slice).member("events", replayed.events).key("failed").array([&] {
      for (const auto& [id, error] : replayed.failed) {
        w.object([&] { w.member("ticket", id.value).member("error", error); });
      }
    });
  });
  return http::json(w.take());
}

http::Response rebuild_tickets(store::Ledger& ledger, time::Clock& clock, const Inbound& in) {
  const Query query(in, {"verify"});
  const bool repair = !query.flag("verify");
  // It repairs in many small transactions: that it was begun stands there before the first.
  if (repair) {
    ledger.write([&](store::Tx& tx) {
      store::audit(tx, clock.now(), {http::actor_of(in), "ledger.rebuild", "tickets", "", ""});
    });
  }
  const auto differing = rebuild(ledger, repair);
  Writer w;
  w.object([&] {
    w.member("repaired", repair).key("differing").array([&] {
      for (const TicketId id : differing) w.value(id.value);
    });
  });
  return http::json(w.take());
}

}  // namespace

void add_routes(http::Router& router, store::Ledger& ledger, const Kernel& kernel, time::Clock& clock) {
  const auto add = [&](std::string method, std::string path, http::Handler handler) {
    router.add({std::move(method), std::move(path), http::Access::operate, std::move(handler)});
  };
  add("GET", "/api/v1/tickets", [&ledger](const Inbound& in) { return tickets(ledger, in); });
  add("GET", "/api/v1/tickets/{id}", [&ledger](const Inbound& in) { return ticket(ledger, in); });
  add("GET", "/api/v1/aside", [&ledger](const Inbound& in) { return aside(ledger, in); });
  add("POST", "/control/aside/{id}/retry", [&ledger, &clock](const Inbound& in) {
    return change_aside(ledger, clock, in, "aside.retry",
                        [&](store::Tx& tx, std::int64_t id) { return retry_aside(tx, id, clock.now()); });
  });
  add("POST", "/control/aside/{id}/drop",
      [&ledger, &clock](const Inbound& in) { return change_aside(ledger, clock, in, "aside.drop", drop_aside); });
  add("POST", "/control/messages/{id}/redact",
      [&ledger, &kernel, &clock](const Inbound& in) { return redact(ledger, kernel, clock, in); });
  add("POST", "/control/tickets/{id}/set",
      [&ledger, &kernel, &clock](const Inbound& in) { return set(ledger, kernel, clock, in); });
  add("POST", "/control/ledger/replay",
      [&ledger, &kernel, &clock](const Inbound& in) { return replay_slice(ledger, kernel, clock, in); });
  add("POST", "/control/ledger/rebuild",
      [&ledger, &clock](const Inbound& in) { return rebuild_tickets(ledger, clock, in); });
}

}  // namespace supportd::tickets
