// Slow handlers, stopping, listening.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "daemon/http/listener.hpp"
#include "daemon/json.hpp"
#include "tests/daemon/http/server_room.hpp"

namespace supportd::http {
namespace {

class ServerLife : public ServerTest {};

TEST_F(ServerLife, SlowHandlersDoNotHoldUpTheLoop) {
  options_.threads = 1;
  options_.max_waiting = 1;
  std::promise<void> pulsed;
  std::atomic<bool> wanted = false;
  hooks_.pulse = [&] {
    if (wanted.exchange(false)) pulsed.set_value();
  };
  options_.idle_timeout = 100ms;
  start();
  auto running = connect();
  running.write(get("/hold"));
  gate_.wait_for(1);
  auto waiting = connect();
  waiting.write(get("/fast"));
  EXPECT_EQ(connect().ask(get("/loop")).body, "loop");
  wanted = true;
  pulsed.get_future().wait();
  auto third = connect();
  while (in_flight_ < 2) std::this_thread::yield();
  EXPECT_EQ(third.ask(get("/fast")).status, 503);
  gate_.open();
  EXPECT_EQ(running.read().value().body, "held");
  EXPECT_EQ(waiting.read().value().body, "fast");
}

TEST_F(ServerLife, DropsTheWorkOfClosedConnections) {
  options_.threads = 1;
  std::atomic<int> ran = 0;
  add("GET", "/count", [&](const Inbound&) {
    ++ran;
    return Response{};
  });
  start();
  auto running = connect();
  running.write(get("/hold"));
  gate_.wait_for(1);
  auto ended = connect(), broken = connect(), patient = connect();
  for (RawClient* client : {&ended, &broken, &patient}) client->write(get("/count"));
  while (in_flight_ < 4) std::this_thread::yield();
  ended.close();
  broken.reset();
  gate_.open();
  EXPECT_EQ(patient.read().value().status, 200);
  running.close();
  patient.close();
  wait_for_connections(0);
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(in_flight_, 0);
}

TEST_F(ServerLife, AHandlerMayHangUp) {
  const auto hang_up = [](const Inbound&) -> Response { throw HangUp{}; };
  add("GET", "/dead", hang_up);
  router_.add({.method = "GET", .path = "/dead-loop", .handler = hang_up, .on_loop = true});
  start();
  EXPECT_TRUE(connect().write(get("/dead")).is_closed_quietly());
  EXPECT_TRUE(connect().write(get("/dead-loop")).is_closed_quietly());
  EXPECT_EQ(connect().ask(get("/fast")).status, 200);
  server_->stop(1s);
  EXPECT_EQ(answered(), std::vector<std::string>{"GET /fast 200"});
}

TEST_F(ServerLife, StopAnswersWhatHasBegun) {
  start();
  auto idle = connect();
  EXPECT_EQ(idle.ask(get("/fast")).status, 200);
  auto running = connect();
  running.write(get("/hold"));
  gate_.wait_for(1);
  std::thread stopper([&] { server_->stop(1h); });
  EXPECT_TRUE(idle.is_closed_quietly());
  EXPECT_THROW(connect(), std::runtime_error) << "it listens no more";
  gate_.open();
  const Response response = running.read().value();
  EXPECT_EQ(response.body, "held");
  EXPECT_EQ(response.headers.get("Connection"), "close");
  stopper.join();
}

TEST_F(ServerLife, StopDropsWhatWaitsAfterItsDeadline) {
  options_.threads = 1;
  options_.header_timeout = 20ms;
  start();
  auto running = connect();
  running.write(get("/hold"));
  gate_.wait_for(1);
  auto waiting = connect();
  waiting.write(get("/hold"));
  while (in_flight_ < 2) std::this_thread::yield();
  std::thread stopper([&] { server_->stop(0ms); });
  EXPECT_TRUE(waiting.is_closed_quietly());
  gate_.open();
  stopper.join();
  EXPECT_EQ(held_, 1);
}

TEST_F(ServerLife, TakesOverListeningDescriptors) {
  const Listener tcp = Listener::tcp("127.0.0.1:0");
  options_.listen.clear();
  options_.inherited = {::dup(tcp.fd())};
  start();
  EXPECT_EQ(server_->addresses(), std::vector{tcp.address()});
  EXPECT_EQ(connect().ask(get("/fast")).status, 200);
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  EXPECT_THROW(Listener::inherited(pair[0]), Error);
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST_F(ServerLife, SaysWhyItCannotListen) {
  start();
  const std::string taken = server_->addresses().at(0);
  const std::string file = testing::TempDir() + "supportd-file-" + std::to_string(::getpid());
  ::close(::open(file.c_str(), O_CREAT | O_WRONLY, 0600));
  const auto why = [&](ServerOptions options) {
    try {
      const Server second(options, {}, router_, clock_);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      return std::string(error.what());
    }
    return std::string("it listens");
  };
  EXPECT_EQ(why({.listen = {taken}}), "listen " + taken + ": Address already in use");
  EXPECT_EQ(why({.listen = {"9180"}}), "listen 9180: expected host:port, as in 127.0.0.1:9180");
  EXPECT_EQ(why({.socket_path = file}), "listen " + file + ": there is a file that is no socket");
  EXPECT_EQ(why({.socket_path = std::string(200, 'x')}).substr(200), "xxxxxxx: the path is too long for a socket");
  ::unlink(file.c_str());
  const std::string socket = file + ".sock";
  const Server first({.socket_path = socket}, {}, router_, clock_);
  EXPECT_EQ(why({.socket_path = socket}), "listen " + socket + ": another process answers there");
}

TEST_F(ServerLife, ServesAHundredConnectionsAtOnce) {
  start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(connect());
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) clients[i].write(post("/echo", std::to_string(i)) + get("/loop"));
    for (std::size_t i = 0; i < clients.size(); ++i) {
      EXPECT_EQ(clients[i].read().value().body, std::to_string(i));
      EXPECT_EQ(clients[i].read().value().body, "loop");
    }
  }
}

}  // namespace
}  // namespace supportd::http
