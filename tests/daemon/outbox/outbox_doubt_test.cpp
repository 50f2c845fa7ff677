// What may or may not have left.
#include "tests/daemon/outbox/outbox_room.hpp"

namespace supportd::outbox {
namespace {

class OutboxDoubt : public OutboxTest {};

TEST_P(OutboxDoubt, WhatMayHaveLeftBeforeIsLookedForOnItsReturn) {
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

TEST_P(OutboxDoubt, AnUnknownOutcomeIsLookedForAndFoundWithoutASecondSend) {
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

TEST_P(OutboxDoubt, AbsenceNeedsTwoLateListingsApart) {
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

TEST_P(OutboxDoubt, WhatCannotBeToldDoesNotCountAsAbsent) {
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

TEST_P(OutboxDoubt, ABlindEffectInDoubtIsParkedUnlessItsChannelResends) {
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

TEST_P(OutboxDoubt, AKeyedEffectInDoubtIsSentAgain) {
  script.traits.certainty = Certainty::keyed;
  owe("a");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  while (turn()) {
  }
  EXPECT_EQ(script.calls, (std::vector<std::string>{"send a", "send a", "finished a id-of-a"}));
}

TEST_P(OutboxDoubt, ADeadSendersEffectIsLookedFor) {
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

TEST_P(OutboxDoubt, AVoidedLeaseAfterACrashLeadsToALook) {
  owe("a");
  lease();
  ledger->write([](store::Tx& tx) { void_leases(tx); });
  EXPECT_TRUE(turn());
  EXPECT_EQ(script.calls.front(), "find a");
}

TEST_P(OutboxDoubt, ASenderHeldUpBeyondItsLeaseDoesNotSend) {
  owe("a");
  auto taken = lease();
  clock.at += 21s;
  const Outcome outcome = act(*taken, clock, {});
  EXPECT_EQ(outcome.what, Outcome::What::failed);
  EXPECT_TRUE(script.calls.empty());
}

TEST_P(OutboxDoubt, AStateInDoubtIsSentAgainWithoutALook) {
  owe("set:7", "ticket:7", Kind::state);
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  while (turn()) {
  }
  EXPECT_EQ(script.calls, (std::vector<std::string>{"send set:7", "send set:7", "finished set:7 id-of-set:7"}));
  EXPECT_EQ(effect("set:7").state, State::done);
}

TEST_P(OutboxDoubt, WhatWasCausedBeforeTheLedgerWasCertainIsLookedForFirst) {
  build(start + 1h, Mode::live);
  script.looks.push_back({Looked::Answer::found, {"n-1", ""}});
  owe("a");
  EXPECT_TRUE(turn());
  EXPECT_EQ(script.calls, (std::vector<std::string>{"find a", "finished a n-1"}));
}

TEST_P(OutboxDoubt, WhatWasOwedBeforeARestoreIsLookedForFirst) {
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

TEST_P(OutboxDoubt, OneRemoteObjectProvesOneEffect) {
  owe("a", "l1");
  owe("b", "l2");
  script.sends.push_back([] { return Sent{"same", ""}; });
  script.sends.push_back([] { return Sent{"same", ""}; });
  turn();
  EXPECT_TRUE(turn());
  EXPECT_EQ(effect("b").state, State::parked);
  EXPECT_TRUE(effect("b").error.starts_with("it took effect as same, but the ledger could not take that"))
      << effect("b").error;
  owe("c", "l2");
  EXPECT_TRUE(turn()) << "its lane goes on";
  EXPECT_EQ(effect("c").state, State::done);
}

TEST_P(OutboxDoubt, AParkedEffectInDoubtIsLookedForWhenAnOperatorWantsItSent) {
  owe("a");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  turn();
  const EffectId id = effect("a").id;
  ledger->write([&](store::Tx& tx) { outbox->park(tx, id, "alice", "let me see"); });
  ledger->write([&](store::Tx& tx) { outbox->retry(tx, id, "alice", ""); });
  script.looks.push_back({Looked::Answer::found, {"there", ""}});
  turn();
  EXPECT_EQ(script.calls, (std::vector<std::string>{"send a", "find a", "finished a there"}));
}

TEST_P(OutboxDoubt, WhatNobodyCanLookForIsSentWhenAnOperatorSaysSo) {
  script.traits.certainty = Certainty::blind;
  owe("a");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  turn();
  turn();
  ASSERT_EQ(effect("a").state, State::parked);
  ledger->write([&](store::Tx& tx) { outbox->retry(tx, effect("a").id, "alice", ""); });
  turn();
  EXPECT_EQ(effect("a").state, State::done);
}

TEST_P(OutboxDoubt, WhatIsFoundCountsWhateverAnOperatorDecidedMeanwhile) {
  owe("a");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  turn();
  auto looking = lease();
  ASSERT_TRUE(looking && looking->look);
  ledger->write([&](store::Tx& tx) { outbox->park(tx, looking->effect.id, "alice", ""); });
  script.looks.push_back({Looked::Answer::found, {"there", ""}});
  EXPECT_TRUE(end_with(*looking, act(*looking, clock, {})));
  EXPECT_EQ(effect("a").state, State::done);
  EXPECT_EQ(effect("a").remote_id, "there");
}

TEST_P(OutboxDoubt, WhatCannotBeLookedForAnyMoreIsParkedNotDead) {
  owe("a");
  script.sends.push_back(throws(ErrorKind::unknown_outcome));
  turn();
  script.ready = false;
  script.otherwise = Prepared::Otherwise::refuse;
  turn();
  EXPECT_EQ(effect("a").state, State::parked);
  EXPECT_EQ(script.calls, std::vector<std::string>{"send a"});
}

TEST_P(OutboxDoubt, WhatShadowModeParkedAfterARestoreIsLookedForWhenItGoesLive) {
  build(start + 1h, Mode::shadow);
  owe("a");
  build(start + 1h, Mode::live);
  clock.at += 2h;
  ledger->write([&](store::Tx& tx) { outbox->retry(tx, effect("a").id, "alice", ""); });
  script.looks.push_back({Looked::Answer::found, {"there", ""}});
  turn();
  EXPECT_EQ(script.calls, (std::vector<std::string>{"find a", "finished a there"}));
}

INSTANTIATE_TEST_SUITE_P(, OutboxDoubt, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

}  // namespace
}  // namespace supportd::outbox
