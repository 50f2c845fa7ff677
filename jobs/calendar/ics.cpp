#include "jobs/calendar/ics.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <set>

#include "jobs/calendar/ics_lines.hpp"
#include "jobs/calendar/ics_rule.hpp"

namespace supportd::calendar {
namespace {

using date::days;

constexpr std::size_t most_bytes = 2 * 1024 * 1024;
constexpr std::size_t most_events = 10'000;
constexpr std::size_t most_days = 100'000;
constexpr std::size_t deepest = 8;
constexpr int longest_event = 366;
constexpr int first_year = 1990, last_year = 2037;

struct Event {
  unsigned line = 0;
  bool starts = false;  // says when, rightly or not
  std::optional<Day> start, end;
  std::optional<int> length;
  std::string summary, categories;
  bool cancelled = false;
  std::optional<Yearly> rule;
  std::vector<Day> more;
  std::set<Day> without;
};

using Patterns = std::vector<std::unique_ptr<RE2>>;

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, const Pick& pick, config::Report& report)
      : lines_(text), file_(file), report_(report), only_(compile(pick.only)), except_(compile(pick.except)) {}

  Feed read() {
    std::vector<std::string> inside;
    std::optional<Event> event;
    while (!done_) {
      const auto line = lines_.next();
      if (!line) {
        stop(static_cast<unsigned>(line.error().column), line.error().what);
        break;
      }
      if (!*line) break;
      step(**line, inside, event);
    }
    if (!inside.empty() && !done_) flaw(0, "ends within " + inside.back());
    if (events_ == 0 && !flawed_) flaw(0, "no event in it");
    return std::move(out_);
  }

 private:
  Patterns compile(const std::vector<std::string>& patterns) {
    Patterns out;
    RE2::Options options;
    options.set_case_sensitive(false);
    options.set_log_errors(false);
    for (const auto& pattern : patterns) {
      auto compiled = std::make_unique<RE2>(pattern, options);
      if (!compiled->ok()) flaw(0, "'" + pattern + "' is no regular expression: " + compiled->error());
      if (compiled->ok()) out.push_back(std::move(compiled));
    }
    return out;
  }

  void flaw(unsigned line, const std::string& what) {
    flawed_ = true;
    report_.flaw({file_, line, line == 0 ? 0U : 1U}, "", what);
  }
  void stop(unsigned line, const std::string& what) {
    flaw(line, what);
    done_ = true;
  }

  void step(const IcsLine& line, std::vector<std::string>& inside, std::optional<Event>& event) {
    if (line.name == "BEGIN") {
      inside.push_back(upper(line.value));
      if (inside.size() > deepest) return stop(line.number, "components nest too deep");
      if (inside.back() == "VEVENT" && !event) event.emplace().line = line.number;
    } else if (inside.empty()) {
      stop(line.number, "expected BEGIN:VCALENDAR: this is no iCalendar file");
    } else if (line.name == "END") {
      if (inside.back() != upper(line.value)) return stop(line.number, "an END without its BEGIN");
      inside.pop_back();
      if (upper(line.value) != "VEVENT" || !event) return;
      if (++events_ > most_events) return stop(line.number, "more than " + std::to_string(most_events) + " events");
      add(*event);
      event.reset();
    } else if (event && inside.back() == "VEVENT") {
      take(*event, line);
    }
  }

  template <class T>
  std::optional<T> good(const IcsLine& line, Parsed<T> parsed) {
    if (parsed) return *std::move(parsed);
    flaw(line.number, line.name + ": " + parsed.error().what);
    return {};
  }

  std::vector<Day> dates(const IcsLine& line) {
    std::vector<Day> out;
    const auto type = line.params.find("VALUE");
    if (type == line.params.end() || type->second != "DATE") {
      flaw(line.number, line.name + " is a time: a holiday is a whole day (" + line.name + ";VALUE=DATE:20260101)");
      return out;
    }
    for (const auto one : split(line.value, ',')) {
      if (const auto day = good(line, parse_ics_date(one))) out.push_back(*day);
    }
    return out;
  }

