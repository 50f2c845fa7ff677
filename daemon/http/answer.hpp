// What the server does with a request and an answer apart from sockets: who may, what an exception becomes, and
// the bytes that are sent.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "daemon/http/router.hpp"

namespace supportd::http {

// The header of a request as it came.
struct Head {
  std::string method{};
  std::string target{};  // origin-form or absolute-form (RFC 9112 section 3.2)
  bool is_http_1_0 = false;
  Headers headers{};
};

struct Admission {
  const Route* route = nullptr;  // set also when the route refuses
  Inbound inbound{};             // all but the body; empty when no route was found
  std::optional<Response> refusal{};
};

// `token` is asked for the daemon's bearer token where a route needs it; "" or no function: none is set.
Admission admit_request(const Router& router, const Peer& peer, Head head, const std::function<std::string()>& token);

// Runs the handler; what it throws becomes a problem. `on_fault` is told what is kept from the far side.
Response run_handler(const Route& route, const Inbound& inbound,
                     const std::function<void(std::string_view what)>& on_fault);

// Compresses the body where the request allows and it pays.
void gzip_if_wanted(const Inbound& inbound, Response& response);

struct Framing {
  bool keep_alive = true;
  bool is_http_1_0 = false;
  bool is_head = false;
  std::string_view date{};  // RFC 9110 section 5.6.7; sent unless the handler set one
};

// Writes status line, headers and body to the end of `out`. A header that would break the message is left out.
void serialise(const Response& response, const Framing& framing, std::string& out);

}  // namespace supportd::http
