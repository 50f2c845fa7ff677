// Whether somebody keeps the machine's clock right.
#pragma once

#include <string>

namespace supportd::time {

// As the kernel knows from its time service, asked through systemd-timedated on the system's bus: the unit's
// ProtectClock= leaves us no adjtimex(2), which reads and sets. False when nobody answers.
bool machine_is_synchronised();
// The same, of the bus at that address.
bool is_synchronised(const std::string& bus);

}  // namespace supportd::time
