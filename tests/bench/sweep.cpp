// A full sweep of one account's linked cases, of which some have news: how many calls it takes and how much CPU. AWS
// is the fake in this process, without limits; its CPU is measured apart, around each answer, and taken off.
#include "jobs/aws_cases/sweep.hpp"

#include <iostream>

#include "connectors/aws_support/accounts.hpp"
#include "jobs/aws_cases/slice.hpp"
#include "jobs/aws_cases/store.hpp"
#include "jobs/tickets/links.hpp"
#include "tests/bench/metered.hpp"
#include "tests/bench/report.hpp"
#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"
#include "tests/fakes/sts.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;
using store::Tx;

constexpr const char* account = "111122223333";
constexpr const char* desk = "freshdesk:main";

struct Keys final : connectors::aws::CredentialsProvider {
  explicit Keys(fakes::AwsKey of) : key(std::move(of)) {}
  connectors::aws::Credentials get(std::stop_token) override {
    return {key.access_key_id, key.secret, key.session_token, {}};
  }
  fakes::AwsKey key;
};

std::shared_ptr<const config::Config> settings() {
  config::Schema schema;
  schema.add<aws_cases::Section>(aws_cases::slice_name);
  return schema.load(config::read_texts({{"bench.toml", ""}})).config;
}

std::vector<store::Migration> tables() {
  auto steps = store::records_schema();
  for (const auto& more : {outbox::schema(), tickets::schema(), run::Deadlines::migrations(), aws_cases::schema()}) {
    steps.insert(steps.end(), more.begin(), more.end());
  }
  return steps;
}

connectors::aws_support::Section endpoint() {
  connectors::aws_support::Section out;
  out.endpoint = "https://support.test";
  return out;
}

connectors::aws::Section accounts_section() {
  connectors::aws::Section out;
  out.accounts.push_back({account, "", "", "", ""});
  return out;
}

fakes::AwsSupportOptions no_limits() {
  fakes::AwsSupportOptions out;
  out.calls_per_minute = out.payer_calls_per_minute = out.cases_per_day = 0;
  return out;
}

// The slice on its ledger, with AWS behind it.
struct World {
  World()
      : keys(iam.add_user(account, "SupportdUser")),
        aws(iam, fakes::ServiceModel::aws_support_built_in(), no_limits()),
        metered(aws),
        sts_fake(iam),
        net(clock, faults),
        ledger(scratch.ledger(store::Engine::sqlite), clock, tables()),
        config(settings()),
        log(clock, [](const observe::Record&) {}),
        outbox(clock, clock.at - 24h, outbox::Mode::shadow),  // the ledger was not restored just now
        budgets(clock),
        deadlines(ledger, log, metrics),
        registry{clock, config, ledger, outbox, net, budgets, log, metrics, deadlines, jobs, routes},
        sts_endpoint("https://sts.test", {"us-east-1", "sts"}),
        sts(net, clock, sts_endpoint),
        roles(sts, clock, keys),
        accounts(net, clock),
        slice(registry, kernel, accounts),
        context{registry, kernel, accounts},
        numbers(context) {
    aws.add_account(account, fakes::SupportPlan::business);
    net.route("support.test", metered);
    net.route("sts.test", sts_fake);
    accounts.configure(endpoint(), accounts_section(),
                       {{std::shared_ptr<void>(), &keys}, {std::shared_ptr<void>(), &roles}});
  }

  // A ticket with an open case at AWS, each with two answers.
  std::string add_case(int number) {
    connectors::aws_support::NewCase request;
    request.subject = "case " + std::to_string(number);
    request.body = "It does not start.";
    request.service_code = "general-info";
    request.category_code = "using-aws";
    request.severity_code = "low";
    request.language = "en";
    const auto case_id = accounts.find(account)->create_case(request, http::Priority::live);
    for (int i = 1; i <= 2; ++i)
      aws.engineer_answers(case_id, "Please send the logs of the last day.", {}, clock.at + i * 1min);
    ledger.write([&](Tx& tx) {
      tickets::Change created;
      created.value = "case " + std::to_string(number);
      const std::string remote_id = std::to_string(number);
      const auto ticket = *kernel.create(tx, {{}, created, clock.at, desk, "", "created-" + remote_id}, clock.at);
      tickets::save_link(tx, {desk, remote_id, ticket, "{}", "", clock.at, "live"});
      aws_cases::Case it;
      it.ticket = ticket;
      it.key = "case:" + case_id;
      it.state = aws_cases::State::open;
      it.account = account;
      it.case_id = case_id;
      aws_cases::add_case(tx, it);
    });
    return case_id;
  }
  aws_cases::Swept sweep() { return aws_cases::Sweep(context, numbers, {}).full(); }

  fakes::SetClock clock{Instant{1'800'000'000'000ms}};
  fakes::Scratch scratch;
  fakes::Iam iam;
  Keys keys;
  fakes::AwsSupport aws;
  Metered metered;
  fakes::Sts sts_fake;
  fakes::FaultPlan faults;
  fakes::Net net;
  store::Ledger ledger;
  RunningConfig config;
  observe::Log log;
  observe::Metrics metrics;
  outbox::Outbox outbox;
  http::Budgets budgets;
  run::Deadlines deadlines;
  run::JobKinds jobs;
  http::Router routes;
  Registry registry;
  tickets::Kernel kernel;
  connectors::aws::Endpoint sts_endpoint;
  connectors::aws::Sts sts;
  connectors::aws::RoleBook roles;
  connectors::aws_support::Accounts accounts;
  aws_cases::Slice slice;
  aws_cases::Context context;
  aws_cases::Metrics numbers;
};

void run(int cases, int changed, long rounds) {
  World world;
  std::vector<std::string> ids;
  for (int i = 0; i < cases; ++i) ids.push_back(world.add_case(i));
  world.clock.at += 1h;
  world.sweep();
  Series calls{"calls"}, cpu{"cpu_seconds"}, idle{"cpu_seconds_unchanged"}, fake{"fake_cpu_seconds"};
  const auto measured = [&](long expected) {
    world.clock.at += 1h;
    const long calls_before = world.metered.calls;
    const double fake_before = world.metered.cpu;
    const double begun = thread_cpu();
    const auto swept = world.sweep();
    const double fakes_share = world.metered.cpu - fake_before;
    if (swept.cases != cases || swept.changed != expected) throw std::runtime_error("the sweep saw something else");
    calls.rounds.push_back(static_cast<double>(world.metered.calls - calls_before));
    fake.rounds.push_back(fakes_share);
    return thread_cpu() - begun - fakes_share;
  };
  for (long round = 0; round < rounds; ++round) {
    idle.rounds.push_back(measured(0));
    for (int i = 0; i < changed; ++i) {
      world.aws.engineer_answers(ids[static_cast<std::size_t>(i) * ids.size() / static_cast<std::size_t>(changed)],
                                 "Thank you, we are looking at them.", {}, world.clock.at + 30min);
    }
    cpu.rounds.push_back(measured(changed));
  }
  print({calls, cpu, idle, fake});
}

}  // namespace
}  // namespace supportd::bench

int main(int argc, char** argv) {
  using namespace supportd::bench;
  try {
    run(static_cast<int>(option(argc, argv, "cases", 10'000)), static_cast<int>(option(argc, argv, "changed", 100)),
        option(argc, argv, "rounds", 5));
  } catch (const std::exception& error) {
    std::cerr << "bench_sweep: " << error.what() << '\n';
    return 1;
  }
}
