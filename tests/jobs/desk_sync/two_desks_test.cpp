// What is opened on one desk is carried to the other and kept in step.
#include "tests/jobs/desk_sync/two_desks.hpp"

#include "jobs/desk_sync/marker.hpp"

namespace supportd::desk_sync {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;

TEST_P(TwoDesks, ATicketGetsOneCounterpartWithWhatWasSaid) {
  const auto id = opens();
  fresh.agent_notes(id, fresh_agent, "a colleague looks at it", {}, clock.at);
  settle();
  ASSERT_THAT(zen.tickets(), SizeIs(1));
  const auto twin = zen.tickets().front();
  EXPECT_EQ(twin.subject, "VPN");
  EXPECT_THAT(links(fresh_system, id), SizeIs(2));
  const auto said = said_at_zendesk(twin.id);
  ASSERT_THAT(said, SizeIs(2));
  EXPECT_EQ(said[0], "public: The tunnel flaps.");
  EXPECT_THAT(said[1], HasSubstr("private: 이서연, "));
  EXPECT_THAT(said[1], HasSubstr("a colleague looks at it"));
  EXPECT_THAT(fresh.tickets(), SizeIs(1)) << "and does not come back as another ticket";
}

TEST_P(TwoDesks, WordsGoBothWaysOnceAndPrivateStaysPrivate) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.agent_replies(twin, zen_agent, "Please restart the tunnel.", {}, clock.at);
  zen.agent_notes(twin, zen_agent, "Looks like phase 2.", {}, clock.at);
  fresh.customer_replies(id, "It is up again.", {}, clock.at);
  settle();
  settle();
  int shown = 0, hidden = 0;
  for (const auto& one : fresh.conversations(id)) {
    if (one.html.find("restart the tunnel") != std::string::npos) ++(one.is_private ? hidden : shown);
    if (one.html.find("phase 2") != std::string::npos) {
      EXPECT_TRUE(one.is_private);
    }
  }
  EXPECT_EQ(shown, 1);
  EXPECT_EQ(hidden, 0);
  EXPECT_THAT(said_at_zendesk(twin), SizeIs(4));
}

TEST_P(TwoDesks, AStatusTravelsAndStops) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.agent_solves(twin, clock.at);
  settle();
  EXPECT_EQ(fresh.ticket(id).status, 4);
  const auto audits = zen.audits(twin).size();
  settle();
  EXPECT_EQ(zen.audits(twin).size(), audits) << "nothing more is written";
}

TEST_P(TwoDesks, ATicketThatTakesNoPartStaysAlone) {
  fresh.customer_opens(
      {.mail = "kim@acme.example", .subject = "Internal", .text = "x", .tags = {"internal"}, .fields = {}, .files = {}},
      clock.at);
  settle();
  EXPECT_THAT(zen.tickets(), IsEmpty());
}

TEST_P(TwoDesks, ALostAnswerMakesNoSecondCounterpart) {
  opens();
  pull();
  faults.next(fakes::Fault::cut_after, [](const http::Request& request) {
    return request.method == "POST" && request.url.find("acme.zendesk.com") != std::string::npos;
  });
  send_all();
  clock.at += 10min;
  send_all();
  clock.at += 10min;
  send_all();
  settle();
  EXPECT_THAT(zen.tickets(), SizeIs(1));
}

TEST_P(TwoDesks, AClosedCounterpartIsGoneOnForByAFollowUp) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.agent_solves(twin, clock.at);
  settle();
  zen.closes(twin, clock.at);
  settle();
  fresh.customer_replies(id, "It is down again.", {}, clock.at);
  settle();
  ASSERT_THAT(zen.tickets(), SizeIs(2));
  const auto next = zen.tickets().back().id;
  EXPECT_THAT(said_at_zendesk(next).back(), HasSubstr("It is down again."));
  EXPECT_THAT(said_at_zendesk(twin), SizeIs(1));
}

