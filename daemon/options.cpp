#include "daemon/options.hpp"

#include <charconv>

#include "daemon/config/suggest.hpp"

namespace supportd {

const char* const usage_text =
    "usage: supportd [--config FILE] [--conf-dir DIRECTORY] [--clock SPEED@EPOCHMS]\n"
    "       supportd --check | --print [--config FILE] [--conf-dir DIRECTORY]\n"
    "       supportd --version | --help\n"
    "\n"
    "  --config FILE         /etc/supportd/supportd.toml unless given\n"
    "  --conf-dir DIRECTORY  further files, *.toml; conf.d beside FILE unless given\n"
    "  --check               say all that is wrong with the configuration, and exit: 0 sound, 1 flawed\n"
    "  --print               the configuration in effect, every default filled in, secrets as ***\n"
    "  --clock SPEED@EPOCHMS for demonstrations: time runs SPEED times faster than real from that instant\n"
    "                        (milliseconds since 1970); all programs told the same share one clock\n"
    "\n"
    "Signals: HUP reload, TERM drain and stop (again: stop now), INT stop now, USR1 state to the log,\n"
    "RTMIN+n run the job with signal_slot = n.\n";

namespace {

const std::vector<std::string> names{"--config", "--conf-dir", "--check", "--print", "--clock", "--version", "--help"};

std::optional<Action> action_of(const std::string& name) {
  if (name == "--check") return Action::check;
  if (name == "--print") return Action::print;
  if (name == "--version") return Action::version;
  if (name == "--help" || name == "-h") return Action::help;
  return {};
}

}  // namespace

Parsed<time::MachineClock> parse_clock(const std::string& text) {
  const std::size_t at = text.find('@');
  double speed = 0;
  std::int64_t epoch = 0;
  const char* end = text.data() + text.size();
  const bool good = at != std::string::npos &&
                    std::from_chars(text.data(), text.data() + at, speed).ptr == text.data() + at &&
                    std::from_chars(text.data() + at + 1, end, epoch).ptr == end && speed > 0;
  if (!good) return Mistake{"--clock is SPEED@EPOCHMS, such as 60@1767225600000"};
  const Instant from = time::from_millis(epoch);
  const auto passed = time::MachineClock().now() - from;
  return time::MachineClock(speed,
                            from + Millis{static_cast<std::int64_t>(static_cast<double>(passed.count()) * speed)});
}

Parsed<Options> parse_options(const std::vector<std::string>& arguments) {
  Options out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::size_t equals = arguments[i].find('=');
    const std::string name = arguments[i].substr(0, equals);
    if (const auto action = action_of(name)) {
      if (equals != std::string::npos) return Mistake{name + " takes no value"};
      out.action = *action;
      continue;
    }
    if (name != "--config" && name != "--conf-dir" && name != "--clock") {
      return Mistake{"no such option: " + name + "; " + config::known_names(name, names)};
    }
    if (equals == std::string::npos && i + 1 == arguments.size()) return Mistake{name + " takes a value"};
    const std::string value = equals == std::string::npos ? arguments[++i] : arguments[i].substr(equals + 1);
    if (name == "--config") {
      out.config = value;
    } else if (name == "--conf-dir") {
      out.drop_ins = value;
    } else {
      auto clock = parse_clock(value);
      if (!clock) return clock.error();
      out.clock = *clock;
    }
  }
  return out;
}

}  // namespace supportd
