#include "daemon/run/cron_report.hpp"

#include <date/date.h>

#include "daemon/json.hpp"

namespace supportd::run {
namespace {

constexpr int explained_runs = 5;
constexpr std::chrono::days thirteen_months{396};

std::vector<Slot> slots_after(const Schedule& schedule, Instant from, int count) {
  std::vector<Slot> slots;
  for (auto slot = schedule.next(from); slot && count-- > 0; slot = schedule.next(slot->at)) slots.push_back(*slot);
  return slots;
}

std::string local_text(time::Local at) { return date::format("%F %T", date::floor<std::chrono::seconds>(at)); }

std::string_view to_text(ClockChange::Effect effect) {
  switch (effect) {
    case ClockChange::Effect::moved: return "moved";
    case ClockChange::Effect::absent: return "absent";
    case ClockChange::Effect::once: return "once";
    case ClockChange::Effect::twice: return "twice";
  }
  return "absent";
}

std::string slot_line(const Schedule& schedule, const Slot& slot) {
  std::string line = time::to_text(slot.at) + "  " + schedule.zone().to_text(slot.at);
  if (!slot.skipped) return line;
  line += "  for " + local_text(*slot.skipped) + ", which the clock skips";
  if (slot.missed > 1) line += " (and " + std::to_string(slot.missed - 1) + " more)";
  return line;
}

void write_slots(json::Writer& writer, const Schedule& schedule, Instant from, int count) {
  writer.member("expr", schedule.text()).member("zone", schedule.zone().name()).member("from", time::to_text(from));
  writer.key("next").array([&] {
    for (const Slot& slot : slots_after(schedule, from, count)) {
      writer.object([&] {
        writer.member("at", time::to_text(slot.at)).member("local", schedule.zone().to_text(slot.at));
        writer.member("skipped", slot.skipped ? std::optional(local_text(*slot.skipped)) : std::nullopt);
        writer.member("missed", slot.missed);
      });
    }
  });
}

void write_changes(json::Writer& writer, const Schedule& schedule, Instant from) {
  writer.key("clock_changes").array([&] {
    for (const ClockChange& change : schedule.clock_changes(from, from + thirteen_months)) {
      writer.object([&] {
        writer.member("at", time::to_text(change.at)).member("from", local_text(change.from));
        writer.member("until", local_text(change.until)).member("runs", change.runs);
        writer.member("effect", to_text(change.effect)).member("words", schedule.in_words(change));
      });
    }
  });
}

std::string section(std::string_view title, const std::vector<std::string>& lines, std::string_view otherwise) {
  std::string text = "\n" + std::string(title) + "\n";
  for (const std::string& line : lines) text.append("  ").append(line).append("\n");
  if (lines.empty()) text.append("  ").append(otherwise).append("\n");
  return text;
}

std::string explanation(const Schedule& schedule, Instant from) {
  std::vector<std::string> runs, changes;
  for (const Slot& slot : slots_after(schedule, from, explained_runs)) runs.push_back(slot_line(schedule, slot));
  for (const ClockChange& change : schedule.clock_changes(from, from + thirteen_months)) {
    changes.push_back(schedule.in_words(change));
  }
  std::string text = schedule.text() + "  (" + schedule.zone().name() + ")\n" + schedule.in_words() + "\n";
  text += section("next runs", runs, "never again");
  text += section("changes of the clock in the next 13 months", changes, "none touches a run");
  if (const auto notes = schedule.lint(); !notes.empty()) text += section("mind", notes, "");
  return text;
}

}  // namespace

std::string next_report(const Schedule& schedule, Instant from, int count, ReportForm form) {
  if (form == ReportForm::json) {
    json::Writer writer;
    writer.object([&] { write_slots(writer, schedule, from, count); });
    return writer.take() + "\n";
  }
  const auto slots = slots_after(schedule, from, count);
  std::string text;
  for (const Slot& slot : slots) text.append(slot_line(schedule, slot)).append("\n");
  if (static_cast<int>(slots.size()) < count) text += "no more runs until the year 9999 ends, where times end here\n";
  return text;
}

std::string explain_report(const Schedule& schedule, Instant from, ReportForm form) {
  if (form == ReportForm::text) return explanation(schedule, from);
  json::Writer writer;
  writer.object([&] {
    write_slots(writer, schedule, from, explained_runs);
    writer.member("words", schedule.in_words());
    write_changes(writer, schedule, from);
    writer.member("lint", schedule.lint());
  });
  return writer.take() + "\n";
}

std::string mistake_report(std::string_view text, const Mistake& mistake, ReportForm form) {
  if (form == ReportForm::json) {
    json::Writer writer;
    writer.object([&] { writer.member("error", mistake.what).member("column", mistake.column); });
    return writer.take() + "\n";
  }
  std::string shown = json::valid_utf8(text);
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  std::string report = shown + "\n";
  if (mistake.column != 0) report += std::string(mistake.column - 1, ' ') + "^\n";
  return report + "column " + std::to_string(mistake.column) + ": " + mistake.what + "\n";
}

}  // namespace supportd::run
