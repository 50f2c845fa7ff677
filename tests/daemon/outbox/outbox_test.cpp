#include "daemon/outbox/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "daemon/outbox/dispatch.hpp"
#include "daemon/store/content.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::outbox {
namespace {

using namespace std::chrono_literals;
constexpr Instant start = Instant{1'800'000'000'000ms};

// Answers what the test has queued; notes what it was asked.
class ScriptedChannel : public Channel {
 public:
  struct Script {
    Traits traits{.deadline = 10s, .settle = 60s};
    std::deque<std::function<Sent()>> sends;
    std::deque<Looked> looks;
    Prepared::Otherwise otherwise = Prepared::Otherwise::wait;
    bool ready = true;
    std::vector<std::string> calls;
  };

  ScriptedChannel(std::string name, Script& script) : name_(std::move(name)), script_(script) {}
  std::string name() const override { return name_; }
  Traits traits() const override { return script_.traits; }
  Prepared prepare(store::Tx&, const Effect& effect) override {
    if (!script_.ready) return {nullptr, script_.otherwise, "the case is not open yet"};
    return {std::make_unique<Scripted>(script_, effect.key), {}, {}};
  }
  void finished(store::Tx&, const Effect& effect, const Sent& sent, Instant) override {
    script_.calls.push_back("finished " + effect.key + " " + sent.remote_id);
  }
  void refused(store::Tx&, const Effect& effect, const Error& why, Instant) override {
    script_.calls.push_back("refused " + effect.key + " " + why.what());
  }

 private:
  struct Scripted : Delivery {
    Scripted(Script& script, std::string key) : script(script), key(std::move(key)) {}
    Sent send(std::stop_token) override {
      script.calls.push_back("send " + key);
      if (script.sends.empty()) return {"id-of-" + key, ""};
      const auto next = script.sends.front();
      script.sends.pop_front();
      return next();
    }
    Looked find(std::stop_token) override {
      script.calls.push_back("find " + key);
      if (script.looks.empty()) return {Looked::Answer::absent, {}};
      const auto next = script.looks.front();
      script.looks.pop_front();
      return next;
    }
    Script& script;
    std::string key;
  };

  std::string name_;
  Script& script_;
};

class OutboxTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    auto steps = store::records_schema();
    for (const auto& step : schema()) steps.push_back(step);
    ledger = std::make_unique<store::Ledger>(scratch.ledger(GetParam()), clock, steps);
    build(start - 24h, Mode::live);
  }

  void build(Instant certain_since, Mode mode) {
    outbox = std::make_unique<Outbox>(clock, certain_since, mode);
    outbox->add(std::make_unique<ScriptedChannel>("desk", script));
  }

  bool owe(const std::string& key, const std::string& lane = "ticket:7", Kind kind = Kind::message,
           const std::string& subject = "") {
    return ledger->write([&](store::Tx& tx) {
      return outbox->owe(tx, {key, "desk", lane, kind, subject, "{}", clock.at});
    });
  }
  std::optional<Lease> lease() {
    return ledger->write(
        [&](store::Tx& tx) { return lease_next(tx, *outbox, "token-" + std::to_string(++tokens), clock.at); });
  }
  bool end_with(const Lease& taken, const Outcome& outcome) {
    return ledger->write([&](store::Tx& tx) { return end(tx, *outbox, taken, outcome, clock.at); });
  }
  // One sender's turn; false when there was nothing to do.
  bool turn() {
    auto taken = lease();
    if (!taken) return false;
    const Outcome outcome = act(*taken, clock, {});
    return end_with(*taken, outcome);
  }
  Effect effect(const std::string& key) {
    return *ledger->read([&](store::Tx& tx) { return outbox->find_by_key(tx, key); });
  }
  std::function<Sent()> throws(ErrorKind kind, std::optional<Millis> retry_after = {}) {
    return [=]() -> Sent { throw Error(kind, "scripted", retry_after); };
  }

  fakes::Scratch scratch;
  fakes::SetClock clock{start};
  std::unique_ptr<store::Ledger> ledger;
  ScriptedChannel::Script script;
  std::unique_ptr<Outbox> outbox;
  int tokens = 0;
};

