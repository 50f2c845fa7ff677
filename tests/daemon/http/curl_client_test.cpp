#include "daemon/http/curl_client.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <future>
#include <thread>

#include "tests/daemon/http/raw_server.hpp"
#include "tests/daemon/http/tls_server.hpp"

namespace supportd::http {
namespace {

using namespace std::chrono_literals;

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class CurlClientTest : public testing::Test {
 protected:
  static Request get(std::string url) { return {.url = std::move(url), .safe = true}; }
  static Request post(std::string url, std::string body = "{}") {
    return {.method = "POST", .url = std::move(url), .body = std::move(body)};
  }
  Error error_of(const Request& request, std::stop_token stop = {}) {
    try {
      const Response response = client_.send(request, std::move(stop));
      ADD_FAILURE() << "answered " << response.status;
    } catch (const Error& error) {
      return error;
    }
    return Error(ErrorKind::gone, "no error");
  }
  static int count(const RawServer& server, std::string_view method) {
    int n = 0;
    for (const auto& request : server.requests()) n += request.starts_with(method) ? 1 : 0;
    return n;
  }

  time::MachineClock clock_;
  CurlClient client_{{.user_agent = "supportd-test"}, clock_};
};

// Answers the first request of the first connection; cuts at its second; answers whatever comes on later ones.
RawServer::Script warm_then(std::function<void(RawConnection&)> cut) {
  return [cut](RawConnection& connection, int number) {
    for (int i = 0;; ++i) {
      if (!connection.read_request()) return;
      if (number == 0 && i == 1) return cut(connection);
      connection.answer(200, "fine");
    }
  };
}

TEST_F(CurlClientTest, SendsWhatWasAskedAndReturnsWhatCame) {
  RawServer server([&](RawConnection& connection, int) {
    connection.read_request();
    connection.answer(404, "nothing here", "X-Twice: 1\r\nX-Twice: 2\r\nX-Padded:   a b \r\n");
  });
  Request request = post(server.url("/a/../b?x=1"), "hello");
  request.headers = {{"X-Empty", ""}, {"Content-Type", "text/plain"}};
  const Response response = client_.send(request);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "nothing here");
  EXPECT_EQ(response.headers.get("x-twice"), "1");
  EXPECT_EQ(response.headers.get("X-Padded"), "a b");
  const std::string sent = server.requests().at(0);
  EXPECT_TRUE(sent.starts_with("POST /a/../b?x=1 HTTP/1.1\r\n")) << sent;
  EXPECT_NE(sent.find("\r\nX-Empty:"), sent.npos);
  EXPECT_NE(sent.find("\r\nUser-Agent: supportd-test\r\n"), sent.npos);
  EXPECT_EQ(sent.find("Expect"), sent.npos);
  EXPECT_TRUE(sent.ends_with("\r\n\r\nhello"));
}

TEST_F(CurlClientTest, KnowsItsMethods) {
  RawServer server([&](RawConnection& connection, int) {
    while (const auto request = connection.read_request()) {
      if (request->starts_with("HEAD")) {
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
      } else {
        connection.answer(200, "fine");
      }
    }
  });
  for (const char* method : {"GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "GET"}) {
    const Response response = client_.send({.method = method, .url = server.url()});
    EXPECT_EQ(response.body, std::string_view(method) == "HEAD" ? "" : "fine") << method;
  }
  std::vector<std::string> lines;
  for (const auto& request : server.requests()) lines.push_back(request.substr(0, request.find(' ')));
  EXPECT_EQ(lines, (std::vector<std::string>{"GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "GET"}));
  EXPECT_EQ(error_of({.method = "GET\r\nX: y", .url = server.url()}).kind(), ErrorKind::config);
}

TEST_F(CurlClientTest, APostOnAWarmConnectionCutByAnEndLeavesOnce) {
  RawServer server(warm_then([](RawConnection&) {}));
  EXPECT_EQ(client_.send(get(server.url())).status, 200);
  EXPECT_EQ(error_of(post(server.url())).kind(), ErrorKind::unknown_outcome);
  EXPECT_EQ(count(server, "POST"), 1);
}

TEST_F(CurlClientTest, APostOnAWarmConnectionCutByAResetLeavesOnce) {
  RawServer server(warm_then([](RawConnection& connection) { connection.reset(); }));
  EXPECT_EQ(client_.send(get(server.url())).status, 200);
  EXPECT_EQ(error_of(post(server.url())).kind(), ErrorKind::unknown_outcome);
  EXPECT_EQ(count(server, "POST"), 1);
}

TEST_F(CurlClientTest, AGetOnAWarmConnectionThatIsCutIsRepeatedOnce) {
  RawServer server(warm_then([](RawConnection& connection) { connection.reset(); }));
  EXPECT_EQ(client_.send(get(server.url())).status, 200);
  EXPECT_EQ(client_.send(get(server.url())).body, "fine");
  EXPECT_EQ(count(server, "GET"), 3);
}

TEST_F(CurlClientTest, AGetThatIsCutOnAFreshConnectionIsNotRepeated) {
  RawServer server([](RawConnection& connection, int) { connection.read_request(); });
  EXPECT_EQ(error_of(get(server.url())).kind(), ErrorKind::unreachable);
  EXPECT_EQ(count(server, "GET"), 1);
}

TEST_F(CurlClientTest, HalfABodyIsNoAnswer) {
  RawServer server([](RawConnection& connection, int) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  EXPECT_EQ(error_of(get(server.url())).kind(), ErrorKind::unreachable);
  EXPECT_EQ(error_of(post(server.url())).kind(), ErrorKind::unknown_outcome);
}

TEST_F(CurlClientTest, AnAnswerThatIsTooLongOrNoHttpIsCorrupt) {
  RawServer server([](RawConnection& connection, int) {
    const auto request = connection.read_request();
    if (!request) return;
    if (request->starts_with("GET /smtp")) return connection.write("220 mail.example.com ESMTP\r\n");
    connection.answer(200, std::string(1001, 'x'));
  });
  Request request = get(server.url());
  request.answer_limit = 1000;
  EXPECT_EQ(error_of(request).kind(), ErrorKind::corrupt);
  request.answer_limit = 1001;
  EXPECT_EQ(client_.send(request).body.size(), 1001u);
  request = post(server.url());
  request.answer_limit = 1000;
  EXPECT_EQ(error_of(request).kind(), ErrorKind::unknown_outcome);
  EXPECT_EQ(error_of(get(server.url("/smtp"))).kind(), ErrorKind::corrupt);
}

TEST_F(CurlClientTest, GzipIsDecodedAndTheLimitCountsDecodedBytes) {
  RawServer server([&](RawConnection& connection, int) {
    while (const auto request = connection.read_request()) {
      connection.answer(200, gzip(std::string(100'000, 'x')), "Content-Encoding: gzip\r\n");
    }
  });
  const Response response = client_.send(get(server.url()));
  EXPECT_EQ(response.body, std::string(100'000, 'x'));
  EXPECT_FALSE(response.headers.has("Content-Encoding"));
  EXPECT_NE(server.requests().at(0).find("Accept-Encoding: gzip\r\n"), std::string::npos);
  Request request = get(server.url());
  request.answer_limit = 99'999;
  EXPECT_EQ(error_of(request).kind(), ErrorKind::corrupt);
}

TEST_F(CurlClientTest, TheDeadlineCoversTheWholeExchange) {
  RawServer server([](RawConnection& connection, int) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    connection.wait_for_close();
  });
  Request request = get(server.url());
  request.deadline = 30ms;
  EXPECT_EQ(error_of(request).kind(), ErrorKind::unreachable);
  request = post(server.url());
  request.deadline = 30ms;
  EXPECT_EQ(error_of(request).kind(), ErrorKind::unknown_outcome);
}

TEST_F(CurlClientTest, DeadlinesAreTheClocksOwn) {
  time::MachineClock fast(1'000'000, Instant{});
  CurlClient client({}, fast);
  RawServer server([](RawConnection& connection, int) { connection.wait_for_close(); });
  Request request = get(server.url());
  request.deadline = 1h;  // 3.6 ms of ours; the test program's limit is far shorter than an hour
  EXPECT_THROW(client.send(request), Error);
}

TEST_F(CurlClientTest, AStopEndsTheWait) {
  std::promise<void> arrived;
  RawServer server([&](RawConnection& connection, int) {
    connection.read_request();
    arrived.set_value();
    connection.wait_for_close();
  });
  std::stop_source source;
  std::thread stopper([&] {
    arrived.get_future().wait();
    source.request_stop();
  });
  EXPECT_EQ(error_of(get(server.url()), source.get_token()).kind(), ErrorKind::stopped);
  stopper.join();
  EXPECT_EQ(error_of(post(server.url()), source.get_token()).kind(), ErrorKind::stopped) << "it never left";
}

TEST_F(CurlClientTest, AStopLeavesAWriteThatHasLeftInDoubt) {
  std::promise<void> arrived;
  RawServer server([&](RawConnection& connection, int) {
    connection.read_request();
    arrived.set_value();
    connection.wait_for_close();
  });
  std::stop_source source;
  std::thread stopper([&] {
    arrived.get_future().wait();
    source.request_stop();
  });
  EXPECT_EQ(error_of(post(server.url()), source.get_token()).kind(), ErrorKind::unknown_outcome);
  stopper.join();
}

TEST_F(CurlClientTest, AnErrorOfTheFarSideLeavesAnUnsafeWriteInDoubt) {
  RawServer server([](RawConnection& connection, int) {
    while (connection.read_request()) {
      connection.answer(503, "no\x01\xff " + std::string(500, 'x'), "Retry-After: 7\r\n");
    }
  });
  const Error error = error_of(post(server.url("/secret?token=1")));
  EXPECT_EQ(error.kind(), ErrorKind::unknown_outcome);
  EXPECT_EQ(error.code(), "503");
  EXPECT_EQ(error.retry_after(), 7s);
  EXPECT_NE(std::string(error.what()).find("answered 503: no \xEF\xBF\xBD xxx"), std::string::npos) << error.what();
  EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
  EXPECT_LT(std::string(error.what()).size(), 300u);
  EXPECT_EQ(client_.send(get(server.url())).status, 503);
}

TEST_F(CurlClientTest, WhatCannotLeaveIsUnreachable) {
  RawServer closed([](RawConnection&, int) {});
  const std::string path = testing::TempDir() + "supportd-nobody.sock";
  Request request = post("http://localhost/");
  request.unix_socket = path;
  EXPECT_EQ(error_of(request).kind(), ErrorKind::unreachable);
  EXPECT_EQ(error_of(post("http://nobody.invalid/")).kind(), ErrorKind::unreachable);
}

TEST_F(CurlClientTest, APeerThatSpeaksNoTlsIsUnreachable) {
  RawServer server([](RawConnection& connection, int) { connection.write("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  std::string url = server.url();
  url.replace(0, 4, "https");
  EXPECT_EQ(error_of(post(url)).kind(), ErrorKind::unreachable);
}

TEST_F(CurlClientTest, GoesThroughTheProxyButForWhatIsExempt) {
  const auto answers = [](std::string body) {
    return [body](RawConnection& connection, int) {
      if (connection.read_request()) connection.answer(200, body);
    };
  };
  RawServer proxy(answers("by proxy")), direct(answers("direct"));
  CurlClient client({.proxy = proxy.url(""), .no_proxy = "127.0.0.1"}, clock_);
  EXPECT_EQ(client.send(get("http://desk.test/tickets")).body, "by proxy");
  ASSERT_EQ(proxy.requests().size(), 1u);
  EXPECT_TRUE(proxy.requests()[0].starts_with("GET http://desk.test/tickets HTTP/1.1\r\n")) << proxy.requests()[0];
  EXPECT_EQ(client.send(get(direct.url())).body, "direct");
  EXPECT_EQ(proxy.requests().size(), 1u);
}

TEST_F(CurlClientTest, TlsThroughAProxyIsATunnel) {
  RawServer proxy([](RawConnection& connection, int) {
    if (connection.read_request()) connection.answer(502, "no way there");
  });
  CurlClient client({.proxy = proxy.url("")}, clock_);
  EXPECT_THROW(client.send(post("https://desk.test/tickets", "secret")), Error);
  ASSERT_EQ(proxy.requests().size(), 1u);
  EXPECT_TRUE(proxy.requests()[0].starts_with("CONNECT desk.test:443 HTTP/1.1\r\n")) << proxy.requests()[0];
  EXPECT_EQ(proxy.requests()[0].find("secret"), std::string::npos);
}

TEST_F(CurlClientTest, ACertificateIsBelievedOfAnAuthorityThatIsConfigured) {
  const TlsServer server("fine");
  CurlClient trusting({.ca_file = server.ca_file()}, clock_);
  EXPECT_EQ(trusting.send(get(server.url())).body, "fine");
  const Error error = error_of(get(server.url()));
  EXPECT_EQ(error.kind(), ErrorKind::unreachable);
  EXPECT_NE(std::string(error.what()).find("certificate"), std::string::npos) << error.what();
}

TEST_F(CurlClientTest, RefusesWhatWouldInjectAHeader) {
  RawServer server([](RawConnection& connection, int) { connection.read_request(); });
  const std::pair<std::string, std::string> bad[] = {
      {"Authorization", "Bearer abc\n"},
      {"X", "a\r\nY: b"},
      {"X", std::string("a\0b", 3)},
      {"X: y\r\nZ", "a"},
      {"", "a"},
      {"X Y", "a"},
  };
  for (const auto& [name, value] : bad) {
    Request request = get(server.url());
    request.headers.add(name, value);
    const Error error = error_of(request);
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_EQ(std::string(error.what()).find("abc"), std::string::npos) << "a secret is shown";
  }
  for (const char* url : {"http://127.0.0.1/a\r\nX: y", "file:///etc/passwd", "nonsense", "http://me:pw@127.0.0.1/"}) {
    EXPECT_EQ(error_of(get(url)).kind(), ErrorKind::config) << url;
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(CurlClientTest, DoesNotFollowRedirects) {
  RawServer server([](RawConnection& connection, int) {
    connection.read_request();
    connection.answer(302, "", "Location: http://127.0.0.1:1/\r\n");
  });
  const Response response = client_.send(get(server.url()));
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.headers.get("Location"), "http://127.0.0.1:1/");
}

TEST_F(CurlClientTest, OnlyTheLastHeaderBlockCounts) {
  RawServer server([](RawConnection& connection, int) {
    connection.read_request();
    connection.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const Response response = client_.send(get(server.url()));
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(response.headers.has("X-Early"));
}

TEST_F(CurlClientTest, GoesThroughAUnixSocket) {
  const std::string path = testing::TempDir() + "supportd-curl-" + std::to_string(::getpid()) + ".sock";
  RawServer server(
      [](RawConnection& connection, int) {
        connection.read_request();
        connection.answer(200, "local");
      },
      path);
  Request request = get(server.url());
  request.unix_socket = path;
  EXPECT_EQ(client_.send(request).body, "local");
}

TEST_F(CurlClientTest, SendsManyAtOnceAndAnswersInOrder) {
  RawServer server([](RawConnection& connection, int) {
    while (const auto request = connection.read_request()) {
      connection.answer(200, request->substr(5, request->find(" HTTP") - 5));
    }
  });
  std::vector<Request> requests;
  for (int i = 0; i < 50; ++i) requests.push_back(get(server.url("/" + std::to_string(i))));
  requests[7].url = "nonsense";
  const auto outcomes = client_.send_all(requests);
  ASSERT_EQ(outcomes.size(), 50u);
  for (std::size_t i = 0; i < 50; ++i) {
    if (i == 7) {
      EXPECT_EQ(std::get<Error>(outcomes[i]).kind(), ErrorKind::config);
    } else {
      EXPECT_EQ(std::get<Response>(outcomes[i]).body, std::to_string(i));
    }
  }
}

TEST_F(CurlClientTest, ThreadsDoNotDisturbOneAnother) {
  RawServer server([](RawConnection& connection, int) {
    while (const auto request = connection.read_request()) {
      connection.answer(200, request->substr(5, request->find(" HTTP") - 5));
    }
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string word = std::to_string(t) + "-" + std::to_string(i);
        EXPECT_EQ(client_.send(get(server.url("/" + word))).body, word);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace supportd::http
