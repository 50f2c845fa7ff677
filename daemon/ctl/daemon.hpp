// The way to the living daemon: HTTP on its control socket.
#pragma once

#include "daemon/ctl/command.hpp"

namespace supportd::ctl {

// `socket` empty: where a daemon of this machine listens unless told otherwise.
Ask connect(const std::string& socket);

}  // namespace supportd::ctl