TEST_P(OutboxTest, WhatAwaitsSomebodyIsParkedUntilTheyAreConfigured) {
  const auto configured = [&](const std::set<std::string>& present) {
    return ledger->write([&](store::Tx& tx) { return outbox->configured(tx, present); });
  };
  owe("a");
  owe("b");
  script.ready = false;
  script.otherwise = Prepared::Otherwise::absent;  // for "the case is not open yet"
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("a").state, State::parked);
  EXPECT_EQ(effect("b").awaits, "the case is not open yet");
  EXPECT_EQ(configured({"desk"}), 0);
  script.ready = true;
  EXPECT_EQ(configured({"desk", "the case is not open yet"}), 2);
  while (turn()) {
  }
  EXPECT_EQ(script.calls, (std::vector<std::string>{"send a", "finished a id-of-a", "send b", "finished b id-of-b"}));
}

TEST_P(OutboxTest, WhatMayHaveLeftBeforeIsLookedForOnItsReturn) {
  owe("a");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  EXPECT_TRUE(turn());
  script.ready = false;
  script.otherwise = Prepared::Otherwise::absent;
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("a").state, State::parked);
  script.ready = true;
  script.looks.push_back({Looked::Answer::found, {"7", ""}});
  ledger->write([&](store::Tx& tx) { outbox->configured(tx, {"the case is not open yet"}); });
  EXPECT_EQ(effect("a").state, State::unknown);
  EXPECT_TRUE(turn());
  EXPECT_EQ(effect("a").state, State::done);
  EXPECT_EQ(script.calls, (std::vector<std::string>{"send a", "find a", "finished a 7"}));
}

TEST_P(OutboxTest, AnOperatorsDecisionEndsTheWaiting) {
  owe("a");
  script.ready = false;
  script.otherwise = Prepared::Otherwise::absent;
  EXPECT_FALSE(turn());
  ledger->write([&](store::Tx& tx) {
    outbox->drop(tx, effect("a").id, "test", "");
    EXPECT_EQ(outbox->configured(tx, {"the case is not open yet"}), 0);
  });
  EXPECT_EQ(effect("a").state, State::dropped);
}

TEST_P(OutboxTest, SendsOnceAndInOrderWithinALane) {
  EXPECT_TRUE(owe("a"));
  EXPECT_TRUE(owe("b"));
  EXPECT_FALSE(owe("a"));
  while (turn()) {
  }
  EXPECT_EQ(script.calls, (std::vector<std::string>{"send a", "finished a id-of-a", "send b", "finished b id-of-b"}));
  EXPECT_EQ(effect("a").state, State::done);
  EXPECT_EQ(effect("a").remote_id, "id-of-a");
  EXPECT_FALSE(owe("a"));
  EXPECT_FALSE(turn());
}

TEST_P(OutboxTest, ALeasedLaneIsLeftAloneAndOthersGoOn) {
  owe("a", "ticket:1");
  owe("b", "ticket:1");
  owe("c", "ticket:2");
  const auto first = lease();
  const auto second = lease();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->effect.key, "a");
  EXPECT_EQ(second->effect.key, "c");
  EXPECT_FALSE(lease());
}

TEST_P(OutboxTest, UnreachableIsTriedAgainForEver) {
  owe("a");
  for (int i = 0; i < 20; ++i) {
    script.sends.push_back(throws(ErrorKind::unreachable));
    ASSERT_TRUE(turn());
    EXPECT_EQ(effect("a").state, State::queued);
    EXPECT_FALSE(turn());
    clock.at += 10min;
  }
  EXPECT_TRUE(turn());
  EXPECT_EQ(effect("a").state, State::done);
  EXPECT_EQ(effect("a").attempts, 1);
}

TEST_P(OutboxTest, ThrottledObeysTheVendor) {
  owe("a");
  script.sends.push_back(throws(ErrorKind::throttled, 90s));
  turn();
  clock.at += 89s;
  EXPECT_FALSE(turn());
  clock.at += 1s;
  EXPECT_TRUE(turn());
  EXPECT_EQ(effect("a").state, State::done);
}

