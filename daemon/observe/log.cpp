#include "daemon/observe/log.hpp"

#include <algorithm>

namespace supportd::observe {
namespace {

bool names_a_secret(std::string_view key) {
  constexpr std::array words{"password", "secret", "token", "authorization", "api_key", "credential"};
  return std::ranges::any_of(words, [&](std::string_view word) { return key.ends_with(word); });
}

}  // namespace

std::string_view to_text(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "";
}

void Log::write(Level level, std::string_view message, Fields fields) {
  if (level < least_) return;
  Record record{.at = clock_.now(), .level = level, .message = std::string(message), .fields = std::move(fields)};
  for (Field& field : record.fields) {
    if (names_a_secret(field.key)) field.value = "***";
  }
  ++written_[static_cast<std::size_t>(level)];
  const std::lock_guard lock(mutex_);
  sink_(record);
}

}  // namespace supportd::observe
