#include "daemon/sections.hpp"

#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "daemon/observe/sinks.hpp"
#include "daemon/version.hpp"

namespace supportd {
namespace {

using namespace std::chrono_literals;
using config::between;

// A directory that the service manager made for us; of several, the first.
std::string given_directory(const char* variable, std::string otherwise) {
  const char* value = ::getenv(variable);
  if (value == nullptr || *value == '\0') return otherwise;
  const std::string all = value;
  return all.substr(0, all.find(':'));
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "supportd";
}

constexpr std::string_view sqlite_prefix = "sqlite:";

config::Complaint ledger_url(const std::string& url) {
  if (url == "sqlite") return {};
  if (url.starts_with(sqlite_prefix)) {
    if (url.substr(sqlite_prefix.size()).starts_with('/')) return {};
    return "the path of an SQLite ledger is absolute: \"sqlite:/var/lib/supportd/ledger.db\"";
  }
  if (url.find("password") != url.npos) return "a password is never written here; say where it lies: ledger.password";
  if (url.find('=') != url.npos && url.find("://") == url.npos) return {};
  return "expected \"sqlite\", \"sqlite:/path\" or a PostgreSQL connection text such as \"host=/run/postgresql "
         "dbname=supportd\"";
}

config::Complaint socket_mode(const std::string& text) {
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc{} || end != text.data() + text.size() || mode > 0777 || !text.starts_with('0')) {
    return "expected a file mode in octal, such as \"0660\"";
  }
  if ((mode & 0007) != 0)
    return "others may not use the control socket: expected a mode that ends in 0, such as \"0660\"";
  return {};
}

config::Complaint proxy_address(const std::string& text) {
  static constexpr std::string_view schemes[] = {"http://", "https://", "socks5://", "socks5h://"};
  if (text.empty() || std::ranges::any_of(schemes, [&](auto scheme) { return text.starts_with(scheme); })) return {};
  return "expected the proxy's address, such as \"http://proxy.example.com:3128\"";
}

config::Complaint readable_file(const std::string& path) {
  if (path.empty()) return {};
  if (!path.starts_with('/')) return config::absolute_path()(path);
  if (::access(path.c_str(), R_OK) == 0) return {};
  return std::string("cannot be read: ") + std::strerror(errno);
}

config::Complaint known_group(const std::string& name) {
  if (name.empty() || ::getgrnam(name.c_str()) != nullptr) return {};
  return "there is no group '" + name + "' on this machine";
}

// A value of libpq's keyword/value form (PostgreSQL manual, 34.1.1.1).
std::string libpq_quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// A key stands for itself and for all below it.
constexpr std::string_view at_start_only[] = {"daemon.name",
                                              "daemon.state_directory",
                                              "daemon.workers",
                                              "daemon.senders",
                                              "ledger",
                                              "http.listen",
                                              "http.header_kibibytes",
                                              "http.body_mebibytes",
                                              "http.header_timeout",
                                              "http.body_timeout",
                                              "http.idle_timeout",
                                              "http.write_timeout",
                                              "http.connections",
                                              "http.threads",
                                              "http_client",
                                              "control",
                                              "log.format"};

bool is_within(std::string_view path, std::string_view key) {
  return path.starts_with(key) && (path.size() == key.size() || path[key.size()] == '.' || path[key.size()] == '[');
}

}  // namespace

DaemonSection::DaemonSection()
    : name(host_name()), state_directory(given_directory("STATE_DIRECTORY", "/var/lib/supportd")) {}

ControlSection::ControlSection() : socket(default_control_socket()) {}

std::string default_control_socket() { return given_directory("RUNTIME_DIRECTORY", "/run/supportd") + "/control.sock"; }

void bind(config::Binder& b, DaemonSection& s) {
  b.field("name", s.name, config::plain_name());
  b.field("state_directory", s.state_directory, config::absolute_path());
  b.choice("mode", s.mode, {{"live", outbox::Mode::live}, {"shadow", outbox::Mode::shadow}});
  b.field("drain", s.drain, between(0s, 1h));
  b.field("workers", s.workers, between(1, 256));
  b.field("senders", s.senders, between(1, 256));
}

void bind(config::Binder& b, LedgerSection& s) {
  b.field("url", s.url, ledger_url);
  b.secret("password", s.password);
  b.field("connections", s.connections, between(2, 100));
  if (s.password.given() && s.url.starts_with("sqlite")) b.flaw("password", "an SQLite ledger has no password");
}

