#include "jobs/aws_cases/rules_severity.hpp"

#include <algorithm>

#include "jobs/tickets/words.hpp"

namespace supportd::aws_cases {

int severity_rank(std::string_view code) {
  const auto* const found = std::ranges::find(severity_codes, code);
  return found == std::end(severity_codes) ? -1 : static_cast<int>(found - std::begin(severity_codes));
}

Severity choose_severity(const SeverityRules& rules, std::optional<tickets::Priority> priority, std::string_view asked,
                         std::string_view text) {
  const std::string requested = tickets::fold(asked);  // people choose it as "Urgent"
  Severity out{rules.otherwise, "", "no priority"};
  if (priority) {
    const std::string name(to_text(*priority));
    const auto found = rules.by_priority.find(name);
    if (found != rules.by_priority.end()) out.code = found->second;
    out.why = "priority " + name;
  }
  if (severity_rank(rules.words_severity) > severity_rank(out.code)) {
    const std::string folded = tickets::fold(text);
    for (const auto& word : rules.words) {
      if (!tickets::contains_word(folded, word)) continue;
      out.code = rules.words_severity;
      out.why = "word '" + word + "'";
      break;
    }
  }
  if (severity_rank(requested) >= 0) {
    out.code = requested;
    out.why = "asked for on the ticket";
  } else if (!requested.empty()) {
    out.why += ", for the ticket's '" + std::string(asked) + "' is no severity";
  }
  if (severity_rank(out.code) > severity_rank(rules.max_automatic)) {
    // Only people raise above the limit: what words or tables gave is cut silently to it.
    if (severity_rank(requested) >= 0) out.wanted = out.code;
    out.code = rules.max_automatic;
  }
  return out;
}

Offered within_plan(std::string_view wanted, const std::vector<std::string>& offered) {
  for (int rank = severity_rank(wanted); rank >= 0; --rank) {
    const std::string code(severity_codes[rank]);
    if (std::ranges::find(offered, code) == offered.end()) continue;
    if (code == wanted) return {code, ""};
    return {code, "the account's plan has no '" + std::string(wanted) + "': opened as '" + code + "'"};
  }
  // A list without any of the known codes says nothing about what is allowed.
  return {std::string(wanted), ""};
}

}  // namespace supportd::aws_cases