// The write's outcome is not known yet when the next read finds what it made.
TEST_P(TwoDesks, ACounterpartThatAReadFindsFirstIsOwedWhatWasSaidBefore) {
  const auto id = opens();
  fresh.agent_notes(id, fresh_agent, "a colleague looks at it", {}, clock.at);
  pull();
  faults.next(fakes::Fault::cut_after, [](const http::Request& request) {
    return request.method == "POST" && request.url.find("acme.zendesk.com") != std::string::npos;
  });
  send_all();
  fresh.agent_changes(
      id, [](fakes::FreshdeskTicket& it) { it.priority = 4; }, clock.at);
  settle();
  ASSERT_THAT(zen.tickets(), SizeIs(1));
  EXPECT_THAT(said_at_zendesk(zen.tickets().front().id), SizeIs(2));
  EXPECT_EQ(zen.tickets().front().priority, "urgent") << "what it was made with is no change of its people's";
  EXPECT_EQ(fresh.ticket(id).priority, 4);
}

TEST_P(TwoDesks, TagsThatAreWrittenLeaveOurMarkerOnTheCounterpart) {
  const auto id = opens();
  settle();
  const auto marker = [&] {
    const auto tags = zen.tickets().front().tags;
    return std::ranges::count_if(tags, [](const std::string& tag) { return tag.starts_with("supportd-"); });
  };
  ASSERT_EQ(marker(), 1);
  fresh.agent_tags(id, "callback", clock.at);
  settle();
  EXPECT_TRUE(zen.tickets().front().has_tag("callback"));
  EXPECT_EQ(marker(), 1);
}

// What left is what was agreed, even when the ledger has changed its mind by the time the answer comes.
TEST_P(TwoDesks, AnAnswerThatComesLateIsNoChangeOfTheDesks) {
  const auto id = opens();
  settle();
  const auto decide = [&](const std::string& status) {
    tickets::Change change;
    change.kind = tickets::EventKind::status;
    change.value = status;
    ledger->write([&](Tx& tx) {
      const auto ticket = tickets::find_link(tx, fresh_system, std::to_string(id))->ticket;
      kernel.append(tx, {ticket, change, clock.at, "rule", "", "decision " + std::to_string(++tokens)}, clock.at);
    });
  };
  decide("hold");
  auto lease = ledger->write([&](Tx& tx) { return outbox::lease_next(tx, *outbox, "token", clock.at); });
  while (lease && lease->effect.channel != zen_system) {
    const auto outcome = outbox::act(*lease, clock, {});
    ledger->write([&](Tx& tx) { outbox::end(tx, *outbox, *lease, outcome, clock.at); });
    lease = ledger->write([&](Tx& tx) { return outbox::lease_next(tx, *outbox, "token", clock.at); });
  }
  ASSERT_TRUE(lease);
  const auto outcome = outbox::act(*lease, clock, {});
  decide("solved");
  ledger->write([&](Tx& tx) { outbox::end(tx, *outbox, *lease, outcome, clock.at); });
  settle();
  EXPECT_EQ(zen.tickets().front().status, "solved");
  EXPECT_EQ(fresh.ticket(id).status, 4);
}

// A write whose answer was lost is agreed once the desk is seen to have it: what its people do then is news.
TEST_P(TwoDesks, WhoTakesBackAWriteWhoseAnswerWasLostIsHeard) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.set_status(twin, "pending", clock.at);
  pull();
  faults.next(fakes::Fault::effect_then_500, [](const http::Request& request) {
    return request.method == "PUT" && request.url.find("acme.freshdesk.com") != std::string::npos;
  });
  send_all();
  EXPECT_EQ(fresh.ticket(id).status, 3);
  clock.at += 10min;
  send_all();
  fresh.set_status(id, 2, clock.at);
  settle();
  EXPECT_EQ(fresh.ticket(id).status, 2);
  EXPECT_EQ(zen.ticket(twin).status, "open");
}

// The desk closes the counterpart while two words are on their way to it.
TEST_P(TwoDesks, WordsThatFindTheirTicketClosedGoToTheFollowUp) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.agent_solves(twin, clock.at);
  settle();
  fresh.customer_replies(id, "It is down again.", {}, clock.at);
  fresh.customer_replies(id, "Completely down.", {}, clock.at + 1s);
  clock.at += 5s;
  pull();
  zen.closes(twin, clock.at);
  send_all();
  for (int round = 0; round < 6; ++round) {
    clock.at += 10min;
    settle();
  }
  ASSERT_THAT(zen.tickets(), SizeIs(2));
  const auto said = said_at_zendesk(zen.tickets().back().id);
  const auto times = [&](const std::string& words) {
    return std::ranges::count_if(said, [&](const std::string& one) { return one.find(words) != one.npos; });
  };
  EXPECT_EQ(times("It is down again."), 1);
  EXPECT_EQ(times("Completely down."), 1);
  EXPECT_THAT(said_at_zendesk(twin), SizeIs(1));
}

