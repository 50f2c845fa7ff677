#include "tests/fakes/net.hpp"

#include <gtest/gtest.h>

namespace supportd::fakes {
namespace {

class Counter final : public Vendor {
 public:
  http::Response answer(const http::Request&, Instant) override {
    ++effects;
    return {200, {}, R"({"ok":true})"};
  }
  http::Response failure(int status, Instant) override { return {status, {{"Retry-After", "3"}}, "no"}; }
  int effects = 0;
};

// Time passes only by waiting.
class StillClock final : public time::Clock {
 public:
  Instant now() const override { return at; }
  std::chrono::nanoseconds steady() const override { return at.time_since_epoch(); }
  void wait(std::unique_lock<std::mutex>&, time::Bell&, Instant until) override { at = until; }
  void ring(time::Bell&) override {}
  std::unique_ptr<time::Thread> spawn(std::string, std::function<void()>) override { return nullptr; }
  void seam(time::Seam) override { ++seams; }
  Instant at{};
  int seams = 0;
};

class NetTest : public testing::Test {
 protected:
  void SetUp() override { net.route("vendor.example", vendor); }
  // The answer's status, or the error's kind.
  std::string outcome(Fault fault, bool safe) {
    faults.next(fault);
    http::Request request;
    request.method = safe ? "GET" : "POST";
    request.url = "https://vendor.example/x";
    request.safe = safe;
    try {
      return std::to_string(net.send(request).status);
    } catch (const Error& error) {
      return std::string(to_text(error.kind()));
    }
  }
  Counter vendor;
  StillClock clock;
  FaultPlan faults;
  Net net{clock, faults};
};

TEST_F(NetTest, FailsAsTheClientsContractSays) {
  struct Row {
    Fault fault;
    std::string safe, unsafe;
    int effects;
  };
  const std::string unknown(to_text(ErrorKind::unknown_outcome)), unreachable(to_text(ErrorKind::unreachable));
  const std::vector<Row> rows = {
      {Fault::none, "200", "200", 1},
      {Fault::refuse_connect, unreachable, unreachable, 0},
      {Fault::storm_429, "429", "429", 0},
      {Fault::error_500, "500", unknown, 0},
      {Fault::error_503, "503", unknown, 0},
      {Fault::effect_then_500, "500", unknown, 1},
      {Fault::cut_before, unreachable, unknown, 0},
      {Fault::cut_after, unreachable, unknown, 1},
      {Fault::half_page, "200", "200", 1},
      {Fault::not_json, "200", "200", 1},
  };
  for (const Row& row : rows) {
    for (const bool safe : {true, false}) {
      vendor.effects = clock.seams = 0;
      EXPECT_EQ(outcome(row.fault, safe), safe ? row.safe : row.unsafe) << to_text(row.fault);
      EXPECT_EQ(vendor.effects, row.effects) << to_text(row.fault);
      EXPECT_EQ(clock.seams, 2) << to_text(row.fault);
    }
  }
}

TEST_F(NetTest, SlowAnswersComeLateOrNotAtAll) {
  int late = 0, lost = 0;
  for (int i = 0; i < 40; ++i) {
    const Instant before = clock.at;
    const bool arrived = outcome(Fault::slow, false) == "200";
    EXPECT_LE(clock.at - before, Millis{30'000});
    EXPECT_GT(clock.at, before);
    ++(arrived ? late : lost);
  }
  EXPECT_GT(late, 0);
  EXPECT_GT(lost, 0);
  EXPECT_EQ(vendor.effects, 40);
}

TEST_F(NetTest, ASeedDecidesAndEveryFaultIsCounted) {
  const auto run = [&](std::uint64_t seed) {
    FaultPlan plan(seed, FaultRates::evenly(20'000));
    Net other(clock, plan);
    other.route("vendor.example", vendor);
    http::Request request;
    request.url = "https://vendor.example/";
    request.safe = true;
    for (int i = 0; i < 2000; ++i) {
      try {
        other.send(request);
      } catch (const Error&) {
      }
      clock.at += Millis{1000};
    }
    return plan.coverage();
  };
  const auto first = run(1);
  EXPECT_EQ(first, run(1));
  EXPECT_NE(first, run(2));
  for (const auto& [name, count] : first) EXPECT_GT(count, name == "none" ? -1 : 0) << name;
}

TEST_F(NetTest, UnknownHostsAreUnreachable) {
  http::Request request;
  request.url = "https://elsewhere.example/";
  EXPECT_THROW(net.send(request), Error);
  EXPECT_EQ(vendor.effects, 0);
}

}  // namespace
}  // namespace supportd::fakes
