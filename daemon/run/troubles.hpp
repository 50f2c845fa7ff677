// What failed of several things that one run did one after the other.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/error.hpp"

namespace supportd::run {

class Troubles {
 public:
  // The first of each name counts.
  void met(const std::string& who, const std::exception& error);
  void add(const Troubles& more) { by_name_.insert(more.by_name_.begin(), more.by_name_.end()); }
  bool any() const { return !by_name_.empty(); }
  std::vector<std::string> list() const;  // "AWS account 1: what happened", by name
  // Throws one error that names them all, of the first one's kind; nothing when there are none.
  void raise() const;

 private:
  std::map<std::string, Error> by_name_;
};

}  // namespace supportd::run
