#include "jobs/calendar/batch.hpp"

#include <istream>
#include <ostream>

#include "daemon/json.hpp"

namespace supportd::calendar {
namespace {

constexpr std::size_t write_size = 1 << 16;
constexpr std::int64_t most_seconds = 3'155'760'000;  // a century

Instant instant_at(const json::View& question, const char* name) {
  const json::View at = question.at(name);
  const auto parsed = time::parse_instant(at.string());
  if (!parsed) throw Error(ErrorKind::corrupt, at.path() + ": " + parsed.error().what);
  return *parsed;
}

// Whole seconds as such, others with their milliseconds.
void write_seconds(json::Writer& out, Millis length) {
  out.key("seconds");
  if (length.count() % 1000 == 0) {
    out.value(length.count() / 1000);
  } else {
    out.value(static_cast<double>(length.count()) / 1000);
  }
}

void answer(json::Writer& out, const json::View& question, const FindCalendar& find) {
  const std::string name = question.at("calendar").string();
  const Calendar* calendar = find(name);
  if (calendar == nullptr) throw Error(ErrorKind::gone, "no calendar '" + name + "'");
  const std::string op = question.at("op").string();
  const Instant from = instant_at(question, "from");
  if (op == "within") {
    return write_seconds(out, calendar->between(from, instant_at(question, "to")));
  }
  if (op != "add") throw Error(ErrorKind::corrupt, "/op: expected add or within");
  const std::int64_t length = question.at("duration_seconds").integer();
  if (length < 0 || length > most_seconds) {
    throw Error(ErrorKind::corrupt, "/duration_seconds: expected 0 to " + std::to_string(most_seconds));
  }
  const auto reached = calendar->add(from, std::chrono::seconds{length});
  if (!reached) throw Error(ErrorKind::refused, "the calendar has not that much open time until the end of 2037");
  out.member("latest", time::to_text(reached->latest)).member("earliest", time::to_text(reached->earliest));
}

// Whether the line was a question, whatever the answer.
bool answer_line(const std::string& line, const FindCalendar& find, std::string& out) {
  std::string id = "null";
  const auto error = [&](const std::string& what) {
    json::Writer writer;
    writer.object([&] { writer.key("id").raw(id).member("error", what); });
    out += writer.take() + '\n';
  };
  try {
    const auto document = json::Document::parse(line, "line");
    const json::View question = document.root();
    if (const auto given = question.find("id")) id = given->dump();
    try {
      json::Writer writer;
      writer.object([&] {
        writer.key("id").raw(id);
        answer(writer, question, find);
      });
      out += writer.take() + '\n';
    } catch (const Error& what) {
      error(what.what());
    }
    return true;
  } catch (const Error& what) {
    error(what.what());
    return false;
  }
}

}  // namespace

bool answer_questions(std::istream& in, std::ostream& out, const FindCalendar& find) {
  bool all = true;
  std::string line, pending;
  while (std::getline(in, line)) {
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    all = answer_line(line, find, pending) && all;
    if (pending.size() < write_size) continue;
    out << pending;
    pending.clear();
  }
  out << pending << std::flush;
  return all;
}

}  // namespace supportd::calendar
