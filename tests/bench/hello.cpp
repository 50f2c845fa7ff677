// The empty program that the daemon's start and idleness are measured against: linked with the same libraries, it
// opens an SQLite file through SOCI, readies libcurl, a metrics registry, a time zone and a listener, fires a first
// timer, reports READY=1 and sits idle with four threads until SIGTERM. Its argument is the file.
#include <curl/curl.h>
#include <date/tz.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <systemd/sd-daemon.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  namespace asio = boost::asio;
  soci::session sql(soci::sqlite3, argv[1]);
  int tables = 0;
  sql << "SELECT count(*) FROM sqlite_master", soci::into(tables);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* curl = curl_easy_init();
  prometheus::Registry registry;
  prometheus::BuildCounter().Name("hello_total").Help("Greetings.").Register(registry).Add({}).Increment();
  const auto* zone = date::locate_zone("Asia/Seoul");

  asio::io_context loop;
  asio::ip::tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
  asio::signal_set stop(loop, SIGTERM);
  stop.async_wait([&](const boost::system::error_code&, int) { loop.stop(); });
  asio::steady_timer first(loop, std::chrono::milliseconds(0));
  first.async_wait([&](const boost::system::error_code&) { sd_notify(0, "READY=1"); });
  std::vector<std::thread> idle;
  for (int i = 0; i < 4; ++i) idle.emplace_back([&loop] { loop.run(); });
  loop.run();
  for (std::thread& thread : idle) thread.join();
  curl_easy_cleanup(curl);
  return zone != nullptr && tables >= 0 ? 0 : 1;
}
