// The actions of AWS Support that read the catalogue: the same for every caller of a plan.
#pragma once

#include <string>

#include "daemon/json.hpp"
#include "tests/fakes/aws_support_model.hpp"

namespace supportd::fakes {

std::string describe_services(const json::View& body);
std::string describe_severity_levels(SupportPlan plan);
std::string describe_supported_languages();
std::string describe_create_case_options();

}  // namespace supportd::fakes
