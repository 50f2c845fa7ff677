// The priority that a ticket's own words ask for, when its customer gave none (product.md, decision 12). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/section.hpp"
#include "jobs/tickets/values.hpp"

namespace supportd::tickets {

struct PriorityWords {
  bool enabled = true;
  std::vector<std::string> urgent = {"down",          "outage",    "crash", "data loss", "security breach",
                                     "cannot access", "production"};
  std::vector<std::string> high = {"error", "bug", "urgent", "asap", "critical", "important"};
  Priority otherwise = Priority::normal;
};
void bind(config::Binder& b, PriorityWords& words);

struct WordedPriority {
  Priority priority = Priority::normal;
  std::string word;  // that decided; empty: none did
};
// Whole words, whatever their case; the subject and the text count alike.
WordedPriority priority_by_words(const PriorityWords& words, std::string_view subject, std::string_view text);

}  // namespace supportd::tickets
