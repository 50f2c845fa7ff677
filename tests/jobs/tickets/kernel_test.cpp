#include "jobs/tickets/kernel.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/metrics.hpp"
#include "jobs/tickets/people.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::tickets {
namespace {

using namespace std::chrono_literals;
using store::Tx;

constexpr Instant start = Instant{1'800'000'000'000ms};

class KernelTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    open(clock);
  }
  void open(time::Clock& on) {
    auto steps = store::records_schema();
    for (const auto& step : schema()) steps.push_back(step);
    ledger.reset();
    ledger = std::make_unique<store::Ledger>(scratch.ledger(GetParam()), on, steps);
  }

  TicketId create(const std::string& identity = "t1") {
    NewEvent event;
    event.change.kind = EventKind::created;
    event.change.value = "VPC 연결 불가";
    event.effective = clock.at;
    event.origin = "desk";
    event.identity = identity;
    return *ledger->write([&](Tx& tx) { return kernel.create(tx, event, clock.at); });
  }
  NewEvent change(TicketId id, EventKind kind, const std::string& value, const std::string& identity) {
    NewEvent event;
    event.ticket = id;
    event.change.kind = kind;
    event.change.value = value;
    event.effective = clock.at;
    event.origin = "desk";
    event.identity = identity;
    return event;
  }
  bool append(const NewEvent& event) {
    return ledger->write([&](Tx& tx) { return kernel.append(tx, event, clock.at).has_value(); });
  }
  Ticket ticket(TicketId id) {
    return ledger->read([&](Tx& tx) { return load(tx, id); });
  }
  NewMessage message(TicketId id, const std::string& identity) {
    NewMessage out;
    out.ticket = id;
    out.identity = identity;
    out.origin = "desk";
    out.author = Author::customer;
    out.author_name = "김민수";
    out.created = clock.at;
    out.text = "Hello";
    out.attachments = {{"f1", "log.txt", "text/plain", 5}};
    return out;
  }

  fakes::Scratch scratch;
  fakes::SetClock clock{start};
  std::unique_ptr<store::Ledger> ledger;
  Kernel kernel;
};

TEST_P(KernelTest, TheSameHappeningIsRecordedOnce) {
  const TicketId id = create();
  EXPECT_TRUE(append(change(id, EventKind::status, "open", "e1")));
  EXPECT_FALSE(append(change(id, EventKind::status, "pending", "e1")));
  EXPECT_EQ(ticket(id).status, Status::open);
  EXPECT_EQ(ticket(id).seq, 2);
  NewEvent again = change({}, EventKind::created, "x", "t1");
  EXPECT_FALSE(ledger->write([&](Tx& tx) { return kernel.create(tx, again, clock.at); }));
}

TEST_P(KernelTest, AnUndoneChangeIsForgottenInItsTransactionToo) {
  const TicketId id = create();
  ledger->write([&](Tx& tx) {
    kernel.append(tx, change(id, EventKind::priority, "high", "e1"), clock.at);
    EXPECT_THROW(tx.attempt([&] {
      kernel.append(tx, change(id, EventKind::status, "solved", "e2"), clock.at);
      EXPECT_EQ(load(tx, id).status, Status::solved);
      throw Error(ErrorKind::refused, "undone");
    }),
                 Error);
    EXPECT_EQ(load(tx, id).status, Status::fresh);
    EXPECT_EQ(load(tx, id).priority, Priority::high);
    EXPECT_TRUE(kernel.append(tx, change(id, EventKind::status, "open", "e3"), clock.at));
  });
  EXPECT_EQ(ticket(id).status, Status::open);
  EXPECT_EQ(ticket(id).seq, 3);
  EXPECT_TRUE(rebuild(*ledger, false).empty());
}

