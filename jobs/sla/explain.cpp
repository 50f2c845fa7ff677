#include "jobs/sla/explain.hpp"

#include <algorithm>
#include <set>

namespace supportd::sla {
namespace {

using calendar::Calendar;
using calendar::Day;

constexpr std::size_t most_lines = 1'000;

const Calendar* calendar_of(const Segment& segment, const std::vector<Rules>& rules) {
  const auto version = std::ranges::find(rules, segment.version, &Rules::version);
  if (version == rules.end()) return nullptr;
  const auto at = version->calendars.find(segment.calendar);
  return at == version->calendars.end() ? nullptr : at->second.get();
}

// What the calendar says of that date besides its week; empty: nothing.
std::string special_on(const calendar::Definition& definition, Day day) {
  if (const auto own = definition.days.find(day); own != definition.days.end()) {
    return calendar::to_text(day) + " " + calendar::to_text(own->second);
  }
  if (const auto holiday = definition.holidays.find(day); holiday != definition.holidays.end()) {
    return holiday->second.name;
  }
  const auto pause = definition.breaks.find(day);
  return pause == definition.breaks.end() ? "" : calendar::to_text(day) + " break " + calendar::to_text(pause->second);
}

// Why the desk was closed then: what is special about dates of whose week's hours something lies in it, else the hours.
std::string closed_because(const Calendar& calendar, Instant from, Instant to) {
  const auto& definition = calendar.definition();
  const auto begin = definition.zone.local(from), end = definition.zone.local(to);
  const auto would_be_open = [&](Day day) {
    return std::ranges::any_of(definition.week[date::weekday(day).c_encoding()].spans,
                               [&](const calendar::Span& it) { return day + it.begin < end && day + it.end > begin; });
  };
  std::string out;
  std::set<std::string> named;
  for (Day day = date::floor<date::days>(begin); day < end; day += date::days{1}) {
    const std::string what = would_be_open(day) ? special_on(definition, day) : "";
    if (!what.empty() && named.insert(what).second) out += (out.empty() ? "" : ", ") + what;
  }
  return out.empty() ? "outside of hours" : out;
}

class Lines {
 public:
  explicit Lines(const std::vector<Rules>& rules) : rules_(rules) {}

  void add(const Segment& segment) {
    policy_ = segment.policy.empty() ? "no policy" : segment.policy + ", version " + std::to_string(segment.version);
    if (!segment.counts) return add(Line::Kind::paused, segment.from, segment.to, segment.why);
    const Calendar* const calendar = calendar_of(segment, rules_);
    if (calendar == nullptr) return add(Line::Kind::paused, segment.from, segment.to, "no policy promises anything");
    for (Instant at = segment.from; at < segment.to;) {
      const Instant opens = std::min(calendar->next_open(at).value_or(segment.to), segment.to);
      if (opens > at) add(Line::Kind::closed, at, opens, closed_because(*calendar, at, opens));
      if (opens >= segment.to) break;
      at = std::min(calendar->next_close(opens), segment.to);
      total_ += at - opens;
      add(Line::Kind::counted, opens, at, segment.why);
    }
  }
  std::vector<Line> take() { return std::move(out_); }

 private:
  void add(Line::Kind kind, Instant from, Instant to, std::string why) {
    if (out_.size() < most_lines) {
      out_.push_back({kind, from, to, std::move(why), total_, policy_});
      return;
    }
    out_.back().to = to;
    out_.back().total = total_;
    out_.back().why = "and so on";
  }

  const std::vector<Rules>& rules_;
  std::string policy_;
  Millis total_{0};
  std::vector<Line> out_;
};

}  // namespace

std::vector<Line> explain(const Clock& clock, const std::vector<Rules>& rules) {
  Lines out(rules);
  for (const Segment& segment : clock.segments) {
    if (segment.from < segment.to) out.add(segment);
  }
  return out.take();
}

}  // namespace supportd::sla
