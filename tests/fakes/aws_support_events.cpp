// What EventBridge is told: awsdocs/aws-support-user-guide, "Monitoring AWS Support cases with Amazon EventBridge".
#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/codec.hpp"

namespace supportd::fakes {

void AwsSupport::on_event(Listener listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

void AwsSupport::tell(const AwsCase& it, const std::string& name, const std::string& origin, Instant now) {
  if (!listener_) return;
  const std::string id = fresh_id("event", 32);
  json::Writer out;
  out.object([&] {
    out.member("version", "0").member("id", id).member("detail-type", "Support Case Update");
    out.member("source", "aws.support").member("account", it.account);
    out.member("time", time::to_text(std::chrono::floor<std::chrono::seconds>(now))).member("region", "us-east-1");
    out.key("resources").array([] {});
    out.key("detail").object([&] {
      out.member("case-id", it.id).member("display-id", it.display_id);
      out.member("communication-id", origin.empty() ? "" : "ekko:us-east-1:" + id);
      out.member("event-name", name).member("origin", origin);
    });
  });
  listener_(out.take(), now);
}

}  // namespace supportd::fakes
