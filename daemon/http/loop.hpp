// The loop thread's half of the server. Includes Beast: for server.cpp alone.
#pragma once

#include <fcntl.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <list>

#include "daemon/http/answer.hpp"
#include "daemon/http/handler_pool.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/http/session.hpp"

namespace supportd::http {

using Task = asio::awaitable<void, Executor>;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

class Server::Loop {
 public:
  Loop(ServerOptions options, ServerHooks hooks, const Router& router, time::Clock& clock);

  const std::vector<std::string>& addresses() const { return addresses_; }
  void run() { io_.run(); }
  void begin_stop(Millis drain);

 private:
  struct Door {
    Door(Listener made, Executor executor)
        : listener(std::move(made)), readiness(executor, ::fcntl(listener.fd(), F_DUPFD_CLOEXEC, 0)) {}
    Listener listener;
    Descriptor readiness;  // its own duplicate: Asio closes what it is given
  };

  Task accept(Door& door);
  void admit(Door& door, int fd);
  template <class Body>
  void spawn(Session& session, Body body);
  Task serve(Session& session);
  Task turn_away(Session& session);
  Task linger(Session& session);
  asio::awaitable<error_code, Executor> read(Session& session, bool whole);
  Task tick();

  void enter(Session& session, Phase phase, Millis limit);
  void begin_request(Session& session);
  std::optional<Response> refuse_head(Session& session);
  void run_handler(Session& session);
  bool hand_over(Session& session);
  void finish(Session& session, bool keep_alive);
  std::optional<Response> refusal_of(const Session& session, error_code error) const;
  void expire();
  const std::string& date();

  const ServerOptions options_;
  const ServerHooks hooks_;
  const Router& router_;
  time::Clock& clock_;
  std::vector<std::string> addresses_;

  // All below belong to the loop thread.
  asio::io_context io_{1};
  Timer ticker_{io_.get_executor()};
  std::list<Door> doors_;
  std::list<Session> sessions_;
  std::size_t remote_sessions_ = 0;
  std::chrono::nanoseconds looks_at_ = std::chrono::nanoseconds::max();  // when the ticker looks next
  std::string date_;                                                     // of this second
  Instant date_second_{};
  bool stopping_ = false;
  std::chrono::nanoseconds stop_deadline_{};
  HandlerPool pool_;  // first to go: its threads post to io_
};

}  // namespace supportd::http
