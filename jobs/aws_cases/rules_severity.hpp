// Which severity a case is opened with (product.md decision 1). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/tickets/values.hpp"

namespace supportd::aws_cases {

// AWS's codes, lowest first.
inline constexpr std::string_view severity_codes[] = {"low", "normal", "high", "urgent", "critical"};
// -1: not one of AWS's.
int severity_rank(std::string_view code);

struct SeverityRules {
  std::map<std::string, std::string> by_priority{
      {"low", "low"}, {"normal", "normal"}, {"high", "normal"}, {"urgent", "high"}};
  std::string otherwise = "normal";  // a ticket without a priority
  std::vector<std::string> words{"프로덕션 중단", "production down", "서비스 중단", "전체 장애"};
  std::string words_severity = "high";
  std::string max_automatic = "high";
};

struct Severity {
  std::string code;    // what may be opened with now
  std::string wanted;  // above `code`: only with a named approval
  std::string why;     // "priority high", "word '전체 장애'"
};
// `asked`: for what on the ticket, in any case; of an unknown one `why` tells.
Severity choose_severity(const SeverityRules& rules, std::optional<tickets::Priority> priority, std::string_view asked,
                         std::string_view text);

struct Offered {
  std::string code;
  std::string note;  // empty: as wanted
};
// The wanted one or, where the account's plan lacks it, the next lower that it has.
Offered within_plan(std::string_view wanted, const std::vector<std::string>& offered);

}  // namespace supportd::aws_cases
