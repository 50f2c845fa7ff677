#include "connectors/aws/sqs.hpp"

#include <algorithm>

namespace supportd::connectors::aws {
namespace {

using namespace std::chrono_literals;

constexpr int most_messages = 10;
// A message has at most 1 MiB; JSON may write each of its bytes as six.
constexpr std::size_t answer_limit = 64 * 1024 * 1024;

std::string origin_of(const std::string& url) {
  const auto host = url.find("://");
  return url.substr(0, url.find('/', host == url.npos ? 0 : host + 3));
}

std::vector<QueueMessage> parse_messages(const json::View& root) {
  std::vector<QueueMessage> out;
  const auto messages = root.find("Messages");
  if (!messages) return out;
  for (const json::View& message : messages->items()) {
    out.push_back(
        {message.at("MessageId").string(), message.at("ReceiptHandle").string(), message.at("Body").string()});
  }
  return out;
}

std::vector<std::string> parse_failures(const json::View& root) {
  std::vector<std::string> out;
  const auto failed = root.find("Failed");
  if (!failed) return out;
  for (const json::View& one : failed->items()) {
    out.push_back(one.at("Code").string() + ": " + one.string("Message", ""));
  }
  return out;
}

}  // namespace

std::string region_of_queue(std::string_view url) {
  constexpr std::string_view before = "://sqs.", after = ".amazonaws.com";
  const auto from = url.find(before);
  const auto to = url.find(after);
  if (from == url.npos || to == url.npos || to < from + before.size()) return "";
  return std::string(url.substr(from + before.size(), to - from - before.size()));
}

std::vector<std::string> queue_action_names() { return {"sqs:DeleteMessage", "sqs:ReceiveMessage"}; }

Queue::Queue(http::Client& http, time::Clock& clock, CredentialsProvider& credentials, std::string url,
             const std::string& region)
    : url_(std::move(url)),
      endpoint_(origin_of(url_), {region, "sqs"}),
      calls_(http, clock, endpoint_, credentials, {std::string(sqs_target), "aws_sqs", "1.0"}) {}

std::vector<QueueMessage> Queue::receive(Millis wait, std::stop_token stop) {
  const auto seconds =
      std::clamp<std::chrono::seconds>(std::chrono::floor<std::chrono::seconds>(wait), 0s, longest_wait);
  json::Writer body;
  body.object([&] {
    body.member("QueueUrl", url_).member("MaxNumberOfMessages", most_messages);
    body.member("WaitTimeSeconds", static_cast<std::int64_t>(seconds.count()));
  });
  CallOptions options;
  options.safe = true;
  options.operation = "receive_message";
  options.deadline = seconds + 15s;
  options.answer_limit = answer_limit;
  return calls_.call("ReceiveMessage", body.take(), options, stop, parse_messages);
}

std::vector<std::string> Queue::remove(const std::vector<QueueMessage>& messages, std::stop_token stop) {
  if (messages.empty()) return {};
  json::Writer body;
  body.object([&] {
    body.member("QueueUrl", url_).key("Entries").array([&] {
      for (std::size_t i = 0; i < messages.size(); ++i) {
        body.object([&] { body.member("Id", std::to_string(i)).member("ReceiptHandle", messages[i].receipt); });
      }
    });
  });
  CallOptions options;
  options.safe = true;  // what is deleted twice is deleted
  options.operation = "delete_message_batch";
  return calls_.call("DeleteMessageBatch", body.take(), options, stop, parse_failures);
}

}  // namespace supportd::connectors::aws
