#include "tests/sandbox/webhook_carrier.hpp"

#include <algorithm>

namespace supportd::sandbox {
namespace {

// How often the queue is looked at, in real time.
constexpr double look_every_ms = 100;
constexpr std::chrono::seconds patience{12};  // as long as Zendesk waits for an answer

}  // namespace

WebhookCarrier::WebhookCarrier(time::Clock& clock, fakes::Zendesk& desk)
    : clock_(clock), desk_(desk), client_({.user_agent = "Zendesk Webhook"}, clock) {
  thread_ = clock_.spawn("sandbox-webhooks", [this] { carry(); });
}

WebhookCarrier::~WebhookCarrier() {
  stop_.request_stop();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    clock_.ring(bell_);
  }
  thread_.reset();
}

void WebhookCarrier::carry() {
  const Millis pause{std::max<std::int64_t>(1, static_cast<std::int64_t>(look_every_ms * clock_.speed()))};
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    for (const auto& delivery : desk_.due_deliveries(clock_.now()))
      desk_.delivery_answered(delivery, post(delivery), clock_.now());
    lock.lock();
    if (!stopping_) clock_.wait(lock, bell_, clock_.now() + pause);
  }
}

int WebhookCarrier::post(const fakes::ZendeskDelivery& delivery) {
  http::Request request;
  request.method = "POST";
  request.url = delivery.url;
  request.headers = delivery.headers;
  request.body = delivery.body;
  request.deadline = patience;
  try {
    return client_.send(request, stop_.get_token()).status;
  } catch (const Error& error) {
    return error.code().empty() ? 0 : std::stoi(error.code());  // a 5xx is an error to our client
  }
}

}  // namespace supportd::sandbox
