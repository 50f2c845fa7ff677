// How the daemon's own things look in JSON. Instants are RFC 3339 texts, lengths milliseconds, absent values null.
#pragma once

#include "daemon/http/budget.hpp"
#include "daemon/json.hpp"
#include "daemon/outbox/outbox.hpp"
#include "daemon/run/scheduler.hpp"
#include "daemon/run/why.hpp"
#include "daemon/store/audit.hpp"

namespace supportd::control {

// "2026-01-01T00:00:00Z"; null for none; "never" for the far end of time.
void write_instant(json::Writer& writer, std::string_view name, std::optional<Instant> at);
void write(json::Writer& writer, const run::JobStatus& job);
void write(json::Writer& writer, const run::RunRow& row);
void write(json::Writer& writer, const outbox::Effect& effect, bool whole);
void write(json::Writer& writer, const outbox::Hold& hold);
void write(json::Writer& writer, const store::AuditRow& row);
void write(json::Writer& writer, const http::BudgetState& budget);
// The kind of answer, and the words for people.
std::string to_json(const std::string& job, Instant at, const run::WhyAnswer& answer);

// {"<name>": [...]} of a list.
template <class List>
std::string list_json(std::string_view name, const List& list) {
  json::Writer writer;
  writer.object([&] {
    writer.key(name).array([&] {
      for (const auto& one : list) write(writer, one);
    });
  });
  return writer.take();
}

}  // namespace supportd::control