TEST_P(KernelTest, ATransactionWorksOnOneTicketAfterAnother) {
  const TicketId other = create("other");
  std::vector<std::int64_t> seqs;
  kernel.react("probe", [&](Tx& tx, const Happening& h, Instant now) {
    EXPECT_EQ(h.after.seq, h.before.seq + 1);
    EXPECT_EQ(load(tx, h.after.id), h.after);
    seqs.push_back(h.event.seq);
    // A reaction may add to its own ticket and to another one.
    if (h.event.change.kind != EventKind::priority) return;
    kernel.append(tx, change(h.after.id, EventKind::type, "Incident", h.event.identity + "+type"), now);
    kernel.append(tx, change(other, EventKind::subject, "seen", h.event.identity + "+other"), now);
    EXPECT_EQ(h.after.type, "") << "what a reaction looks at stays";
  });
  const TicketId id = ledger->write([&](Tx& tx) {
    seqs.clear();
    const TicketId made = *kernel.create(tx, change({}, EventKind::created, "both", "t1"), clock.at);
    EXPECT_TRUE(kernel.append(tx, change(made, EventKind::priority, "high", "e1"), clock.at));
    EXPECT_TRUE(kernel.append(tx, change(made, EventKind::status, "open", "e2"), clock.at));
    EXPECT_FALSE(kernel.append(tx, change(made, EventKind::status, "pending", "e2"), clock.at)) << "known";
    TicketFilter open;
    open.status = Status::open;
    EXPECT_EQ(list(tx, open).size(), 1u);
    return made;
  });
  EXPECT_EQ(seqs, (std::vector<std::int64_t>{1, 2, 3, 2, 4}));
  EXPECT_EQ(ticket(id).seq, 4);
  EXPECT_EQ(ticket(id).type, "Incident");
  EXPECT_EQ(ticket(id).status, Status::open);
  EXPECT_EQ(ticket(other).subject, "seen");
  EXPECT_TRUE(rebuild(*ledger, false).empty());
}

TEST_P(KernelTest, ASettlerSeesATicketOnceATransactionHasNoMoreToSayOfIt) {
  const TicketId other = create("other");
  std::vector<std::string> seen;
  kernel.when_settled("probe", [&](Tx& tx, const Ticket& ticket, const std::vector<Event>& events, Instant now) {
    seen.push_back(std::to_string(ticket.id.value) + ": " + std::to_string(events.size()) + " " + ticket.subject);
    EXPECT_EQ(load(tx, ticket.id), ticket);
    // What it adds itself is shown to it as well.
    if (ticket.subject == "seen") return;
    kernel.append(tx, change(ticket.id, EventKind::subject, "seen", events.back().identity + "+"), now);
  });
  const TicketId id = ledger->write([&](Tx& tx) {
    seen.clear();
    const TicketId made = *kernel.create(tx, change({}, EventKind::created, "new", "t1"), clock.at);
    kernel.append(tx, change(made, EventKind::status, "open", "e1"), clock.at);
    EXPECT_TRUE(seen.empty()) << "more may come";
    EXPECT_THROW(tx.attempt([&] {
      kernel.append(tx, change(made, EventKind::status, "solved", "e2"), clock.at);
      throw Error(ErrorKind::refused, "undone");
    }),
                 Error);
    kernel.append(tx, change(other, EventKind::status, "open", "e3"), clock.at);
    return made;
  });
  const std::string own = std::to_string(id.value), others = std::to_string(other.value);
  EXPECT_EQ(seen, (std::vector<std::string>{own + ": 2 new", own + ": 1 seen", others + ": 1 VPC 연결 불가",
                                            others + ": 1 seen"}));
  EXPECT_EQ(ticket(id).subject, "seen");
  EXPECT_EQ(ticket(id).status, Status::open);
  EXPECT_TRUE(rebuild(*ledger, false).empty());
}

TEST_P(KernelTest, ARepairLosesNoEventThatComesMeanwhile) {
  time::MachineClock machine;  // two write at once, and so may wait
  open(machine);
  std::vector<TicketId> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(create("t" + std::to_string(i)));
  ledger->write([](Tx& tx) { tx.exec("UPDATE ticket SET subject = 'spoiled'"); });
  {
    const std::jthread desk([&] {
      for (const TicketId id : ids) append(change(id, EventKind::priority, "high", "e" + std::to_string(id.value)));
    });
    rebuild(*ledger, true);
  }
  EXPECT_TRUE(rebuild(*ledger, false).empty());
  ledger.reset();
}

