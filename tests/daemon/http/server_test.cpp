#include "daemon/http/server.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include "daemon/http/listener.hpp"
#include "daemon/json.hpp"
#include "tests/daemon/http/raw_client.hpp"

namespace supportd::http {
namespace {

using namespace std::chrono_literals;

// A gate that handlers wait at, so that tests decide when they end.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_for(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= n; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    add("GET", "/fast", [](const Inbound&) { return Response{200, {}, "fast"}; });
    router_.add({.method = "GET",
                 .path = "/loop",
                 .handler =
                     [](const Inbound&) {
                       return Response{200, {}, "loop"};
                     },
                 .on_loop = true});
    add("POST", "/echo", [](const Inbound& in) { return Response{200, {}, in.body}; });
    add("GET", "/hold", [this](const Inbound&) {
      ++held_;
      gate_.pass();
      return Response{200, {}, "held"};
    });
    options_.listen = {"127.0.0.1:0"};
    hooks_.answered = [this](std::string_view method, std::string_view route, int status, double) {
      const std::lock_guard lock(mutex_);
      answered_.push_back(std::string(method) + " " + std::string(route) + " " + std::to_string(status));
    };
    hooks_.in_flight = [this](int change) { in_flight_ += change; };
    hooks_.connections = [this](int change) {
      connections_ += change;
      connections_.notify_all();
    };
  }
  ~ServerTest() override { gate_.open(); }

