// A cron expression as written: five fields (minute hour day-of-month month day-of-week), a sixth in front for
// seconds, or a macro such as @daily. Dialect: OCPS 1.4 with L, W and #, wrap-around ranges (22-2, FRI-MON), and
// n/step in all fields but the day of the week. What it matches is CronTimes' business.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/result.hpp"

namespace supportd::run {

enum class CronUnit { second, minute, hour, day_of_month, month, day_of_week };
inline constexpr std::size_t cron_units = 6;

struct CronItem {
  enum class Kind {
    values,           // first to last by step; round the end of the unit when last < first
    last_day,         // L, L-n: n days before the last of the month
    last_workday,     // LW: the last Monday to Friday of the month
    nearest_workday,  // 15W: the Monday to Friday nearest to day n of the same month
    nth_weekday,      // FRI#2: the n-th `first` of the month
    last_weekday,     // FRIL: the last `first` of the month
  };
  Kind kind = Kind::values;
  bool every = false;  // written with * or ?
  bool open = false;   // written n/step: to the end of the unit
  int first = 0, last = 0, step = 1, n = 0;
};

struct CronField {
  std::string text;
  std::size_t column = 0;  // 1-based, of its first character
  bool leading_star = false;
  bool required = false;  // +MON: a day must match this field as well as the day of the month
  std::vector<CronItem> items;

  // Whether it lets every value through: *, ?, */1, also as one of a list.
  bool unrestricted() const;
};

class CronExpression {
 public:
  // The mistake's column is that of the offending character in `text`. Dates that never come are a mistake too.
  static Parsed<CronExpression> parse(std::string_view text);

  const std::string& text() const { return text_; }
  const CronField& operator[](CronUnit unit) const { return fields_[static_cast<std::size_t>(unit)]; }
  bool has_seconds() const { return has_seconds_; }
  // Both day fields are restricted and either is enough, as cron has it.
  bool either_day() const;
  // Vixie's two kinds of job: '*' leading the minute or the hour means a cadence in real time, anything else
  // means fixed times of the civil day. They differ where the zone's clock is changed.
  bool follows_real_time() const;
  // Whether a fixed time that a gap skips is run right after it. Not with a seconds field: see Schedule.
  bool makes_up_for_gaps() const { return !has_seconds_ && !follows_real_time(); }

 private:
  std::string text_;
  std::array<CronField, cron_units> fields_;
  bool has_seconds_ = false;
};

// The values of a unit as bits: bit v is value v. Sunday is 0. Only for items of Kind::values.
std::uint64_t bits(const CronItem& item, CronUnit unit);
std::uint64_t bits(const CronField& field, CronUnit unit);

// "MON", "FEB", "17".
std::string value_text(CronUnit unit, int value);
// "minute", "day of month".
std::string_view to_text(CronUnit unit);

}  // namespace supportd::run