void bind(config::Binder& b, HttpSection& s) {
  b.field("listen", s.listen, config::host_and_port());
  b.secret("token", s.token);
  b.field("header_kibibytes", s.header_kibibytes, between(4, 256));
  b.field("body_mebibytes", s.body_mebibytes, between(1, 64));
  b.field("header_timeout", s.header_timeout, between(1s, 10min));
  b.field("body_timeout", s.body_timeout, between(1s, 1h));
  b.field("idle_timeout", s.idle_timeout, between(1s, 1h));
  b.field("write_timeout", s.write_timeout, between(1s, 1h));
  b.field("connections", s.connections, between(1, 65'536));
  b.field("threads", s.threads, between(1, 256));
}

void bind(config::Binder& b, HttpClientSection& s) {
  b.field("proxy", s.proxy, proxy_address);
  b.field("no_proxy", s.no_proxy);
  b.field("ca_file", s.ca_file, readable_file);
  b.field("connect_timeout", s.connect_timeout, between(1s, 5min));
}

void bind(config::Binder& b, ControlSection& s) {
  b.field("socket", s.socket, [](const std::string& path) -> config::Complaint {
    return path.empty() ? config::Complaint{} : config::absolute_path()(path);  // empty: none
  });
  b.field("mode", s.mode, socket_mode);
  b.field("group", s.group, known_group);
}

void bind(config::Binder& b, LogSection& s) {
  using observe::Level;
  b.choice("level", s.level,
           {{"debug", Level::debug}, {"info", Level::info}, {"warning", Level::warning}, {"error", Level::error}});
  b.choice("format", s.format,
           {{"auto", LogTarget::automatic},
            {"journal", LogTarget::journal},
            {"plain", LogTarget::plain},
            {"json", LogTarget::json}});
}

void add_daemon_sections(config::Schema& schema) {
  schema.add<DaemonSection>("daemon")
      .add<LedgerSection>("ledger")
      .add<HttpSection>("http")
      .add<HttpClientSection>("http_client")
      .add<ControlSection>("control")
      .add<LogSection>("log");
}

std::vector<std::string> restart_keys(const std::vector<config::Change>& changes) {
  std::vector<std::string> out;
  for (const config::Change& change : changes) {
    if (std::ranges::any_of(at_start_only, [&](auto key) { return is_within(change.path, key); })) {
      out.push_back(change.path);
    }
  }
  return out;
}

store::LedgerOptions ledger_options(const config::Config& config) {
  const auto& section = config.get<LedgerSection>("ledger");
  store::LedgerOptions out;
  out.readers = section.connections;
  if (section.url == "sqlite") {
    out.where = config.get<DaemonSection>("daemon").state_directory + "/ledger.db";
  } else if (section.url.starts_with(sqlite_prefix)) {
    out.where = section.url.substr(sqlite_prefix.size());
  } else {
    out.engine = store::Engine::postgresql;
    out.where = section.url;
    if (section.password.given()) out.where += " password=" + libpq_quoted(section.password.reveal());
  }
  return out;
}

http::ServerOptions server_options(const config::Config& config) {
  const auto& http = config.get<HttpSection>("http");
  const auto& control = config.get<ControlSection>("control");
  return {.listen = http.listen,
          .socket_path = control.socket,
          .socket_mode = static_cast<unsigned>(std::stoul(control.mode, nullptr, 8)),
          .socket_group = control.group,
          .header_limit = static_cast<std::size_t>(http.header_kibibytes) * 1024,
          .body_limit = static_cast<std::size_t>(http.body_mebibytes) * 1024 * 1024,
          .header_timeout = http.header_timeout,
          .body_timeout = http.body_timeout,
          .idle_timeout = http.idle_timeout,
          .write_timeout = http.write_timeout,
          .max_connections = static_cast<std::size_t>(http.connections),
          .threads = static_cast<std::size_t>(http.threads)};
}

http::CurlOptions client_options(const config::Config& config) {
  const auto& section = config.get<HttpClientSection>("http_client");
  return {.user_agent = std::string("supportd/") + version,
          .proxy = section.proxy,
          // An instance's own metadata is not to be asked from elsewhere.
          .no_proxy = section.no_proxy + (section.no_proxy.empty() ? "" : ",") + "169.254.169.254",
          .ca_file = section.ca_file,
          .connect_timeout = section.connect_timeout};
}

observe::Sink log_sink(const LogSection& section) {
  switch (section.format) {
    case LogTarget::automatic:
      return observe::stderr_is_journal() ? observe::journal_sink() : observe::stderr_sink(observe::LogFormat::plain);
    case LogTarget::journal: return observe::journal_sink();
    case LogTarget::plain: return observe::stderr_sink(observe::LogFormat::plain);
    case LogTarget::json: return observe::stderr_sink(observe::LogFormat::json);
  }
  return observe::journal_sink();
}

std::string http_token(const config::Config& config) {
  const auto& token = config.get<HttpSection>("http").token;
  return token.given() ? token.reveal() : "";
}

}  // namespace supportd
