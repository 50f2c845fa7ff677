// AWS's events on a queue: which case to look at now.
#include "jobs/aws_cases/events.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "jobs/tickets/aside.hpp"
#include "tests/fakes/sqs.hpp"
#include "tests/jobs/aws_cases/room.hpp"
#include "tests/shared.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;
using store::Tx;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* queue = "/111122223333/supportd";

class CaseEvents : public Room {
 protected:
  void SetUp() override {
    Room::SetUp();
    if (testing::Test::IsSkipped()) return;
    sqs.add_queue(account, "supportd");
    net->route("sqs.test", sqs);
    aws->on_event([this](const std::string& event, Instant now) { sqs.put(queue, event, now); });
    events.url = std::string("https://sqs.test") + queue;
    events.region = "us-east-1";
    listen_there();
  }
  void listen_there() {
    auto section = connectors::aws::Section{};
    section.accounts.push_back({account, "Hanbit", "", "", ""});
    section.events = events;
    connectors::aws_support::Section endpoint;
    endpoint.endpoint = "https://support.test";
    daemon->accounts.configure(endpoint, section,
                               {{std::shared_ptr<void>(), &daemon->keys}, {std::shared_ptr<void>(), &daemon->roles}});
  }
  run::Report hear(bool dry_run = false) {
    static const run::Arguments none;
    run::JobContext job{clock.at, clock, {}, *ledger, daemon->log, none, dry_run, run::Fence(), daemon->config.get()};
    clock.may_wait = true;
    for (const auto& kind : daemon->jobs) {
      if (kind.name == "aws_events") return kind.run(job);
    }
    throw std::runtime_error("no job aws_events");
  }
  std::vector<tickets::Aside> aside() {
    return ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10); });
  }

  fakes::Sqs sqs{iam, fakes::ServiceModel::sqs(SUPPORTD_SHARED)};
  connectors::aws::EventQueue events;
};

TEST_P(CaseEvents, ACaseThatChangedIsReadAtOnce) {
  const auto id = opened();
  hear();  // of its opening
  later(1s);
  aws->engineer_answers(case_of(id).case_id, "Which instance?", {}, clock.at);
  const int before = aws->calls("DescribeCases");
  const auto report = hear();
  EXPECT_EQ(report.counts.at("events"), 1);
  EXPECT_EQ(report.counts.at("messages"), 1);
  EXPECT_EQ(aws->calls("DescribeCases"), before + 1);
  EXPECT_THAT(messages(id, origin_of(account)), SizeIs(1));
  EXPECT_EQ(sqs.depth(queue), 0U);
  aws->engineer_resolves(case_of(id).case_id, clock.at);
  hear();
  EXPECT_EQ(case_of(id).state, State::resolved) << "which a read by time of writing would not see";
}

TEST_P(CaseEvents, WhatCameTwiceIsDoneOnceAndWhatConcernsNobodyIsLetGo) {
  const auto id = opened();
  aws->engineer_answers(case_of(id).case_id, "Which instance?", {}, clock.at);
  aws->engineer_answers(case_of(id).case_id, "Which zone?", {}, clock.at + 1ms);
  sqs.put(queue, R"({"detail-type":"AWS API Call via CloudTrail","source":"aws.support","detail":{}})", clock.at);
  sqs.put(queue,
          R"({"detail-type":"Support Case Update","source":"aws.support","account":"111122223333",)"
          R"("detail":{"case-id":"case-of-somebody","event-name":"ResolveCase"}})",
          clock.at);
  sqs.put(queue,
          R"({"detail-type":"Support Case Update","source":"aws.support","account":"444455556666",)"
          R"("detail":{"case-id":")" +
              case_of(id).case_id + R"(","event-name":"ResolveCase"}})",
          clock.at);
  const auto report = hear();
  EXPECT_EQ(report.counts.at("messages"), 2);
  EXPECT_THAT(report.summary, HasSubstr("6 events, 3 of linked cases, 0 not understood"));
  EXPECT_EQ(sqs.depth(queue), 0U);
  EXPECT_THAT(daemon->metrics.text(), HasSubstr("supportd_aws_events_total{result=\"other\"} 1\n"));
  EXPECT_THAT(daemon->metrics.text(), HasSubstr("supportd_aws_events_total{result=\"unknown\"} 2\n"));
}

