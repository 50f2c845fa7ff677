#include "daemon/http/json_answer.hpp"

namespace supportd::http {

void refuse_answer(Client& client, const Request& request, const std::string& why) {
  client.unreadable(request);
  throw Error(request.safe ? ErrorKind::corrupt : ErrorKind::unknown_outcome, why);
}

}  // namespace supportd::http
