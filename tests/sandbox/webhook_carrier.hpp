// Carries the event webhooks of the sandbox's Zendesk to their receivers over HTTP, from a thread of its own.
#pragma once

#include <memory>
#include <mutex>

#include "daemon/http/curl_client.hpp"
#include "daemon/time/clock.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::sandbox {

class WebhookCarrier {
 public:
  WebhookCarrier(time::Clock& clock, fakes::Zendesk& desk);
  ~WebhookCarrier();
  WebhookCarrier(const WebhookCarrier&) = delete;
  WebhookCarrier& operator=(const WebhookCarrier&) = delete;

 private:
  void carry();
  // The receiver's status; 0: none.
  int post(const fakes::ZendeskDelivery& delivery);

  time::Clock& clock_;
  fakes::Zendesk& desk_;
  http::CurlClient client_;
  std::stop_source stop_;
  std::mutex mutex_;
  time::Bell bell_;
  bool stopping_ = false;  // guarded

  std::unique_ptr<time::Thread> thread_;
};

}  // namespace supportd::sandbox
