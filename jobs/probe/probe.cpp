#include "jobs/probe/probe.hpp"

#include <algorithm>
#include <array>

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

// In whose values the test ticket is written.
struct Vendor {
  std::string_view id, name;
  std::string open, low, ended;
  Millis look_every;  // Zendesk's export may be asked ten times a minute
};
const std::array vendors{Vendor{"freshdesk", "Freshdesk", "2", "1", "5", 1s},
                         Vendor{"zendesk", "Zendesk", "open", "low", "solved", 10s}};

struct Desk {
  std::string system;  // "freshdesk:main"
  connectors::Desk& desk;
  const Vendor& vendor;
};

std::vector<std::string> of_vendor(std::vector<std::string> systems, std::string_view vendor) {
  std::erase_if(systems, [&](const std::string& system) { return !system.starts_with(std::string(vendor) + ":"); });
  return systems;
}

class DeskProbe {
 public:
  DeskProbe(run::JobContext& context, Desk desk) : context_(context), desk_(std::move(desk)) {}

  run::Report run() {
    const std::string ref = outbox::ref_of("probe:" + desk_.system + ":" + time::to_text(context_.slot));
    const Instant begun = context_.now();
    const auto ticket = create(ref);
    answer("ticket_list_lag_ms", run::time_until(context_, desk_.vendor.look_every, longest_lag,
                                                 [&] { return is_listed(ticket.id, begun); }));
    // Freshdesk's times have whole seconds: a change right after creation would not show.
    run::rest(context_, 2s);
    const std::string line = "supportd probe, " + time::to_text(context_.now()) + ", ref " + ref;
    const auto note =
        desk_.desk.comment(ticket.id, {tickets::text_to_html(line + "\n<b>&amp; marks</b>"), false, {}}, context_.stop);
    // What the first look that showed it held: a second may be answered by a replica that has not got it yet.
    std::optional<std::string> shown;
    answer("note_list_lag_ms", run::time_until(context_, 1s, longest_lag, [&] {
             shown = shown_html(ticket.id, note.id);
             return shown.has_value();
           }));
    const bool survives = shown && tickets::html_to_text(*shown).starts_with(line + "\n");
    keep("marker_survives", !shown ? "not shown" : survives ? "yes" : "no");
    keep("note_moves_updated_at", desk_.desk.ticket(ticket.id, context_.stop).updated > ticket.updated ? "yes" : "no");
    std::string statuses;
    for (const auto& status : desk_.desk.form(context_.stop).statuses)
      statuses += status.value + "=" + status.label + "; ";
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
    fresh.status = desk_.vendor.open;
    fresh.priority = desk_.vendor.low;
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
  std::optional<std::string> shown_html(const std::string& ticket, const std::string& note) {
    std::vector<connectors::BadRow> bad;
    for (const auto& comment : desk_.desk.comments(ticket, bad, context_.stop)) {
      if (comment.id == note) return comment.html;
    }
    return std::nullopt;
  }
  std::string close(const std::string& ticket) {
    std::string outcome = "allowed";
    connectors::DeskUpdate update;
    update.status = desk_.vendor.ended;
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

run::JobKind job_kind(const Vendor& vendor, std::function<std::vector<std::string>()> systems) {
  return {
      .name = "probe_" + std::string(vendor.id),
      .help = "Opens and closes a test ticket to measure what " + std::string(vendor.name) + "'s documents leave open.",
      .arguments = {{.name = "desk", .help = "which desk, where there are several", .choices = std::move(systems)},
                    {.name = "mail", .help = "the test requester's mail address", .required = true}},
      .schedule = "",
      .timeout = 15min,
      .run = {},
      .affordable = {}};
}

run::Report run(run::JobContext& context, const connectors::Desks& desks, const Vendor& vendor) {
  const auto systems = of_vendor(desks.systems(), vendor.id);
  const auto named = context.arguments.find("desk");
  if (named == context.arguments.end() && systems.size() > 1) {
    throw Error(ErrorKind::config, "several help desks are configured: name one with --arg desk=" + systems.front());
  }
  const std::string system = named != context.arguments.end() ? named->second : systems.empty() ? "" : systems.front();
  const auto desk = desks.find(system);
  if (!desk) throw Error(ErrorKind::config, "no such help desk is configured");
  if (context.dry_run) {
    return {"would open a ticket marked \"supportd probe, please ignore\" at " + system +
                " for the given requester, who may be mailed, add a private note, and close it",
            {}};
  }
  return DeskProbe(context, {system, *desk, vendor}).run();
}

}  // namespace

run::JobKinds job_kinds(const std::vector<std::string>& systems) {
  run::JobKinds out;
  for (const Vendor& vendor : vendors) {
    auto mine = of_vendor(systems, vendor.id);
    if (!mine.empty()) out.push_back(job_kind(vendor, [mine = std::move(mine)] { return mine; }));
  }
  return out;
}

void install(Registry& registry, const connectors::Desks& desks) {
  for (const Vendor& vendor : vendors) {
    run::JobKind kind = job_kind(vendor, [&] { return of_vendor(desks.systems(), vendor.id); });
    kind.run = [&](run::JobContext& context) { return run(context, desks, vendor); };
    registry.jobs.push_back(std::move(kind));
  }
}

}  // namespace supportd::probe