TEST_P(KernelTest, AThrowingReactionUndoesItsTicketAlone) {
  kernel.react("probe", [&](Tx&, const Happening& h, Instant) {
    if (h.after.status == Status::cancelled) throw Error(ErrorKind::corrupt, "a throwing reaction");
  });
  const TicketId good = create("good"), bad = create("bad");
  ledger->write([&](Tx& tx) {
    kernel.append(tx, change(good, EventKind::priority, "high", "g1"), clock.at);
    EXPECT_THROW(tx.attempt([&] {
      kernel.append(tx, change(bad, EventKind::priority, "high", "b1"), clock.at);
      kernel.append(tx, change(bad, EventKind::status, "cancelled", "b2"), clock.at);
    }),
                 Error);
    kernel.append(tx, change(good, EventKind::type, "Incident", "g2"), clock.at);
  });
  EXPECT_EQ(ticket(good).seq, 3);
  EXPECT_EQ(ticket(bad).seq, 1);
  EXPECT_FALSE(ticket(bad).priority);
  EXPECT_EQ(ledger->read([&](Tx& tx) { return events_of(tx, bad).size(); }), 1u);
  EXPECT_TRUE(rebuild(*ledger, false).empty());
}

TEST_P(KernelTest, AChangeThatChangesNothingIsNoEvent) {
  const TicketId id = create();
  EXPECT_TRUE(append(change(id, EventKind::priority, "high", "e1")));
  EXPECT_FALSE(append(change(id, EventKind::priority, "high", "e2")));
  EXPECT_EQ(ledger->read([&](Tx& tx) { return events_of(tx, id).size(); }), 2u);
}

TEST_P(KernelTest, AnEventFromTheFutureIsClampedAndFlagged) {
  const TicketId id = create();
  NewEvent event = change(id, EventKind::status, "solved", "e1");
  event.effective = clock.at + 1h;
  append(event);
  const auto recorded = ledger->read([&](Tx& tx) { return events_of(tx, id).back(); });
  EXPECT_TRUE(recorded.clamped);
  EXPECT_EQ(recorded.effective, clock.at);
  EXPECT_EQ(ticket(id).solved, clock.at);
}

TEST_P(KernelTest, TagsAreASetAndFieldsCanBeUnset) {
  const TicketId id = create();
  NewEvent tags = change(id, EventKind::tags, "", "e1");
  tags.change.added = {"b", "a", "b"};
  append(tags);
  EXPECT_EQ(ticket(id).tags, (std::vector<std::string>{"a", "b"}));
  NewEvent field = change(id, EventKind::field, "case-1", "e2");
  field.change.name = "cf_case";
  append(field);
  EXPECT_EQ(ticket(id).field("cf_case"), "case-1");
  field.change.value = "";
  field.identity = "e3";
  append(field);
  EXPECT_TRUE(ticket(id).fields.empty());
}

TEST_P(KernelTest, CommandsObeyTheLifecycleAndFactsDoNot) {
  const TicketId id = create();
  append(change(id, EventKind::status, "solved", "e1"));
  append(change(id, EventKind::status, "closed", "e2"));
  EXPECT_THROW(
      ledger->write([&](Tx& tx) { return kernel.command(tx, change(id, EventKind::status, "open", "e3"), clock.at); }),
      Error);
  EXPECT_TRUE(append(change(id, EventKind::status, "open", "e4"))) << "what a vendor did is a fact";
  EXPECT_FALSE(ticket(id).solved);
}

TEST_P(KernelTest, AReactionWritesInTheSameTransaction) {
  std::vector<std::string> seen;
  kernel.react("probe", [&](Tx&, const Happening& h, Instant) {
    seen.push_back(std::string(to_text(h.before.status)) + ">" + std::string(to_text(h.after.status)));
    if (h.after.status == Status::cancelled) throw Error(ErrorKind::corrupt, "a throwing reaction");
  });
  const TicketId id = create();
  append(change(id, EventKind::status, "open", "e1"));
  EXPECT_THROW(append(change(id, EventKind::status, "cancelled", "e2")), Error);
  EXPECT_EQ(ticket(id).status, Status::open);
  EXPECT_EQ(seen, (std::vector<std::string>{"new>new", "new>open", "open>cancelled"}));
}

