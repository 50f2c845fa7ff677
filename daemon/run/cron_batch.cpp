#include "daemon/run/cron_batch.hpp"

#include <algorithm>
#include <istream>
#include <ostream>
#include <unordered_map>

#include "daemon/config/suggest.hpp"
#include "daemon/json.hpp"
#include "daemon/run/schedule.hpp"

namespace supportd::run {
namespace {

constexpr std::int64_t most_answers = 1'000'000;
constexpr std::size_t most_remembered = 10'000;
constexpr std::size_t write_size = 1 << 16;

// Real batches ask for few schedules many times.
class Schedules {
 public:
  const Parsed<Schedule>& at(const std::string& text, const std::string& zone_name) {
    const std::string key = zone_name + '\n' + text;
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    if (known_.size() >= most_remembered) known_.clear();
    return known_.emplace(key, parse(text, zone_name)).first->second;
  }

 private:
  static Parsed<Schedule> parse(const std::string& text, const std::string& zone_name) {
    const auto zone = time::Zone::find(zone_name);
    if (!zone) return Mistake{"tz: " + zone.error().what};
    auto schedule = Schedule::parse(text, *zone);
    if (!schedule) return Mistake{schedule.error().what, std::max<std::size_t>(schedule.error().column, 1)};
    return schedule;
  }

  std::unordered_map<std::string, Parsed<Schedule>> known_;
};

std::string refusal(const std::string& id, const Mistake& mistake) {
  json::Writer writer;
  writer.object([&] {
    writer.key("id").raw(id).member("error", mistake.what).key("column");
    if (mistake.column == 0) {
      writer.null();
    } else {
      writer.value(mistake.column);
    }
  });
  return writer.take();
}

std::string answer(const std::string& id, const json::View& question, Schedules& schedules, Instant now) {
  static const std::vector<std::string> known{"id", "expr", "tz", "from", "count"};
  for (const auto& [name, value] : question.members()) {
    if (std::ranges::find(known, name) == known.end()) {
      return refusal(id, {"no member '" + std::string(name) + "': " + config::known_names(std::string(name), known)});
    }
  }
  const auto& schedule = schedules.at(question.at("expr").string(), question.string("tz", "UTC"));
  if (!schedule) return refusal(id, schedule.error());
  Instant at = now;
  if (const auto given = question.find("from")) {
    const auto from = time::parse_instant(given->string());
    if (!from) return refusal(id, {"from: " + from.error().what});
    at = *from;
  }
  const std::int64_t count = question.integer("count", 1);
  if (count < 1 || count > most_answers) return refusal(id, {"count: 1 to 1000000"});
  std::string text = "{\"id\":" + id + ",\"next\":[";
  for (std::int64_t i = 0; i < count; ++i) {
    const auto slot = schedule->next(at);
    if (!slot) break;
    text.append(i == 0 ? "\"" : ",\"").append(time::to_text(slot->at)).append("\"");
    at = slot->at;
  }
  return text.append("]}");
}

struct Answer {
  std::string text;
  bool was_question;  // whatever the answer
};

Answer answer_line(const std::string& line, Schedules& schedules, Instant now) {
  std::string id = "null";
  bool is_question = false;
  try {
    const auto document = json::Document::parse(line, "line");
    if (const auto given = document.root().find("id")) {
      if (given->is_object() || given->is_array())
        throw Error(ErrorKind::corrupt, "/id: a string or a number expected");
      id = given->dump();
    }
    is_question = true;
    return {answer(id, document.root(), schedules, now), true};
  } catch (const Error& error) {
    return {refusal(id, {error.what()}), is_question};
  }
}

}  // namespace

bool answer_cron_questions(std::istream& in, std::ostream& out, Instant now) {
  Schedules schedules;
  bool all_questions = true;
  std::string line, pending;
  while (std::getline(in, line)) {
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const Answer given = answer_line(line, schedules, now);
    all_questions = all_questions && given.was_question;
    pending.append(given.text).append("\n");
    if (pending.size() < write_size) continue;
    out << pending;
    pending.clear();
  }
  out << pending << std::flush;
  return all_questions;
}

}  // namespace supportd::run
