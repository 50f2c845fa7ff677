#include "daemon/reload.hpp"

#include <ranges>

#include "daemon/control/views.hpp"
#include "daemon/http/router.hpp"

namespace supportd {
namespace {

constexpr std::size_t most_named = 10;

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string_view to_text(run::JobChange::What what) {
  switch (what) {
    case run::JobChange::What::added: return "added";
    case run::JobChange::What::removed: return "removed";
    case run::JobChange::What::changed: return "changed";
  }
  return "changed";
}

void write_flaws(json::Writer& w, const std::vector<config::Flaw>& flaws) {
  w.key("flaws").array([&] {
    for (const auto& flaw : flaws) {
      w.object([&] {
        w.member("file", flaw.file).member("line", static_cast<int>(flaw.line));
        w.member("column", static_cast<int>(flaw.column)).member("path", flaw.path).member("what", flaw.what);
        w.member("warning", flaw.warning).member("text", config::to_text(flaw));
      });
    }
  });
}

void write_plan(json::Writer& w, const ReloadPlan& plan) {
  w.key("changes").array([&] {
    for (const auto& change : plan.changes) {
      w.object([&] { w.member("path", change.path).member("before", change.before).member("after", change.after); });
    }
  });
  w.key("jobs").array([&] {
    for (const auto& job : plan.jobs) {
      w.object([&] {
        w.member("job", job.job).member("change", to_text(job.what));
        control::write_instant(w, "next_before", job.next_before);
        control::write_instant(w, "next_after", job.next_after);
      });
    }
  });
  w.key("due_times").object([&] {
    w.member("count", static_cast<std::int64_t>(plan.due.size()));
    w.key("first").array([&] {
      for (const auto& move : plan.due | std::views::take(most_named)) {
        w.object([&] {
          w.member("kind", move.kind).member("key", move.key).member("what", move.what);
          control::write_instant(w, "before", move.before);
          control::write_instant(w, "after", move.after);
        });
      }
    });
  });
}

}  // namespace

std::string in_words(const Reload& reload) {
  if (!reload.refusal.empty()) return reload.refusal;
  return counted(reload.plan.changes.size(), "key") + " changed, " + counted(reload.plan.jobs.size(), "job") +
         " changed, " + counted(reload.plan.due.size(), "due time") + " moved";
}

std::string in_words(const std::vector<config::Change>& changes) {
  constexpr std::size_t most = 20;
  const auto value = [](const std::string& text) { return text.empty() ? std::string("not set") : text; };
  std::string out;
  for (const auto& change : changes | std::views::take(most)) {
    out +=
        (out.empty() ? "" : "; ") + change.path + " = " + value(change.after) + " (was " + value(change.before) + ")";
  }
  if (changes.size() > most) out += "; and " + std::to_string(changes.size() - most) + " more";
  return out;
}

http::Response to_response(const Reload& reload) {
  const bool refused = !reload.refusal.empty();
  json::Writer w;
  w.object([&] {
    if (refused) w.member("title", "Refused").member("status", 422).member("detail", reload.refusal);
    w.member("applied", !refused && !reload.dry_run).member("dry_run", reload.dry_run);
    write_flaws(w, reload.flaws);
    write_plan(w, reload.plan);
  });
  http::Response out = http::json(w.take(), refused ? 422 : 200);
  if (refused) out.headers.set("Content-Type", "application/problem+json");
  return out;
}

}  // namespace supportd
