// supportctl: the operator's tool.
#include <iostream>

#include "daemon/ctl/command.hpp"
#include "daemon/ctl/daemon.hpp"
#include "daemon/ctl/terminal.hpp"

int main(int argc, char** argv) {
  using namespace supportd;
  ctl::TameOutput out(std::cout);
  ctl::Context context{std::cin, out, std::cerr, ctl::wants_colour(), false, {}, ctl::is_terminal()};
  try {
    const int code = ctl::run(context, {argv + 1, argv + argc}, ctl::connect);
    out.flush();
    return out ? code : ctl::failed;
  } catch (const std::exception& error) {
    std::cerr << "supportctl: " << error.what() << '\n';
    return ctl::failed;
  }
}
