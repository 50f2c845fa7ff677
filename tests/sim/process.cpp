#include "tests/sim/process.hpp"

#include <fstream>

#include "daemon/app.hpp"
#include "tests/fakes/customers.hpp"
#include "tests/sim/promises.hpp"

namespace supportd::sim {
namespace {

using namespace std::chrono_literals;
namespace customers = fakes::customers;

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text << "\n";
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

std::string account(const std::string& id, const std::string& organisation, bool by_role) {
  std::string out = "[[aws.account]]\nid = \"" + id + "\"\norganisation = \"" + organisation + "\"\n";
  if (by_role) {
    out += "role_arn = \"arn:aws:iam::" + id + ":role/" + customers::role_name + "\"\nexternal_id = \"" +
           Outside::external_id + "\"\n";
  }
  return out;
}

std::string organisation(const std::string& name, const std::string& zone, const Outside& outside) {
  return "[[tickets.organisation]]\nname = \"" + name + "\"\nzone = \"" + zone + "\"\ntier = \"" +
         tier_of(name, outside.promises_changed) + "\"\n";
}

std::string second_desk(const Outside& outside, const std::filesystem::path& state) {
  if (!outside.nature.two_desks) return "";
  const auto secret = [&](const char* name) { return "{ file = \"" + (state / name).string() + "\" }\n"; };
  const bool first_owns = outside.nature.first_owns && !outside.owner_forgotten;
  const std::string owner = outside.remapped ? "ledger" : first_owns ? "freshdesk:main" : "newest";
  return "[zendesk.main]\nbase_url = \"" + std::string(Outside::zendesk_url) + "\"\nemail = \"" +
         Outside::zendesk_mail + "\"\napi_token = " + secret("zendesk_token") +
         "webhook_secret = " + secret("zendesk_webhook") +
         "skew = \"15m\"\nfields = { cf_aws_support_case_id = " + std::to_string(Outside::zendesk_case_field) + " }\n" +
         "[desk_sync.zendesk.main]\ncounterpart = \"all\"\nskew = \"10m\"\ntie = \"ledger\"\n"
         "ledger_fields = [\"cf_aws_support_case_id\"]\nowner = { status = \"newest\", priority = \"" +
         owner + "\" }\n" + (outside.nature.follows ? "merged = \"follow\"\ndeleted = \"follow\"\n" : "");
}

std::string configuration(const Outside& outside, const std::filesystem::path& state) {
  const auto secret = [&](const char* name) { return "{ file = \"" + (state / name).string() + "\" }\n"; };
  return "[daemon]\nname = \"sim\"\nstate_directory = \"" + state.string() + "\"\nworkers = 3\nsenders = 2\n" +
         "[ledger]\nurl = \"sqlite:" + ledger_of(state).string() + "\"\n" +
         "[control]\nsocket = \"\"\n"
         "[aws]\ncredentials = \"secrets\"\naccess_key = " +
         secret("access_key") + "secret_key = " + secret("secret_key") +
         account(customers::games_account, "한빛게임즈", true) +
         account(customers::bank_account, "Northwind Bank", true) +
         account(customers::planless_account, "Tailor & Sons", true) +
         (outside.nature.aws_events ? "[aws.events]\nqueue_url = \"" + std::string(Outside::queue_url) +
                                          "\"\n[jobs.aws_events]\nschedule = \"every 50m\"\n"
                                    : "") +
         organisation("한빛게임즈", "Asia/Seoul", outside) +
         organisation("Northwind Bank", "America/New_York", outside) + organisation("Tailor & Sons", "UTC", outside) +
         promises_of(outside.nature, outside.promises_changed) + "[freshdesk.main]\nbase_url = \"" + Outside::desk_url +
         "\"\napi_key = " + secret("freshdesk_key") + "webhook_secret = " + secret("freshdesk_webhook") +
         second_desk(outside, state) +
         "[desk_sync]\nzone = \"Asia/Seoul\"\n"
         "[jobs.desk_sync]\nschedule = \"every 15m\"\n"
         "[jobs.aws_cases]\nschedule = \"every 4h\"\n"
         "[jobs.aws_cases_recent]\nschedule = \"every 100m\"\n"
         "[jobs.housekeeping]\nschedule = \"every 6h\"\n";
}

class Daemon final : public Process {
 public:
  Daemon(const Outside& outside, Baton& baton, http::Client& client, const std::filesystem::path& state, int life)
      : baton_(baton),
        app_(
            [&outside, state] {
              return config::read_texts({{"supportd.toml", configuration(outside, state)}});
            },
            {.clock = baton,
             .http = &client,
             .instance = std::to_string(life),
             .log = [](const auto&) {},
             .serve = false,
             .durable = false}) {
    app_.start();
  }
  void stop() override { app_.stop(baton_.now() + 30s); }
  int hear(const std::string& path, const http::Headers& headers, const std::string& body) override {
    const auto match = app_.routes().find("POST", path);
    http::Inbound in;
    in.method = "POST";
    in.path = path;
    in.params = match.params;
    in.headers = headers;
    in.body = body;
    try {
      return match.route->handler(in).status;
    } catch (const Error&) {
      return 503;
    }
  }
  void reload() override { app_.reload("the simulation", false); }

 private:
  Baton& baton_;
  App app_;
};

}  // namespace

std::unique_ptr<Process> start_daemon(Outside& outside, Baton& baton, http::Client& client,
                                      const std::filesystem::path& state, int life) {
  write_file(state / "access_key", outside.key.access_key_id);
  write_file(state / "secret_key", outside.key.secret);
  write_file(state / "freshdesk_key", Outside::freshdesk_key);
  write_file(state / "freshdesk_webhook", Outside::freshdesk_webhook_secret);
  write_file(state / "zendesk_token", Outside::zendesk_token);
  write_file(state / "zendesk_webhook", Outside::zendesk_webhook_secret);
  return std::make_unique<Daemon>(outside, baton, client, state, life);
}

std::filesystem::path ledger_of(const std::filesystem::path& state) { return state / "ledger.db"; }

}  // namespace supportd::sim
