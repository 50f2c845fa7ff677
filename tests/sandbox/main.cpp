// supportd-sandbox: simulated AWS Support, Freshdesk and Zendesk on loopback, with a scripted support day and a witness
// that counts what became of it.
#include <signal.h>

#include <boost/program_options.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "daemon/options.hpp"
#include "tests/fakes/customers.hpp"
#include "tests/sandbox/control.hpp"
#include "tests/sandbox/webhook_carrier.hpp"

namespace {

using namespace supportd;

time::MachineClock clock_of(const std::string& text) {
  if (text.empty()) return {};
  const auto clock = parse_clock(text);
  if (!clock) throw Error(ErrorKind::config, clock.error().what);
  return *clock;
}

std::string script_text(const std::string& name) {
  if (name == "none") return R"({"actions":[]})";
  if (name == "builtin") return sandbox::builtin_day();
  std::ifstream in(name);
  if (!in) throw Error(ErrorKind::config, "the script cannot be read: " + name);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_atomically(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  {
    std::ofstream out(beside);
    out << text << '\n';
    if (!out.flush()) throw Error(ErrorKind::config, "the ports file cannot be written: " + path);
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0)
    throw Error(ErrorKind::config, "the ports file cannot be written: " + path);
}

struct Settings {
  std::uint64_t seed = 1;
  int aws_calls = 10;
  std::int64_t list_lag_ms = 1000;
  std::string clock, script, ports_file, shared, zendesk_webhooks;
  int zendesk_webhook_trouble = 0;
  bool two_desks = false;
};

class Sandbox {
 public:
  explicit Sandbox(const Settings& settings)
      : clock_(clock_of(settings.clock)),
        gate_(clock_),
        attachments_([this](const http::Request& r) { return gate_.pass("attachments", world_.desk, r); }),
        zendesk_files_([this](const http::Request& r) { return gate_.pass("zendesk_files", world_.zendesk, r); }),
        world_({.seed = settings.seed,
                .aws_calls_per_minute = settings.aws_calls,
                .list_lag = Millis{settings.list_lag_ms},
                .attachment_base = attachments_.url(),
                .zendesk_attachment_base = zendesk_files_.url(),
                .zendesk_webhooks = settings.zendesk_webhooks,
                .zendesk_webhook_trouble = settings.zendesk_webhook_trouble,
                .two_desks = settings.two_desks,
                .shared = settings.shared},
               clock_.now()),
        actions_(world_, gate_),
        day_(clock_, actions_, script_text(settings.script)),
        control_(world_, gate_, actions_, day_, clock_),
        aws_([this](const http::Request& r) { return gate_.pass("aws_support", world_.aws, r); }),
        sts_([this](const http::Request& r) { return gate_.pass("sts", world_.sts, r); }),
        secrets_([this](const http::Request& r) { return gate_.pass("secrets_manager", world_.secrets, r); }),
        sqs_([this](const http::Request& r) { return gate_.pass("sqs", world_.sqs, r); }),
        desk_([this](const http::Request& r) {
          day_.begin();
          return gate_.pass("freshdesk", world_.desk, r);
        }),
        zendesk_([this](const http::Request& r) {
          day_.begin();
          return gate_.pass("zendesk", world_.zendesk, r);
        }),
        controls_([this](const http::Request& r) {
          return sandbox::Reply{control_.answer(r), {}};
        }),
        carrier_(clock_, world_.zendesk) {}
  ~Sandbox() { gate_.open(); }

  // Where everything is and with what keys, as one JSON line.
  std::string describe() const {
    json::Writer out;
    out.object([&] {
      out.member("aws_support", aws_.url()).member("sts", sts_.url()).member("secrets_manager", secrets_.url());
      out.member("queue_url", sqs_.url() + "/" + fakes::customers::home_account + "/" + sandbox::World::queue_name);
      out.member("freshdesk", desk_.url()).member("attachments", attachments_.url()).member("control", controls_.url());
      out.member("zendesk", zendesk_.url()).member("zendesk_files", zendesk_files_.url());
      out.member("region", "us-east-1").member("access_key_id", world_.key.access_key_id);
      out.member("secret_access_key", world_.key.secret).member("account", fakes::customers::home_account);
      out.member("role_name", fakes::customers::role_name).member("external_id", sandbox::World::external_id);
      out.key("customers").object([&] {
        out.member("hanbit.example", fakes::customers::games_account);
        out.member("northwind.example", fakes::customers::bank_account);
        out.member("tailor.example", fakes::customers::planless_account);
      });
      out.member("freshdesk_key", sandbox::World::freshdesk_key);
      out.member("freshdesk_secret", sandbox::World::freshdesk_secret).member("freshdesk_agent", world_.bot);
      out.member("zendesk_mail", sandbox::World::zendesk_mail).member("zendesk_token", sandbox::World::zendesk_token);
      out.member("zendesk_secret", sandbox::World::zendesk_secret).member("zendesk_agent", world_.zendesk_bot);
      out.member("zendesk_webhook_secret", sandbox::World::zendesk_webhook_secret);
      out.member("now", time::to_text(clock_.now()));
    });
    return out.take();
  }

 private:
  time::MachineClock clock_;
  sandbox::Gate gate_;
  sandbox::HttpServer attachments_;    // serves only what the world handed out, so it is asked after the world is there
  sandbox::HttpServer zendesk_files_;  // the same
  sandbox::World world_;
  sandbox::Actions actions_;
  sandbox::Day day_;
  sandbox::Control control_;
  sandbox::HttpServer aws_, sts_, secrets_, sqs_, desk_, zendesk_, controls_;
  sandbox::WebhookCarrier carrier_;
};

int run(int argc, char** argv) {
  namespace po = boost::program_options;
  Settings settings;
  po::options_description options("supportd-sandbox: simulated AWS Support, Freshdesk and Zendesk on loopback");
  options.add_options()("help", "this text, the script's actions, the control endpoints")(
      "seed", po::value(&settings.seed)->default_value(1), "ids, tokens and lags follow from it")(
      "clock", po::value(&settings.clock), "SPEED@EPOCHMS: a faster clock, shared by all that are told the same")(
      "script", po::value(&settings.script)->default_value("none"), "builtin, none, or a file of actions")(
      "ports-file", po::value(&settings.ports_file), "written when ready: addresses and keys as JSON")(
      "aws-calls", po::value(&settings.aws_calls)->default_value(10), "calls a minute an AWS account; 0: no limit")(
      "list-lag", po::value(&settings.list_lag_ms)->default_value(1000), "lists lag by up to so many milliseconds")(
      "zendesk-webhooks", po::value(&settings.zendesk_webhooks), "URL that Zendesk's event webhooks are sent to")(
      "zendesk-webhook-trouble", po::value(&settings.zendesk_webhook_trouble)->default_value(0),
      "per cent of them lost, and as many doubled, all late by up to 2 s")(
      "two-desks", po::bool_switch(&settings.two_desks), "every ticket is expected to have a counterpart at Zendesk")(
      "shared", po::value(&settings.shared)->default_value(SUPPORTD_SHARED), "where specs/aws/support lies");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, options), given);
  po::notify(given);
  if (given.contains("help")) {
    std::cout << options << '\n' << sandbox::Actions::help() << '\n' << sandbox::control_help();
    return 0;
  }
  signal(SIGPIPE, SIG_IGN);
  // Before the first thread, so that all inherit it and sigwait sees them.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  sigprocmask(SIG_BLOCK, &stops, nullptr);

  const Sandbox sandbox(settings);
  const std::string about = sandbox.describe();
  if (!settings.ports_file.empty()) write_atomically(settings.ports_file, about);
  std::cout << about << std::endl;
  int signal = 0;
  sigwait(&stops, &signal);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "supportd-sandbox: " << error.what() << '\n';
    return 2;
  }
}
