#include "tests/sandbox/world.hpp"

#include "tests/fakes/customers.hpp"

namespace supportd::sandbox {
namespace {

fakes::AwsSupportOptions aws_options(const WorldOptions& options) {
  fakes::AwsSupportOptions out;
  out.seed = options.seed;
  out.calls_per_minute = options.aws_calls_per_minute;
  out.payer_calls_per_minute = 4 * options.aws_calls_per_minute;
  out.list_lag = options.list_lag;
  return out;
}

fakes::FreshdeskOptions desk_options(const WorldOptions& options) {
  fakes::FreshdeskOptions out;
  out.seed = options.seed;
  out.list_lag = options.list_lag;
  out.search_lag = std::chrono::minutes{3};
  out.attachment_base = options.attachment_base;
  out.fields = {{.name = "cf_aws_support_case_id"}, {.name = "cf_aws_account_id"}, {.name = "cf_product_area"}};
  return out;
}

fakes::ZendeskOptions zendesk_options(const WorldOptions& options) {
  fakes::ZendeskOptions out;
  out.seed = options.seed;
  out.base.clear();
  out.list_lag = options.list_lag;
  out.attachment_base = options.zendesk_attachment_base;
  const auto trouble = static_cast<std::uint64_t>(options.zendesk_webhook_trouble) * 10'000;
  out.webhooks = {.delay = Millis{trouble > 0 ? 2000 : 0}, .lost_per_million = trouble, .twice_per_million = trouble};
  out.fields = {{.id = 360001, .title = "AWS Support case"},
                {.id = 360002, .title = "AWS account"},
                {.id = 360003,
                 .title = "Product area",
                 .type = "tagger",
                 .options = {{361001, "Network", "area_network"}, {361002, "Database", "area_database"}}}};
  return out;
}

}  // namespace

World::World(const WorldOptions& options, Instant now)
    : iam(options.seed),
      key(iam.add_user(fakes::customers::home_account, "supportd")),
      aws(iam, fakes::ServiceModel::aws_support(options.shared), aws_options(options)),
      sts(iam),
      secrets(iam),
      sqs(iam, fakes::ServiceModel::sqs(options.shared), {.seed = options.seed}),
      desk(desk_options(options)),
      zendesk(zendesk_options(options)),
      witness(aws, desk, options.seed),
      two_desks(options.two_desks) {
  if (two_desks) witness.watch(zendesk);
  fakes::customers::add_accounts(iam, aws, key, external_id);
  sqs.add_queue(fakes::customers::home_account, queue_name);
  aws.on_event([this](const std::string& event, Instant at) {
    sqs.put(std::string("/") + fakes::customers::home_account + "/" + queue_name, event, at);
  });
  secrets.put(fakes::customers::home_account, freshdesk_secret, freshdesk_key, now);
  bot = desk.add_agent("supportd", "supportd@desk.example", freshdesk_key);
  agent = desk.add_agent("이서연", "seoyeon@desk.example");
  fakes::customers::add_companies(desk);
  secrets.put(fakes::customers::home_account, zendesk_secret, zendesk_token, now);
  zendesk_bot = zendesk.add_agent("supportd", zendesk_mail, "admin");
  zendesk_agent = zendesk.add_agent("이서연", "seoyeon@desk.example");
  zendesk.add_api_token(zendesk_token);
  fakes::customers::add_companies(zendesk);
  if (!options.zendesk_webhooks.empty()) zendesk.subscribe(options.zendesk_webhooks, zendesk_webhook_secret);
}

}  // namespace supportd::sandbox
