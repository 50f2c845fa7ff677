// The event webhooks of a Zendesk account: what is subscribed, and the signed deliveries that wait for whoever carries
// them (the simulation in its process, the sandbox over HTTP). Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/fakes/random.hpp"
#include "tests/fakes/zendesk_model.hpp"

namespace supportd::fakes {

struct ZendeskWebhookOptions {
  Millis delay{0};                      // each delivery is due up to so long after its cause, so that they overtake
  std::uint64_t lost_per_million = 0;   // never due
  std::uint64_t twice_per_million = 0;  // due a second time, with the same invocation id
};

struct ZendeskDelivery {
  std::string webhook_id;
  std::string url;
  http::Headers headers;  // those of the attempt: signed when it became due
  std::string body;
  std::string invocation_id;
  int attempt = 1;
};

struct ZendeskWebhook {
  std::string id, url, secret;
  std::vector<std::string> types;  // "ticket.comment_added"; none: all
};

// base64(HMAC-SHA256(secret, timestamp + body)); the secret is a text, never decoded.
std::string zendesk_signature(const std::string& secret, const std::string& timestamp, const std::string& body);

class ZendeskWebhooks {
 public:
  ZendeskWebhooks(std::uint64_t seed, ZendeskWebhookOptions options);

  std::string subscribe(const std::string& url, const std::string& secret, std::vector<std::string> types);
  const std::vector<ZendeskWebhook>& subscriptions() const { return subscriptions_; }

  // `detail` and `event` are JSON objects; `type` without "zen:event-type:".
  void publish(const std::string& type, std::int64_t ticket, const std::string& detail, const std::string& event,
               Instant now);
  // Those that are due, taken out of the queue.
  std::vector<ZendeskDelivery> due(Instant now);
  std::optional<Instant> next_due() const;
  // What the far side answered; 0: nothing in time. Repeats 409 three times, silence, 429 and 503 five times.
  void answered(const ZendeskDelivery& delivery, int status, Instant now);

  int published() const { return published_; }
  int lost() const { return lost_; }
  int doubled() const { return doubled_; }

 private:
  struct Waiting {
    Instant due;
    ZendeskDelivery delivery;
  };
  std::string uuid();
  void wait(ZendeskDelivery delivery, Instant from);

  const ZendeskWebhookOptions options_;
  Random random_;
  std::vector<ZendeskWebhook> subscriptions_;
  std::vector<Waiting> waiting_;  // in the order they were made
  int published_ = 0, lost_ = 0, doubled_ = 0;
};

}  // namespace supportd::fakes
