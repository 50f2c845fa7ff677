#include "jobs/calendar/horizon.hpp"

#include "jobs/calendar/book.hpp"

namespace supportd::calendar {
namespace {

constexpr const char* deadline = "calendar_horizon";
constexpr const char* valid_to_name = "supportd_calendar_valid_to_timestamp_seconds";
constexpr const char* warn_from_name = "supportd_calendar_warn_from_timestamp_seconds";
constexpr Millis a_day = std::chrono::days{1};

double seconds(Instant at) { return static_cast<double>(time::to_millis(at)) / 1000; }

}  // namespace

Horizon::Horizon(Registry& registry) : registry_(registry) {
  registry_.deadlines.on(deadline, [this](store::Tx& tx, const std::string& calendar, Instant, Instant now) {
    remind(tx, calendar, now);
  });
}

void Horizon::know(const Section& section, const std::set<std::string>& names, Instant now) {
  const std::lock_guard lock(mutex_);
  forget_all();
  for (const auto& calendar : names) {
    const auto read = read_definition(section, calendar);
    if (!read.definition || !read.definition->valid_to) continue;
    const Day last = *read.definition->valid_to;
    const Instant end = start_of(read.definition->zone, last + date::days{1});
    Known known{
        last, end, end - section.warn_before,
        &registry_.metrics.gauge(valid_to_name, "The end of the last day for which a calendar's holidays are known.",
                                 {{"calendar", calendar}}),
        &registry_.metrics.gauge(warn_from_name, "From when on somebody should care for a newer table.",
                                 {{"calendar", calendar}})};
    known.valid_to_series->Set(seconds(end));
    known.warn_from_series->Set(seconds(known.warn_from));
    warn_if_near(calendar, known, now);
    known_.emplace(calendar, known);
  }
}

void Horizon::forget_all() {
  for (auto& [calendar, known] : known_) {
    registry_.metrics.remove(valid_to_name, *known.valid_to_series);
    registry_.metrics.remove(warn_from_name, *known.warn_from_series);
  }
  known_.clear();
}

void Horizon::warn_if_near(const std::string& calendar, const Known& known, Instant now) {
  if (now < known.warn_from) return;
  const char* const known_how = now < known.end ? "known for a short time only" : "known no longer, clocks run on them";
  registry_.log.warning(std::string("the holidays of a calendar are ") + known_how + ": a newer table is needed",
                        {{"calendar", calendar}, {"valid_to", to_text(known.valid_to)}});
}

void Horizon::arm(store::Tx& tx, Instant now) {
  const std::lock_guard lock(mutex_);
  for (const auto& [calendar, known] : known_) {
    registry_.deadlines.arm(tx, deadline, calendar, std::max(known.warn_from, now + a_day));
  }
}

void Horizon::remind(store::Tx& tx, const std::string& calendar, Instant now) {
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(calendar);
  if (known == known_.end()) return;  // no longer in use
  warn_if_near(calendar, known->second, now);
  registry_.deadlines.arm(tx, deadline, calendar, std::max(known->second.warn_from, now + a_day));
}

}  // namespace supportd::calendar
