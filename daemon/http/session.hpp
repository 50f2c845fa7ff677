// One connection's state. Lives on the loop thread; a handler's thread touches `inbound`, `response` and `dropped` only
// while the session is in Phase::handling. Includes Beast: for server.cpp alone.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "daemon/http/server.hpp"

namespace supportd::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

// A concrete executor: the polymorphic one costs an indirect call for each step.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

enum class Phase { idle, head, body, handling, writing, lingering };

struct Session {
  Session(Socket connection, Peer who)
      : socket(std::move(connection)), handled(socket.get_executor(), Timer::time_point::max()), peer(std::move(who)) {}

  Socket socket;
  Timer handled;  // cancelled when the handler is done
  const Peer peer;

  beast::flat_buffer buffer;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser;
  const Route* route = nullptr;
  Inbound inbound;
  Response response;
  std::string out;

  Phase phase = Phase::idle;
  std::chrono::nanoseconds deadline = std::chrono::nanoseconds::max();  // of the clock's steady time
  std::chrono::nanoseconds began{};                                     // the request under way
  bool is_counted = false;                                              // as in flight
  bool timed_out = false;
  bool dropped = false;  // closed without an answer
};

}  // namespace supportd::http
