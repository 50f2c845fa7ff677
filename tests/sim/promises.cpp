#include "tests/sim/promises.hpp"

#include <date/date.h>

namespace supportd::sim {
namespace {

// By the change that brings it.
constexpr int upgrade = 1, shorter = 2, holiday = 3, fewer = 4;

std::string day(const Nature& nature, int after) {
  return date::format("%F", date::floor<date::days>(nature.begin) + date::days{after});
}

std::string policy(const std::string& name, int rank, const std::string& match, const std::string& calendar,
                   const std::string& rest) {
  return "[[sla.policy]]\nname = \"" + name + "\"\nrank = " + std::to_string(rank) + "\nmatch = { " + match +
         " }\ncalendar = \"" + calendar + "\"\n" + rest;
}

}  // namespace

std::string promises_of(const Nature& nature, int changes) {
  const std::string closed = "\"" + day(nature, 5) + "\" = \"closed\", \"" + day(nature, 9) + "\" = \"09:00-12:30\"";
  const std::string more =
      changes < holiday ? "" : ", \"" + day(nature, 16) + "\" = \"closed\", \"" + day(nature, 20) + "\" = \"closed\"";
  std::string out =
      "[calendar]\ndirectory = \"" SUPPORTD_SOURCE
      "/etc/calendars\"\n"
      "[calendar.hours.always]\nzone = \"UTC\"\nweek = { mon-sun = \"00:00-24:00\" }\n"
      "[calendar.hours.seoul]\nzone = \"Asia/Seoul\"\nweek = { mon-fri = \"09:00-12:00, 13:00-18:00\" }\nholidays = "
      "[\"holidays/kr.toml\"]\ndays = { " +
      closed + more +
      " }\n"
      "[calendar.hours.newyork]\nzone = \"America/New_York\"\nweek = { mon-fri = \"09:00-17:00\" }\nholidays = "
      "[\"holidays/us.toml\"]\ndays = { " +
      closed +
      " }\n"
      "[calendar.hours.nights]\nzone = \"Europe/Berlin\"\nweek = { mon-sun = \"22:00-06:00\" }\n";
  if (changes < fewer) {
    out += policy("vip", 10, "tags = [\"vip\"]", "nights",
                  "thresholds = [50, 100, 150]\nreopen = \"restart\"\nfirst_reply = { any = \"2h\" }\n"
                  "resolution = { any = \"30h\" }\n");
  }
  out +=
      policy("enterprise", 100, "tier = [\"enterprise\"]", "always",
             std::string(changes < fewer ? "" : "thresholds = [60, 90]\n") +
                 (changes < shorter
                      ? "first_reply = { urgent = \"1h\", high = \"4h\", normal = \"8h, 8h elapsed\", low = \"1d\" }\n"
                      : "first_reply = { urgent = \"30m\", high = \"2h\", normal = \"4h\", low = \"12h\" }\n") +
                 "next_reply = { any = \"4h\" }\n"
                 "resolution = { urgent = \"1d\", high = \"2d\", normal = \"4d\", low = \"7d\" }\n");
  out += policy("professional", 110, "tier = [\"professional\"]", "newyork",
                "pause_ends_on = \"status\"\nagent_work = { any = \"24h\" }\nrequester_wait = { any = \"20h\" }\n"
                "first_reply = { urgent = \"4h, 2 business days\", any = \"12h, 1 business days\" }\n"
                "resolution = { any = \"10 business days\" }\n");
  out += policy("others", 1000, "", "seoul",
                "first_reply = { any = \"next business day\" }\ntotal_resolution = { any = \"5 business days\" }\n"
                "pausable_update = { any = \"9h\" }\n");
  return out;
}

std::string tier_of(const std::string& organisation, int changes) {
  if (organisation == "한빛게임즈") return "enterprise";
  if (organisation == "Northwind Bank") return changes < upgrade ? "professional" : "enterprise";
  return "";
}

}  // namespace supportd::sim
