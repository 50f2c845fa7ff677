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

}  // namespace
}  // namespace supportd::http
