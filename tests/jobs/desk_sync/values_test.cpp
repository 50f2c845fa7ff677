// Values that a desk does not take, makes others of, or cannot say.
#include <gmock/gmock.h>

#include "tests/jobs/desk_sync/twins.hpp"

namespace supportd::desk_sync {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DropDown : public Twins {
 protected:
  DropDown() : Twins() {
    settings +=
        "[[desk_sync.zendesk.main.field]]\ndesk = \"360003\"\nledger = \"area\"\nowner = \"newest\"\n"
        "[[desk_sync.freshdesk.main.field]]\ndesk = \"cf_area\"\nledger = \"area\"\nowner = \"newest\"\n";
  }
};

// Zendesk answers 200 to a drop-down's value that it does not know, and drops it.
TEST_P(DropDown, AValueThatTheDeskDropsIsKeptAndListed) {
  const auto id = opens();
  settle();
  fresh.agent_changes(
      id, [](fakes::FreshdeskTicket& it) { it.fields["cf_area"] = "\"area_network\""; }, clock.at);
  settle();
  EXPECT_EQ(zen.ticket(twin_of(id)).field(360003), "area_network");
  fresh.agent_changes(
      id, [](fakes::FreshdeskTicket& it) { it.fields["cf_area"] = "\"area_of_mars\""; }, clock.at);
  settle();
  settle();
  EXPECT_EQ(fresh.ticket(id).field("cf_area"), "area_of_mars");
  EXPECT_THAT(dead(), IsEmpty());
  ASSERT_THAT(listed(), SizeIs(1));
  EXPECT_EQ(listed()[0].winner, "refused");
  EXPECT_EQ(listed()[0].ledger, "area_of_mars");
}

class HalfMapped : public Twins {
 protected:
  HalfMapped() {
    settings +=
        "[[desk_sync.zendesk.main.field]]\ndesk = \"360003\"\nledger = \"area\"\nowner = \"newest\"\n"
        "in = [{ map = { area_network = \"net\" } }]\n"
        "out = [{ map = { net = \"area_network\", web = \"area_storage\" } }]\n"
        "[[desk_sync.freshdesk.main.field]]\ndesk = \"cf_area\"\nledger = \"area\"\nowner = \"newest\"\n";
  }
};

TEST_P(HalfMapped, AValueWithoutACounterpartGoingOutIsListedOnce) {
  const auto id = opens();
  settle();
  fresh.agent_changes(
      id, [](fakes::FreshdeskTicket& it) { it.fields["cf_area"] = "\"moon\""; }, clock.at);
  settle();
  fresh.agent_tags(id, "callback", clock.at);
  settle();
  EXPECT_TRUE(zen.ticket(twin_of(id)).has_tag("callback"));
  EXPECT_EQ(zen.ticket(twin_of(id)).field(360003), "");
  ASSERT_THAT(listed(), SizeIs(1));
  EXPECT_EQ(listed()[0].winner, "nobody");
  EXPECT_EQ(listed()[0].system, zen_system);
  EXPECT_EQ(listed()[0].ledger, "moon");
}

// A value without a counterpart stays where it is.
TEST_P(HalfMapped, AValueWithoutACounterpartComingInIsNotWrittenOver) {
  const auto id = opens();
  settle();
  const auto twin = twin_of(id);
  const auto chosen = [&] { return zen.ticket(twin).field(360003); };
  const auto zen_sets = [&](const char* option) {
    zen.agent_sets(
        twin, [&](fakes::ZendeskTicket& it) { it.fields[360003] = "\"" + std::string(option) + "\""; }, clock.at);
    settle();
  };
  const auto fresh_sets = [&](const std::function<void(fakes::FreshdeskTicket&)>& change) {
    fresh.agent_changes(id, change, clock.at);
    settle();
  };
  zen_sets("area_network");
  ASSERT_EQ(fresh.ticket(id).fields.at("cf_area"), "\"net\"");
  zen_sets("area_database");
  ASSERT_THAT(listed(), SizeIs(1));
  EXPECT_EQ(listed()[0].winner, "nobody");
  fresh_sets([](auto& it) { it.priority = 3; });
  EXPECT_EQ(zen.ticket(twin).priority, "high");
  EXPECT_EQ(chosen(), "area_database");
  EXPECT_EQ(fresh.ticket(id).fields.at("cf_area"), "\"net\"");
  // Until the ledger says something else.
  fresh_sets([](auto& it) { it.fields["cf_area"] = "\"web\""; });
  EXPECT_EQ(chosen(), "area_storage");
  zen_sets("area_database");
  // Or the desk itself something that has one, which is no reason to hold on to what the ledger said then.
  zen_sets("area_network");
  EXPECT_EQ(fresh.ticket(id).fields.at("cf_area"), "\"net\"");
  EXPECT_THAT(listed(), SizeIs(2));
}

fakes::ZendeskOptions with_robot() {
  auto out = zen_options();
  out.automation = [](const fakes::ZendeskTicket&, fakes::ZendeskTicket& after) {
    if (after.priority == "urgent") after.priority = "high";
    if (after.has_tag("callback")) std::erase(after.tags, "vip");
  };
  return out;
}

class Robot : public Twins {
 protected:
  Robot() : Twins(fresh_options(), with_robot()) {}
  std::vector<std::string> refused() {
    std::vector<std::string> out;
    for (const Conflict& it : listed()) {
      if (it.winner == "refused") out.push_back(it.field);
    }
    return out;
  }
};

TEST_P(Robot, WhatItMakesOfAWriteIsNoRefusalThoughAReadWasFaster) {
  const auto id = opens();
  settle();
  fresh.agent_changes(
      id,
      [](auto& it) {
        it.priority = 4;
        it.tags.push_back("callback");
      },
      clock.at);
  pull();
  send_and_read_first([] {});
  EXPECT_THAT(refused(), IsEmpty());
  settle();
  EXPECT_EQ(zen.ticket(twin_of(id)).priority, "high");
  EXPECT_TRUE(zen.ticket(twin_of(id)).has_tag("callback"));
  EXPECT_EQ(fresh.ticket(id).priority, 3);
  EXPECT_EQ(fresh.ticket(id).tags, std::vector<std::string>{"callback"});
  EXPECT_THAT(refused(), IsEmpty());
}

const auto engines = testing::Values(store::Engine::sqlite, store::Engine::postgresql);
const auto name = [](const auto& engine) { return fakes::name_of(engine.param); };
INSTANTIATE_TEST_SUITE_P(, DropDown, engines, name);
INSTANTIATE_TEST_SUITE_P(, HalfMapped, engines, name);
INSTANTIATE_TEST_SUITE_P(, Robot, engines, name);

}  // namespace
}  // namespace supportd::desk_sync
