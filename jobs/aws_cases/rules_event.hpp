// What EventBridge says about cases. Pure.
// https://docs.aws.amazon.com/awssupport/latest/user/event-bridge-support.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/result.hpp"

namespace supportd::aws_cases {

// It says which case to look at, and nothing else that is believed.
struct CaseEvent {
  std::string account, case_id;
  std::string name;  // "AddCommunicationToCase"
};

// Of a queue's message: the event itself, or in the envelope of SNS. Nothing when it is another kind of event, such as
// CloudTrail's record of the same call; a mistake when it is no event at all.
Parsed<std::optional<CaseEvent>> parse_case_event(std::string_view body);

}  // namespace supportd::aws_cases
