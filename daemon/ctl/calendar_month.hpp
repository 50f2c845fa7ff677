// A calendar drawn for the terminal.
#pragma once

#include <string>

#include "daemon/ctl/command.hpp"
#include "jobs/calendar/calendar.hpp"

namespace supportd::ctl {

// "09:00-12:00, 13:00-18:00", "closed": what really is open of what begins on that date.
std::string periods_text(const calendar::Calendar& it, calendar::Day day);
Millis open_on(const calendar::Calendar& it, calendar::Day day);
// Why that date is not as its weekday is; empty when it is.
std::string remark_on(const calendar::Definition& it, calendar::Day day);
// "mon-fri 09:00-18:00; sat 09:00-12:00"
std::string week_text(const calendar::Definition& it);
// "its holidays are known until 2030-12-31 only"
std::string holidays_end(calendar::Day until);
void draw_month(Context& c, const calendar::Calendar& it, date::year_month month);

}  // namespace supportd::ctl
