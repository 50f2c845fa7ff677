// The one exception of the project. Thrown when something cannot be done; caught only by the runner, the
// outbox, the router and run::each. What a vendor or library throws or returns is translated into it once, at the edge.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace supportd {

enum class ErrorKind {
  config,           // an operator must change a setting
  unreachable,      // nothing left this machine, or the far side is down: try again later
  throttled,        // the far side asks for patience
  refused,          // the far side understood and will always say no
  conflict,         // somebody else changed it meanwhile
  gone,             // the object no longer exists, or never did
  corrupt,          // bytes that cannot be understood
  unknown_outcome,  // a write may or may not have happened
  stopped,          // the daemon is stopping, or the run was cancelled
};

std::string_view to_text(ErrorKind kind);

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::optional<std::chrono::milliseconds> retry_after = {})
      : std::runtime_error(message), kind_(kind), retry_after_(retry_after) {}
  // `code`: the far side's own word for it ("CaseIdNotFound", "missing_field"); empty when it has none.
  Error(ErrorKind kind, std::string code, const std::string& message,
        std::optional<std::chrono::milliseconds> retry_after)
      : std::runtime_error(message), kind_(kind), code_(std::move(code)), retry_after_(retry_after) {}

  ErrorKind kind() const { return kind_; }
  const std::string& code() const { return code_; }
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }

 private:
  ErrorKind kind_;
  std::string code_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

}  // namespace supportd
