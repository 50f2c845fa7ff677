#include "daemon/app.hpp"

#include <algorithm>
#include <random>
#include <sstream>

#include "daemon/digest.hpp"
#include "daemon/observe/notify.hpp"
#include "daemon/observe/process.hpp"
#include "daemon/sections.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/version.hpp"

namespace supportd {
namespace {

using namespace std::chrono_literals;

std::string random_instance() {
  std::random_device random;
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(random());
  return digest::hex(bytes);
}

Seams with_instance(Seams seams) {
  if (seams.instance.empty()) seams.instance = random_instance();
  return seams;
}

store::LedgerOptions ledger_options(const config::Config& config, bool durable) {
  auto out = supportd::ledger_options(config);
  out.durable = durable;
  return out;
}

const DaemonSection& daemon_section(const config::Config& config) { return config.get<DaemonSection>("daemon"); }

std::string all_flaws(const std::vector<config::Flaw>& flaws) {
  std::string out;
  for (const config::Flaw& flaw : flaws) {
    if (!flaw.warning) out += (out.empty() ? "" : "\n") + config::to_text(flaw);
  }
  return out;
}

http::Client& or_curl(http::Client* given, std::optional<http::CurlClient>& curl, const config::Config& config,
                      const time::Clock& clock) {
  return given != nullptr ? *given : curl.emplace(client_options(config), clock);
}

}  // namespace

std::shared_ptr<const config::Config> load_config(const config::Schema& schema, const ReadConfig& read,
                                                  const std::function<void(const config::Flaw&)>& warn) {
  config::Loaded loaded = schema.load(read());
  if (!loaded.config) throw Error(ErrorKind::config, all_flaws(loaded.flaws));
  for (const config::Flaw& flaw : loaded.flaws) warn(flaw);
  return std::move(loaded.config);
}

App::App(ReadConfig read, Seams seams)
    : read_(std::move(read)),
      seams_(with_instance(std::move(seams))),
      schema_(builtin_schema([&clock = seams_.clock] { return clock.now(); })),
      config_(load_config(schema_, read_, [this](const config::Flaw& flaw) { warnings_.push_back(flaw); })),
      log_(seams_.clock, seams_.log ? seams_.log : log_sink(config_.get()->get<LogSection>("log")),
           config_.get()->get<LogSection>("log").level),
      pulses_(seams_.clock),
      ledger_(ledger_options(*config_.get(), seams_.durable), seams_.clock, builtin_migrations()),
      outbox_(seams_.clock, ledger_.certain_since(), daemon_section(*config_.get()).mode),
      budgets_(seams_.clock),
      counting_(or_curl(seams_.http, curl_, *config_.get(), seams_.clock), metrics_, seams_.clock),
      http_(counting_, budgets_, seams_.clock, builtin_rate),
      deadlines_(ledger_, log_, metrics_),
      registry_{seams_.clock, config_, ledger_, outbox_, http_, budgets_, log_, metrics_, deadlines_, kinds_, routes_},
      builtin_(registry_),
      owner_(daemon_section(*config_.get()).name),
      scheduler_(ledger_, seams_.clock, log_, metrics_, pulses_, deadlines_, kinds_,
                 {.owner = owner_ + "/" + seams_.instance,
                  .workers = daemon_section(*config_.get()).workers,
                  .synchronised = seams_.synchronised}),
      scrape_trouble_(log_, seams_.clock, "scrape"),
      sender_pulse_(seams_.clock),
      sender_trouble_(log_, seams_.clock, "outbox"),
      reload_series_(metrics_),
      control_{
          .clock = seams_.clock,
          .ledger = ledger_,
          .outbox = outbox_,
          .scheduler = scheduler_,
          .budgets = budgets_,
          .metrics = metrics_,
          .phase = phase_,
          .started = seams_.clock.now(),
          .most_waits = config_.get()->get<HttpSection>("http").threads / 2,
          .trouble = [this] { return trouble(); },
          .in_force = [this] { return in_force(*config_.get()); },
          .refusal = [this] { return refusal(); },
          .facts = [this] { return facts(); },
          .reload = [this](const std::string& actor, bool dry_run) { return to_response(reload(actor, dry_run)); }} {
  for (const auto& warning : warnings_) log_.warning("configuration", {{"what", config::to_text(warning)}});
  if (ledger_.restored()) {
    log_.warning("the ledger is a restored copy: what it may have forgotten is looked for before anything is sent", {});
  }
  registry_.ask = [this](const std::string& job, const std::string& reason) { ask(job, reason); };
  budgets_.reconfigure(builtin_budgets(*config_.get()));
  keep_token(http_token(*config_.get()));
  control::add_routes(routes_, control_);
  metrics_.tell(scrape_trouble_);
  observe::watch_process(metrics_);
  observe::watch_log(metrics_, log_);
  control::watch_phase(metrics_, control_);
  control::watch_ledger(metrics_, ledger_);
  control::watch_outbox(metrics_, ledger_, outbox_);
  control::watch_budgets(metrics_, budgets_);
  pulses_.add_probe("ledger", [this] { return ledger_.figures().oldest_wait.value_or(0ns); });
  pulses_.add_probe("outbox", [this] { return sender_pulse_.silence(); });
  reload_series_.loaded(seams_.clock.now());
}

App::~App() {
  if (phase_ == control::Phase::starting) return;
  try {
    stop(Instant::min());
  } catch (...) {  // the ledger cannot be used any more; what was under way is still owed, and the members join
  }
}

run::JobSet App::job_set(std::shared_ptr<const config::Config> config) const {
  return {effective_jobs(*config), config->list<run::RunOnce>("run_once"), config};
}

outbox::Senders::Options App::sender_options() {
  return {.threads = daemon_section(*config_.get()).senders,
          .owner = owner_ + "/" + seams_.instance,
          .report =
              [this](const outbox::Report& report) {
                control::count_effect(metrics_, report, seams_.clock.now());
                ring_drain();
                const auto& effect = report.lease.effect;
                if (!report.outcome.error) return;
                log_.warning("an effect was not sent", {{"effect", effect.id.value},
                                                        {"channel", effect.channel},
                                                        {"subject", effect.subject},
                                                        {"error", report.outcome.error->what()}});
              },
          .trouble = [this](const std::exception& error) { sender_trouble_.met(error.what()); },
          .well = [this] { sender_trouble_.over(); },
          .pulse = [this](Millis busy) { sender_pulse_.beat(busy); }};
}

void App::serve() {
  http::ServerOptions options = server_options(*config_.get());
  // Who calls us lives in the machine's time, however fast ours goes.
  for (Millis* limit :
       {&options.header_timeout, &options.body_timeout, &options.idle_timeout, &options.write_timeout}) {
    *limit = std::chrono::ceil<Millis>(*limit * seams_.clock.speed());
  }
  std::vector<std::string> replaced;
  for (const auto& socket : seams_.inherited) {
    if (socket.is_local) {
      replaced.push_back(std::exchange(options.socket_path, {}));
    } else {
      for (auto& address : std::exchange(options.listen, {})) replaced.push_back(std::move(address));
    }
    options.inherited.push_back(socket.descriptor);
  }
  http::ServerHooks hooks;
  control::count_requests(hooks, metrics_);
  hooks.token = [this] {
    const std::lock_guard lock(token_mutex_);
    return token_;
  };
  hooks.fault = [this](std::string_view route, std::string_view what) {
    log_.error("a request failed", {{"route", route}, {"error", what}});
  };
  observe::Pulse& pulse = pulses_.add("http");
  hooks.pulse = [&pulse] { pulse.beat(); };
  server_.emplace(std::move(options), std::move(hooks), routes_, seams_.clock);
  const auto addresses = server_->addresses();
  for (const auto& address : addresses) log_.info("listening", {{"address", address}});
  for (const auto& address : replaced) {
    if (address.empty() || std::ranges::find(addresses, address) != addresses.end()) continue;
    log_.warning("not listening where the configuration says: the service manager's sockets stand in for it",
                 {{"address", address}});
  }
}

void App::start(const std::function<void()>& ready) {
  scheduler_.reload(job_set(config_.get()));
  if (seams_.serve) serve();
  phase_ = control::Phase::ready;
  log_.info("ready", {{"version", version}, {"name", owner_}, {"instance", seams_.instance}});
  if (ready) ready();
  scheduler_.begin();
  senders_.emplace(outbox_, ledger_, seams_.clock, sender_options());
}

void App::stop(Instant deadline) {
  if (phase_.exchange(control::Phase::draining) == control::Phase::draining) return;
  log_.info("stopping");
  if (senders_) senders_->drain();
  scheduler_.stop(deadline);
  if (senders_) {
    std::unique_lock lock(drain_mutex_);
    while (!senders_->idle() && !hurried_ && seams_.clock.now() < deadline) {
      seams_.clock.wait(lock, drain_bell_, deadline);
    }
  }
  senders_.reset();
  sender_pulse_.forget();
  if (server_) server_->stop(std::max(Millis{0}, deadline - std::min(deadline, seams_.clock.now())));
  server_.reset();
  log_.info("stopped");
}

void App::ring_drain() {
  const std::lock_guard lock(drain_mutex_);
  seams_.clock.ring(drain_bell_);
}

void App::hurry() {
  const std::lock_guard lock(drain_mutex_);
  hurried_ = true;
  seams_.clock.ring(drain_bell_);
  scheduler_.hurry();
}

Reload App::prepare(std::shared_ptr<const config::Config>& fresh) {
  Reload out;
  config::Loaded loaded = schema_.load(read_());
  out.flaws = std::move(loaded.flaws);
  fresh = std::move(loaded.config);
  if (!fresh) {
    out.refusal = "the new configuration has flaws; the old one stays in force:\n" + all_flaws(out.flaws);
    return out;
  }
  out.plan.changes = config::diff(config_.get()->effective(), fresh->effective());
  const auto keys = restart_keys(out.plan.changes);
  if (!keys.empty()) {
    out.refusal = "needs a restart: ";
    for (std::size_t i = 0; i < keys.size(); ++i) out.refusal += (i > 0 ? ", " : "") + keys[i];
    return out;
  }
  http_token(*fresh);  // what cannot be read is refused now
  out.plan.jobs = scheduler_.plan(effective_jobs(*fresh));
  ledger_.read([&](store::Tx& tx) {
    for (const auto& once : fresh->list<run::RunOnce>("run_once")) run::decisions::find_once(tx, once);
    out.plan.due = deadlines_.moves(tx, *fresh, seams_.clock.now());
  });
  return out;
}

// All or nothing. Connections come first: what the transaction brings back from the parked finds its desk at once.
void App::swap(const std::shared_ptr<const config::Config>& fresh, const std::string& actor,
               const std::vector<config::Change>& changes) {
  std::string token = http_token(*fresh);
  connect(*fresh);
  try {
    scheduler_.reload(job_set(fresh), [&](store::Tx& tx) {
      const auto moves = deadlines_.moves(tx, *fresh, seams_.clock.now());
      builtin_.declare(tx, *fresh);
      deadlines_.move(tx, moves);
      store::audit(tx, seams_.clock.now(), {actor, "config.reload", "config", "", in_words(changes)});
    });
  } catch (const Error&) {
    connect(*config_.get());
    ledger_.write([&](store::Tx& tx) { builtin_.declare(tx, *config_.get()); });
    throw;
  }
  config_.set(fresh);
  keep_token(std::move(token));
  log_.set_level(fresh->get<LogSection>("log").level);
  outbox_.set_mode(daemon_section(*fresh).mode);
}

void App::connect(const config::Config& config) {
  budgets_.reconfigure(builtin_budgets(config));
  builtin_.connect(config);
}

Reload App::reload(const std::string& actor, bool dry_run) {
  const std::lock_guard one_at_a_time(reload_mutex_);
  if (!dry_run) observe::notify::reloading();
  std::shared_ptr<const config::Config> fresh;
  Reload out;
  try {
    out = prepare(fresh);
    if (out.refusal.empty() && !dry_run) swap(fresh, actor, out.plan.changes);
  } catch (const Error& error) {
    out.refusal = error.what();
  }
  out.dry_run = dry_run;
  if (dry_run) return out;
  if (out.refusal.empty()) {
    reload_series_.loaded(seams_.clock.now());
    set_refusal("");
    log_.info("configuration reloaded", {{"actor", actor}, {"what", in_words(out)}});
  } else {
    reload_series_.failed();
    set_refusal(out.refusal);
    log_.error("reload refused", {{"actor", actor}, {"why", out.refusal}});
  }
  const std::string kept = out.refusal.empty() ? "" : "reload refused: " + out.refusal + "; ";
  observe::notify::ready(kept + summary());
  return out;
}

void App::set_refusal(std::string why) {
  const std::lock_guard lock(refusal_mutex_);
  refusal_ = std::move(why);
}

std::string App::refusal() const {
  const std::lock_guard lock(refusal_mutex_);
  return refusal_;
}

void App::keep_token(std::string token) {
  const std::lock_guard lock(token_mutex_);
  token_ = std::move(token);
}

std::map<std::string, std::string> App::facts() {
  return ledger_.read([&](store::Tx& tx) {
    std::map<std::string, std::string> out;
    for (const Fact& fact : registry_.facts) out[fact.name] = fact.text(tx, seams_.clock.now());
    return out;
  });
}

void App::ask(const std::string& job, const std::string& reason) {
  run::decisions::Asked asked;
  asked.trigger = run::Trigger::event;
  asked.actor = "supportd";
  asked.reason = reason;
  try {
    scheduler_.trigger(job, asked);
  } catch (const Error& error) {
    // One waits already and will see what there is to do; or we are stopping, and the next start does it.
    if (error.kind() == ErrorKind::conflict || error.kind() == ErrorKind::stopped) return;
    log_.warning("an event's run was refused", {{"job", job}, {"error", error.what()}});
  }
}

void App::clock_was_set() {
  scheduler_.clock_was_set();
  outbox_.wake_senders();
}

void App::signalled(int slot, const std::string& actor) {
  const auto job = scheduler_.job_of_signal(slot);
  if (!job) {
    std::string known;
    for (const auto& [name, config] : effective_jobs(*config_.get())) {
      if (config.signal_slot) known += (known.empty() ? "" : ", ") + std::to_string(*config.signal_slot) + " " + name;
    }
    log_.warning("no job has this signal slot", {{"slot", slot}, {"known", known.empty() ? "none" : known}});
    return;
  }
  run::decisions::Asked asked;
  asked.trigger = run::Trigger::signal;
  asked.actor = actor;
  asked.reason = "SIGRTMIN+" + std::to_string(slot);
  try {
    const auto run = scheduler_.trigger(*job, asked, [&](store::Tx& tx) {
      store::audit(tx, seams_.clock.now(), {actor, "job.run", "job " + *job, asked.reason, ""});
    });
    log_.info("run asked for by signal", {{"job", *job}, {"run", run}, {"actor", actor}});
  } catch (const Error& error) {
    log_.warning("a signal's run was refused", {{"job", *job}, {"error", error.what()}});
  }
}

std::string App::dump() const {
  std::ostringstream out;
  out << summary() << '\n';
  try {
    out << scheduler_.dump() << outbox_.dump(registry_.ledger);
  } catch (const Error& error) {
    out << error.what() << '\n';
  }
  const auto figures = ledger_.figures();
  out << "ledger: " << figures.commits << " commits of " << figures.bodies << " transactions, " << figures.waiting
      << " waiting\n";
  for (const auto& budget : budgets_.snapshot()) {
    out << "budget " << budget.rule.name << ": " << budget.available << " of " << budget.rule.count << " free, "
        << budget.in_flight << " in flight, " << budget.waiting << " waiting\n";
  }
  return out.str();
}

std::string App::trouble() const {
  std::string out = scheduler_.trouble().text().value_or("");
  if (const auto more = sender_trouble_.text()) out += (out.empty() ? "" : "; ") + *more;
  return out;
}

std::string App::summary() const {
  if (std::string why = trouble(); !why.empty()) return why;
  try {
    return jobs_in_words();
  } catch (const Error& error) {  // a database that restarts, say
    return error.what();
  }
}

std::string App::jobs_in_words() const {
  const auto jobs = scheduler_.jobs();
  std::size_t paused = 0;
  const run::JobStatus* next = nullptr;
  for (const auto& job : jobs) {
    if (job.paused_until) ++paused;
    if (job.next_run && (next == nullptr || *job.next_run < *next->next_run)) next = &job;
  }
  std::string out = std::to_string(jobs.size()) + (jobs.size() == 1 ? " job" : " jobs");
  if (next != nullptr) out += ", next " + next->name + " " + time::to_text(*next->next_run);
  if (paused > 0) out += "; " + std::to_string(paused) + " paused";
  if (outbox_.mode() == outbox::Mode::shadow) out += "; shadow mode: nothing is sent";
  return out;
}

Millis App::drain_time() const { return daemon_section(*config_.get()).drain; }

std::vector<std::string> App::addresses() const { return server_ ? server_->addresses() : std::vector<std::string>(); }

}  // namespace supportd