// Who answers the mail of a closed ticket gets a new one of Zendesk's own, with the old one's tags, our marker among
// them.
TEST_P(TwoDesks, ACustomersOwnFollowUpIsHeardAtTheOtherDesk) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.agent_solves(twin, clock.at);
  settle();
  zen.closes(twin, clock.at);
  settle();
  zen.customer_replies(twin, "It happened again.", {}, clock.at);
  settle();
  ASSERT_THAT(zen.tickets(), SizeIs(2));
  int heard = 0;
  for (const auto& one : fresh.conversations(id)) heard += one.html.find("It happened again.") != std::string::npos;
  EXPECT_EQ(heard, 1);
  EXPECT_THAT(fresh.tickets(), SizeIs(1)) << "it goes on, it is no other ticket";
  fresh.agent_replies(id, fresh_agent, "We look at it.", {}, clock.at);
  settle();
  EXPECT_THAT(said_at_zendesk(zen.tickets().back().id), testing::Contains(HasSubstr("We look at it.")));
}

TEST_P(TwoDesks, AWordThatWasMadePrivateBeforeItLeftStaysPrivate) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  zen.agent_replies(twin, zen_agent, "Their contract has ended.", {}, clock.at);
  clock.at += 5s;
  pull();
  zen.agent_makes_private(zen.comments(twin).back().id, clock.at);
  pull();
  send_all();
  int shown = 0, hidden = 0;
  for (const auto& one : fresh.conversations(id)) {
    if (one.html.find("contract has ended") != std::string::npos) ++(one.is_private ? hidden : shown);
  }
  EXPECT_EQ(shown, 0);
  EXPECT_EQ(hidden, 1);
}

// A ledger of yesterday: what it wrote to the desks since, public words among it, is its own all the same.
TEST_P(TwoDesks, WhatARestoredLedgerHasForgottenIsNotSaidAgain) {
  if (GetParam() == store::Engine::postgresql) GTEST_SKIP() << "no copy of a PostgreSQL ledger to go back to";
  opens("Yesterday.");
  settle();
  const auto copy = scratch / "copy.db";
  ledger->backup(copy);
  clock.at += 2h;
  const auto id = opens("Today.");
  settle();
  const auto twin = zen.tickets().back().id;
  zen.agent_replies(twin, zen_agent, "Please restart the tunnel.", {}, clock.at);
  fresh.agent_tags(id, "callback", clock.at);
  settle();
  const auto at_fresh = fresh.conversations(id).size();
  const auto at_zen = said_at_zendesk(twin).size();
  clock.at += 1h;
  restore(copy);
  settle();
  clock.at += 10min;
  settle();
  EXPECT_THAT(zen.tickets(), SizeIs(2)) << "no second counterpart";
  EXPECT_THAT(fresh.conversations(id), SizeIs(at_fresh));
  EXPECT_THAT(said_at_zendesk(twin), SizeIs(at_zen));
}

// A write leaves to the next read what the desk has changed; by then the desk has its old value again.
TEST_P(TwoDesks, AValueThatADeskChangedAndTookBackIsNotLeftApart) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  const auto at_zendesk = [&](const char* priority) {
    zen.agent_sets(
        twin, [&](auto& it) { it.priority = priority; }, clock.at);
  };
  const auto at_freshdesk = [&](int priority) {
    fresh.agent_changes(
        id, [&](auto& it) { it.priority = priority; }, clock.at);
  };
  at_zendesk("urgent");
  settle();
  ASSERT_EQ(fresh.ticket(id).priority, 4);
  at_freshdesk(2);
  at_zendesk("high");  // too young for the export
  clock.at += 30s;
  run_job("desk_sync");
  send_all();
  clock.at += 3min;
  at_zendesk("urgent");
  settle();
  EXPECT_EQ(zen.ticket(twin).priority, "urgent") << "its audits tell that this is the younger word";
  EXPECT_EQ(fresh.ticket(id).priority, 4);

  at_zendesk("low");
  pull();
  at_freshdesk(3);
  send_all();
  at_freshdesk(4);
  settle();
  EXPECT_EQ(zen.ticket(twin).priority, "low");
  EXPECT_EQ(fresh.ticket(id).priority, 1) << "Freshdesk tells no times of fields: the ledger's word is owed anew";
}

