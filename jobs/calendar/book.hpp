// The calendars of a configuration by name, read from their files when they are first asked for. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/config/flaw.hpp"
#include "jobs/calendar/calendar.hpp"
#include "jobs/calendar/section.hpp"

namespace supportd::calendar {

// What a file says, laid over by [calendar.hours.NAME]. Flaws name their file and line; without any there is a
// definition. `file`: NAME.toml in the section's directory unless given.
struct Read {
  std::optional<Definition> definition;
  std::vector<config::Flaw> flaws;  // warnings too
};
Read read_definition(const Section& section, const std::string& name, const std::string& file = "");

class Book {
 public:
  explicit Book(Section section) : section_(std::move(section)) {}

  // Throws Error{config} with all that is wrong, or the names that there are.
  std::shared_ptr<const Calendar> get(const std::string& name) const;
  // Those of the configuration and of its directory.
  std::vector<std::string> names() const;

 private:
  const Section section_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const Calendar>> known_;  // guarded
};

}  // namespace supportd::calendar
