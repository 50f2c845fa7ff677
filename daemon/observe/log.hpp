// What the daemon says while it runs: a message that is always the same words, and fields that differ.
//   log.info("case opened", {{"ticket", 7}, {"case", id}});
// Thread-safe. Values of fields whose name speaks of a secret are never written.
#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/time/clock.hpp"

namespace supportd::observe {

enum class Level { debug, info, warning, error };
inline constexpr std::array levels{Level::debug, Level::info, Level::warning, Level::error};
std::string_view to_text(Level level);

struct Field {
  Field(std::string_view name, std::string_view text) : key(name), value(text) {}
  Field(std::string_view name, std::integral auto number) : key(name), value(std::to_string(number)) {}
  Field(std::string_view name, Instant at) : key(name), value(time::to_text(at)) {}
  Field(std::string_view name, Millis length) : key(name), value(time::to_text(length)) {}

  std::string key;  // lower case with underscores; `message_id` becomes the journal's MESSAGE_ID
  std::string value;
};
using Fields = std::vector<Field>;

struct Record {
  Instant at;
  Level level = Level::info;
  std::string message;
  Fields fields;
};

// Called by one thread at a time. Must not log.
using Sink = std::function<void(const Record&)>;

class Log {
 public:
  Log(const time::Clock& clock, Sink sink, Level least = Level::info)
      : clock_(clock), least_(least), sink_(std::move(sink)) {}

  void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, std::move(fields)); }
  void info(std::string_view message, Fields fields = {}) { write(Level::info, message, std::move(fields)); }
  void warning(std::string_view message, Fields fields = {}) { write(Level::warning, message, std::move(fields)); }
  void error(std::string_view message, Fields fields = {}) { write(Level::error, message, std::move(fields)); }
  void write(Level level, std::string_view message, Fields fields);

  void set_level(Level least) { least_ = least; }
  Level level() const { return least_; }
  // Messages written since the start.
  std::uint64_t written(Level level) const { return written_[static_cast<std::size_t>(level)]; }

 private:
  const time::Clock& clock_;

  std::atomic<Level> least_;
  std::array<std::atomic<std::uint64_t>, levels.size()> written_{};

  std::mutex mutex_;
  Sink sink_;  // guarded
};

}  // namespace supportd::observe
