// A queue of Amazon SQS. What is received stays in the queue, out of sight for a while, until it is deleted; so a
// message may come more than once, and in any order.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "connectors/aws/json_client.hpp"

namespace supportd::connectors::aws {

inline constexpr std::string_view sqs_target = "AmazonSQS";

struct QueueMessage {
  std::string id;       // the same each time it comes
  std::string receipt;  // another each time
  std::string body;
};

// "us-east-1" of "https://sqs.us-east-1.amazonaws.com/111122223333/name"; empty when the URL names none.
std::string region_of_queue(std::string_view url);
// The IAM actions that this client calls, sorted.
std::vector<std::string> queue_action_names();

// Thread-safe. Errors: connectors/aws/errors.hpp; QueueDoesNotExist is refused.
class Queue {
 public:
  static constexpr std::chrono::seconds longest_wait{20};

  // Borrows all but the texts.
  Queue(http::Client& http, time::Clock& clock, CredentialsProvider& credentials, std::string url,
        const std::string& region);

  // Up to ten messages; none when none came within `wait`, which is cut to what SQS allows.
  std::vector<QueueMessage> receive(Millis wait, std::stop_token stop = {});
  // Of up to ten; returns what SQS says about those that it did not delete, which will come again.
  std::vector<std::string> remove(const std::vector<QueueMessage>& messages, std::stop_token stop = {});

  const std::string& url() const { return url_; }

 private:
  const std::string url_;
  Endpoint endpoint_;
  JsonClient calls_;
};

}  // namespace supportd::connectors::aws
