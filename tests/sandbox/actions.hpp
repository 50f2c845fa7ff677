// What people do in a sandbox's day, as JSON: {"do": "engineer_answers", "ticket": "vpn", "text": "...", ...}. Each
// action changes a fake and tells the witness what that must lead to.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "daemon/json.hpp"
#include "tests/sandbox/gate.hpp"
#include "tests/sandbox/world.hpp"
#include "tests/sandbox/zendesk_actions.hpp"

namespace supportd::sandbox {

class Actions {
 public:
  Actions(World& world, Gate& gate) : world_(world), gate_(gate), zendesk_(world) {}

  // False: not yet, the ticket's case does not exist, or `"when": "settled"` and something is still owed. Throws
  // Error{config} for an action that cannot be understood.
  bool perform(const json::View& action, Instant now);
  // One line each: name and members, for --help.
  static std::string help();
  // The name a script gave a ticket; its number as text when it has none.
  std::string name_of(std::int64_t ticket) const;

 private:
  struct Said {
    std::string text, token;
    std::vector<fakes::File> files;
  };

  bool ready(const json::View& action, const std::string& what);
  bool on_desk(const json::View& action, const std::string& what, Instant now);
  bool at_aws(const json::View& action, const std::string& what, Instant now);
  bool at_second(const json::View& action, const std::string& what, Instant now);
  bool on_the_wire(const json::View& action, const std::string& what, Instant now);
  void open(const json::View& action, Instant now);
  Said said(const json::View& action);
  std::int64_t ticket(const json::View& action) const;

  World& world_;
  Gate& gate_;
  ZendeskActions zendesk_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, std::int64_t> tickets_;
  std::map<std::int64_t, std::string> opening_tokens_;
};

}  // namespace supportd::sandbox
