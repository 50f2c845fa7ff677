// Amazon SQS, API version 2012-11-05 in JSON 1.0: standard queues, which deliver at least once and in any order. Every
// request is checked for its SigV4 signature and against the published service model. Thread-safe.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "tests/fakes/aws_wire.hpp"
#include "tests/fakes/iam.hpp"
#include "tests/fakes/random.hpp"
#include "tests/fakes/service_model.hpp"
#include "tests/fakes/sigv4_verifier.hpp"
#include "tests/fakes/vendor.hpp"

namespace supportd::fakes {

struct SqsOptions {
  std::uint64_t seed = 1;
  SigningScope scope{"us-east-1", "sqs"};
  Millis visibility{30'000};
  // What the way to the queue does to a message, per million; delays are drawn up to `delay`.
  std::uint64_t lost_per_million = 0, twice_per_million = 0;
  Millis delay{0};
};

class Sqs final : public Vendor {
 public:
  Sqs(const Iam& iam, ServiceModel model, SqsOptions options = {});

  // A queue is "/111122223333/name", as its URL ends. The account's own keys open it.
  void add_queue(const std::string& account, const std::string& name);
  void put(const std::string& queue, const std::string& body, Instant now);
  std::size_t depth(const std::string& queue) const;
  std::size_t lost() const;

  http::Response answer(const http::Request& request, Instant now) override;
  http::Response failure(int status, Instant now) override { return aws_failure(status, now); }

 private:
  struct Message {
    std::string id, body, receipt;
    Instant visible{};
    int receives = 0;
  };
  struct Queue {
    std::string account;
    std::deque<Message> messages;
  };

  http::Response dispatch(const http::Request& request, Instant now);
  std::string receive(Queue& queue, const json::View& body, Instant now);
  std::string remove(Queue& queue, const json::View& body);
  std::string remove_batch(Queue& queue, const json::View& body);
  bool remove(Queue& queue, const std::string& receipt);

  const Iam& iam_;
  const ServiceModel model_;
  const SqsOptions options_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Random random_;
  std::int64_t serial_ = 0;
  std::size_t lost_ = 0;
  std::map<std::string, Queue> queues_;
};

}  // namespace supportd::fakes
