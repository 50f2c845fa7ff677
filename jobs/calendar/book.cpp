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

void append(config::Report& to, const std::vector<config::Flaw>& flaws) {
  for (const auto& flaw : flaws) {
    if (flaw.warning) {
      to.warn({flaw.file, flaw.line, flaw.column}, flaw.path, flaw.what);
    } else {
      to.flaw({flaw.file, flaw.line, flaw.column}, flaw.path, flaw.what);
    }
  }
}

// The root table of a TOML file as a T.
template <class T>
std::optional<T> bind_file(const std::filesystem::path& path, config::Report& report) {
  const auto text = text_of(path, report);
  if (!text) return {};
  auto source = config::read_texts({{path.string(), *text}});
  T out;
  config::Binder::Load load{source.report, source.complete};
  config::Binder binder(load, &source.root, "");
  bind(binder, out);
  binder.close();
  const auto flaws = source.report.sorted();
  append(report, flaws);
  if (!std::ranges::all_of(flaws, &config::Flaw::warning)) return {};
  return out;
}

struct Holidays {
  std::map<Day, Holiday> days;
  std::optional<Day> valid_to;
};

std::optional<Day> end_of_last_year(const std::map<Day, Holiday>& days) {
  if (days.empty()) return {};
  return Day(date::year_month_day(days.rbegin()->first).year() / 12 / 31);
}

void add_file(Holidays& to, const std::filesystem::path& path, const Pick& pick, config::Report& report) {
  std::optional<Day> until;
  if (path.extension() == ".ics") {
    const auto text = text_of(path, report);
    if (!text) return;
    auto days = read_ics(*text, path.string(), pick, report);
    until = end_of_last_year(days);
    to.days.merge(days);
  } else if (const auto table = bind_file<HolidayTable>(path, report)) {
    until = *parse_day(table->valid_to);
    for (const auto& [date, name] : table->days) to.days.try_emplace(*parse_day(date), Holiday{name, path.string()});
  }
  if (until) to.valid_to = std::min(to.valid_to.value_or(*until), *until);
}

// The configuration's word beats the file's.
Shape laid_over(Shape shape, const Shape& config) {
  if (!config.zone.empty()) shape.zone = config.zone;
  if (!config.week.empty()) shape.week = config.week;
  if (!config.holidays.empty()) shape.holidays = config.holidays;
  if (!config.only.empty()) shape.only = config.only;
  if (!config.except.empty()) shape.except = config.except;
  for (const auto& [date, hours] : config.days) shape.days[date] = hours;
  for (const auto& [date, hours] : config.breaks) shape.breaks[date] = hours;
  return shape;
}

Definition define(const std::string& name, const Shape& shape, Holidays holidays) {
  Definition out;
  out.name = name;
  if (!shape.zone.empty()) out.zone = *time::Zone::find(shape.zone);
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
  Shape shape;
  const auto configured = section.hours.find(name);
  const bool is_configured = configured != section.hours.end();
  if (!file.empty() || !is_configured || std::filesystem::exists(path)) {
    if (const auto read = bind_file<Shape>(path, report)) shape = *read;
  }
  if (is_configured) shape = laid_over(shape, configured->second);
  Holidays holidays;
  for (const auto& each : shape.holidays) {
    add_file(holidays, path.parent_path() / each, {shape.only, shape.except}, report);
  }
  Read out{{}, report.sorted()};
  if (!std::ranges::all_of(out.flaws, &config::Flaw::warning)) return out;
  Definition definition = define(name, shape, std::move(holidays));
  for (const Remark& remark : review(definition)) {
    out.flaws.push_back({path.string(), 0, 0, remark.key, remark.what, remark.warning});
  }
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
