// What is wrong with a configuration, and where. Flaws are collected from all files and shown at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace supportd::config {

// A position in a file; line and column count from 1, 0 means the file as a whole.
struct Place {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
};

// Where in a file, and by which keys.
struct Spot {
  Place place;
  std::string path;  // as Flaw's
};

struct Flaw {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  std::string path;  // "freshdesk.main.interval", "aws_cases.account[2].role"; empty: the file itself
  std::string what;  // what is wrong and what would be right
  bool warning = false;
};

// "supportd.toml:3:1"
std::string to_text(const Place& place);
// "supportd.toml:3:1: jobs.pull.limit: 0 is out of range 1 to 100"; a warning says so before the `what`.
std::string to_text(const Flaw& flaw);

// Where the flaws of one load are gathered.
class Report {
 public:
  void add(Flaw flaw) { flaws_.push_back(std::move(flaw)); }
  void flaw(const Place& place, std::string path, std::string what);
  void warn(const Place& place, std::string path, std::string what);
  // Whether `path`, or anything below it, has a flaw; a further remark about it would only confuse.
  bool flawed(std::string_view path) const;
  // By file, line and column.
  std::vector<Flaw> sorted() const;

 private:
  std::vector<Flaw> flaws_;
};

}  // namespace supportd::config
