#include "jobs/tickets/routes.hpp"

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

http::Response retry(store::Ledger& ledger, time::Clock& clock, const Inbound& in) {
  const Query query(in, {"reason"});
  const std::int64_t id = http::id_of(in);
  ledger.write([&](store::Tx& tx) {
    if (!retry_aside(tx, id, clock.now()))
      throw Error(ErrorKind::gone, "nothing aside has number " + std::to_string(id));
    store::audit(tx, clock.now(),
                 {http::actor_of(in), "aside.retry", "aside " + std::to_string(id), query.text("reason"), ""});
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
  add("POST", "/control/aside/{id}/retry", [&ledger, &clock](const Inbound& in) { return retry(ledger, clock, in); });
  add("POST", "/control/messages/{id}/redact",
      [&ledger, &kernel, &clock](const Inbound& in) { return redact(ledger, kernel, clock, in); });
  add("POST", "/control/ledger/rebuild",
      [&ledger, &clock](const Inbound& in) { return rebuild_tickets(ledger, clock, in); });
}

}  // namespace supportd::tickets
