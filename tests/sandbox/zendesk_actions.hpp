// What people do on the sandbox's Zendesk: the script's actions that begin with "zendesk_". Their tickets have names of
// their own. Thread-safe by its owner's lock.
#pragma once

#include <map>
#include <string>

#include "daemon/json.hpp"
#include "tests/sandbox/world.hpp"

namespace supportd::sandbox {

class ZendeskActions {
 public:
  explicit ZendeskActions(World& world) : world_(world) {}

  // Always true: these wait for nothing. Throws Error{config} for an action that is none.
  bool perform(const json::View& action, const std::string& what, Instant now);
  static std::string help();

 private:
  void open(const json::View& action, Instant now);
  void say(const json::View& action, const std::string& what, std::int64_t ticket, Instant now);
  void set(const json::View& action, std::int64_t ticket, Instant now);
  std::vector<fakes::File> files(const json::View& action);
  std::int64_t ticket(const std::string& name) const;

  World& world_;
  std::map<std::string, std::int64_t> tickets_;
};

}  // namespace supportd::sandbox
