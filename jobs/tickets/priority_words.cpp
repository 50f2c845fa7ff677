#include "jobs/tickets/priority_words.hpp"

#include <algorithm>

#include "jobs/tickets/words.hpp"

namespace supportd::tickets {

void bind(config::Binder& b, PriorityWords& words) {
  b.field("enabled", words.enabled);
  b.field("urgent", words.urgent);
  b.field("high", words.high);
  b.choice(
      "otherwise", words.otherwise,
      {{"low", Priority::low}, {"normal", Priority::normal}, {"high", Priority::high}, {"urgent", Priority::urgent}});
}

WordedPriority priority_by_words(const PriorityWords& words, std::string_view subject, std::string_view text) {
  const std::string folded = fold(std::string(subject) + "\n" + std::string(text));
  for (const auto& [priority, list] :
       {std::pair{Priority::urgent, &words.urgent}, std::pair{Priority::high, &words.high}}) {
    const auto found = std::ranges::find_if(*list, [&](const auto& word) { return contains_word(folded, word); });
    if (found != list->end()) return {priority, *found};
  }
  return {words.otherwise, ""};
}

}  // namespace supportd::tickets
