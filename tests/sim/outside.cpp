#include "tests/sim/outside.hpp"

#include "tests/fakes/customers.hpp"

namespace supportd::sim {
namespace {

constexpr const char* support_host = "support.us-east-1.amazonaws.com";
constexpr const char* queue = "/111122223333/supportd";

// What the desks' own rules make of vip tickets: whether they changed anything.
bool escalate(fakes::FreshdeskTicket& it) {
  if (!it.has_tag("vip") || it.priority != 3) return false;
  it.priority = 4;
  return true;
}

bool deescalate(fakes::ZendeskTicket& it) {
  if (!it.has_tag("vip") || it.priority != "urgent") return false;
  it.priority = "high";
  return true;
}

fakes::AwsSupportOptions aws_options(const Nature& nature) {
  fakes::AwsSupportOptions out;
  out.seed = nature.seed;
  out.list_lag = nature.aws_lag;
  out.clock_offset = nature.aws_clock_offset;
  out.refuse_replies_to_resolved = nature.aws_refuses_replies;
  return out;
}

fakes::SqsOptions queue_options(const Nature& nature) {
  fakes::SqsOptions out;
  out.seed = nature.seed;
  out.lost_per_million = out.twice_per_million = 150'000;
  out.delay = std::chrono::minutes{10};
  return out;
}

fakes::FreshdeskOptions desk_options(const Nature& nature) {
  fakes::FreshdeskOptions out;
  out.seed = nature.seed;
  out.list_lag = nature.desk_lag;
  out.search_lag = std::chrono::minutes{3};
  out.statuses[9] = {"In Review", "Being Processed"};  // nobody mapped it
  out.fields = {{.name = "cf_aws_support_case_id"},
                {.name = "cf_aws_account_id"},
                {.name = Outside::cause_field, .required_for_closure = nature.closing_needs_cause}};
  if (nature.automations) out.automation = [](const auto&, auto& it) { escalate(it); };
  return out;
}

fakes::ZendeskOptions zendesk_options(const Nature& nature) {
  fakes::ZendeskOptions out;
  out.seed = nature.seed;
  out.list_lag = nature.desk_lag;
  out.clock_skew = nature.zendesk_skew;
  out.export_repeats_per_million = 50'000;
  out.database_conflicts_per_million = 5'000;
  if (nature.automations) out.automation = [](const auto&, auto& it) { deescalate(it); };
  out.webhooks = {.delay = std::chrono::minutes{5}, .lost_per_million = 150'000, .twice_per_million = 150'000};
  return out;
}

}  // namespace

http::Response Weather::send(const http::Request& request, std::stop_token stop) {
  const bool aws = fakes::split_url(request.url).authority == support_host;
  for (const auto& outage : nature_.outages) {
    if (outage.aws != aws || clock_.now() < outage.from || clock_.now() >= outage.until) continue;
    ++outage_calls_;
    throw Error(ErrorKind::unreachable, request.url + ": no route to host");
  }
  return net_.send(request, stop);
}

void Hooks::changed(std::int64_t ticket, Instant now) {
  const std::lock_guard lock(mutex_);
  for (std::uint64_t copies = random_.chance(100'000) ? 0 : random_.chance(100'000) ? 2 : 1; copies > 0; --copies) {
    queued_.emplace(now + Millis{random_.below(random_.chance(900'000) ? 5'000 : 300'000)}, ticket);
  }
}

std::optional<Instant> Hooks::next() const {
  const std::lock_guard lock(mutex_);
  return queued_.empty() ? std::nullopt : std::optional(queued_.begin()->first);
}

std::vector<std::int64_t> Hooks::due(Instant now) {
  const std::lock_guard lock(mutex_);
  std::vector<std::int64_t> out;
  for (; !queued_.empty() && queued_.begin()->first <= now; queued_.erase(queued_.begin())) {
    out.push_back(queued_.begin()->second);
  }
  return out;
}

void Robots::changed(Place desk, std::int64_t ticket, Instant now) {
  const std::lock_guard lock(mutex_);
  queued_.emplace(now + std::chrono::seconds{5} + Millis{random_.below(50'000)}, Task{desk, ticket});
}

std::optional<Instant> Robots::next() const {
  const std::lock_guard lock(mutex_);
  return queued_.empty() ? std::nullopt : std::optional(queued_.begin()->first);
}

std::vector<Robots::Task> Robots::due(Instant now) {
  const std::lock_guard lock(mutex_);
  std::vector<Task> out;
  for (; !queued_.empty() && queued_.begin()->first <= now; queued_.erase(queued_.begin())) {
    out.push_back(queued_.begin()->second);
  }
  return out;
}

Outside::Outside(const Nature& nature, Baton& baton)
    : nature(nature),
      clock(baton),
      iam(nature.seed),
      key(iam.add_user(fakes::customers::home_account, "supportd")),
      aws(iam, fakes::ServiceModel::aws_support_built_in(), aws_options(nature)),
      sts(iam),
      sqs(iam, fakes::ServiceModel::sqs_built_in(), queue_options(nature)),
      hooks(nature.seed),
      robots(nature.seed),
      desk([&] {
        fakes::FreshdeskOptions options = desk_options(nature);
        if (!nature.webhooks && !nature.quarrels) return options;
        options.automation = [this, rule = options.automation](const auto& before, auto& after) {
          if (rule) rule(before, after);
          if (this->nature.webhooks) hooks.changed(after.id, clock.now());
          if (this->nature.quarrels) robots.changed(Place::freshdesk, after.id, clock.now());
        };
        return options;
      }()),
      zendesk([&] {
        fakes::ZendeskOptions options = zendesk_options(nature);
        if (!nature.quarrels) return options;
        options.automation = [this](const auto&, const auto& after) {
          robots.changed(Place::zendesk, after.id, clock.now());
        };
        return options;
      }()),
      witness(aws, desk, nature.seed),
      faults(nature.seed, nature.faults),
      net(clock, faults),
      weather(net, nature, clock) {
  fakes::customers::add_accounts(iam, aws, key, external_id);
  bot = desk.add_agent("supportd", "supportd@desk.example", freshdesk_key);
  agents[0] = desk.add_agent("이서연", "seoyeon@desk.example");
  agents[1] = desk.add_agent("Grace Moore", "grace@desk.example");
  fakes::customers::add_companies(desk);
  net.route(support_host, aws);
  net.route("sts.us-east-1.amazonaws.com", sts);
  net.route("sqs.us-east-1.amazonaws.com", sqs);
  sqs.add_queue(fakes::customers::home_account, "supportd");
  if (nature.aws_events) {
    aws.on_event([this](const std::string& event, Instant now) { sqs.put(queue, event, now); });
  }
  net.route("acme.freshdesk.com", desk);
  net.route("attachments.freshdesk.example", desk);
  zendesk_bot = zendesk.add_agent("supportd", zendesk_mail, "admin");
  zendesk_agent = zendesk.add_agent("Marie Dubois", "marie@desk.example");
  zendesk.add_api_token(zendesk_token);
  fakes::customers::add_companies(zendesk);
  net.route("acme.zendesk.com", zendesk);
  net.route("acme.zdusercontent.example", zendesk);
  if (nature.webhooks) zendesk.subscribe("https://supportd.example/hooks/zendesk/main", zendesk_webhook_secret);
}

void Outside::robots_act(Instant now) {
  for (const auto& task : robots.due(now)) {
    if (task.desk == Place::freshdesk) {
      auto it = desk.ticket(task.ticket);
      if (it.deleted || !escalate(it)) continue;
      desk.agent_changes(
          task.ticket, [](auto& ticket) { escalate(ticket); }, now);
    } else {
      auto it = zendesk.ticket(task.ticket);
      if (it.deleted || it.status == "closed" || !deescalate(it)) continue;
      zendesk.agent_sets(
          task.ticket, [](auto& ticket) { deescalate(ticket); }, now);
    }
  }
}

}  // namespace supportd::sim
