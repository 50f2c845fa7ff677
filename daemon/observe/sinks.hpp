// Where log records go, and the forms they take there.
#pragma once

#include <string>
#include <vector>

#include "daemon/observe/log.hpp"

namespace supportd::observe {

// "2026-01-01T00:00:00Z warning lane held lane=freshdesk:ticket:7 reason="two words"", without a newline. Control
// characters are escaped.
std::string plain_line(const Record& record);
// {"time":..., "level":..., "message":..., and the fields}
std::string json_line(const Record& record);
// journald's native form, "KEY=value" each: MESSAGE, PRIORITY (syslog's numbers), SYSLOG_IDENTIFIER, and the fields
// as SUPPORTD_<NAME>. https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
std::vector<std::string> journal_entries(const Record& record);

enum class LogFormat { plain, json };
Sink stderr_sink(LogFormat format);
Sink journal_sink();
// Whether JOURNAL_STREAM names the file behind standard error (man systemd.exec), so that fields can be sent natively.
bool stderr_is_journal();

}  // namespace supportd::observe
