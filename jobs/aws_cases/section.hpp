// [aws_cases]: which tickets get an AWS case, and how.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/config/schema.hpp"
#include "jobs/aws_cases/rules_classify.hpp"
#include "jobs/aws_cases/rules_message.hpp"
#include "jobs/aws_cases/rules_severity.hpp"
#include "jobs/aws_cases/rules_status.hpp"
#include "jobs/aws_cases/rules_template.hpp"

namespace supportd::aws_cases {

enum class Again {
  never,    // one case a ticket; a reopened ticket reopens it
  marking,  // marking the ticket anew after its case was resolved opens the next
};

struct Section {
  // Which tickets: those with the tag, and those whose field has one of the values (any, when none is listed).
  std::string tag = "aws-support";
  std::string field;
  std::vector<std::string> field_values;
  Again again = Again::never;
  Instant from{};  // tickets marked earlier do not count (rule 8)

  std::string account_field = "cf_aws_account_id";
  std::string severity_field = "cf_aws_severity";
  std::string case_id_field = "cf_aws_support_case_id";
  std::vector<std::string> tags_when_open{"aws-support-case", "escalated"};

  std::string agency = "Support";
  std::string language = "auto";  // of cases and notes: "auto", or one that has texts
  std::string fallback_language = "en";
  std::string zone = "UTC";  // where the organisation has none
  std::map<std::string, Texts> texts = default_texts();

  AddressRules address;
  bool public_updates = false;  // what AWS writes becomes public replies
  std::vector<std::string> cc;
  bool cc_requester = false;                // makes the case customer-visible (rule 14)
  std::vector<std::string> desk_mailboxes;  // never in CC

  int cases_per_account_a_day = 30;
  int effects_an_hour = 2'000;
  int effects_a_ticket = 40;  // in ten minutes
  Millis settle{120'000};     // how long AWS's lists may lag
  Millis approval_wait{900'000};
  Millis resolved_for{14LL * 24 * 3'600'000};  // resolved cases are in every sweep for this long, then once a day
  Millis retention{24LL * 30 * 24 * 3'600'000};

  SeverityRules severity;
  StatusRules status;
  ClassifyRules classify = default_classify_rules();
};

void bind(config::Binder& binder, Section& section);
// In any case of letters.
bool is_desk_mailbox(const Section& section, const std::string& mail);

}  // namespace supportd::aws_cases
