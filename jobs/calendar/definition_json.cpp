#include "jobs/calendar/definition_json.hpp"

#include <set>

namespace supportd::calendar {
namespace {

[[noreturn]] void refuse(const json::View& at, const std::string& what) {
  throw Error(ErrorKind::corrupt, at.path() + ": " + what);
}

template <class T>
T good(const json::View& at, Parsed<T> parsed) {
  if (!parsed) refuse(at, parsed.error().what);
  return *std::move(parsed);
}

Hours hours_in(const json::View& list) {
  std::vector<Span> spans;
  for (const json::View& pair : list.items()) {
    const auto ends = pair.items();
    if (ends.size() != 2) refuse(pair, "expected [begin, end]");
    spans.push_back(good(pair, parse_span(ends[0].string(), ends[1].string())));
  }
  return good(list, hours_of(std::move(spans)));
}

std::map<Day, Hours> by_date(const json::View& object) {
  std::map<Day, Hours> out;
  for (const auto& [date, hours] : object.members()) out[good(hours, parse_day(date))] = hours_in(hours);
  return out;
}

// Dates, or names by date.
void take_holidays(Definition& to, const json::View& value) {
  if (value.is_object()) {
    for (const auto& [date, name] : value.members()) to.holidays[good(name, parse_day(date))] = {name.string(), ""};
    return;
  }
  for (const json::View& date : value.items()) to.holidays[good(date, parse_day(date.string()))] = {"holiday", ""};
}

void write(json::Writer& out, const Hours& hours) {
  out.array([&] {
    for (const Span& span : hours.spans) {
      const std::string text = to_text(span);
      const auto dash = text.find('-');
      out.array([&] { out.value(text.substr(0, dash)).value(text.substr(dash + 1)); });
    }
  });
}

void write(json::Writer& out, const std::map<Day, Hours>& by_date) {
  out.object([&] {
    for (const auto& [day, hours] : by_date) {
      out.key(to_text(day));
      write(out, hours);
    }
  });
}

}  // namespace

Definition definition_of(const json::View& object) {
  Definition out;
  for (const auto& [name, value] : object.members()) {
    if (name == "tz") {
      out.zone = good(value, time::Zone::find(value.string()));
    } else if (name == "hours") {
      std::set<unsigned> named;
      for (const auto& [days, hours] : value.members()) {
        for (const unsigned day : good(hours, parse_weekdays(days))) {
          if (!named.insert(day).second) refuse(hours, std::string(weekday_name(day)) + " stands here twice");
          out.week[day] = hours_in(hours);
        }
      }
    } else if (name == "holidays") {
      take_holidays(out, value);
    } else if (name == "days") {
      out.days = by_date(value);
    } else if (name == "breaks") {
      out.breaks = by_date(value);
    } else {
      refuse(value, "no such member; known: breaks, days, holidays, hours, tz");
    }
  }
  for (const Remark& remark : review(out)) {
    if (!remark.warning) refuse(object, remark.key + ": " + remark.what);
  }
  return out;
}

std::string encode(const Definition& it) {
  json::Writer out;
  out.object([&] {
    out.member("tz", it.zone.name()).key("hours").object([&] {
      for (unsigned day = 0; day < 7; ++day) {
        if (it.week[day].spans.empty()) continue;
        out.key(weekday_name(day));
        write(out, it.week[day]);
      }
    });
    out.key("holidays").object([&] {
      for (const auto& [day, holiday] : it.holidays) out.member(to_text(day), holiday.name);
    });
    out.key("days");
    write(out, it.days);
    out.key("breaks");
    write(out, it.breaks);
  });
  return out.take();
}

}  // namespace supportd::calendar