// Zendesk makes "big_customer" of it, or two tags where nobody sees to that.
TEST_P(TwoDesks, ATagIsSpelledAsEachDeskKeepsItAndStaysOne) {
  const auto id = opens();
  fresh.agent_tags(id, "Big Customer", clock.at);
  settle();
  const auto twin = zen.tickets().front().id;
  const auto tags_there = [&] {
    auto out = zen.ticket(twin).tags;
    std::erase_if(out, is_marker_tag);
    return out;
  };
  EXPECT_THAT(tags_there(), ElementsAre("big_customer", "vip"));
  const auto audits = zen.audits(twin).size();
  settle();
  EXPECT_THAT(fresh.ticket(id).tags, IsSupersetOf({"Big Customer", "vip"}));
  EXPECT_THAT(fresh.ticket(id).tags, Not(Contains("big_customer")));
  EXPECT_EQ(zen.audits(twin).size(), audits) << "nothing more is written";
  zen.agent_sets(
      twin, [](auto& it) { std::erase(it.tags, "big_customer"); }, clock.at);
  settle();
  EXPECT_THAT(fresh.ticket(id).tags, Not(Contains("Big Customer")));
  EXPECT_THAT(tags_there(), ElementsAre("vip"));
}

// Between the last read and a write of another field.
TEST_P(TwoDesks, ATagThatPeopleRemovedStaysRemoved) {
  const auto id = opens();
  fresh.agent_tags(id, "drop", clock.at);
  settle();
  const auto twin = zen.tickets().front().id;
  ASSERT_TRUE(zen.ticket(twin).has_tag("drop"));
  zen.agent_sets(
      twin, [](auto& it) { std::erase(it.tags, "drop"); }, clock.at);  // too young for the export
  fresh.agent_changes(
      id, [](auto& it) { it.priority = 4; }, clock.at);
  clock.at += 30s;
  run_job("desk_sync");
  send_all();
  ASSERT_EQ(zen.ticket(twin).priority, "urgent");
  settle();
  EXPECT_THAT(fresh.ticket(id).tags, ElementsAre("vip"));
  fresh.agent_tags(id, "new", clock.at);
  settle();
  EXPECT_FALSE(zen.ticket(twin).has_tag("drop"));
  EXPECT_TRUE(zen.ticket(twin).has_tag("new"));
}

TEST_P(TwoDesks, ATicketThatTakesPartNoMoreIsLeftAloneAndCatchesUpWhenItDoesAgain) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  fresh.agent_tags(id, "internal", clock.at);
  fresh.agent_replies(id, fresh_agent, "Their contract has ended.", {}, clock.at);
  fresh.agent_changes(
      id, [](auto& it) { it.priority = 4; }, clock.at);
  settle();
  EXPECT_THAT(said_at_zendesk(twin), ElementsAre("public: The tunnel flaps."));
  EXPECT_EQ(zen.ticket(twin).priority, "low");
  EXPECT_FALSE(zen.ticket(twin).has_tag("internal"));
  // The rule is about what goes there; its people are heard.
  zen.agent_replies(twin, zen_agent, "Please restart the tunnel.", {}, clock.at);
  settle();
  EXPECT_THAT(fresh.conversations(id), SizeIs(2));

  fresh.agent_changes(
      id, [](auto& it) { std::erase(it.tags, "internal"); }, clock.at);
  settle();
  EXPECT_EQ(zen.ticket(twin).priority, "urgent");
  EXPECT_THAT(said_at_zendesk(twin), ElementsAre("public: The tunnel flaps.", "public: Please restart the tunnel.",
                                                 HasSubstr("Their contract has ended.")));
}

class DropDowns : public TwoDesks {
 protected:
  DropDowns() {
    settings +=
        "[[desk_sync.zendesk.main.field]]\ndesk = \"360003\"\nledger = \"area\"\nowner = \"newest\"\n"
        "[[desk_sync.freshdesk.main.field]]\ndesk = \"cf_area\"\nledger = \"area\"\nowner = \"newest\"\n";
  }
  static std::vector<std::string> areas(const std::vector<std::string>& tags) {
    std::vector<std::string> out;
    std::ranges::copy_if(tags, std::back_inserter(out), [](const auto& tag) { return tag.starts_with("area_"); });
    return out;
  }
};

