// The command line of supportd.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/result.hpp"
#include "daemon/time/clock.hpp"

namespace supportd {

enum class Action { run, check, print, version, help };

struct Options {
  Action action = Action::run;
  std::filesystem::path config = "/etc/supportd/supportd.toml";
  std::optional<std::filesystem::path> drop_ins;  // conf.d beside it unless given
  time::MachineClock clock;
};

extern const char* const usage_text;

Parsed<Options> parse_options(const std::vector<std::string>& arguments);
// "SPEED@EPOCHMS": a clock that was right at that instant and has run SPEED times faster since, so that every process
// told the same runs on the same time.
Parsed<time::MachineClock> parse_clock(const std::string& text);

}  // namespace supportd
