// The sandbox's own endpoints, for the demo, the kill test and people who try things.
#pragma once

#include "tests/sandbox/actions.hpp"
#include "tests/sandbox/day.hpp"

namespace supportd::sandbox {

// Paths and what they answer, for --help.
std::string control_help();

class Control {
 public:
  Control(World& world, Gate& gate, Actions& actions, Day& day, time::Clock& clock)
      : world_(world), gate_(gate), actions_(actions), day_(day), clock_(clock) {}

  http::Response answer(const http::Request& request);

 private:
  http::Response tally() const;
  http::Response progress() const;
  http::Response hold(const std::string& body);
  http::Response act(const std::string& body);

  World& world_;
  Gate& gate_;
  Actions& actions_;
  Day& day_;
  time::Clock& clock_;
};

}  // namespace supportd::sandbox