// At Zendesk each option of a drop-down is a tag of the ticket, too.
TEST_P(DropDowns, TagsOfADropDownGoByItsFieldAlone) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  const auto change = [&](const char* area, const char* tag) {
    fresh.agent_changes(
        id,
        [&](auto& it) {
          it.fields["cf_area"] = "\"" + std::string(area) + "\"";
          if (*tag != 0) it.tags.push_back(tag);
        },
        clock.at);
    settle();
  };
  change("area_network", "");
  change("area_database", "");
  fresh.agent_tags(id, "callback", clock.at);
  settle();
  EXPECT_EQ(zen.ticket(twin).field(360003), "area_database");
  EXPECT_THAT(areas(zen.ticket(twin).tags), ElementsAre("area_database"));
  EXPECT_THAT(areas(fresh.ticket(id).tags), ElementsAre("area_database"));
  // In one write.
  change("area_network", "again");
  EXPECT_EQ(zen.ticket(twin).field(360003), "area_network");
  EXPECT_TRUE(zen.ticket(twin).has_tag("again"));
  EXPECT_THAT(areas(zen.ticket(twin).tags), ElementsAre("area_network"));
  EXPECT_THAT(areas(fresh.ticket(id).tags), ElementsAre("area_network"));
}

// A tag that an option has, and that somebody typed elsewhere, chooses nothing here.
TEST_P(DropDowns, ANewTicketHasTheTagsOfItsOptionsAlone) {
  const auto id = fresh.customer_opens({.mail = "kim@acme.example",
                                        .subject = "VPN",
                                        .text = "The tunnel flaps.",
                                        .tags = {"area_database", "vip"},
                                        .fields = {{"cf_area", "\"area_network\""}},
                                        .files = {}},
                                       clock.at);
  const auto other = fresh.customer_opens({.mail = "kim@acme.example",
                                           .subject = "LAN",
                                           .text = "No link.",
                                           .tags = {"area_database"},
                                           .fields = {},
                                           .files = {}},
                                          clock.at);
  settle();
  const auto twin = [&](std::int64_t of) { return zen.ticket(std::stoll(links(fresh_system, of).back().remote_id)); };
  EXPECT_EQ(twin(id).field(360003), "area_network");
  EXPECT_TRUE(twin(id).has_tag("vip"));
  EXPECT_THAT(areas(twin(id).tags), ElementsAre("area_network"));
  EXPECT_THAT(areas(fresh.ticket(id).tags), ElementsAre("area_database", "area_network"));
  EXPECT_EQ(twin(other).field(360003), "");
  EXPECT_THAT(areas(twin(other).tags), IsEmpty());
  EXPECT_THAT(areas(fresh.ticket(other).tags), ElementsAre("area_database"));
}

fakes::ZendeskOptions with_box() {
  auto out = zen_options();
  out.fields.push_back({.id = 360004, .title = "Escalated", .type = "checkbox", .tag = "escalated"});
  return out;
}

class Boxes : public TwoDesks {
 protected:
  Boxes() : TwoDesks(fresh_options(), with_box()) {}
};

TEST_P(Boxes, TheTagOfABoxGoesByTheBoxAlone) {
  const auto id = opens();
  settle();
  const auto twin = zen.tickets().front().id;
  const auto escalated = [&] { return zen.ticket(twin).field(360004) == "true"; };
  zen.agent_sets(
      twin, [](auto& it) { it.fields[360004] = "true"; }, clock.at);
  settle();
  EXPECT_THAT(fresh.ticket(id).tags, ElementsAre("escalated", "vip"));
  fresh.agent_changes(
      id, [](auto& it) { it.tags = {"callback"}; }, clock.at);
  settle();
  EXPECT_TRUE(escalated());
  EXPECT_THAT(zen.ticket(twin).tags, IsSupersetOf({"callback", "escalated"}));
  EXPECT_FALSE(zen.ticket(twin).has_tag("vip"));
  // Typed elsewhere, it ticks nothing.
  zen.agent_sets(
      twin, [](auto& it) { it.fields[360004] = "false"; }, clock.at);
  settle();
  fresh.agent_tags(id, "escalated", clock.at);
  settle();
  EXPECT_FALSE(escalated());
  EXPECT_FALSE(zen.ticket(twin).has_tag("escalated"));
  EXPECT_TRUE(fresh.ticket(id).has_tag("escalated"));
}

INSTANTIATE_TEST_SUITE_P(, Boxes, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(, DropDowns, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(, TwoDesks, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::desk_sync
