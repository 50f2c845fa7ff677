#include "daemon/outbox/outbox.hpp"

#include "tests/daemon/outbox/outbox_room.hpp"

namespace supportd::outbox {
namespace {

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

TEST_P(OutboxTest, ShadowModeParksWhatWasOwedBeforeIt) {
  owe("a");
  owe("set:7", "ticket:8", Kind::state);
  outbox->set_mode(Mode::shadow);
  while (turn()) {
  }
  EXPECT_TRUE(script.calls.empty());
  EXPECT_EQ(effect("a").state, State::parked);
  outbox->set_mode(Mode::live);
  owe("set:7", "ticket:8", Kind::state);
  turn();
  EXPECT_EQ(effect("set:7").state, State::done) << "a state that is owed again goes by itself";
}

TEST_P(OutboxTest, AStateParkedByAnOperatorStaysSo) {
  owe("set:7", "ticket:7", Kind::state);
  ledger->write([&](store::Tx& tx) { outbox->park(tx, effect("set:7").id, "alice", "wrong rule"); });
  owe("set:7", "ticket:7", Kind::state);
  EXPECT_FALSE(turn());
  EXPECT_EQ(effect("set:7").state, State::parked);
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

TEST_P(OutboxTest, ABlastLimitCountsEachTimeAStateIsSent) {
  script.traits.most_an_hour = 3;
  for (int i = 0; i < 5; ++i) {
    owe("set:7", "ticket:7", Kind::state);
    turn();
    clock.at += 1s;
  }
  EXPECT_EQ(std::ranges::count(script.calls, "send set:7"), 3);
}

TEST_P(OutboxTest, WhatNeverLeftDoesNotCountTowardsABlastLimit) {
  script.traits.most_an_hour = 3;
  owe("a");
  for (int i = 0; i < 5; ++i) script.sends.push_back(throws(ErrorKind::unreachable));
  for (int i = 0; i < 6; ++i) {
    turn();
    clock.at += 5min;
  }
  EXPECT_EQ(effect("a").state, State::done);
}

TEST_P(OutboxTest, AReleaseCountsAnew) {
  script.traits.most_an_hour = 2;
  for (int i = 0; i < 5; ++i) owe("m" + std::to_string(i), "lane:" + std::to_string(i));
  while (turn()) {
  }
  clock.at += 1min;
  ledger->write([&](store::Tx& tx) { outbox->release(tx, "desk", "alice", "meant so"); });
  while (turn()) {
  }
  EXPECT_EQ(std::ranges::count_if(script.calls, [](const auto& call) { return call.starts_with("send"); }), 4);
}

TEST_P(OutboxTest, ABlastLimitCountsByTheTicketToo) {
  script.traits.most_a_subject = 2;
  for (int i = 0; i < 3; ++i) owe("m" + std::to_string(i), "ticket:7", Kind::message, "ticket:7");
  while (turn()) {
  }
  EXPECT_EQ(effect("m2").state, State::queued);
}

// A ticket's history, or what an outage has held up.
TEST_P(OutboxTest, ABlastLimitOfATicketCountsWhatHappenedLately) {
  script.traits.most_a_subject = 2;
  ledger->write([&](store::Tx& tx) {
    for (int i = 0; i < 4; ++i) {
      outbox->owe(tx, {"h" + std::to_string(i), "desk", "ticket:7", Kind::message, "ticket:7", "{}", clock.at - 1h});
    }
  });
  for (int i = 0; i < 3; ++i) owe("m" + std::to_string(i), "ticket:7", Kind::message, "ticket:7");
  while (turn()) {
  }
  EXPECT_EQ(effect("h3").state, State::done);
  EXPECT_EQ(effect("m1").state, State::done);
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
