#include "jobs/desk_sync/backfill.hpp"

#include <algorithm>

#include "daemon/json.hpp"
#include "daemon/run/patience.hpp"
#include "daemon/store/cursor.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {
namespace {

using store::Tx;

constexpr Millis between_tellings{1'000};  // who watches looks as often

std::string cursor_of(const std::string& system) { return "desk_sync:" + system + ":backfill"; }

std::string encode(const Backfill& it) {
  json::Writer out;
  out.object([&] {
    out.member("since", time::to_text(it.since)).member("began", time::to_text(it.began));
    out.member("reached", time::to_text(it.reached)).member("cursor", it.cursor).member("finished", it.finished);
    out.member("rows", it.rows).member("created", it.created).member("messages", it.messages);
    out.member("aside", it.aside);
  });
  return out.take();
}

Backfill decode(const std::string& text) {
  const auto document = json::Document::parse(text, "backfill");
  const json::View root = document.root();
  const auto at = [&](const char* name) { return time::parse_instant(root.at(name).string()).value(); };
  Backfill out;
  out.since = at("since");
  out.began = at("began");
  out.reached = at("reached");
  out.cursor = root.at("cursor").string();
  out.finished = root.at("finished").boolean();
  out.rows = root.at("rows").integer();
  out.created = root.at("created").integer();
  out.messages = root.at("messages").integer();
  out.aside = root.at("aside").integer();
  return out;
}

Backfill begin_or_go_on(const Spoke& spoke, std::optional<Instant> since, run::JobContext& context) {
  const auto known = context.ledger.read([&](Tx& tx) { return find_backfill(tx, spoke.system); });
  if (known && (!since || known->since == *since)) return *known;
  if (!since) {
    throw Error(ErrorKind::config, "since when? Give --since 2026-01-01T00:00:00Z");
  }
  Backfill out;
  out.since = out.reached = *since;
  out.began = context.now();
  context.write([&](Tx& tx) {
    count_earlier(tx, spoke.system, out.since, out.began);
    store::move_cursor(tx, cursor_of(spoke.system), encode(out), out.began);
  });
  return out;
}

struct News {
  std::int64_t tickets = 0, messages = 0;
};

run::Report report_of(const std::string& system, const Backfill& it) {
  return {system + ": " + std::to_string(it.rows) + " tickets read, " + std::to_string(it.created) + " new, up to " +
              time::to_text(it.reached),
          {{"percent", it.percent()}, {"rows", it.rows}, {"created", it.created}}};
}

// What the ledger has learned of a page's tickets since then: also what it took before a crash, when nobody counted.
News news_of(Tx& tx, const std::string& system, const connectors::DeskPage& page, Instant since) {
  News out;
  for (const auto& row : page.tickets) {
    const auto link = tickets::find_link(tx, system, row.id);
    if (!link) continue;
    const auto [created, commented] = *tx.one<std::int64_t, std::int64_t>(
        "SELECT COALESCE(SUM(CASE WHEN kind = 'created' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN kind = "
        "'commented' THEN 1 ELSE 0 END), 0) FROM ticket_event WHERE ticket = :ticket AND origin = :system AND recorded "
        ">= :since",
        link->ticket, system, since);
    out.tickets += created;
    out.messages += commented;
  }
  return out;
}

}  // namespace

int Backfill::percent() const {
  if (finished) return 100;
  if (began <= since) return 0;
  return static_cast<int>(std::clamp<long long>(100 * (reached - since) / (began - since), 0, 99));
}

std::optional<Backfill> find_backfill(Tx& tx, const std::string& system) {
  const auto text = store::find_cursor(tx, cursor_of(system));
  if (!text) return {};
  return decode(text->value);
}

Backfill backfill(Puller& puller, const Spoke& spoke, std::optional<Instant> since, run::JobContext& context) {
  Backfill it = begin_or_go_on(spoke, since, context);
  run::Patience patiently(context);
  Instant told{};
  const auto tell = [&](const Backfill& so_far) {
    patiently.tell(report_of(spoke.system, so_far));
    told = context.now();
  };
  bool is_first = true;  // of this run: a crash may have come after it was taken
  while (!it.finished) {
    if (context.stop.stop_requested()) throw Error(ErrorKind::stopped, "stopped between pages");
    const auto page = patiently([&] { return spoke.desk.changes(it.cursor, it.since, puller.call(context)); });
    Pulled pulled;
    for (const auto& row : page.tickets) {
      patiently([&] { puller.take_row(row, context, pulled); });
      ++it.rows;
      it.reached = std::max(it.reached, row.updated);
      if (context.now() < told + between_tellings) continue;
      Backfill so_far = it;
      so_far.created += pulled.created;
      tell(so_far);
    }
    puller.take_bad(page.bad, context, pulled);
    News news{pulled.created, pulled.messages};
    if (is_first) news = context.ledger.read([&](Tx& tx) { return news_of(tx, spoke.system, page, it.began); });
    is_first = false;
    it.created += news.tickets;
    it.messages += news.messages;
    it.aside += pulled.aside;
    it.cursor = page.cursor;
    it.finished = !page.more;
    context.write([&](Tx& tx) { store::move_cursor(tx, cursor_of(spoke.system), encode(it), context.now()); });
    tell(it);
  }
  return it;
}

}  // namespace supportd::desk_sync