TEST_P(OutboxTest, RefusedIsDeadAndTheLaneGoesOn) {
  owe("a");
  owe("b");
  script.sends.push_back(throws(ErrorKind::refused));
  while (turn()) {
  }
  EXPECT_EQ(effect("a").state, State::dead);
  EXPECT_EQ(effect("b").state, State::done);
  EXPECT_EQ(script.calls[1], "refused a scripted");
}

TEST_P(OutboxTest, AnUnknownOutcomeIsLookedForAndFoundWithoutASecondSend) {
  owe("a");
  owe("b");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  script.looks.push_back({Looked::Answer::found, {"n-1", ""}});
  turn();
  EXPECT_EQ(effect("a").state, State::unknown);
  while (turn()) {
  }
  EXPECT_EQ(script.calls,
            (std::vector<std::string>{"send a", "find a", "finished a n-1", "send b", "finished b id-of-b"}));
}

TEST_P(OutboxTest, AbsenceNeedsTwoLateListingsApart) {
  owe("a");
  owe("b");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  turn();
  turn();  // looks at once, too early for absence to count
  EXPECT_FALSE(turn());
  clock.at = start + 69s;
  EXPECT_FALSE(turn());
  clock.at = start + 70s;  // deadline + settle
  EXPECT_TRUE(turn());
  EXPECT_EQ(effect("a").state, State::unknown);
  clock.at += 29s;
  EXPECT_FALSE(turn()) << "half a settle has not passed";
  clock.at += 1s;
  EXPECT_TRUE(turn());
  EXPECT_EQ(effect("a").state, State::queued);
  while (turn()) {
  }
  EXPECT_EQ(script.calls, (std::vector<std::string>{"send a", "find a", "find a", "find a", "send a",
                                                    "finished a id-of-a", "send b", "finished b id-of-b"}));
}

TEST_P(OutboxTest, WhatCannotBeToldDoesNotCountAsAbsent) {
  owe("a");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  script.looks = {{Looked::Answer::absent, {}},
                  {Looked::Answer::absent, {}},
                  {Looked::Answer::cannot_tell, {}},
                  {Looked::Answer::absent, {}}};
  turn();
  turn();
  for (int i = 0; i < 3; ++i) {
    clock.at += 70s;
    EXPECT_TRUE(turn());
    EXPECT_EQ(effect("a").state, State::unknown) << i;
  }
}

TEST_P(OutboxTest, ABlindEffectInDoubtIsParkedUnlessItsChannelResends) {
  script.traits.certainty = Certainty::blind;
  owe("a");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  turn();
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("a").state, State::parked);
  script.traits.resend_in_doubt = true;
  owe("b");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  turn();
  EXPECT_TRUE(turn());
  EXPECT_EQ(effect("b").state, State::done);
}

TEST_P(OutboxTest, AKeyedEffectInDoubtIsSentAgain) {
  script.traits.certainty = Certainty::keyed;
  owe("a");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  while (turn()) {
  }
  EXPECT_EQ(script.calls, (std::vector<std::string>{"send a", "send a", "finished a id-of-a"}));
}

TEST_P(OutboxTest, ADeadSendersEffectIsLookedFor) {
  owe("a");
  const auto dead = lease();
  clock.at += dead->traits.deadline * 3;
  script.looks.push_back({Looked::Answer::found, {"n-1", ""}});
  EXPECT_TRUE(turn());
  EXPECT_EQ(script.calls.front(), "find a");
  EXPECT_EQ(effect("a").state, State::done);
  Outcome late;
  late.what = Outcome::What::failed;
  late.error = Error(ErrorKind::unreachable, "");
  EXPECT_FALSE(end_with(*dead, late)) << "a sender that lost its lease must not write";
  EXPECT_EQ(effect("a").state, State::done);
}

TEST_P(OutboxTest, AVoidedLeaseAfterACrashLeadsToALook) {
  owe("a");
  lease();
  ledger->write([](store::Tx& tx) { void_leases(tx); });
  EXPECT_TRUE(turn());
  EXPECT_EQ(script.calls.front(), "find a");
}

