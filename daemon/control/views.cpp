#include "daemon/control/views.hpp"

namespace supportd::control {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

// Texts of ours that hold JSON.
void write_raw(json::Writer& writer, std::string_view name, const std::string& text) {
  writer.key(name);
  text.empty() ? writer.null() : writer.raw(text);
}

}  // namespace

void write_instant(json::Writer& writer, std::string_view name, std::optional<Instant> at) {
  writer.key(name);
  if (!at) {
    writer.null();
  } else {
    writer.value(*at == time::never ? std::string("never") : time::to_text(*at));
  }
}

void write(json::Writer& w, const run::JobStatus& job) {
  w.object([&] {
    w.member("name", job.name).member("kind", job.kind).member("schedule", job.schedule).member("zone", job.zone);
    write_instant(w, "next", job.next);
    w.member("delay_ms", job.delay.count());
    write_instant(w, "next_run", job.next_run);
    write_instant(w, "paused_until", job.paused_until);
    w.member("pause_reason", job.pause_reason).member("paused_by", job.paused_by);
    write_instant(w, "last_start", job.last_start);
    write_instant(w, "last_completion", job.last_completion);
    write_instant(w, "last_success", job.last_success);
    w.member("outranked", job.outranked);
  });
}

void write(json::Writer& w, const run::RunRow& row) {
  w.object([&] {
    w.member("id", row.id).member("job", row.job);
    write_instant(w, "slot", row.slot);
    w.member("attempt", row.attempt).member("trigger", run::to_text(row.trigger));
    w.member("actor", row.actor).member("reason", row.reason);
    write_raw(w, "arguments", row.arguments);
    w.member("dry_run", row.dry_run).member("state", run::to_text(row.state));
    write_instant(w, "created", row.created);
    write_instant(w, "start_at", row.start_at);
    write_instant(w, "started", row.started);
    write_instant(w, "finished", row.finished);
    w.key("duration_ms");
    row.started&& row.finished ? w.value((*row.finished - *row.started).count()) : w.null();
    w.key("outcome");
    row.outcome ? w.value(run::to_text(*row.outcome)) : w.null();
    w.member("summary", row.summary);
    write_raw(w, "counts", row.counts);
    w.member("error", row.error).member("owner", row.owner);
  });
}

void write(json::Writer& w, const outbox::Effect& effect, bool whole) {
  w.object([&] {
    w.member("id", effect.id.value).member("key", effect.key).member("ref", effect.ref);
    w.member("channel", effect.channel).member("lane", effect.lane).member("kind", to_text(effect.kind));
    w.member("state", to_text(effect.state)).member("subject", effect.subject);
    write_instant(w, "caused_at", effect.caused_at);
    write_instant(w, "created_at", effect.created_at);
    write_instant(w, "due", effect.due);
    write_instant(w, "ended_at", effect.ended_at);
    w.member("attempts", effect.attempts).member("postponed", effect.postponed).member("version", effect.version);
    w.key("attempt_at");
    effect.attempts > 0 ? w.value(time::to_text(effect.attempt_at)) : w.null();
    w.member("remote_id", effect.remote_id).member("error", effect.error);
    if (whole) w.member("payload", effect.payload);
  });
}

void write(json::Writer& w, const outbox::Hold& hold) {
  w.object([&] {
    w.member("channel", hold.channel).member("reason", hold.reason).member("actor", hold.actor);
    write_instant(w, "since", hold.since);
    w.member("automatic", hold.automatic);
  });
}

void write(json::Writer& w, const store::AuditRow& row) {
  w.object([&] {
    w.member("id", row.id);
    write_instant(w, "at", row.at);
    w.member("actor", row.entry.actor).member("action", row.entry.action).member("object", row.entry.object);
    w.member("reason", row.entry.reason).member("detail", row.entry.detail);
  });
}

void write(json::Writer& w, const http::BudgetState& budget) {
  w.object([&] {
    w.member("name", budget.rule.name).member("count", budget.rule.count);
    w.member("window_ms", budget.rule.window.count()).member("available", budget.available);
    w.member("in_flight", budget.in_flight).member("waiting", budget.waiting);
    write_instant(w, "paused_until", budget.paused_until);
  });
}

std::string to_json(const std::string& job, Instant at, const run::WhyAnswer& answer) {
  json::Writer w;
  w.object([&] {
    w.member("job", job);
    write_instant(w, "at", at);
    w.key("answer");
    std::visit(Overloaded{[&](const run::RunRow& row) {
                            w.value("run").key("run");
                            write(w, row);
                          },
                          [&](const run::Skipped& skipped) {
                            const run::Stretch& skip = skipped.stretch;
                            w.value("skipped").member("reason", run::to_text(skip.reason));
                            w.member("pause", skipped.pause);
                            write_instant(w, "from", skip.from);
                            write_instant(w, "to", skip.to);
                            w.member("count", skip.count);
                          },
                          [&](const run::NotASlot& no) {
                            w.value("not_a_slot");
                            write_instant(w, "before", no.before);
                            write_instant(w, "after", no.after);
                          },
                          [&](const run::NotYet& yet) {
                            w.value("not_yet");
                            write_instant(w, "due", yet.due);
                            w.member("pause", yet.pause);
                          },
                          [&](const run::BeforeFirstSight& sight) {
                            w.value("before_first_sight");
                            write_instant(w, "first_sight", sight.first_sight);
                          },
                          [&](const run::Pruned&) { w.value("pruned"); }},
               answer);
    w.member("words", run::in_words(answer));
  });
  return w.take();
}

}  // namespace supportd::control
