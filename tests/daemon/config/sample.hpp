// A small program's sections, with one of everything the binder knows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/schema.hpp"
#include "daemon/time/zone.hpp"

namespace supportd::config::sample {

using namespace std::chrono_literals;

enum class Overlap { skip, queue };

struct Retry {
  int times = 3;
  Millis pause{1'000};
};
inline void bind(Binder& b, Retry& r) {
  b.field("times", r.times, between(0, 10));
  b.field("pause", r.pause);
}

struct Account {
  std::string id;
  std::string role;
};
inline void bind(Binder& b, Account& a) {
  b.field("id", a.id, not_empty());
  b.field("role", a.role);
  b.require("id");
}

struct Cases {
  bool enabled = true;
  std::string endpoint = "https://support.us-east-1.amazonaws.com";
  Millis interval{60'000};
  int limit = 10;
  std::uint16_t port = 443;
  double share = 0.5;
  std::optional<Instant> baseline;
  std::vector<std::string> tags = {"aws"};
  std::vector<int> codes;
  std::map<std::string, std::string> services = {{"ec2", "amazon-elastic-compute-cloud-linux"}, {"vpc", "vpc"}};
  std::map<std::string, int> weights;
  Overlap overlap = Overlap::skip;
  std::vector<Overlap> allowed = {Overlap::skip};
  time::Zone zone = time::Zone::utc();
  std::string schedule = "1m";
  Retry retry;
  std::optional<Retry> second;
  std::vector<Account> accounts;
  std::string desk = "main";
  Secret token;
};
inline void bind(Binder& b, Cases& c) {
  b.field("enabled", c.enabled);
  b.field("endpoint", c.endpoint, url());
  b.field("interval", c.interval, between(1s, 1h));
  b.field("limit", c.limit, between(1, 1000));
  b.field("port", c.port);
  b.field("share", c.share, between(0.0, 1.0));
  b.field("baseline", c.baseline);
  b.field("tags", c.tags, not_empty());
  b.field("codes", c.codes, between(0, 99));
  b.field("services", c.services);
  b.field("weights", c.weights);
  b.choice("overlap", c.overlap, {{"skip", Overlap::skip}, {"queue", Overlap::queue}});
  b.choice("allowed", c.allowed, {{"skip", Overlap::skip}, {"queue", Overlap::queue}});
  b.text("zone", c.zone, time::Zone::find, [](const time::Zone& zone) { return zone.name(); });
  b.field("schedule", c.schedule, parsed_by(time::parse_length));
  b.table("retry", c.retry);
  b.table("second", c.second);
  b.tables("account", c.accounts);
  b.field("desk", c.desk);
  b.secret("token", c.token);
  if (b.given("codes") && c.codes.empty()) b.warn("codes", "an empty list matches nothing");
}

struct Desk {
  std::string url;
  Secret api_key;
  int low = 1;
  int high = 9;
};
inline void bind(Binder& b, Desk& d) {
  b.field("url", d.url, url());
  b.secret("api_key", d.api_key);
  b.field("low", d.low);
  b.field("high", d.high);
  b.require({"url", "api_key"});
  if (d.low >= d.high) b.flaw("high", "must be above low, " + std::to_string(d.low));
}

struct RunOnce {
  std::string id;
  std::string job;
};
inline void bind(Binder& b, RunOnce& r) {
  b.field("id", r.id, not_empty());
  b.field("job", r.job, one_of({"pull", "push"}));
  b.require({"id", "job"});
}

// [aws_cases], [desk.<name>], [[run_once]]; aws_cases.desk must name a desk when there is any.
inline Schema schema() {
  Schema schema;
  schema.add<Cases>("aws_cases");
  schema.add_named<Desk>("desk");
  schema.add_list<RunOnce>("run_once");
  schema.check([](const Config& config, Review& review) {
    std::vector<std::string> desks;
    for (const auto& [name, desk] : config.named<Desk>("desk")) desks.push_back(name);
    if (!desks.empty()) review.name({"aws_cases", "desk"}, "desk", config.get<Cases>("aws_cases").desk, desks);
  });
  return schema;
}

// The text forms of all flaws.
inline std::vector<std::string> lines(const Loaded& loaded) {
  std::vector<std::string> texts;
  for (const Flaw& flaw : loaded.flaws) texts.push_back(to_text(flaw));
  return texts;
}

}  // namespace supportd::config::sample
