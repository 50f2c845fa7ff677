// What a JSON answer says.
#pragma once

#include <string>

#include "daemon/http/client.hpp"
#include "daemon/json.hpp"

namespace supportd::http {

// Tells `client` of it and throws Error{corrupt}; Error{unknown_outcome} of a write: it did happen, and how is not
// known.
[[noreturn]] void refuse_answer(Client& client, const Request& request, const std::string& why);

// What `read` makes of the answer's root; `what` names it in errors ("Freshdesk groups"). An answer that is no JSON or
// not as `read` expects is refused as above. What else `read` throws of a read passes.
template <class Read>
auto read_json(Client& client, const Request& request, const Response& answer, const std::string& what, Read&& read) {
  const json::Document document = [&] {
    try {
      return json::Document::parse(answer.body, what);
    } catch (const Error& error) {
      refuse_answer(client, request, error.what());
    }
  }();
  try {
    return read(document.root());
  } catch (const Error& error) {
    if (request.safe && error.kind() != ErrorKind::corrupt) throw;
    refuse_answer(client, request, what + ": " + error.what());
  }
}

}  // namespace supportd::http