TEST_P(CaseEvents, PoisonGoesAsideAndStopsNobody) {
  const auto id = opened();
  hear();
  sqs.put(queue, "not JSON", clock.at);
  sqs.put(queue, R"({"detail-type":"Support Case Update","source":"aws.support","account":7,"detail":[]})", clock.at);
  sqs.put(queue, R"({"Type":"Notification","Message":"{"})", clock.at);
  aws->engineer_answers(case_of(id).case_id, "Which instance?", {}, clock.at);
  EXPECT_EQ(hear().counts.at("events_aside"), 3);
  EXPECT_THAT(messages(id, origin_of(account)), SizeIs(1));
  EXPECT_EQ(sqs.depth(queue), 0U);
  ASSERT_THAT(aside(), SizeIs(3));
  EXPECT_EQ(aside()[0].source, event_source);
  // A newer program understands one: here, its text was mended.
  ledger->write([&](Tx& tx) {
    tx.exec("UPDATE aside SET raw = :raw, next_at = 0 WHERE raw = 'not JSON'",
            R"({"detail-type":"Support Case Update","source":"aws.support","account":"111122223333",)"
            R"("detail":{"case-id":")" +
                case_of(id).case_id + R"(","event-name":"AddCommunicationToCase"}})");
  });
  hear();
  EXPECT_THAT(aside(), SizeIs(2));
}

TEST_P(CaseEvents, AMessageLeavesTheQueueOnlyOnceItIsInTheLedger) {
  const auto id = opened();
  hear();
  aws->engineer_answers(case_of(id).case_id, "Which instance?", {}, clock.at);
  const auto is_delete = [](const http::Request& r) {
    return r.headers.get("X-Amz-Target").value_or("").ends_with("DeleteMessageBatch");
  };
  faults.next(fakes::Fault::cut_before, is_delete);
  EXPECT_THROW(hear(), Error);
  EXPECT_EQ(sqs.depth(queue), 1U);
  EXPECT_EQ(case_of(id).seen, "") << "it will be looked at, whoever is first";
  later(30s);
  hear();
  EXPECT_EQ(sqs.depth(queue), 0U);
  EXPECT_THAT(messages(id, origin_of(account)), SizeIs(1));
}

TEST_P(CaseEvents, ADryRunAndNoQueueAtAll) {
  const auto id = opened();
  const auto depth = sqs.depth(queue);
  EXPECT_THAT(hear(true).summary, HasSubstr("leaves the queue alone"));
  EXPECT_EQ(sqs.depth(queue), depth);
  events = {};
  listen_there();
  EXPECT_THROW(hear(), Error);
  EXPECT_EQ(case_of(id).state, State::open);
}

INSTANTIATE_TEST_SUITE_P(Engines, CaseEvents, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

TEST(CaseEvent, AwsOwnSamplesAreUnderstoodBareAndEnveloped) {
  const auto folder = std::filesystem::path(SUPPORTD_SHARED) / "specs/aws/examples";
  SUPPORTD_NEED_SHARED(folder);
  int samples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().filename().string().starts_with("eventbridge-")) continue;
    ++samples;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    json::Writer envelope;
    envelope.object([&] { envelope.member("Type", "Notification").member("Message", text.str()); });
    for (const std::string& body : {text.str(), envelope.take()}) {
      const auto event = parse_case_event(body);
      ASSERT_TRUE(event && *event) << entry.path();
      EXPECT_EQ((*event)->account, "111122223333");
      EXPECT_EQ((*event)->case_id, "case-111122223333-muen-2022-7118885805350839");
    }
  }
  EXPECT_EQ(samples, 3);
}

}  // namespace
}  // namespace supportd::aws_cases
