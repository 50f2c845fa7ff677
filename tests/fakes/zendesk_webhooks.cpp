#include "tests/fakes/zendesk_webhooks.hpp"

#include <algorithm>

#include "daemon/digest.hpp"
#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

constexpr std::int64_t account_id = 22129848;
constexpr std::chrono::seconds pause_before_repeat{10};

// Nanoseconds, as events carry them.
std::string with_nanos(Instant at) {
  std::string text = with_millis(at);
  text.pop_back();
  return text + "000000Z";
}

}  // namespace

std::string zendesk_signature(const std::string& secret, const std::string& timestamp, const std::string& body) {
  return digest::base64(digest::hmac_sha256(secret, timestamp + body));
}

ZendeskWebhooks::ZendeskWebhooks(std::uint64_t seed, ZendeskWebhookOptions options)
    : options_(options), random_(seed_for(seed, "zendesk webhooks")) {}

std::string ZendeskWebhooks::uuid() {
  std::string bytes;
  for (int i = 0; i < 16; ++i) bytes += static_cast<char>(random_.below(256));
  std::string text = digest::hex(bytes);
  text[12] = '4';
  for (const std::size_t dash : {8, 13, 18, 23}) text.insert(dash, "-");
  return text;
}

std::string ZendeskWebhooks::subscribe(const std::string& url, const std::string& secret,
                                       std::vector<std::string> types) {
  subscriptions_.push_back({"01" + uuid(), url, secret, std::move(types)});
  return subscriptions_.back().id;
}

void ZendeskWebhooks::wait(ZendeskDelivery delivery, Instant from) {
  const Millis late{random_.below(static_cast<std::uint64_t>(options_.delay.count()) + 1)};
  waiting_.push_back({from + late, std::move(delivery)});
}

void ZendeskWebhooks::publish(const std::string& type, std::int64_t ticket, const std::string& detail,
                              const std::string& event, Instant now) {
  json::Writer out;
  out.object([&] {
    out.member("account_id", account_id).key("detail").raw(detail).key("event").raw(event).member("id", uuid());
    out.member("subject", "zen:ticket:" + std::to_string(ticket)).member("time", with_nanos(now));
    out.member("type", "zen:event-type:" + type).member("zendesk_event_version", "2022-11-06");
  });
  const std::string body = out.take();
  for (const auto& it : subscriptions_) {
    if (!it.types.empty() && std::ranges::find(it.types, type) == it.types.end()) continue;
    ++published_;
    const ZendeskDelivery delivery{it.id, it.url, {}, body, uuid()};
    if (random_.chance(options_.lost_per_million)) {
      ++lost_;
      continue;
    }
    wait(delivery, now);
    if (!random_.chance(options_.twice_per_million)) continue;
    ++doubled_;
    wait(delivery, now);
  }
}

std::vector<ZendeskDelivery> ZendeskWebhooks::due(Instant now) {
  std::vector<Waiting> ready;
  std::erase_if(waiting_, [&](const Waiting& it) {
    if (it.due > now) return false;
    ready.push_back(it);
    return true;
  });
  std::ranges::stable_sort(ready, {}, &Waiting::due);
  std::vector<ZendeskDelivery> out;
  for (Waiting& it : ready) {
    const auto webhook = std::ranges::find(subscriptions_, it.delivery.webhook_id, &ZendeskWebhook::id);
    const std::string timestamp = to_second(now);
    it.delivery.headers = {
        {"Content-Type", "application/json; charset=utf-8"},
        {"User-Agent", "Zendesk Webhook"},
        {"X-Zendesk-Account-Id", std::to_string(account_id)},
        {"X-Zendesk-Webhook-Id", it.delivery.webhook_id},
        {"X-Zendesk-Webhook-Invocation-Id", it.delivery.invocation_id},
        {"X-Zendesk-Webhook-Signature-Timestamp", timestamp},
        {"X-Zendesk-Webhook-Signature", zendesk_signature(webhook->secret, timestamp, it.delivery.body)}};
    out.push_back(std::move(it.delivery));
  }
  return out;
}

std::optional<Instant> ZendeskWebhooks::next_due() const {
  std::optional<Instant> out;
  for (const auto& it : waiting_) {
    if (!out || it.due < *out) out = it.due;
  }
  return out;
}

void ZendeskWebhooks::answered(const ZendeskDelivery& delivery, int status, Instant now) {
  const bool impatient = status == 0 || status == 429 || status == 503;
  const int repeats = status == 409 ? 3 : impatient ? 5 : 0;
  if (delivery.attempt > repeats) return;
  ZendeskDelivery again = delivery;
  ++again.attempt;
  wait(std::move(again), now + pause_before_repeat);
}

}  // namespace supportd::fakes
