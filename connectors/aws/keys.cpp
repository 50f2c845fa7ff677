#include "connectors/aws/keys.hpp"

namespace supportd::connectors::aws {

Keys::Keys(const Section& section, http::Client& http, time::Clock& clock)
    : sts_endpoint_(sts_url(section), {section.region, "sts"}),
      secrets_endpoint_(secrets_url(section), {section.region, "secretsmanager"}),
      sts_(http, clock, sts_endpoint_),
      base_(base_provider(section, {.clock = clock, .direct = http, .sts = sts_})),
      secrets_calls_(http, clock, secrets_endpoint_, *base_,
                     {std::string(secrets_manager_target), "aws_secrets_manager"}),
      secrets_(secrets_calls_),
      roles_(sts_, clock, *base_) {}

void Keys::read_again() {
  secrets_.forget_all();
  base_->read_again();
}

}  // namespace supportd::connectors::aws
