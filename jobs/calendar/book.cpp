#include "jobs/calendar/book.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/config/source.hpp"
#include "daemon/config/suggest.hpp"
#include "jobs/calendar/ics.hpp"

namespace supportd::calendar {
namespace {

constexpr std::uintmax_t most_bytes = 4 * 1024 * 1024;

std::optional<std::string> text_of(const std::filesystem::path& path, config::Report& report) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  if (error || !in) {
    report.flaw({path.string(), 0, 0}, "", "cannot be read" + (error ? ": " + error.message() : std::string()));
    return {};
  }
  if (size > most_bytes) {
    report.flaw({path.string(), 0, 0}, "", "larger than 4 MiB");
    return {};
  }
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

// The root table of a TOML file as a T; what has no flaw of it.
template <class T>
struct Bound {
  T value;
  bool sound = false;
};
template <class T>
Bound<T> bind_file(const std::filesystem::path& path, config::Report& report) {
  Bound<T> out;
  const auto text = text_of(path, report);
  if (!text) return out;
  auto source = config::read_texts({{path.string(), *text}});
  config::Binder::Load load{source.report, source.complete};
  config::Binder binder(load, &source.root, "");
  bind(binder, out.value);
  binder.close();
  const auto flaws = source.report.sorted();
  for (const auto& flaw : flaws) report.add(flaw);
  out.sound = std::ranges::all_of(flaws, &config::Flaw::warning);
  return out;
}

struct Holidays {
  std::map<Day, Holiday> days;
  std::optional<Day> valid_to;
};

Day end_of_year(Day day) { return Day(date::year_month_day(day).year() / 12 / 31); }

void limit(std::optional<Day>& valid_to, Day until) { valid_to = std::min(valid_to.value_or(until), until); }

// `guess`: nobody has said until when the feeds are complete.
void add_file(Holidays& to, const std::filesystem::path& path, const Pick& pick, bool guess, config::Report& report) {
  if (path.extension() == ".ics") {
    const auto text = text_of(path, report);
    if (!text) return;
    auto feed = read_ics(*text, path.string(), pick, report);
    if (guess && feed.last) limit(to.valid_to, end_of_year(*feed.last));
    to.days.merge(feed.days);
  } else if (const auto table = bind_file<HolidayTable>(path, report); table.sound) {
    limit(to.valid_to, *parse_day(table.value.valid_to));
    for (const auto& [date, name] : table.value.days) {
      to.days.try_emplace(*parse_day(date), Holiday{name, path.string()});
    }
  }
}

// The configuration's word beats the file's.
Shape laid_over(Shape shape, const Shape& config) {
  if (config.zone) shape.zone = config.zone;
  if (!config.week.empty()) shape.week = config.week;
  if (!config.holidays.empty()) shape.holidays = config.holidays;
  if (!config.only.empty()) shape.only = config.only;
  if (!config.except.empty()) shape.except = config.except;
  if (config.valid_to) shape.valid_to = config.valid_to;
  for (const auto& [date, hours] : config.days) shape.days[date] = hours;
  for (const auto& [date, hours] : config.breaks) shape.breaks[date] = hours;
  for (const auto& [key, spot] : config.spots) {
    if (key.empty()) {
      shape.spots.try_emplace(key, spot);
    } else {
      shape.spots[key] = spot;
    }
  }
  return shape;
}

// Where the shape says what a remark is about: the weekday's entry, the date's, its table, or all of it.
const config::Spot& spot_of(const Shape& shape, const std::string& key) {
  const auto dot = key.find('.');
  std::string entry = key;
  for (const auto& [days, hours] : shape.week) {
    const auto named = *parse_weekdays(days);
    const bool holds = key.starts_with("week.") && std::ranges::any_of(named, [&](unsigned day) {
                         return weekday_name(day) == std::string_view(key).substr(dot + 1);
                       });
    if (holds) entry = config::join("week", days);
  }
  for (const std::string& each : {entry, key.substr(0, dot)}) {
    if (const auto spot = shape.spots.find(each); spot != shape.spots.end()) return spot->second;
  }
  return shape.spots.at("");
}

Definition define(const std::string& name, const Shape& shape, Holidays holidays) {
  Definition out;
  out.name = name;
  if (shape.zone) out.zone = *time::Zone::find(*shape.zone);
  for (const auto& [days, hours] : shape.week) {
    for (const unsigned day : *parse_weekdays(days)) out.week[day] = hours;
  }
  out.holidays = std::move(holidays.days);
  out.valid_to = holidays.valid_to;
  for (const auto& [date, hours] : shape.days) out.days[*parse_day(date)] = hours;
  for (const auto& [date, hours] : shape.breaks) out.breaks[*parse_day(date)] = hours;
  return out;
}

}  // namespace

Read read_definition(const Section& section, const std::string& name, const std::string& file) {
  const std::filesystem::path directory(section.directory);
  const std::filesystem::path path = file.empty() ? directory / (name + ".toml") : std::filesystem::path(file);
  config::Report report;
  Bound<Shape> shape{{}, true};
  const auto configured = section.hours.find(name);
  const bool is_configured = configured != section.hours.end();
  if (!file.empty() || !is_configured || std::filesystem::exists(path)) {
    shape = bind_file<Shape>(path, report);
  }
  Shape& whole = shape.value;
  if (is_configured) whole = laid_over(std::move(whole), configured->second);
  whole.spots.try_emplace("", config::Spot{{path.string(), 0, 0}, ""});
  Holidays holidays;
  if (whole.valid_to) limit(holidays.valid_to, *parse_day(*whole.valid_to));
  for (const auto& each : whole.holidays) {
    add_file(holidays, path.parent_path() / each, {whole.only, whole.except}, !whole.valid_to, report);
  }
  Definition definition = define(name, whole, std::move(holidays));
  // Of half a calendar there is nothing to say that would still hold of the whole.
  const auto remarks = shape.sound ? review(definition) : std::vector<Remark>{};
  for (const Remark& remark : remarks) {
    const auto& [place, at] = spot_of(whole, remark.key);
    report.add({place.file, place.line, place.column, at, remark.what, remark.warning});
  }
  Read out{{}, report.sorted()};
  if (std::ranges::all_of(out.flaws, &config::Flaw::warning)) out.definition = std::move(definition);
  return out;
}

std::shared_ptr<const Calendar> Book::get(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  if (const auto at = known_.find(name); at != known_.end()) return at->second;
  const auto all = names();
  if (std::ranges::find(all, name) == all.end()) {
    throw Error(ErrorKind::config, "there is no calendar '" + name + "': " + config::known_names(name, all));
  }
  Read read = read_definition(section_, name);
  if (!read.definition) {
    std::string what;
    for (const auto& flaw : read.flaws) {
      if (!flaw.warning) what += (what.empty() ? "" : "; ") + config::to_text(flaw);
    }
    throw Error(ErrorKind::config, "calendar '" + name + "': " + what);
  }
  return known_[name] = std::make_shared<const Calendar>(*std::move(read.definition));
}

std::vector<std::string> Book::names() const {
  std::vector<std::string> out;
  for (const auto& [name, shape] : section_.hours) out.push_back(name);
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(section_.directory, error)) {
    if (file.path().extension() == ".toml") out.push_back(file.path().stem().string());
  }
  std::ranges::sort(out);
  const auto rest = std::ranges::unique(out);
  out.erase(rest.begin(), rest.end());
  return out;
}

}  // namespace supportd::calendar