TEST_P(OutboxTest, ASenderHeldUpBeyondItsLeaseDoesNotSend) {
  owe("a");
  auto taken = lease();
  clock.at += 21s;
  const Outcome outcome = act(*taken, clock, {});
  EXPECT_EQ(outcome.what, Outcome::What::failed);
  EXPECT_TRUE(script.calls.empty());
}

TEST_P(OutboxTest, WaitsForItsTargetAndIsWoken) {
  script.ready = false;
  owe("a");
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("a").error, "the case is not open yet");
  script.ready = true;
  EXPECT_FALSE(turn());
  ledger->write([&](store::Tx& tx) { outbox->wake(tx, "ticket:7"); });
  EXPECT_TRUE(turn());
}

TEST_P(OutboxTest, WhatWaitsIsLookedAtEverLessOften) {
  script.ready = false;
  owe("a");
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("a").due, start + 1min);
  clock.at = start + 1min;
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("a").due, clock.at + 2min);
  for (int i = 0; i < 12; ++i) {
    clock.at = effect("a").due;
    EXPECT_FALSE(turn());
  }
  EXPECT_EQ(effect("a").due, clock.at + 1h);
  ledger->write([&](store::Tx& tx) { outbox->wake_channel(tx, "desk"); });
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("a").due, clock.at + 1min);
}

TEST_P(OutboxTest, AMootEffectEndsWithoutACall) {
  script.ready = false;
  script.otherwise = Prepared::Otherwise::moot;
  owe("a");
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("a").state, State::done);
  EXPECT_TRUE(script.calls.empty());
}

TEST_P(OutboxTest, AStateIsCoalescedAndSentAgainWhenOwedMeanwhile) {
  EXPECT_TRUE(owe("set:7", "ticket:7", Kind::state));
  owe("set:7", "ticket:7", Kind::state);
  auto taken = lease();
  owe("set:7", "ticket:7", Kind::state);
  const Outcome outcome = act(*taken, clock, {});
  end_with(*taken, outcome);
  EXPECT_EQ(effect("set:7").state, State::queued);
  EXPECT_TRUE(turn());
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("set:7").state, State::done);
  owe("set:7", "ticket:7", Kind::state);
  EXPECT_TRUE(turn());
  EXPECT_EQ(std::ranges::count(script.calls, "send set:7"), 3);
}

TEST_P(OutboxTest, AStateInDoubtIsSentAgainWithoutALook) {
  owe("set:7", "ticket:7", Kind::state);
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  while (turn()) {
  }
  EXPECT_EQ(script.calls, (std::vector<std::string>{"send set:7", "send set:7", "finished set:7 id-of-set:7"}));
  EXPECT_EQ(effect("set:7").state, State::done);
}

TEST_P(OutboxTest, AStateOwedAgainGoesToTheEndOfItsLane) {
  owe("set:7", "ticket:7", Kind::state);
  turn();
  script.calls.clear();
  owe("note");
  owe("set:7", "ticket:7", Kind::state);
  while (turn()) {
  }
  EXPECT_EQ(script.calls.front(), "send note");
}

TEST_P(OutboxTest, ShadowModeParksEverything) {
  build(start - 24h, Mode::shadow);
  owe("a");
  owe("set:7", "ticket:7", Kind::state);
  owe("set:7", "ticket:7", Kind::state);
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("a").state, State::parked);
  EXPECT_EQ(effect("set:7").state, State::parked);
}

TEST_P(OutboxTest, WhatWasCausedBeforeTheLedgerWasCertainIsLookedForFirst) {
  build(start + 1h, Mode::live);
  script.looks.push_back({Looked::Answer::found, {"n-1", ""}});
  owe("a");
  EXPECT_TRUE(turn());
  EXPECT_EQ(script.calls, (std::vector<std::string>{"find a", "finished a n-1"}));
}

