#include "daemon/http/server.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "daemon/http/loop.hpp"

// GCC 12 destroys lambdas with captures and braced temporaries twice when they stand inside a co_await expression:
// whatever is awaited here is named first, or made of plain calls.
namespace supportd::http {
namespace {

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
const auto as_result = asio::as_tuple(asio::use_awaitable_t<Executor>{});

// For a connection that is refused, so that the far side reads the answer before the reset (RFC 9112 section 9.6).
constexpr Millis linger_time{1'000};
constexpr std::size_t turned_away_at_once = 64;
constexpr std::size_t kept_buffer = 16 * 1024;
constexpr Millis longest_look{4'000};  // of real time: as often the loop shows that it lives

std::string_view method_label(beast::http::verb method, std::string_view text) {
  using beast::http::verb;
  for (const verb known : {verb::get, verb::head, verb::post, verb::put, verb::delete_, verb::patch, verb::options}) {
    if (method == known) return text;
  }
  return "other";
}

Millis shortest_limit(const ServerOptions& it) {
  return std::min({it.header_timeout, it.body_timeout, it.idle_timeout, it.write_timeout, longest_look});
}

}  // namespace

Server::Loop::Loop(ServerOptions options, ServerHooks hooks, const Router& router, time::Clock& clock)
    : options_(std::move(options)),
      hooks_(std::move(hooks)),
      router_(router),
      clock_(clock),
      pool_(clock, options_.threads, options_.max_waiting) {
  const auto open = [this](Listener listener) {
    addresses_.push_back(listener.address());
    doors_.emplace_back(std::move(listener), io_.get_executor());
  };
  for (const auto& address : options_.listen) open(Listener::tcp(address));
  if (!options_.socket_path.empty()) {
    open(Listener::unix_socket(options_.socket_path, options_.socket_mode, options_.socket_group));
  }
  for (const int fd : options_.inherited) open(Listener::inherited(fd));
  const auto die = [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  };
  for (Door& door : doors_) asio::co_spawn(io_, accept(door), die);
  asio::co_spawn(io_, tick(), die);
}

void Server::Loop::begin_stop(Millis drain) {
  asio::post(io_, [this, drain] {
    stopping_ = true;
    stop_deadline_ = clock_.steady() + drain;
    doors_.clear();
    for (Session& session : sessions_) {
      if (session.phase == Phase::idle) session.socket.cancel();
    }
    ticker_.cancel();
  });
}

Task Server::Loop::accept(Door& door) {
  const int listener = door.listener.fd();
  Timer pause(io_.get_executor());
  while (true) {
    const auto [error] = co_await door.readiness.async_wait(Descriptor::wait_read, as_result);
    if (error) co_return;  // the door is no more
    int fd = -1;
    while ((fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) admit(door, fd);
    if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) continue;
    pause.expires_after(std::chrono::milliseconds(100));  // out of descriptors: the connection stays in the backlog
    co_await pause.async_wait(as_result);
    if (stopping_) co_return;
  }
}

void Server::Loop::admit(Door& door, int fd) {
  const bool is_local = door.listener.is_local();
  const bool is_full = !is_local && remote_sessions_ >= options_.max_connections;
  if (is_full && remote_sessions_ >= options_.max_connections + turned_away_at_once) {
    ::close(fd);
    return;
  }
  const int on = 1;
  if (!is_local) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Socket socket(io_.get_executor());
  socket.assign(asio::generic::stream_protocol(is_local ? AF_UNIX : AF_INET, 0), fd);
  Session& session = sessions_.emplace_back(std::move(socket), peer_of(fd, is_local));
  is_full ? spawn(session, turn_away(session)) : spawn(session, serve(session));
}

template <class Body>
void Server::Loop::spawn(Session& session, Body body) {
  const auto at = std::prev(sessions_.end());
  if (!session.peer.local) ++remote_sessions_;
  if (hooks_.connections) hooks_.connections(1);
  asio::co_spawn(io_, std::move(body), [this, at](std::exception_ptr error) {
    if (at->is_counted && hooks_.in_flight) hooks_.in_flight(-1);
    if (!at->peer.local) --remote_sessions_;
    if (hooks_.connections) hooks_.connections(-1);
    sessions_.erase(at);
    if (stopping_ && sessions_.empty()) ticker_.cancel();
    if (error) std::rethrow_exception(error);
  });
}

void Server::Loop::enter(Session& session, Phase phase, Millis limit) {
  session.phase = phase;
  session.deadline = clock_.steady() + limit;
  if (session.deadline >= looks_at_) return;
  looks_at_ = session.deadline;
  ticker_.cancel();
}

void Server::Loop::begin_request(Session& session) {
  const bool is_first = !session.parser;
  session.parser.emplace();
  session.parser->header_limit(static_cast<std::uint32_t>(options_.header_limit));
  session.parser->body_limit(options_.body_limit);
  session.route = nullptr;
  if (session.out.capacity() > kept_buffer) session.out = {};
  session.out.clear();
  if (session.buffer.capacity() > kept_buffer) session.buffer.shrink_to_fit();
  if (session.buffer.size() > 0) {
    enter(session, Phase::head, options_.header_timeout);
  } else {
    enter(session, Phase::idle, is_first ? options_.header_timeout : options_.idle_timeout);
  }
}

// Reads and parses until the header, or the whole message, is there.
asio::awaitable<error_code, Executor> Server::Loop::read(Session& session, bool whole) {
  auto& parser = *session.parser;
  auto& buffer = session.buffer;
  parser.eager(whole);
  while (!(whole ? parser.is_done() : parser.is_header_done())) {
    if (buffer.size() > 0) {
      error_code error;
      const std::size_t used = parser.put(buffer.data(), error);
      buffer.consume(used);
      if (error && error != beast::http::error::need_more) co_return error;
      if (!error && used > 0) continue;
    }
    const auto room = buffer.prepare(whole ? kept_buffer : 4096);
    const auto [error, size] = co_await session.socket.async_read_some(room, as_result);
    if (error) co_return error;
    if (session.phase == Phase::idle) enter(session, Phase::head, options_.header_timeout);
    buffer.commit(size);
  }
  co_return error_code();
}

// Nothing when the connection is simply to be closed.
std::optional<Response> Server::Loop::refusal_of(const Session& session, error_code error) const {
  if (!session.socket.is_open()) return {};
  if (session.timed_out) {
    if (session.phase == Phase::idle) return {};
    return problem(408, "Request Timeout", "The request came too slowly.");
  }
  if (error == beast::http::error::header_limit) {
    return problem(431, "Request Header Fields Too Large", "The header is too long.");
  }
  if (error == beast::http::error::body_limit) return problem(413, "Content Too Large", "The body is too long.");
  const bool is_syntax = error.category() == error_code(beast::http::error::bad_method).category();
  if (is_syntax) return problem(400, "Bad Request", error.message());
  return {};
}

// Why the request is answered without its handler, as far as the header tells.
std::optional<Response> Server::Loop::refuse_head(Session& session) {
  const auto& head = session.parser->get();
  Head plain{.method = std::string(head.method_string()), .target = std::string(head.target())};
  plain.is_http_1_0 = head.version() < 11;
  for (const auto& field : head) plain.headers.add(std::string(field.name_string()), std::string(field.value()));
  Admission admission = admit_request(router_, session.peer, std::move(plain), hooks_.token);
  session.route = admission.route;
  session.inbound = std::move(admission.inbound);
  return std::move(admission.refusal);
}

void Server::Loop::run_handler(Session& session) try {
  session.response = http::run_handler(*session.route, session.inbound, [this, &session](std::string_view what) {
    if (hooks_.fault) hooks_.fault(session.route->path, what);
  });
} catch (const HangUp&) {
  session.dropped = true;
}

// False when the pool takes no more.
bool Server::Loop::hand_over(Session& session) {
  session.phase = Phase::handling;
  session.deadline = std::chrono::nanoseconds::max();
  session.handled.expires_at(Timer::time_point::max());
  return pool_.submit([this, &session](bool run) {
    // The session keeps its descriptor open while it is being handled.
    const bool dropped = !run || has_hung_up(session.socket.native_handle());
    if (!dropped) {
      Peer& peer = session.inbound.peer;
      if (const auto name = peer.uid >= 0 ? user_name(peer.uid) : ""; !name.empty()) peer.name += " (" + name + ")";
      run_handler(session);
      gzip_if_wanted(session.inbound, session.response);
    }
    asio::post(io_, [&session, dropped] {
      session.dropped = session.dropped || dropped;
      session.handled.cancel();
    });
  });
}

void Server::Loop::finish(Session& session, bool keep_alive) {
  const auto& head = session.parser->get();
  const Framing framing{.keep_alive = keep_alive,
                        .is_http_1_0 = head.version() < 11,
                        .is_head = head.method() == beast::http::verb::head,
                        .date = date()};
  serialise(session.response, framing, session.out);
  if (!hooks_.answered) return;
  const auto method = head.method_string();
  const std::chrono::duration<double> length = clock_.steady() - session.began;
  hooks_.answered({.method = method_label(head.method(), {method.data(), method.size()}),
                   .route = session.route ? std::string_view(session.route->path) : "other",
                   .status = session.response.status,
                   .seconds = length.count(),
                   .bytes = session.response.body.size()});
}

Task Server::Loop::serve(Session& session) {
  bool keep_alive = true;
  while (keep_alive) {
    begin_request(session);
    if (stopping_ && session.phase == Phase::idle) co_return;
    error_code error = co_await read(session, false);
    session.began = clock_.steady();
    auto refusal = error ? refusal_of(session, error) : refuse_head(session);
    if (error && !refusal) co_return;
    if (!session.is_counted && hooks_.in_flight) hooks_.in_flight(1);
    session.is_counted = true;
    if (!refusal && !session.parser->is_done()) {
      enter(session, Phase::body, options_.body_timeout);
      if (beast::iequals(session.parser->get()[beast::http::field::expect], "100-continue")) {
        co_await asio::async_write(session.socket, asio::buffer(go_on), as_result);
      }
      error = co_await read(session, true);
      if (error) refusal = refusal_of(session, error);
      if (error && !refusal) co_return;
    }
    keep_alive = !error && session.parser->is_done() && session.parser->keep_alive() && !stopping_;
    if (refusal) {
      session.response = std::move(*refusal);
    } else if (session.inbound.body = std::move(session.parser->get().body()); session.route->on_loop) {
      run_handler(session);
    } else if (hand_over(session)) {
      co_await session.handled.async_wait(as_result);
    } else {
      session.response = problem(503, "Service Unavailable", "Too many requests wait already.");
    }
    if (session.dropped) co_return;
    keep_alive = keep_alive && !stopping_;
    finish(session, keep_alive);
    enter(session, Phase::writing, options_.write_timeout);
    const auto [failed, size] = co_await asio::async_write(session.socket, asio::buffer(session.out), as_result);
    if (hooks_.in_flight) hooks_.in_flight(-1);
    session.is_counted = false;
    if (failed) co_return;
  }
  if (!session.parser->is_done()) co_await linger(session);
}

Task Server::Loop::turn_away(Session& session) {
  const Response busy = problem(503, "Service Unavailable", "Too many connections are open already.");
  serialise(busy, {.keep_alive = false, .date = date()}, session.out);
  enter(session, Phase::writing, linger_time);
  co_await asio::async_write(session.socket, asio::buffer(session.out), as_result);
  co_await linger(session);
}

Task Server::Loop::linger(Session& session) {
  session.timed_out = false;
  error_code ignored;
  session.socket.shutdown(Socket::shutdown_send, ignored);
  enter(session, Phase::lingering, linger_time);
  while (!session.timed_out) {
    session.buffer.clear();
    const auto [error, size] = co_await session.socket.async_read_some(session.buffer.prepare(4096), as_result);
    if (error) co_return;
  }
}

// The one timer of the server: it looks at the nearest deadline, so that a request costs no timer of its own.
Task Server::Loop::tick() {
  while (!stopping_ || !sessions_.empty()) {
    if (hooks_.pulse) hooks_.pulse();
    expire();
    const std::chrono::duration<double> rest = looks_at_ - clock_.steady();
    ticker_.expires_after(std::chrono::ceil<std::chrono::milliseconds>(rest / clock_.speed()));
    co_await ticker_.async_wait(as_result);
  }
}

void Server::Loop::expire() {
  const auto now = clock_.steady();
  const auto soonest = now + shortest_limit(options_) / 4;
  looks_at_ = now + std::chrono::duration_cast<std::chrono::nanoseconds>(longest_look * clock_.speed());
  const auto look_at = [&](std::chrono::nanoseconds when) { looks_at_ = std::min(looks_at_, std::max(when, soonest)); };
  const bool give_up = stopping_ && now >= stop_deadline_;
  if (give_up) pool_.drop_waiting();
  if (stopping_) look_at(stop_deadline_);
  for (Session& session : sessions_) {
    look_at(session.deadline);
    if (session.phase == Phase::handling || !(give_up || session.deadline <= now)) continue;
    session.timed_out = true;
    error_code ignored;
    give_up ? session.socket.close(ignored) : session.socket.cancel(ignored);
  }
}

const std::string& Server::Loop::date() {
  const auto second = std::chrono::floor<std::chrono::seconds>(clock_.now());
  if (std::exchange(date_second_, second) != second || date_.empty()) date_ = time::to_http_date(second);
  return date_;
}

Server::Server(ServerOptions options, ServerHooks hooks, const Router& router, time::Clock& clock)
    : loop_(std::make_unique<Loop>(std::move(options), std::move(hooks), router, clock)) {
  thread_ = clock.spawn("http-loop", [this] { loop_->run(); });
}

Server::~Server() { stop(Millis{0}); }

const std::vector<std::string>& Server::addresses() const { return loop_->addresses(); }

void Server::stop(Millis drain) {
  if (!thread_) return;
  loop_->begin_stop(drain);
  thread_.reset();
}

}  // namespace supportd::http