TEST_P(KernelTest, MessagesAreKeptOnceWithTheirFiles) {
  const TicketId id = create();
  const auto first = ledger->write([&](Tx& tx) { return add_message(tx, kernel, message(id, "m1"), clock.at); });
  EXPECT_FALSE(ledger->write([&](Tx& tx) { return add_message(tx, kernel, message(id, "m1"), clock.at); }));
  ledger->write([&](Tx& tx) {
    want_attachments(tx, *first);
    const auto wanted = wanted_attachments(tx, "desk", 10);
    ASSERT_EQ(wanted.size(), 1u);
    hold_attachment(tx, wanted[0].id, std::string("a\0b", 3));
  });
  ledger->write([&](Tx& tx) {
    const auto files = attachments_of(tx, *first);
    EXPECT_EQ(files[0].state, FileState::held);
    EXPECT_EQ(store::get(tx, *files[0].content), std::string("a\0b", 3));
    release_attachments(tx, *first);
    EXPECT_EQ(attachments_of(tx, *first)[0].state, FileState::released);
  });
}

TEST_P(KernelTest, AnEditKeepsTheFirstHashAndARedactionErases) {
  const TicketId id = create();
  const auto m = *ledger->write([&](Tx& tx) { return add_message(tx, kernel, message(id, "m1"), clock.at); });
  ledger->write([&](Tx& tx) {
    edit_message(tx, kernel, m, "Hello, edited", "", clock.at, clock.at);
    edit_message(tx, kernel, m, "Hello, edited", "", clock.at, clock.at);
    const auto now = *find_message(tx, m);
    EXPECT_EQ(now.edits, 1);
    EXPECT_EQ(now.hash, message_hash("Hello"));
    EXPECT_EQ(text_of(tx, now), "Hello, edited");
    redact_message(tx, kernel, m, "alice", clock.at);
    EXPECT_EQ(text_of(tx, *find_message(tx, m)), "");
    EXPECT_EQ(find_message(tx, m)->hash, "");
    EXPECT_EQ(tx.one<std::int64_t>("SELECT count(*) FROM content"), 0) << "nor what it said before the edit";
  });
}

TEST_P(KernelTest, RebuildFindsAndMendsAProjectionThatIsOff) {
  const TicketId id = create();
  append(change(id, EventKind::status, "open", "e1"));
  EXPECT_TRUE(rebuild(*ledger, false).empty());
  ledger->write([&](Tx& tx) { tx.exec("UPDATE ticket SET status = 'pending' WHERE id = :id", id); });
  EXPECT_EQ(rebuild(*ledger, false), std::vector<TicketId>{id});
  rebuild(*ledger, true);
  EXPECT_EQ(ticket(id).status, Status::open);
}

TEST_P(KernelTest, ANewSliceIsShownWhatCameBeforeItOnce) {
  kernel.begin(*ledger);
  const TicketId first = create("t1"), second = create("t2");
  append(change(first, EventKind::status, "open", "e1"));
  append(change(second, EventKind::status, "open", "e2"));
  Kernel newer;
  std::vector<std::string> seen;
  newer.react("old", [&](Tx&, const Happening&, Instant) { seen.push_back("old"); });
  newer.react("sla", [&](Tx&, const Happening& h, Instant) {
    if (h.after.id == second && seen.size() > 2) throw Error(ErrorKind::corrupt, "not this one");
    seen.push_back(std::to_string(h.event.seq) + std::string(to_text(h.before.status)) + ">" +
                   std::string(to_text(h.after.status)));
  });
  ledger->write([&](Tx& tx) { tx.exec("INSERT INTO reaction (slice, missed, replayed) VALUES ('old', 0, 0)"); });
  newer.begin(*ledger);
  ledger->write([&](Tx& tx) { newer.append(tx, change(first, EventKind::status, "solved", "e3"), clock.at); });
  seen.clear();
  const auto replayed = newer.replay(*ledger, "sla", clock.at);
  EXPECT_EQ(seen, (std::vector<std::string>{"1new>new", "2new>open", "1new>new"})) << "e3 it saw itself";
  EXPECT_EQ(replayed.events, 2);
  EXPECT_EQ(replayed.failed, (std::map<TicketId, std::string>{{second, "not this one"}}));
  EXPECT_EQ(newer.replay(*ledger, "sla", clock.at).events, 0);
  EXPECT_EQ(newer.replay(*ledger, "old", clock.at).events, 0);
  EXPECT_THROW(newer.replay(*ledger, "slo", clock.at), Error);
}