  void add(std::string method, std::string path, Handler handler, Access access = Access::open) {
    router_.add(
        {.method = std::move(method), .path = std::move(path), .access = access, .handler = std::move(handler)});
  }
  Server& start() {
    server_ = std::make_unique<Server>(options_, hooks_, router_, clock_);
    return *server_;
  }
  RawClient connect(std::size_t i = 0) { return RawClient(server_->addresses().at(i)); }
  static std::string get(std::string_view path, std::string_view more = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
  }
  static std::string post(std::string_view path, std::string_view body) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
  }
  std::vector<std::string> answered() {
    const std::lock_guard lock(mutex_);
    return answered_;
  }
  void wait_for_connections(int n) {
    for (int now = connections_; now != n; now = connections_) connections_.wait(now);
  }

  time::MachineClock clock_;
  Router router_;
  ServerOptions options_;
  ServerHooks hooks_;
  Gate gate_;
  std::atomic<int> held_ = 0;
  std::atomic<int> in_flight_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<std::string> answered_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, KeepsAConnectionAlive) {
  start();
  auto client = connect();
  for (int i = 0; i < 3; ++i) {
    const Response response = client.ask(get(i % 2 == 0 ? "/fast" : "/loop"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, i % 2 == 0 ? "fast" : "loop");
    EXPECT_TRUE(time::parse_http_date(response.headers.get("Date").value_or("")).has_value());
    EXPECT_FALSE(response.headers.has("Connection"));
  }
  EXPECT_EQ(client.ask(get("/fast", "Connection: close\r\n")).headers.get("Connection"), "close");
  EXPECT_TRUE(client.is_closed_quietly());
  server_->stop(1s);
  EXPECT_EQ(in_flight_, 0);
  EXPECT_EQ(connections_, 0);
  EXPECT_EQ(answered().at(1), "GET /loop 200");
}

TEST_F(ServerTest, SpeaksHttp10) {
  start();
  EXPECT_EQ(connect().ask("GET /fast HTTP/1.0\r\n\r\n").headers.get("Connection"), "close");
  auto client = connect();
  EXPECT_EQ(client.ask("GET /fast HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").headers.get("Connection"), "keep-alive");
  EXPECT_EQ(client.ask("GET /fast HTTP/1.0\r\n\r\n").status, 200);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  auto client = connect();
  client.write(get("/fast") + post("/echo", "one") + get("/loop") + post("/echo", "two"));
  for (const char* body : {"fast", "one", "loop", "two"}) EXPECT_EQ(client.read().value().body, body);
}

TEST_F(ServerTest, HandsTheRequestOverDecoded) {
  add("PUT", "/jobs/{job}", [](const Inbound& in) {
    std::string text = in.method + "|" + in.path + "|" + in.params.at("job") + "|" + in.query.at("q") + "|" +
                       in.headers.get("x-a").value_or("") + "|" + in.body + "|" + in.peer.name;
    return Response{201, {{"X-B", "c"}}, text};
  });
  start();
  const Response response = connect().ask(
      "PUT /jobs/a%2Fb%20c?q=1%262&q=9 HTTP/1.1\r\nHost: x\r\nX-A:  z \r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.headers.get("X-B"), "c");
  EXPECT_EQ(response.body, "PUT|/jobs/a/b c|a/b c|1&2|z|abcde|127.0.0.1");
  EXPECT_EQ(connect().ask("GET http://x:1/fast HTTP/1.1\r\nHost: x\r\n\r\n").body, "fast");
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  start();
  auto client = connect();
  client.write("HEAD /fast HTTP/1.1\r\nHost: x\r\n\r\n" + get("/loop"));
  const Response response = client.read(true).value();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Content-Length"), "4");
  EXPECT_EQ(client.read().value().body, "loop");
}

TEST_F(ServerTest, RefusesWhatHasNoRoute) {
  start();
  auto client = connect();
  EXPECT_EQ(client.ask(get("/nowhere")).status, 404);
  const Response response = client.ask("DELETE /fast HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.get("Allow"), "GET, HEAD");
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(client.ask("BREW /fast HTTP/1.1\r\nHost: x\r\n\r\n").status, 405);
  EXPECT_EQ(answered(), (std::vector<std::string>{"GET other 404", "DELETE other 405", "other other 405"}));
}

TEST_F(ServerTest, RefusesWhatIsNoHttp) {
  start();
  for (const char* bytes :
       {"nonsense\r\n\r\n", "GET /fast HTTP/1.1\r\n\r\n", "GET /fast HTTP/1.1\r\nHost x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    EXPECT_EQ(connect().ask(bytes).status, 400) << bytes;
  }
  EXPECT_EQ(connect().ask(get("/fast")).status, 200);
}

TEST_F(ServerTest, LimitsHeaderAndBody) {
  options_.header_limit = 1000;
  options_.body_limit = 1000;
  start();
  EXPECT_EQ(connect().ask(get("/fast", "X: " + std::string(2000, 'x') + "\r\n")).status, 431);
  auto endless = connect();
  EXPECT_EQ(endless.ask("GET /" + std::string(100'000, 'x')).status, 431) << "no end of line at all";
  EXPECT_EQ(connect().ask(post("/echo", std::string(1000, 'x'))).body.size(), 1000u);
  auto client = connect();
  EXPECT_EQ(client.ask(post("/echo", std::string(200'000, 'x'))).status, 413);
  EXPECT_TRUE(client.is_closed_quietly());
  EXPECT_EQ(connect()
                .ask("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" +
                     std::string(0x800, 'x') + "\r\n0\r\n\r\n")
                .status,
            413);
}

TEST_F(ServerTest, AsksForALargeBodyThatWaitsToBeAsked) {
  start();
  auto client = connect();
  client.write("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.read().value().status, 100);
  EXPECT_EQ(client.ask("abc").body, "abc");
  EXPECT_EQ(client.ask("POST /none HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n").status,
            404);
}

TEST_F(ServerTest, ClosesOnSlowHeadersBodiesAndIdlers) {
  options_.header_timeout = options_.body_timeout = options_.idle_timeout = 20ms;
  start();
  auto slow = connect();
  EXPECT_EQ(slow.ask("GET /fast HTT").status, 408);
  EXPECT_TRUE(slow.is_closed_quietly());
  EXPECT_EQ(connect().ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab").status, 408);
  EXPECT_TRUE(connect().is_closed_quietly()) << "never said a word";
  auto idle = connect();
  EXPECT_EQ(idle.ask(get("/fast")).status, 200);
  EXPECT_TRUE(idle.is_closed_quietly());
}

TEST_F(ServerTest, ClosesOnAReaderThatDoesNotRead) {
  options_.write_timeout = 20ms;
  add("GET", "/big", [](const Inbound&) { return Response{200, {}, std::string(64 << 20, 'x')}; });
  start();
  auto client = connect();
  client.write(get("/big"));
  wait_for_connections(1);
  wait_for_connections(0);
}

TEST_F(ServerTest, TurnsAwayWhatIsTooMuch) {
  options_.max_connections = 2;
  options_.socket_path = testing::TempDir() + "supportd-full-" + std::to_string(::getpid()) + ".sock";
  start();
  auto one = connect();
  auto two = connect();
  EXPECT_EQ(one.ask(get("/fast")).status, 200);
  EXPECT_EQ(two.ask(get("/fast")).status, 200);
  auto three = connect();
  EXPECT_EQ(three.ask(get("/fast")).status, 503);
  EXPECT_TRUE(three.is_closed_quietly());
  EXPECT_EQ(connect(1).ask(get("/fast")).status, 200) << "the operator still gets in";
  three.close();
  one.close();
  wait_for_connections(1);
  EXPECT_EQ(connect().ask(get("/fast")).status, 200);
}

TEST_F(ServerTest, OperatorsComeByTokenOrControlSocket) {
  const auto who = [](const Inbound& in) { return Response{200, {}, in.peer.name}; };
  add("POST", "/reload", who, Access::operate);
  options_.socket_path = testing::TempDir() + "supportd-operate-" + std::to_string(::getpid()) + ".sock";
  options_.socket_mode = 0600;
  std::atomic<bool> has_token = false;
  hooks_.token = [&] { return has_token ? std::string("s3cret") : ""; };
  start();
  const auto ask = [&](std::string_view authorization) {
    const std::string line = authorization.empty() ? "" : "Authorization: " + std::string(authorization) + "\r\n";
    return connect().ask("POST /reload HTTP/1.1\r\nHost: x\r\n" + line + "\r\n");
  };
  EXPECT_EQ(ask("Bearer ").status, 403) << "an empty token is none";
  has_token = true;
  EXPECT_EQ(ask("").status, 401);
  EXPECT_EQ(ask("").headers.get("WWW-Authenticate"), "Bearer");
  for (const char* bad : {"Bearer s3cres", "Bearer s3cret2", "Bearer", "Basic s3cret", "s3cret"}) {
    EXPECT_EQ(ask(bad).status, 401) << bad;
  }
  EXPECT_EQ(ask("Bearer s3cret").body, "127.0.0.1");
  const std::string expected = "uid " + std::to_string(::getuid()) + " (" + user_name(::getuid()) + ")";
  EXPECT_EQ(connect(1).ask("POST /reload HTTP/1.1\r\nHost: x\r\n\r\n").body, expected);
  struct stat status;
  ASSERT_EQ(::stat(options_.socket_path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  server_.reset();
  EXPECT_NE(::stat(options_.socket_path.c_str(), &status), 0) << "the file is gone";
}

TEST_F(ServerTest, ErrorsBecomeProblems) {
  const std::pair<ErrorKind, int> table[] = {
      {ErrorKind::config, 400},  {ErrorKind::gone, 404},      {ErrorKind::conflict, 409},
      {ErrorKind::refused, 409}, {ErrorKind::throttled, 429}, {ErrorKind::unreachable, 503},
      {ErrorKind::stopped, 503}, {ErrorKind::corrupt, 500},   {ErrorKind::unknown_outcome, 500},
  };
  for (const auto& [kind, status] : table) {
    add("GET", "/" + std::string(to_text(kind)),
        [kind = kind](const Inbound&) -> Response { throw Error(kind, "what went wrong", 1500ms); });
  }
  add("GET", "/bug", [](const Inbound&) -> Response { throw std::logic_error("internal secret"); });
  std::vector<std::string> faults;
  hooks_.fault = [&](std::string_view route, std::string_view what) {
    const std::lock_guard lock(mutex_);
    faults.push_back(std::string(route) + ": " + std::string(what));
  };
  start();
  auto client = connect();
  for (const auto& [kind, status] : table) {
    const Response response = client.ask(get("/" + std::string(to_text(kind))));
    EXPECT_EQ(response.status, status) << to_text(kind);
    EXPECT_EQ(response.body.find("what went wrong") != std::string::npos, status != 500);
    EXPECT_EQ(response.headers.get("Retry-After").value_or(""), status == 500 ? "" : "2");
  }
  const Response response = client.ask(get("/bug"));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  server_->stop(1s);
  EXPECT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults.back(), "/bug: internal secret");
}

TEST_F(ServerTest, AHeaderCannotEndTheMessage) {
  add("GET", "/bad", [](const Inbound&) { return Response{200, {{"X", "a\r\nY: b"}, {"Z", "ok"}}, "body"}; });
  start();
  const Response response = connect().ask(get("/bad"));
  EXPECT_FALSE(response.headers.has("X"));
  EXPECT_FALSE(response.headers.has("Y"));
  EXPECT_EQ(response.headers.get("Z"), "ok");
}

TEST_F(ServerTest, CompressesLongAnswersForThoseWhoAsk) {
  add("GET", "/long", [](const Inbound&) { return json("\"" + std::string(5000, 'x') + "\""); });
  start();
  auto client = connect();
  EXPECT_EQ(client.ask(get("/long")).body.size(), 5002u);
  const Response response = client.ask(get("/long", "Accept-Encoding: br, gzip\r\n"));
  EXPECT_EQ(response.headers.get("Content-Encoding"), "gzip");
  EXPECT_LT(response.body.size(), 500u);
  EXPECT_EQ(response.body.substr(0, 2), "\x1f\x8b");
  EXPECT_FALSE(client.ask(get("/long", "Accept-Encoding: gzip;q=0\r\n")).headers.has("Content-Encoding"));
}

TEST_F(ServerTest, SlowHandlersDoNotHoldUpTheLoop) {
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

TEST_F(ServerTest, DropsTheWorkOfClosedConnections) {
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

TEST_F(ServerTest, AHandlerMayHangUp) {
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

TEST_F(ServerTest, StopAnswersWhatHasBegun) {
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

TEST_F(ServerTest, StopDropsWhatWaitsAfterItsDeadline) {
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

TEST_F(ServerTest, TakesOverListeningDescriptors) {
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

TEST_F(ServerTest, SaysWhyItCannotListen) {
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

TEST_F(ServerTest, ServesAHundredConnectionsAtOnce) {
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