TEST_P(OutboxTest, WhatWasOwedBeforeARestoreIsLookedForFirst) {
  script.ready = false;
  owe("a");
  EXPECT_FALSE(turn());
  // The ledger that this copy replaced went on, and sent it.
  script.ready = true;
  clock.at += 24h;
  build(clock.at, Mode::live);
  script.looks.push_back({Looked::Answer::found, {"n-1", ""}});
  EXPECT_TRUE(turn());
  EXPECT_EQ(script.calls, (std::vector<std::string>{"find a", "finished a n-1"}));
}

TEST_P(OutboxTest, AHeldChannelSendsNothingUntilReleased) {
  owe("a");
  ledger->write([&](store::Tx& tx) { outbox->hold(tx, {"desk", "maintenance", "alice", clock.at, false}); });
  EXPECT_FALSE(turn());
  ledger->write([&](store::Tx& tx) { EXPECT_TRUE(outbox->release(tx, "desk", "alice", "over")); });
  EXPECT_TRUE(turn());
}

TEST_P(OutboxTest, ABlastLimitHoldsTheChannel) {
  script.traits.most_an_hour = 3;
  for (int i = 0; i < 5; ++i) owe("m" + std::to_string(i), "lane:" + std::to_string(i));
  while (turn()) {
  }
  EXPECT_EQ(std::ranges::count_if(script.calls, [](const auto& call) { return call.starts_with("send"); }), 3);
  const auto holds = ledger->read([&](store::Tx& tx) { return outbox->holds(tx); });
  ASSERT_EQ(holds.size(), 1u);
  EXPECT_TRUE(holds[0].automatic);
}

TEST_P(OutboxTest, ABlastLimitCountsByTheTicketToo) {
  script.traits.most_a_subject = 2;
  for (int i = 0; i < 3; ++i) owe("m" + std::to_string(i), "ticket:7", Kind::message, "ticket:7");
  while (turn()) {
  }
  EXPECT_EQ(effect("m2").state, State::queued);
}

TEST_P(OutboxTest, AnEffectOfARemovedChannelIsParked) {
  ledger->write([&](store::Tx& tx) { outbox->owe(tx, {"x", "gone", "lane", Kind::message, "", "{}", clock.at}); });
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("x").state, State::parked);
}

TEST_P(OutboxTest, OperatorsMoveEffectsOnlyAsTheLifeTableAllows) {
  owe("a");
  script.sends.push_back(throws(ErrorKind::refused));
  turn();
  const EffectId id = effect("a").id;
  ledger->write([&](store::Tx& tx) { outbox->retry(tx, id, "alice", "fixed the field"); });
  EXPECT_TRUE(turn());
  EXPECT_EQ(effect("a").state, State::done);
  EXPECT_THROW(ledger->write([&](store::Tx& tx) { outbox->drop(tx, id, "alice", "why not"); }), Error);
  const auto rows = ledger->read([](store::Tx& tx) { return store::audit_tail(tx, 10); });
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].entry.action, "outbox.retry");
}

TEST_P(OutboxTest, OneRemoteObjectProvesOneEffect) {
  owe("a", "l1");
  owe("b", "l2");
  script.sends.push_back([] { return Sent{"same", ""}; });
  script.sends.push_back([] { return Sent{"same", ""}; });
  turn();
  EXPECT_THROW(turn(), Error);
  EXPECT_EQ(effect("b").state, State::leased);
}

INSTANTIATE_TEST_SUITE_P(, OutboxTest, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

TEST(EffectLife, NoStepLeavesAnUndefinedState) {
  for (const Transition& row : life) EXPECT_EQ(after(row.from, row.step), row.to);
  EXPECT_FALSE(after(State::done, Step::retry));
  EXPECT_FALSE(after(State::unknown, Step::lease)) << "what is in doubt is never simply sent again";
}

TEST(EffectRef, IsTenLettersOfTheKeysHash) {
  EXPECT_EQ(ref_of("mirror:1:2").size(), 10u);
  EXPECT_EQ(ref_of("abc"), "xj4bnp4pah");
  EXPECT_NE(ref_of("mirror:1:2"), ref_of("mirror:1:3"));
}

}  // namespace
}  // namespace supportd::outbox
