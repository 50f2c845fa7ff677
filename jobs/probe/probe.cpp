#include "jobs/probe/probe.hpp"

#include <algorithm>

#include "daemon/outbox/effect.hpp"
#include "daemon/run/each.hpp"
#include "daemon/run/waiting.hpp"
#include "daemon/store/finding.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::probe {
namespace {

using namespace std::chrono_literals;
using store::Tx;

constexpr Millis longest_lag = 3min;

struct Desk {
  std::string system;  // "freshdesk:main"
  connectors::Desk& desk;
};

class DeskProbe {
 public:
  DeskProbe(run::JobContext& context, Desk desk) : context_(context), desk_(std::move(desk)) {}

  run::Report run() {
    const std::string ref = outbox::ref_of("probe:" + desk_.system + ":" + time::to_text(context_.slot));
    const Instant begun = context_.now();
    const auto ticket = create(ref);
    answer("ticket_list_lag_ms",
           run::time_until(context_, 1s, longest_lag, [&] { return is_listed(ticket.id, begun); }));
    // Freshdesk's times have whole seconds: a change right after creation would not show.
    run::rest(context_, 2s);
    const std::string line = "supportd probe, " + time::to_text(context_.now()) + ", ref " + ref;
    const auto note =
        desk_.desk.comment(ticket.id, {tickets::text_to_html(line + "\n<b>&amp; marks</b>"), false, {}}, context_.stop);
    answer("note_list_lag_ms", run::time_until(context_, 1s, longest_lag, [&] { return shows(ticket.id, note.id); }));
    keep("marker_survives", survives(ticket.id, note.id, line) ? "yes" : "no");
    keep("note_moves_updated_at", desk_.desk.ticket(ticket.id, context_.stop).updated > ticket.updated ? "yes" : "no");
    std::string statuses;
    for (const auto& status : desk_.desk.form(context_.stop).statuses) statuses += status.value + "=" + status.label + "; ";
    keep("statuses", statuses);
    keep("closing", close(ticket.id));
    report_.summary = desk_.system + ": " + report_.summary;
    return report_;
  }

 private:
  connectors::DeskTicket create(const std::string& ref) {
    connectors::NewTicket fresh;
    fresh.subject = "supportd probe, please ignore";
    fresh.html = "A test by supportctl probe. It closes itself.";
    fresh.status = "2";
    fresh.priority = "1";
    fresh.requester_mail = context_.arguments.at("mail");
    fresh.tags = {"supportd-probe", "supportd-" + ref};
    return desk_.desk.create(fresh, context_.stop);
  }
  bool is_listed(const std::string& id, Instant since) {
    std::string cursor;
    for (bool more = true; more;) {
      const auto page = desk_.desk.changes(cursor, since - 1min, context_.stop);
      if (std::ranges::any_of(page.tickets, [&](const auto& row) { return row.id == id; })) return true;
      more = page.more && page.cursor != cursor;
      cursor = page.cursor;
    }
    return false;
  }
  bool shows(const std::string& ticket, const std::string& note) {
    std::vector<connectors::BadRow> bad;
    const auto all = desk_.desk.comments(ticket, bad, context_.stop);
    return std::ranges::any_of(all, [&](const auto& comment) { return comment.id == note; });
  }
  bool survives(const std::string& ticket, const std::string& note, const std::string& line) {
    std::vector<connectors::BadRow> bad;
    for (const auto& comment : desk_.desk.comments(ticket, bad, context_.stop)) {
      if (comment.id == note) return tickets::html_to_text(comment.html).starts_with(line + "\n");
    }
    return false;
  }
  std::string close(const std::string& ticket) {
    std::string outcome = "allowed";
    connectors::DeskUpdate update;
    update.status = "5";
    run::each(
        std::initializer_list<int>{0}, [&](int) { desk_.desk.update(ticket, update, context_.stop); },
        [&](int, const std::exception& error) { outcome = error.what(); });
    return outcome;
  }
  void answer(const std::string& question, std::optional<Millis> lag) {
    keep(question, lag ? std::to_string(lag->count()) : "over " + std::to_string(longest_lag.count()));
  }
  void keep(const std::string& question, const std::string& text) {
    context_.ledger.write([&](Tx& tx) { store::keep_finding(tx, {desk_.system, question, text, context_.now()}); });
    report_.summary += (report_.summary.empty() ? "" : ", ") + question + " " + text;
  }

  run::JobContext& context_;
  const Desk desk_;
  run::Report report_;
};

}  // namespace

run::JobKind job_kind(std::function<std::vector<std::string>()> systems) {
  return {.name = "probe_freshdesk",
          .help = "Opens and closes a test ticket to measure what Freshdesk's documents leave open.",
          .arguments = {{.name = "desk", .help = "which desk, where there are several", .choices = std::move(systems)},
                        {.name = "mail", .help = "the test requester's mail address", .required = true}},
          .schedule = "",
          .timeout = 15min,
          .run = {},
          .affordable = {}};
}

void install(Registry& registry, const connectors::Desks& desks) {
  run::JobKind kind = job_kind([&desks] { return desks.systems(); });
  kind.run = [&desks](run::JobContext& context) {
    const auto all = desks.all();
    const auto named = context.arguments.find("desk");
    const auto one = named != context.arguments.end() ? all.find(named->second) : all.begin();
    if (one == all.end()) throw Error(ErrorKind::config, "no such help desk is configured");
    if (named == context.arguments.end() && all.size() > 1) {
      throw Error(ErrorKind::config, "several help desks are configured: name one with --arg desk=" + one->first);
    }
    if (context.dry_run)
      return run::Report{"would open a ticket marked \"supportd probe, please ignore\" at " + one->first +
                             " for the given requester, who may be mailed, add a private note, and close it",
                         {}};
    return DeskProbe(context, {one->first, *one->second}).run();
  };
  registry.jobs.push_back(std::move(kind));
}

}  // namespace supportd::probe
