// The machine's own sections: [daemon], [ledger], [http], [http_client], [control] and [log].
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config/schema.hpp"
#include "daemon/http/curl_client.hpp"
#include "daemon/http/server.hpp"
#include "daemon/observe/log.hpp"
#include "daemon/outbox/outbox.hpp"
#include "daemon/store/ledger.hpp"

namespace supportd {

struct DaemonSection {
  std::string name;             // among the daemons on one ledger; the machine's host name unless given
  std::string state_directory;  // $STATE_DIRECTORY, else /var/lib/supportd
  outbox::Mode mode = outbox::Mode::live;
  Millis drain{30'000};  // how long a stop waits for what is under way
  int workers = 8;       // threads that run jobs
  int senders = 4;       // threads that send what is owed

  DaemonSection();
};

struct LedgerSection {
  std::string url = "sqlite";  // "sqlite", "sqlite:/path/ledger.db", or a libpq connection text, "host=... dbname=..."
  config::Secret password;     // PostgreSQL's
  int connections = 4;         // SQLite: readers; PostgreSQL: all
};

struct HttpSection {
  std::vector<std::string> listen{"127.0.0.1:9180"};
  config::Secret token;
  int header_kibibytes = 16;
  int body_mebibytes = 32;
  Millis header_timeout{10'000}, body_timeout{60'000}, idle_timeout{75'000}, write_timeout{60'000};
  int connections = 1024;
  int threads = 4;
};

struct HttpClientSection {
  std::string proxy, no_proxy, ca_file;
  Millis connect_timeout{10'000};
};

struct ControlSection {
  std::string socket;  // $RUNTIME_DIRECTORY/control.sock, else /run/supportd/control.sock; "" opens none
  std::string mode = "0660";
  std::string group;

  ControlSection();
};

enum class LogTarget { automatic, journal, plain, json };
struct LogSection {
  observe::Level level = observe::Level::info;
  LogTarget format = LogTarget::automatic;  // the journal where it listens, else plain lines on standard error
};

void bind(config::Binder& binder, DaemonSection& section);
void bind(config::Binder& binder, LedgerSection& section);
void bind(config::Binder& binder, HttpSection& section);
void bind(config::Binder& binder, HttpClientSection& section);
void bind(config::Binder& binder, ControlSection& section);
void bind(config::Binder& binder, LogSection& section);

void add_daemon_sections(config::Schema& schema);
// Of the changes, those that take effect at the next start only; empty: all can be reloaded.
std::vector<std::string> restart_keys(const std::vector<config::Change>& changes);

// What the sections ask of the parts they belong to. Throws Error{config} when a secret cannot be read.
store::LedgerOptions ledger_options(const config::Config& config);
http::ServerOptions server_options(const config::Config& config);
http::CurlOptions client_options(const config::Config& config);
observe::Sink log_sink(const LogSection& section);
// "" when none is set.
std::string http_token(const config::Config& config);

// Where supportctl looks for a daemon unless told otherwise.
std::string default_control_socket();

}  // namespace supportd