  void take(Event& event, const IcsLine& line) {
    if (line.name == "DTSTART" || line.name == "DTEND") {
      auto& date = line.name == "DTSTART" ? event.start : event.end;
      event.starts |= line.name == "DTSTART";
      if (date) flaw(line.number, line.name + " stands twice in one event");
      if (const auto all = dates(line); all.size() == 1) date = all.front();
    } else if (line.name == "DURATION") {
      event.length = good(line, parse_ics_duration(line.value));
    } else if (line.name == "SUMMARY") {
      event.summary = unescaped_text(line.value);
    } else if (line.name == "CATEGORIES") {
      event.categories += (event.categories.empty() ? "" : ",") + unescaped_text(line.value);
    } else if (line.name == "STATUS") {
      event.cancelled = upper(line.value) == "CANCELLED";
    } else if (line.name == "RRULE") {
      event.rule = good(line, parse_yearly(line.value));
    } else if (line.name == "EXDATE") {
      const auto all = dates(line);
      event.without.insert(all.begin(), all.end());
    } else if (line.name == "RDATE") {
      const auto all = dates(line);
      event.more.insert(event.more.end(), all.begin(), all.end());
    } else if (line.name == "RECURRENCE-ID" || line.name == "EXRULE") {
      flaw(line.number, line.name + " is not understood: write the days one by one");
    }
  }

  bool counts(const Event& event) const {
    if (event.cancelled) return false;
    const auto matches = [&](const auto& pattern) {
      return RE2::PartialMatch(event.summary, *pattern) || RE2::PartialMatch(event.categories, *pattern);
    };
    if (std::ranges::any_of(except_, matches)) return false;
    return only_.empty() || std::ranges::any_of(only_, matches);
  }

  static bool ends(const Event& event) { return !event.rule || event.rule->count || event.rule->until; }

  // How far the event shows that the feed was thought of.
  static std::optional<Day> last_of(const Event& event, const std::vector<Day>& occurrences) {
    const auto& named = ends(event) ? occurrences : event.more;
    const auto last = std::ranges::max_element(named);
    return last == named.end() ? std::nullopt : std::optional(*last);
  }

  std::vector<Day> occurrences(const Event& event) {
    std::vector<Day> out = event.more;
    out.push_back(*event.start);
    if (event.rule) {
      const date::year_month_day start(*event.start);
      const bool agrees = event.rule->month.value_or(unsigned(start.month())) == unsigned(start.month()) &&
                          event.rule->month_day.value_or(unsigned(start.day())) == unsigned(start.day());
      if (!agrees) flaw(event.line, "RRULE names another date than DTSTART");
      const auto again = repeats(*event.start, *event.rule, last_year);
      out.insert(out.end(), again.begin(), again.end());
    }
    std::erase_if(out, [&](Day day) { return event.without.contains(day); });
    return out;
  }

  void add(const Event& event) {
    if (!event.start) {
      if (!event.starts) flaw(event.line, "an event without DTSTART");
      return;
    }
    const int length = event.end ? static_cast<int>((*event.end - *event.start).count()) : event.length.value_or(1);
    if (length < 1 || length > longest_event) {
      return flaw(event.line, "DTEND is the day after the last, 1 to " + std::to_string(longest_event) +
                                  " days after DTSTART; here " + std::to_string(length));
    }
    if (!counts(event)) return;
    const Day earliest(date::year{first_year} / 1 / 1), latest(date::year{last_year} / 12 / 31);
    const auto all = occurrences(event);
    if (const auto last = last_of(event, all)) out_.last = std::max(out_.last.value_or(*last), std::min(*last, latest));
    for (const Day first : all) {
      for (int i = 0; i < length; ++i) {
        const Day day = first + days{i};
        if (day < earliest || day > latest) continue;
        out_.days.try_emplace(day, Holiday{event.summary.empty() ? "holiday" : event.summary, file_});
        if (++days_ > most_days) return stop(event.line, "more than " + std::to_string(most_days) + " days");
      }
    }
  }

  IcsLines lines_;
  const std::string& file_;
  config::Report& report_;
  bool flawed_ = false, done_ = false;  // before the patterns, which may have flaws
  const Patterns only_, except_;
  std::size_t events_ = 0, days_ = 0;
  Feed out_;
};

}  // namespace

Feed read_ics(std::string_view text, const std::string& file, const Pick& pick, config::Report& report) {
  if (text.size() > most_bytes) {
    report.flaw({file, 0, 0}, "", "larger than 2 MiB");
    return {};
  }
  return Reader(text, file, pick, report).read();
}

}  // namespace supportd::calendar
