#include "tests/fakes/sqs.hpp"

#include <algorithm>
#include <set>

#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

constexpr std::string_view protocol = "application/x-amz-json-1.0";

// Errors say their query name too, for clients of old.
http::Response fault_answer(const AwsFault& fault, Instant now) {
  http::Response out = aws_fault({"com.amazonaws.sqs#" + fault.code, fault.message, fault.status}, now);
  out.headers.set("Content-Type", std::string(protocol));
  const std::string old = fault.code == "QueueDoesNotExist" ? "AWS.SimpleQueueService.NonExistentQueue" : fault.code;
  out.headers.set("x-amzn-query-error", old + ";Sender");
  return out;
}

int bounded(const json::View& body, std::string_view name, int otherwise, int low, int high) {
  const auto value = body.integer(name, otherwise);
  if (value >= low && value <= high) return static_cast<int>(value);
  throw AwsFault{"InvalidParameterValue", "Value " + std::to_string(value) + " for parameter " + std::string(name) +
                                              " is invalid. Reason: Must be between " + std::to_string(low) + " and " +
                                              std::to_string(high) + ", if provided."};
}

}  // namespace

Sqs::Sqs(const Iam& iam, ServiceModel model, SqsOptions options)
    : iam_(iam), model_(std::move(model)), options_(std::move(options)), random_(seed_for(options_.seed, "sqs")) {}

void Sqs::add_queue(const std::string& account, const std::string& name) {
  const std::lock_guard lock(mutex_);
  queues_["/" + account + "/" + name].account = account;
}

void Sqs::put(const std::string& to, const std::string& body, Instant now) {
  const std::lock_guard lock(mutex_);
  Queue& queue = queues_.at(to);
  if (random_.chance(options_.lost_per_million)) {
    ++lost_;
    return;
  }
  const int copies = random_.chance(options_.twice_per_million) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    const std::string id = sha256_hex("message " + std::to_string(++serial_)).substr(0, 32);
    const Millis delay{random_.below(static_cast<std::uint64_t>(options_.delay.count()) + 1)};
    queue.messages.push_back({id, body, "", now + delay, 0});
  }
}

std::size_t Sqs::depth(const std::string& queue) const {
  const std::lock_guard lock(mutex_);
  return queues_.at(queue).messages.size();
}

std::size_t Sqs::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

http::Response Sqs::answer(const http::Request& request, Instant now) {
  try {
    return dispatch(request, now);
  } catch (const AwsFault& fault) {
    return fault_answer(fault, now);
  } catch (const Error& error) {  // the body is not JSON
    return fault_answer({"SerializationException", error.what()}, now);
  }
}

http::Response Sqs::dispatch(const http::Request& request, Instant now) {
  const auto verified = verify_sigv4(request, options_.scope, iam_, now);
  if (const auto* failure = std::get_if<AuthFailure>(&verified)) throw AwsFault{failure->code, failure->message};
  const std::string action = aws_action(request.headers, "AmazonSQS");
  if (!model_.has(action)) throw AwsFault{"UnknownOperationException", "there is no such action"};
  if (request.headers.get("Content-Type").value_or("") != protocol) {
    throw AwsFault{"SerializationException", "Content-Type must be " + std::string(protocol)};
  }
  const auto document = json::Document::parse(request.body, "the request");
  const json::View body = document.root();
  if (const auto wrong = model_.check(action, body)) throw AwsFault{wrong->code, wrong->message};

  const std::lock_guard lock(mutex_);
  const auto queue = queues_.find(split_url(body.at("QueueUrl").string()).path);
  if (queue == queues_.end() || queue->second.account != std::get<AwsKey>(verified).account) {
    throw AwsFault{"QueueDoesNotExist", "The specified queue does not exist."};
  }
  std::string said;
  if (action == "ReceiveMessage") {
    said = receive(queue->second, body, now);
  } else if (action == "DeleteMessage") {
    said = remove(queue->second, body);
  } else if (action == "DeleteMessageBatch") {
    said = remove_batch(queue->second, body);
  } else {
    throw AwsFault{"UnsupportedOperation", action + " is not simulated"};
  }
  http::Response out = aws_json(std::move(said), now);
  out.headers.set("Content-Type", std::string(protocol));
  return out;
}

// Nobody waits here: an empty queue answers at once, as it may.
std::string Sqs::receive(Queue& queue, const json::View& body, Instant now) {
  const int most = bounded(body, "MaxNumberOfMessages", 1, 1, 10);
  bounded(body, "WaitTimeSeconds", 0, 0, 20);
  const Millis hidden =
      std::chrono::seconds{bounded(body, "VisibilityTimeout", int(options_.visibility.count() / 1000), 0, 43'200)};
  std::vector<Message*> visible;
  for (Message& message : queue.messages) {
    if (message.visible <= now) visible.push_back(&message);
  }
  for (std::size_t i = visible.size(); i > 1; --i) std::swap(visible[i - 1], visible[random_.below(i)]);
  visible.resize(std::min(visible.size(), static_cast<std::size_t>(most)));
  json::Writer out;
  out.object([&] {
    if (visible.empty()) return;
    out.key("Messages").array([&] {
      for (Message* message : visible) {
        message->visible = now + hidden;
        message->receipt = sha256_hex("receipt " + std::to_string(++serial_));
        ++message->receives;
        out.object([&] {
          out.member("MessageId", message->id).member("ReceiptHandle", message->receipt);
          out.member("MD5OfBody", md5_hex(message->body)).member("Body", message->body);
        });
      }
    });
  });
  return out.take();
}

bool Sqs::remove(Queue& queue, const std::string& receipt) {
  return std::erase_if(queue.messages, [&](const Message& it) { return !receipt.empty() && it.receipt == receipt; }) >
         0;
}

std::string Sqs::remove(Queue& queue, const json::View& body) {
  remove(queue, body.at("ReceiptHandle").string());
  return "{}";
}

std::string Sqs::remove_batch(Queue& queue, const json::View& body) {
  const auto entries = body.at("Entries").items();
  if (entries.empty())
    throw AwsFault{"EmptyBatchRequest", "There should be at least one DeleteMessageBatchRequestEntry."};
  if (entries.size() > 10)
    throw AwsFault{"TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10."};
  std::set<std::string> ids;
  for (const auto& entry : entries) {
    if (!ids.insert(entry.at("Id").string()).second) throw AwsFault{"BatchEntryIdsNotDistinct", "Id is repeated."};
  }
  std::vector<std::string> failed;
  json::Writer out;
  out.object([&] {
    out.key("Successful").array([&] {
      for (const auto& entry : entries) {
        const std::string id = entry.at("Id").string();
        if (entry.at("ReceiptHandle").string().size() < 8) {
          failed.push_back(id);
          continue;
        }
        remove(queue, entry.at("ReceiptHandle").string());
        out.object([&] { out.member("Id", id); });
      }
    });
    out.key("Failed").array([&] {
      for (const auto& id : failed) {
        out.object([&] {
          out.member("Id", id).member("SenderFault", true).member("Code", "ReceiptHandleIsInvalid");
          out.member("Message", "The input receipt handle is invalid.");
        });
      }
    });
  });
  return out.take();
}

}  // namespace supportd::fakes