TEST_P(KernelTest, PeopleAreKnownByMailOrIdNeverByName) {
  ledger->write([&](Tx& tx) {
    const auto see = [&](const char* system, const char* id, const char* name, const char* mail) {
      return meet(tx, {system, id, PersonKind::customer, name, mail, {}}, clock.at);
    };
    const auto first = see("desk", "1", "Kim", "Kim@Example.com");
    EXPECT_EQ(see("other", "9", "K. Kim", "kim@example.com"), first);
    EXPECT_NE(see("desk", "2", "Kim", ""), first);
    EXPECT_EQ(see("desk", "1", "Kim Minsu", "new@example.com"), first);
    EXPECT_EQ(find_person(tx, first)->mail, "new@example.com");
    // One whom the desk has no more is who they were.
    clock.at += 1h;
    EXPECT_EQ(see("desk", "1", "", ""), first);
    EXPECT_EQ(find_person(tx, first)->name, "Kim Minsu");
    EXPECT_EQ(find_alias(tx, "desk", "1")->met, clock.at);
  });
}

TEST_P(KernelTest, OrganisationsAreDeclaredAndMet) {
  ledger->write([&](Tx& tx) {
    const auto id = declare(tx, {{}, "ABC", "enterprise", "Asia/Seoul", "kr", {}});
    own_accounts(tx, {{"111122223333", "ABC"}});
    EXPECT_EQ(meet_organisation(tx, "desk", "55", "ABC", clock.at).id, id);
    EXPECT_EQ(organisation_of_account(tx, "111122223333"), id);
    declare(tx, {{}, "ABC", "professional", "Asia/Seoul", "kr", {}});
    EXPECT_EQ(organisation_of_account(tx, "111122223333"), id);
    own_accounts(tx, {});
    EXPECT_FALSE(organisation_of_account(tx, "111122223333"));
    EXPECT_EQ(find_organisation(tx, id)->tier, "professional");
  });
}

TEST_P(KernelTest, AnOrganisationGoesByItsNewName) {
  ledger->write([&](Tx& tx) {
    const auto name = [&](OrganisationId id) { return find_organisation(tx, id)->name; };
    const auto id = meet_organisation(tx, "desk", "55", "Hanbit", clock.at).id;
    clock.at += 1h;
    EXPECT_EQ(meet_organisation(tx, "desk", "55", "Hanbit Soft", clock.at).id, id);
    EXPECT_EQ(name(id), "Hanbit Soft");
    EXPECT_EQ(find_organisation_alias(tx, "desk", "55")->met, clock.at);
    const auto names = names_of(tx, id);
    ASSERT_EQ(names.size(), 2U);
    EXPECT_EQ(names[0].name, "Hanbit");
    EXPECT_EQ(names[0].until, clock.at);
    EXPECT_EQ(names[1].name, "Hanbit Soft");
    EXPECT_EQ(names[1].until, time::never);
    // Another desk that calls it as before is not contradicted.
    EXPECT_EQ(meet_organisation(tx, "other", "7", "Hanbit Soft", clock.at).id, id);
    const auto split = meet_organisation(tx, "desk", "55", "Hanbit Cloud", clock.at).id;
    EXPECT_NE(split, id);
    EXPECT_EQ(name(id), "Hanbit Soft");
    EXPECT_EQ(meet_organisation(tx, "other", "7", "Hanbit Cloud", clock.at).id, split) << "until it has heard of it";
    // A declared one is called as the configuration says.
    const auto declared = declare(tx, {{}, "ABC", "enterprise", "", "", {}});
    EXPECT_EQ(meet_organisation(tx, "desk", "56", "ABC", clock.at).id, declared);
    EXPECT_EQ(meet_organisation(tx, "desk", "56", "ABC Group", clock.at).id, declared);
    EXPECT_EQ(name(declared), "ABC");
    const auto renamed = declare(tx, {{}, "ABC Group", "enterprise", "", "", {}});
    EXPECT_EQ(meet_organisation(tx, "desk", "56", "ABC Group", clock.at).id, renamed);
  });
}

