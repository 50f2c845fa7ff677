// supportd: the daemon.
#include <sys/stat.h>
#include <sysexits.h>

#include <iostream>

#include "daemon/observe/notify.hpp"
#include "daemon/options.hpp"
#include "daemon/service.hpp"
#include "daemon/time/synchronised.hpp"
#include "daemon/version.hpp"

namespace supportd {
namespace {

int check(const config::Loaded& loaded, std::size_t files) {
  for (const auto& flaw : loaded.flaws) std::cerr << config::to_text(flaw) << '\n';
  if (!loaded.config) return 1;
  std::cout << "sound: " << files << (files == 1 ? " file\n" : " files\n");
  return 0;
}

int print(const config::Loaded& loaded) {
  if (!loaded.config) return check(loaded, 0);
  std::cout << config::print(in_force(*loaded.config));
  return 0;
}

int serve(Options& options) {
  ::umask(0077);  // customers' words are nobody else's
  const auto read = [config = options.config, drop_ins = options.drop_ins] {
    return config::read_files(config, drop_ins);
  };
  App app(read, {.clock = options.clock,
                 .inherited = observe::notify::passed_sockets(),
                 .synchronised = time::machine_is_synchronised});
  return Service(app, options.clock).run();
}

int act(Options& options) {
  const auto load = [&](const config::Source& source) {
    return builtin_schema([&] { return options.clock.now(); }).load(source);
  };
  switch (options.action) {
    case Action::run: return serve(options);
    case Action::check: {
      const auto source = config::read_files(options.config, options.drop_ins);
      return check(load(source), source.files.size());
    }
    case Action::print: return print(load(config::read_files(options.config, options.drop_ins)));
    case Action::version:
      std::cout << "supportd " << version << " (" << revision << ", " << compiler << ")\n";
      return 0;
    case Action::help: std::cout << usage_text; return 0;
  }
  return 2;
}

// What only an operator can mend is not started again (RestartPreventExitStatus= of the unit).
int exit_status(const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  const ErrorKind kind = known != nullptr ? known->kind() : ErrorKind::unreachable;
  return kind == ErrorKind::config || kind == ErrorKind::refused || kind == ErrorKind::corrupt ? EX_CONFIG : 1;
}

}  // namespace
}  // namespace supportd

int main(int argc, char** argv) {
  supportd::block_signals();
  auto options = supportd::parse_options({argv + 1, argv + argc});
  if (!options) {
    std::cerr << "supportd: " << options.error().what << '\n' << supportd::usage_text;
    return 2;
  }
  try {
    return supportd::act(*options);
  } catch (const std::exception& error) {
    std::cerr << "supportd: " << error.what() << '\n';
    supportd::observe::notify::status(error.what());
    return supportd::exit_status(error);
  }
}
