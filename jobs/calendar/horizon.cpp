#include "jobs/calendar/horizon.hpp"

#include "jobs/calendar/book.hpp"

namespace supportd::calendar {

void Horizon::know(const Section& section, const std::set<std::string>& names, Instant now) {
  constexpr const char* name = "supportd_calendar_valid_to_timestamp_seconds";
  for (auto& [calendar, gauge] : known_) metrics_.remove(name, *gauge);
  known_.clear();
  for (const auto& calendar : names) {
    const auto read = read_definition(section, calendar);
    if (!read.definition || !read.definition->valid_to) continue;
    const Day beyond = *read.definition->valid_to + date::days{1};
    const Instant end{beyond.time_since_epoch()};
    auto& gauge = metrics_.gauge(name, "The end of the last day for which a calendar's holidays are known.",
                                 {{"calendar", calendar}});
    gauge.Set(static_cast<double>(time::to_millis(end)) / 1000);
    known_[calendar] = &gauge;
    if (end - now > section.warn_before) continue;
    log_.warning("the holidays of a calendar are known for a short time only: a newer table is needed",
                 {{"calendar", calendar}, {"valid_to", to_text(*read.definition->valid_to)}});
  }
}

}  // namespace supportd::calendar
