// Keys as JSON, in the two shapes that AWS gives them in. No secret ever stands in an error.
#pragma once

#include <string_view>

#include "connectors/aws/credentials.hpp"

namespace supportd::connectors::aws {

enum class JsonCredentials {
  imds,     // {"Code":"Success","AccessKeyId","SecretAccessKey","Token","Expiration"}
  process,  // {"Version":1,"AccessKeyId","SecretAccessKey"[,"SessionToken"][,"Expiration"]}
};

// Throws Error{corrupt}; config when the source itself says that it has none.
Credentials parse_json_credentials(std::string_view text, JsonCredentials shape);

}  // namespace supportd::connectors::aws
