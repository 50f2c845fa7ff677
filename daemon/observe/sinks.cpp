#include "daemon/observe/sinks.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include <algorithm>
#include <cctype>

#include "daemon/json.hpp"
#include "daemon/observe/printable.hpp"

namespace supportd::observe {
namespace {

std::string quoted_if_needed(const std::string& value) {
  const std::string safe = printable(value);
  const bool bare = !safe.empty() && safe.find_first_of(" =\"\\") == std::string::npos;
  if (bare) return safe;
  std::string out = "\"";
  for (const char c : safe) {
    if (c == '"') out += '\\';
    out += c;
  }
  return out + '"';
}

char priority(Level level) {
  switch (level) {
    case Level::debug: return '7';
    case Level::info: return '6';
    case Level::warning: return '4';
    case Level::error: return '3';
  }
  return '3';
}

std::string journal_key(std::string_view key) {
  if (key == "message_id") return "MESSAGE_ID";
  std::string out = "SUPPORTD_";
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    out += std::isalnum(byte) && byte < 0x80 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return out;
}

// One write a line, so that lines of several processes on one terminal do not mix.
void write_line(std::string line) {
  line += '\n';
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, left.data(), left.size());
    if (written <= 0) return;  // nobody reads: there is nowhere to say so
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string plain_line(const Record& record) {
  std::string line = time::to_text(record.at);
  line.append(" ").append(to_text(record.level)).append(" ").append(printable(record.message));
  for (const Field& field : record.fields) {
    line.append(" ").append(printable(field.key)).append("=").append(quoted_if_needed(field.value));
  }
  return line;
}

std::string json_line(const Record& record) {
  json::Writer writer;
  writer.object([&] {
    writer.member("time", time::to_text(record.at));
    writer.member("level", to_text(record.level));
    writer.member("message", record.message);
    for (const Field& field : record.fields) writer.member(field.key, field.value);
  });
  return writer.take();
}

std::vector<std::string> journal_entries(const Record& record) {
  std::vector<std::string> out{"MESSAGE=" + printable(record.message),
                               std::string("PRIORITY=") + priority(record.level), "SYSLOG_IDENTIFIER=supportd"};
  for (const Field& field : record.fields) out.push_back(journal_key(field.key) + "=" + printable(field.value));
  return out;
}

Sink stderr_sink(LogFormat format) {
  return [format](const Record& record) {
    write_line(format == LogFormat::json ? json_line(record) : plain_line(record));
  };
}

Sink journal_sink() {
  return [](const Record& record) {
    auto entries = journal_entries(record);
    // What `journalctl` shows by default is MESSAGE alone, so the fields are said there too.
    for (const Field& field : record.fields) {
      if (field.key != "message_id") entries[0] += " " + printable(field.key) + "=" + quoted_if_needed(field.value);
    }
    std::vector<iovec> parts(entries.size());
    std::ranges::transform(entries, parts.begin(), [](std::string& entry) {
      return iovec{entry.data(), entry.size()};
    });
    if (sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) < 0) write_line(plain_line(record));
  };
}

bool stderr_is_journal() {
  const char* stream = ::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return stream == std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
}

}  // namespace supportd::observe
