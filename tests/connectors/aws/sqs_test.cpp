#include "connectors/aws/sqs.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/fakes/net.hpp"
#include "tests/fakes/set_clock.hpp"
#include "tests/fakes/sqs.hpp"

namespace supportd::connectors::aws {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Keys final : CredentialsProvider {
  explicit Keys(fakes::AwsKey k) : key(std::move(k)) {}
  Credentials get(std::stop_token) override { return {key.access_key_id, key.secret, key.session_token, {}}; }
  fakes::AwsKey key;
};

class QueueTest : public testing::Test {
 protected:
  QueueTest() {
    sqs.add_queue("111122223333", "supportd");
    net.route("sqs.us-east-1.amazonaws.com", sqs);
  }
  void put(const std::string& body) { sqs.put("/111122223333/supportd", body, clock.at); }
  std::vector<std::string> bodies(const std::vector<QueueMessage>& messages) {
    std::vector<std::string> out;
    for (const auto& message : messages) out.push_back(message.body);
    std::ranges::sort(out);
    return out;
  }

  fakes::SetClock clock{Instant{1'800'000'000'000ms}};
  fakes::Iam iam;
  Keys keys{iam.add_user("111122223333", "supportd")};
  fakes::Sqs sqs{iam, fakes::ServiceModel::sqs(SUPPORTD_SHARED)};
  fakes::FaultPlan faults;
  fakes::Net net{clock, faults};
  Queue queue{net, clock, keys, "https://sqs.us-east-1.amazonaws.com/111122223333/supportd", "us-east-1"};
};

TEST_F(QueueTest, WhatIsNotRemovedComesAgain) {
  EXPECT_THAT(queue.receive(20s), IsEmpty());
  put("one");
  put("zwei \u20ac \"x\"");
  const auto first = queue.receive(20s);
  EXPECT_THAT(bodies(first), ElementsAre("one", "zwei \u20ac \"x\""));
  EXPECT_THAT(queue.receive(20s), IsEmpty()) << "out of sight";
  clock.at += 30s;
  const auto again = queue.receive(20s);
  ASSERT_THAT(again, SizeIs(2));
  EXPECT_THAT(queue.remove(again), IsEmpty());
  clock.at += 30s;
  EXPECT_THAT(queue.receive(20s), IsEmpty());
  EXPECT_EQ(sqs.depth("/111122223333/supportd"), 0U);
}

TEST_F(QueueTest, TenAtATime) {
  for (int i = 0; i < 12; ++i) put(std::to_string(i));
  const auto ten = queue.receive(0s);
  EXPECT_THAT(ten, SizeIs(10));
  EXPECT_THAT(queue.remove(ten), IsEmpty());
  EXPECT_THAT(queue.receive(0s), SizeIs(2));
}

TEST_F(QueueTest, SaysWhatWasNotRemoved) {
  EXPECT_THAT(queue.remove({{"id", "?", ""}}), ElementsAre(testing::HasSubstr("ReceiptHandleIsInvalid")));
  EXPECT_THAT(queue.remove({}), IsEmpty());
}

TEST_F(QueueTest, AQueueThatIsNotThereIsRefusedByName) {
  Queue none{net, clock, keys, "https://sqs.us-east-1.amazonaws.com/111122223333/none", "us-east-1"};
  try {
    none.receive(1s);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::refused);
    EXPECT_EQ(error.code(), "QueueDoesNotExist");
  }
}

TEST_F(QueueTest, TheWaitFitsSqsAndTheDeadlineTheWait) {
  struct Asked final : http::Client {
    http::Response send(const http::Request& request, std::stop_token) override {
      asked.push_back(request);
      return {200, {}, "{}"};
    }
    std::vector<http::Request> asked;
  } http;
  Queue asking{http, clock, keys, "https://sqs.us-east-1.amazonaws.com/111122223333/supportd", "us-east-1"};
  for (const Millis wait : {Millis{-5}, Millis{1'500}, Millis{90'000}}) asking.receive(wait);
  ASSERT_THAT(http.asked, SizeIs(3));
  EXPECT_THAT(http.asked[0].body, testing::HasSubstr("\"WaitTimeSeconds\":0"));
  EXPECT_THAT(http.asked[1].body, testing::HasSubstr("\"WaitTimeSeconds\":1"));
  EXPECT_THAT(http.asked[2].body, testing::HasSubstr("\"WaitTimeSeconds\":20"));
  EXPECT_GE(http.asked[2].deadline, 30s);
  EXPECT_EQ(http.asked[2].headers.get("Content-Type"), "application/x-amz-json-1.0");
}

// Each entry of a DeleteMessageBatch is a DeleteMessage to IAM.
TEST(QueuePolicy, ListsWhatIsCalled) {
  std::ifstream file(std::filesystem::path(SUPPORTD_SOURCE) / "etc/aws/queue-policy.json");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string kept = text.str();
  const auto policy = json::Document::parse(kept);
  EXPECT_THAT(policy.root().at("Statement").items().at(0).strings("Action"),
              testing::ElementsAreArray(queue_action_names()));
}

TEST(QueueUrl, NamesItsRegion) {
  EXPECT_EQ(region_of_queue("https://sqs.eu-central-1.amazonaws.com/1/x"), "eu-central-1");
  EXPECT_EQ(region_of_queue("https://sqs.cn-north-1.amazonaws.com.cn/1/x"), "cn-north-1");
  EXPECT_EQ(region_of_queue("http://127.0.0.1:80/1/x"), "");
  EXPECT_EQ(region_of_queue("://sqs..amazonaws.com"), "");
  EXPECT_EQ(region_of_queue(".amazonaws.com://sqs."), "");
}

}  // namespace
}  // namespace supportd::connectors::aws
