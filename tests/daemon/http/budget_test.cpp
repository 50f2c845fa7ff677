#include "daemon/http/budget.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "daemon/http/budget_client.hpp"

namespace supportd::http {
namespace {

using namespace std::chrono_literals;

// For one thread: whoever waits finds that the time has come.
class LeapingClock final : public time::Clock {
 public:
  Instant now() const override { return now_; }
  std::chrono::nanoseconds steady() const override { return now_.time_since_epoch(); }
  void wait(std::unique_lock<std::mutex>&, time::Bell&, Instant until) override {
    if (until == time::never) throw std::logic_error("nobody would ever ring");
    now_ = std::max(now_, until);
  }
  void ring(time::Bell&) override {}
  std::unique_ptr<time::Thread> spawn(std::string, std::function<void()>) override { return {}; }
  void pass(Millis length) { now_ += length; }

 private:
  Instant now_ = time::from_millis(1'000'000);
};

class BudgetTest : public testing::Test {
 protected:
  Millis elapsed() const { return clock_.now() - start_; }
  // A call that takes `length`.
  void call(const std::string& name, Priority priority = Priority::normal, Millis length = 0ms) {
    const auto permit = budgets_.take(name, priority, 1h);
    clock_.pass(length);
  }
  Error error_of_take(const std::string& name, Millis patience, Priority priority = Priority::normal) {
    try {
      budgets_.take(name, priority, patience);
    } catch (const Error& error) {
      return error;
    }
    return Error(ErrorKind::gone, "no error");
  }
  BudgetState state(const std::string& name) const {
    for (auto& state : budgets_.snapshot()) {
      if (state.rule.name == name) return state;
    }
    throw std::logic_error("no such budget");
  }

