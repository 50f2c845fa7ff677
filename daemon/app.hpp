// The daemon, whole: owns every part by value, in the order in which they start, and takes them down in reverse. No
// globals: several may live in one process, one after the other (the simulation) or at once (tests).
#pragma once

#include <optional>

#include "daemon/builtin.hpp"
#include "daemon/control/control.hpp"
#include "daemon/control/series.hpp"
#include "daemon/http/budget_client.hpp"
#include "daemon/http/counting_client.hpp"
#include "daemon/http/curl_client.hpp"
#include "daemon/http/server.hpp"
#include "daemon/observe/notify.hpp"
#include "daemon/outbox/senders.hpp"
#include "daemon/registry.hpp"
#include "daemon/reload.hpp"
#include "daemon/sender_pulse.hpp"

namespace supportd {

// What differs between the machine, tests and the simulation.
struct Seams {
  time::Clock& clock;
  http::Client* http = nullptr;  // in place of libcurl; budgets and metrics stay in front of it
  std::string instance{};        // unique to this start among all daemons on the ledger; empty: random
  observe::Sink log{};           // in place of what [log] says
  bool serve = true;             // false: no HTTP server
  bool durable = true;           // false: an SQLite ledger does not wait for the disk
  // Of the service manager; in place of [http] listen, of [control] socket, or of both.
  std::vector<observe::notify::PassedSocket> inherited{};
  std::function<bool()> synchronised{};  // whether somebody keeps `clock` right; none: nobody
};

// All files of the configuration, read anew each time.
using ReadConfig = std::function<config::Source()>;
// Throws Error{config} with all flaws, one a line.
std::shared_ptr<const config::Config> load_config(const config::Schema& schema, const ReadConfig& read,
                                                  const std::function<void(const config::Flaw&)>& warn);

class App {
 public:
  // Opens the ledger and installs the slices; calls nobody. Throws Error.
  App(ReadConfig read, Seams seams);
  // As stop(Instant::min()).
  ~App();

  // `ready` is called when everything listens and before anything calls the outside. Throws Error.
  void start(const std::function<void()>& ready = {});
  // Drains: what is under way may finish until `deadline`; what did not is still owed.
  void stop(Instant deadline);
  // From another thread: a stop under way waits no longer.
  void hurry();

  Reload reload(const std::string& actor, bool dry_run);
  // A real-time signal came. Throws nothing: an unknown slot is logged.
  void signalled(int slot, const std::string& actor);
  // Whoever waits for an instant looks anew how far off it is.
  void clock_was_set();
  // What it is doing, a line each, for the log. Neither this nor summary() throws: a ledger out of reach is said.
  std::string dump() const;
  // What keeps it from its work; empty: nothing that it knows of.
  std::string trouble() const;
  // One line: "3 jobs, next desk_sync 2026-01-01T00:05:00Z".
  std::string summary() const;
  Millis drain_time() const;

  std::vector<std::string> addresses() const;
  observe::Log& log() { return log_; }
  observe::Pulses& pulses() { return pulses_; }
  store::Ledger& ledger() { return ledger_; }
  outbox::Outbox& outbox() { return outbox_; }
  run::Scheduler& scheduler() { return scheduler_; }
  observe::Metrics& metrics() { return metrics_; }
  http::Router& routes() { return routes_; }

 private:
  std::string jobs_in_words() const;
  void ask(const std::string& job, const std::string& reason);
  run::JobSet job_set(std::shared_ptr<const config::Config> config) const;
  outbox::Senders::Options sender_options();
  void serve();
  void ring_drain();
  void swap(const std::shared_ptr<const config::Config>& fresh, const std::string& actor,
            const std::vector<config::Change>& changes);
  void connect(const config::Config& config);
  Reload prepare(std::shared_ptr<const config::Config>& fresh);
  void keep_token(std::string token);
  void set_refusal(std::string why);
  std::string refusal() const;
  std::map<std::string, std::string> facts();

  const ReadConfig read_;
  const Seams seams_;
  const config::Schema schema_;
  std::vector<config::Flaw> warnings_;  // of the configuration at the start
  RunningConfig config_;
  observe::Log log_;
  observe::Metrics metrics_;
  observe::Pulses pulses_;
  store::Ledger ledger_;
  outbox::Outbox outbox_;
  http::Budgets budgets_;
  std::optional<http::CurlClient> curl_;
  http::CountingClient counting_;
  http::BudgetClient http_;
  run::Deadlines deadlines_;
  run::JobKinds kinds_;
  http::Router routes_;
  Registry registry_;
  Builtin builtin_;
  const std::string owner_;
  run::Scheduler scheduler_;
  observe::Trouble scrape_trouble_;
  SenderPulse sender_pulse_;
  observe::Trouble sender_trouble_;
  control::ReloadSeries reload_series_;
  std::atomic<control::Phase> phase_ = control::Phase::starting;
  const control::Parts control_;
  std::mutex reload_mutex_;
  mutable std::mutex refusal_mutex_;
  std::string refusal_;  // guarded
  std::mutex token_mutex_;
  std::string token_;  // guarded
  std::mutex drain_mutex_;
  time::Bell drain_bell_;
  bool hurried_ = false;  // guarded
  std::optional<outbox::Senders> senders_;
  std::optional<http::Server> server_;
};

}  // namespace supportd