TEST_P(KernelTest, WhatIsSetAsideComesBackWithGrowingPauses) {
  ledger->write([&](Tx& tx) {
    set_aside(tx, "desk/ticket", "7", "{raw}", "bad", clock.at);
    EXPECT_TRUE(due_aside(tx, "desk/ticket", clock.at, 10).empty());
    EXPECT_EQ(due_aside(tx, "desk/ticket", clock.at + 1min, 10).size(), 1u);
    set_aside(tx, "desk/ticket", "7", "{raw}", "worse", clock.at + 1min);
    EXPECT_TRUE(due_aside(tx, "desk/ticket", clock.at + 2min, 10).empty());
    EXPECT_EQ(list_aside(tx, 10).size(), 1u);
    EXPECT_TRUE(take_back(tx, "desk/ticket", "7"));
    EXPECT_FALSE(take_back(tx, "desk/ticket", "7"));
  });
}

TEST_P(KernelTest, WhatIsNoLongerAsideIsCountedAsNone) {
  observe::Metrics metrics;
  add_metrics(metrics, *ledger);
  ledger->write([&](Tx& tx) { set_aside(tx, "desk/ticket", "7", "{raw}", "bad", clock.at); });
  EXPECT_NE(metrics.text().find("supportd_aside_rows{source=\"desk/ticket\"} 1"), std::string::npos);
  ledger->write([&](Tx& tx) { take_back(tx, "desk/ticket", "7"); });
  EXPECT_NE(metrics.text().find("supportd_aside_rows{source=\"desk/ticket\"} 0"), std::string::npos);
}

TEST_P(KernelTest, WhatCameWithoutAnIdGoesAWeekAfterItWasMetLast) {
  ledger->write([&](Tx& tx) {
    set_aside(tx, "desk/ticket", "", "null", "no ticket", clock.at);
    set_aside(tx, "desk/ticket", "8", "{}", "bad", clock.at);
    set_aside(tx, "desk/ticket", "", "[]", "no ticket", clock.at);
    set_aside(tx, "desk/ticket", "", "[]", "no ticket", clock.at + 1h);
    const auto rows = list_aside(tx, 10);
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_THROW(retry_aside(tx, rows[0].id, clock.at), Error) << "nobody could be asked for it";
    EXPECT_TRUE(retry_aside(tx, rows[1].id, clock.at));
    EXPECT_EQ(drop_unnamed_aside(tx, clock.at + std::chrono::days{7} - 1ms), 0);
    EXPECT_EQ(drop_unnamed_aside(tx, clock.at + std::chrono::days{7}), 1);
    EXPECT_TRUE(drop_aside(tx, rows[2].id));
    EXPECT_FALSE(drop_aside(tx, rows[2].id));
    EXPECT_EQ(list_aside(tx, 10).size(), 1u);
  });
}

INSTANTIATE_TEST_SUITE_P(, KernelTest, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

TEST(Lifecycle, IsThatOfTheDesk) {
  EXPECT_TRUE(may_become(Status::fresh, Status::open));
  EXPECT_TRUE(may_become(Status::hold, Status::solved));
  EXPECT_TRUE(may_become(Status::solved, Status::open));
  EXPECT_TRUE(may_become(Status::solved, Status::closed));
  EXPECT_FALSE(may_become(Status::open, Status::closed));
  EXPECT_FALSE(may_become(Status::closed, Status::open));
  EXPECT_FALSE(may_become(Status::hold, Status::cancelled));
  EXPECT_TRUE(may_become(Status::pending, Status::cancelled));
}

}  // namespace
}  // namespace supportd::tickets