  LeapingClock clock_;
  const Instant start_ = clock_.now();
  Budgets budgets_{clock_};
};

TEST_F(BudgetTest, HoldsTheWindowWhereverItIsPut) {
  budgets_.reconfigure({{.name = "aws", .count = 10, .window = 60s}});
  std::vector<Millis> begins;
  for (int i = 0; i < 35; ++i) {
    call("aws", Priority::normal, 300ms);
    begins.push_back(elapsed() - 300ms);
  }
  for (std::size_t i = 10; i < begins.size(); ++i) EXPECT_GE(begins[i] - begins[i - 10], 60s + 300ms) << i;
  EXPECT_LE(begins.back(), 4 * 60s);
}

TEST_F(BudgetTest, RefusesWhatWouldWaitTooLongAndSaysHowLong) {
  budgets_.reconfigure({{.name = "aws", .count = 1, .window = 60s}});
  call("aws");
  clock_.pass(20s);
  const Error error = error_of_take("aws", 39s);
  EXPECT_EQ(error.kind(), ErrorKind::throttled);
  EXPECT_EQ(error.retry_after(), 40s);
  EXPECT_EQ(elapsed(), 20s) << "known at once";
  budgets_.take("aws", Priority::normal, 40s);
  EXPECT_EQ(elapsed(), 60s);
}

TEST_F(BudgetTest, KnowsWhetherATakeWouldBeRefusedAtOnce) {
  budgets_.reconfigure(
      {{.name = "payer", .count = 100}, {.name = "aws", .count = 1, .window = 60s, .parent = "payer"}});
  EXPECT_TRUE(budgets_.affords("aws", Priority::normal, 0s));
  call("aws");
  EXPECT_FALSE(budgets_.affords("aws", Priority::normal, 59s));
  EXPECT_TRUE(budgets_.affords("aws", Priority::normal, 60s));
  clock_.pass(60s);
  EXPECT_TRUE(budgets_.affords("aws", Priority::normal, 0s));
  budgets_.observe("payer", {}, 10min);
  EXPECT_FALSE(budgets_.affords("aws", Priority::normal, 5min)) << "nor while its parent is paused";
  EXPECT_TRUE(budgets_.affords("nobody", Priority::normal, 0s)) << "that it does not exist its user is told";
}

TEST_F(BudgetTest, RefusesWhenNoCallEndsInTime) {
  budgets_.reconfigure({{.name = "aws", .max_in_flight = 1}});
  const auto permit = budgets_.take("aws", Priority::normal, 1s);
  EXPECT_FALSE(budgets_.try_take("aws", Priority::page));
  const Error error = error_of_take("aws", 5s);
  EXPECT_EQ(error.kind(), ErrorKind::throttled);
  EXPECT_EQ(error.retry_after(), 1s);
  EXPECT_EQ(elapsed(), 5s);
}

TEST_F(BudgetTest, AParentIsACeilingOverItsChildren) {
  budgets_.reconfigure({{.name = "payer", .count = 3, .window = 60s},
                        {.name = "one", .count = 2, .window = 60s, .parent = "payer"},
                        {.name = "two", .count = 2, .window = 60s, .parent = "payer"}});
  call("one");
  call("one");
  EXPECT_EQ(error_of_take("one", 1s).kind(), ErrorKind::throttled);
  call("two");
  EXPECT_EQ(elapsed(), 0s);
  EXPECT_EQ(state("two").available, 1);
  EXPECT_EQ(error_of_take("two", 1s).kind(), ErrorKind::throttled) << "the payer has no more";
}

TEST_F(BudgetTest, BackgroundLeavesRoomForTheRest) {
  budgets_.reconfigure({{.name = "desk", .count = 4, .window = 60s, .background_share = 0.5}});
  call("desk", Priority::background);
  call("desk", Priority::background);
  EXPECT_EQ(error_of_take("desk", 1s, Priority::background).kind(), ErrorKind::throttled);
  call("desk", Priority::normal);
  call("desk", Priority::page);
  EXPECT_EQ(elapsed(), 0s);
  EXPECT_EQ(error_of_take("desk", 1s, Priority::page).kind(), ErrorKind::throttled);
}

TEST_F(BudgetTest, LearnsFromAnswers) {
  budgets_.reconfigure({{.name = "desk", .count = 100, .window = 60s}});
  budgets_.observe("desk", 1, {});
  EXPECT_EQ(state("desk").available, 1) << "others have used it up";
  budgets_.observe("desk", 50, {});
  EXPECT_EQ(state("desk").available, 1) << "what we know is worse";
  budgets_.observe("desk", {}, 30s);
  EXPECT_EQ(state("desk").paused_until, clock_.now() + 30s);
  budgets_.observe("desk", {}, 10s);
  call("desk");
  EXPECT_EQ(elapsed(), 30s);
  call("desk");
  EXPECT_EQ(elapsed(), 60s);
  budgets_.observe("nobody", 0, 1h);
}

TEST_F(BudgetTest, KeepsItsCountOverAReload) {
  budgets_.reconfigure({{.name = "desk", .count = 2, .window = 60s}, {.name = "old", .count = 1}});
  call("desk");
  {
    const auto permit = budgets_.take("old", Priority::normal, 1s);
    budgets_.reconfigure({{.name = "desk", .count = 3, .window = 60s}});
  }
  EXPECT_EQ(state("desk").available, 2);
  EXPECT_EQ(budgets_.snapshot().size(), 1u) << "what is in no rule is not shown";
  EXPECT_EQ(error_of_take("old", 1s).kind(), ErrorKind::throttled) << "a run of before draws on it to its end";
  EXPECT_EQ(error_of_take("none", 1s).kind(), ErrorKind::config);
  budgets_.reconfigure({{.name = "old", .count = 1}});
  EXPECT_EQ(state("old").available, 0) << "it has come back as it was left";
}

TEST_F(BudgetTest, RefusesRulesThatCannotHold) {
  const std::vector<std::vector<BudgetRule>> bad = {
      {{.name = "a"}, {.name = "a"}},
      {{.name = "a", .parent = "nobody"}},
      {{.name = "a", .parent = "b"}, {.name = "b", .parent = "a"}},
      {{.name = "a", .parent = "a"}},
      {{.name = "a", .count = -1}},
      {{.name = "a", .window = 0s}},
      {{.name = "a", .background_share = 0}},
      {{.name = "a", .background_share = 1.5}},
  };
  for (const auto& rules : bad) EXPECT_THROW(budgets_.reconfigure(rules), Error);
  EXPECT_TRUE(budgets_.snapshot().empty());
}

// The queue, with real threads; they wait for events, never for time.
class BudgetQueueTest : public testing::Test {
 protected:
  void wait_for_waiters(int n) {
    while (true) {
      int waiting = 0;
      for (const auto& state : budgets_.snapshot()) waiting += state.waiting;
      if (waiting == n) return;
      std::this_thread::yield();
    }
  }
  time::MachineClock clock_;
  Budgets budgets_{clock_};
};

TEST_F(BudgetQueueTest, TheHigherPriorityGoesFirst) {
  budgets_.reconfigure({{.name = "desk", .max_in_flight = 1}});
  std::mutex mutex;
  std::vector<Priority> order;
  std::vector<std::thread> threads;
  {
    const auto permit = budgets_.take("desk", Priority::normal, 1h);
    for (const Priority priority : {Priority::background, Priority::normal, Priority::page, Priority::live}) {
      threads.emplace_back([&, priority] {
        const auto mine = budgets_.take("desk", priority, 1h);
        const std::lock_guard lock(mutex);
        order.push_back(priority);
      });
      wait_for_waiters(static_cast<int>(threads.size()));
    }
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector{Priority::page, Priority::live, Priority::normal, Priority::background}));
}

TEST_F(BudgetQueueTest, WhoWaitsForOneAccountDoesNotHoldUpItsSibling) {
  budgets_.reconfigure({{.name = "payer", .max_in_flight = 5},
                        {.name = "one", .parent = "payer", .max_in_flight = 1},
                        {.name = "two", .parent = "payer", .max_in_flight = 1}});
  std::optional<Budgets::Permit> permit(budgets_.take("one", Priority::normal, 1h));
  std::thread waiter([&] { budgets_.take("one", Priority::page, 1h); });
  wait_for_waiters(1);
  EXPECT_TRUE(budgets_.try_take("two", Priority::background));
  permit.reset();
  waiter.join();
}

TEST_F(BudgetQueueTest, AStopEndsTheWait) {
  budgets_.reconfigure({{.name = "desk", .max_in_flight = 1}});
  const auto permit = budgets_.take("desk", Priority::normal, 1h);
  std::stop_source source;
  std::optional<ErrorKind> kind;
  std::thread waiter([&] {
    try {
      budgets_.take("desk", Priority::normal, 1h, source.get_token());
    } catch (const Error& error) {
      kind = error.kind();
    }
  });
  wait_for_waiters(1);
  source.request_stop();
  waiter.join();
  EXPECT_EQ(kind, ErrorKind::stopped);
}

class Scripted final : public Client {
 public:
  Response send(const Request& request, std::stop_token) override {
    sent.push_back(request.url);
    if (error) throw *error;
    return answer;
  }
  std::vector<std::string> sent;
  Response answer;
  std::optional<Error> error;
};

class BudgetClientTest : public BudgetTest {
 protected:
  static Request request(std::string url) { return {.url = std::move(url), .deadline = 30s, .budget = "desk"}; }
  Scripted inner_;
  BudgetClient client_{inner_, budgets_, clock_};
};

TEST_F(BudgetClientTest, WaitsNoLongerThanTheDeadlineUnlessTold) {
  budgets_.reconfigure({{.name = "desk", .count = 1, .window = 60s}});
  client_.send(request("a"));
  EXPECT_THROW(client_.send(request("b")), Error);
  Request patient = request("c");
  patient.max_wait = 2min;
  client_.send(patient);
  Request free = request("d");
  free.budget.clear();
  client_.send(free);
  EXPECT_EQ(inner_.sent, (std::vector<std::string>{"a", "c", "d"}));
  EXPECT_EQ(elapsed(), 60s);
}

TEST_F(BudgetClientTest, PausesTheBudgetWhenTheFarSideAsks) {
  budgets_.reconfigure({{.name = "desk"}});
  inner_.answer = {429, {{"Retry-After", "20"}}, ""};
  EXPECT_EQ(client_.send(request("a")).status, 429) << "the answer is still the caller's";
  EXPECT_EQ(state("desk").paused_until, clock_.now() + 20s);
  inner_.error = Error(ErrorKind::unknown_outcome, "503", "answered 503", 60s);
  EXPECT_THROW(client_.send(request("b")), Error);
  EXPECT_EQ(elapsed(), 20s);
  EXPECT_EQ(state("desk").paused_until, clock_.now() + 60s);
}

TEST_F(BudgetClientTest, AsksTheVendorsOwnReading) {
  budgets_.reconfigure({{.name = "desk", .count = 50}});
  BudgetClient client(inner_, budgets_, clock_, [](const Request&, const Response& response, Instant) {
    return RateNews{.remaining = std::stoi(response.headers.get("X-RateLimit-Remaining").value_or("0"))};
  });
  inner_.answer = {200, {{"X-RateLimit-Remaining", "7"}}, ""};
  client.send(request("a"));
  EXPECT_EQ(state("desk").available, 7);
}

TEST_F(BudgetClientTest, SendsABatchInTheRoundsTheBudgetAllows) {
  budgets_.reconfigure({{.name = "desk", .count = 2, .window = 20s}});
  const auto outcomes = client_.send_all({request("a"), request("b"), request("c"), request("d"), request("e")});
  EXPECT_EQ(inner_.sent, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(elapsed(), 40s);
  for (const auto& outcome : outcomes) EXPECT_TRUE(std::holds_alternative<Response>(outcome));
}

TEST_F(BudgetClientTest, EachOfABatchHasItsOwnOutcome) {
  budgets_.reconfigure({{.name = "desk", .count = 1, .window = 60s}});
  Request unlimited = request("c");
  unlimited.budget.clear();
  const auto outcomes = client_.send_all({request("a"), request("b"), unlimited});
  EXPECT_TRUE(std::holds_alternative<Response>(outcomes[0]));
  EXPECT_EQ(std::get<Error>(outcomes[1]).kind(), ErrorKind::throttled);
  EXPECT_TRUE(std::holds_alternative<Response>(outcomes[2]));
}

}  // namespace
}  // namespace supportd::http
