// What is in a word besides its text: links, pictures, its author, what became of it since.
#include "jobs/desk_sync/operate.hpp"
#include "tests/jobs/desk_sync/two_desks.hpp"

namespace supportd::desk_sync {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::SizeIs;

class Down final : public fakes::Vendor {
 public:
  http::Response answer(const http::Request&, Instant) override { return {503, {}, "down"}; }
  http::Response failure(int status, Instant) override { return {status, {}, ""}; }
};

class Words : public TwoDesks {
 protected:
  std::int64_t twin() { return zen.tickets().back().id; }
  std::vector<tickets::Message> messages(std::int64_t id) {
    return ledger->read([&](Tx& tx) {
      return tickets::messages_of(tx, tickets::find_link(tx, fresh_system, std::to_string(id))->ticket);
    });
  }
  tickets::Message last_word() { return messages(fresh.tickets().back().id).back(); }
  std::vector<Conflict> open_conflicts() {
    return ledger->read([](Tx& tx) { return conflicts(tx, false, 0, 100); });
  }
  std::string text(const tickets::Message& message) {
    return ledger->read([&](Tx& tx) { return tickets::text_of(tx, message); });
  }
};

TEST_P(Words, APictureInTheTextGoesAlong) {
  const auto id = opens();
  settle();
  const std::string png = "\x89PNG\r\n\x1a\n and so on";
  fresh.customer_pastes(id, "Look:", {"shot.png", png, "image/png"}, clock.at);
  settle();
  const auto comments = zen.comments(twin());
  ASSERT_THAT(comments, SizeIs(2));
  ASSERT_THAT(comments.back().attachments, SizeIs(1));
  const auto file = zen.attachment(comments.back().attachments.front()).file;
  EXPECT_EQ(file.data, png);
  EXPECT_EQ(file.name, "image-1.png");
  EXPECT_EQ(file.content_type, "image/png");
}

// Freshdesk does not tell who wrote a ticket's first words: they count as its requester's.
TEST_P(Words, AtFreshdeskTheFirstWordsAreTheRequesters) {
  const auto id = opens();
  settle();
  EXPECT_EQ(messages(id).front().author, tickets::Author::customer);
  EXPECT_EQ(messages(id).front().author_name, "김민준");
}

TEST_P(Words, WhatTurnsTheDirectionOfTextStaysBehind) {
  const auto id = opens();
  settle();
  fresh.agent_replies(id, fresh_agent, "open invoice\u202egnp.exe now", {}, clock.at);
  settle();
  EXPECT_THAT(said_at_zendesk(twin()).back(), HasSubstr("open invoicegnp.exe now"));
  EXPECT_THAT(text(messages(id).back()), HasSubstr("\u202e")) << "as it came";
  settle();
  EXPECT_THAT(said_at_zendesk(twin()), SizeIs(2));
}

TEST_P(Words, NoDirectionIsTurnedByTheFirstWordsEither) {
  const auto id = opens("open invoice\u202egnp.exe now");
  settle();
  EXPECT_THAT(said_at_zendesk(twin()), ElementsAre("public: open invoicegnp.exe now"));
  EXPECT_EQ(text(messages(id).front()), "open invoice\u202egnp.exe now") << "as it came";
}

// A merge of something else: only Zendesk's own notes on merges stay where they are.
TEST_P(Words, AWordAboutAMergeOfOtherThingsIsCarried) {
  const auto id = opens();
  settle();
  zen.agent_replies(twin(), zen_agent, "Good news: the fix was merged into main as PR #3, please test.", {}, clock.at);
  settle();
  const auto said = fresh.conversations(id);
  ASSERT_THAT(said, SizeIs(1));
  EXPECT_THAT(said.front().html, HasSubstr("merged into main as PR #3"));
}

// An automatic answer is no agent's first reply.
TEST_P(Words, WhatARuleOfZendesksSaysIsNoAgentsAndIsCarriedAllTheSame) {
  const auto id = opens();
  settle();
  zen.machine_says(twin(), "rule", zen_agent, "We have got your request.", true, clock.at);
  settle();
  zen.machine_says(twin(), "system", -1, "The conversation has ended.", true, clock.at);
  settle();
  zen.agent_replies(twin(), zen_agent, "Please restart the tunnel.", {}, clock.at);
  settle();
  const auto said = messages(id);
  ASSERT_THAT(said, SizeIs(4));
  EXPECT_EQ(said[1].author, tickets::Author::system);
  EXPECT_EQ(said[1].visibility, tickets::Visibility::public_reply);
  EXPECT_EQ(said[2].author, tickets::Author::system);
  EXPECT_EQ(said[3].author, tickets::Author::agent);
  const auto there = fresh.conversations(id);
  ASSERT_THAT(there, SizeIs(3));
  EXPECT_THAT(there[0].html, HasSubstr("Grace Moore:<br>We have got your request."));
  EXPECT_THAT(there[1].html, HasSubstr("Zendesk:<br>The conversation has ended."));
}

// "Invoice gpj.exe" to who reads it, an image by its looks.
TEST_P(Words, SubjectsAndNamesOfFilesTurnNoDirectionEither) {
  const std::string turned = "Invoice \u202egpj.exe", straight = "Invoice gpj.exe";
  const auto id = fresh.customer_opens({.mail = "kim@acme.example",
                                        .subject = turned,
                                        .text = "See the file.",
                                        .tags = {},
                                        .fields = {},
                                        .files = {{turned, "MZ", "image/jpeg"}}},
                                       clock.at);
  settle();
  EXPECT_EQ(zen.ticket(twin()).subject, straight);
  ASSERT_THAT(zen.comments(twin()).front().attachments, SizeIs(1));
  EXPECT_EQ(zen.attachment(zen.comments(twin()).front().attachments.front()).file.name, straight);
  EXPECT_EQ(fresh.ticket(id).subject, turned) << "as it came";

  // Neither spelling is news to the other desk.
  const auto audits = zen.audits(twin()).size();
  settle();
  EXPECT_EQ(zen.audits(twin()).size(), audits);
  fresh.agent_changes(
      id, [](fakes::FreshdeskTicket& it) { it.priority = 4; }, clock.at);
  settle();
  EXPECT_EQ(zen.ticket(twin()).subject, straight);
  EXPECT_EQ(fresh.ticket(id).subject, turned);
  zen.agent_sets(
      twin(), [](fakes::ZendeskTicket& it) { it.subject = "An invoice"; }, clock.at);
  settle();
  EXPECT_EQ(fresh.ticket(id).subject, "An invoice");

  const std::string large(21 * 1024 * 1024, 'x');
  fresh.customer_replies(id, "And this.", {{turned, large, "image/jpeg"}}, clock.at);
  settle();
  EXPECT_THAT(said_at_zendesk(twin()).back(), HasSubstr("[attachment not copied: " + straight + ", "));
}

TEST_P(Words, FilesThatAMessageHasNoRoomForAreNamedInIt) {
  const auto id = opens();
  settle();
  const std::string bytes(14 * 1024 * 1024, 'x');
  zen.agent_replies(twin(), zen_agent, "Two logs.", {{"a.log", bytes, "text/plain"}, {"b.log", bytes, "text/plain"}},
                    clock.at);
  settle();
  const auto last = fresh.conversations(id).back();
  EXPECT_THAT(last.html, HasSubstr("[attachment not copied: b.log, 14680064 bytes, the message is full]"));
  EXPECT_THAT(last.attachments, SizeIs(1));
}

TEST_P(Words, WhatWasErasedStaysErasedThoughItsOriginShowsItAgain) {
  const auto id = opens();
  const auto note = fresh.agent_notes(id, fresh_agent, "the password is 12345", {}, clock.at);
  settle();
  fresh.agent_edits_note(note, "the password is 123456", clock.at);
  settle();
  const auto message = messages(id).back();
  ASSERT_THAT(text(message), HasSubstr("123456"));
  ledger->write([&](Tx& tx) { tickets::redact_message(tx, kernel, message.id, "kim", clock.at); });
  fresh.agent_edits_note(note, "the password is 1234567", clock.at);
  fresh.agent_tags(id, "callback", clock.at);
  settle();
  EXPECT_EQ(text(messages(id).back()), "");
}

// The store of files is another host than the API.
TEST_P(Words, AnOutageOfTheFilesHostLosesNoFile) {
  const auto id = opens();
  settle();
  fresh.customer_replies(id, "the log", {{"vpn.log", "flap", "text/plain"}}, clock.at);
  Down down;
  net.route("attachments.freshdesk.example", down);
  for (int minute = 0; minute < 20; ++minute) {
    pull();
    send_all();
  }
  net.route("attachments.freshdesk.example", fresh);
  clock.at += 1h;
  settle();
  ASSERT_THAT(zen.comments(twin()), SizeIs(2));
  EXPECT_THAT(zen.comments(twin()).back().attachments, SizeIs(1));
}

// Freshdesk can hide no reply: its people must hear of it.
TEST_P(Words, AWordThatWasMadePrivateAfterItWentAsAPublicOneIsAConflict) {
  const auto id = opens();
  settle();
  zen.agent_replies(twin(), zen_agent, "Their contract has ended.", {}, clock.at);
  settle();
  EXPECT_THAT(open_conflicts(), IsEmpty());
  zen.agent_makes_private(zen.comments(twin()).back().id, clock.at);
  settle();
  settle();
  ASSERT_THAT(open_conflicts(), SizeIs(1)) << "once";
  const Conflict listed = open_conflicts().front();
  EXPECT_EQ(listed.system, fresh_system);
  EXPECT_EQ(listed.field, "comment " + std::to_string(fresh.conversations(id).front().id));
  EXPECT_EQ(listed.desk, "public");
  EXPECT_EQ(listed.ledger, "private");
  EXPECT_EQ(listed.winner, "refused");
}

TEST_P(Words, WhoHasSeenToAWordThatWasMadePrivateSaysSo) {
  opens();
  settle();
  for (const bool desk_wins : {true, false}) {
    zen.agent_replies(twin(), zen_agent, "Their contract has ended.", {}, clock.at);
    settle();
    zen.agent_makes_private(zen.comments(twin()).back().id, clock.at);
    settle();
    ASSERT_THAT(open_conflicts(), SizeIs(1));
    const Conflict listed = open_conflicts().front();
    Operating(*registry, kernel, desks).resolve(listed.id, desk_wins, "kim", "deleted it there");
    EXPECT_THAT(open_conflicts(), IsEmpty());
    EXPECT_THAT(ledger->read([&](Tx& tx) { return tickets::load(tx, listed.ticket).fields; }),
                Not(Contains(Key(listed.field))));
  }
}

class WordsAsNotes : public Words {
 protected:
  WordsAsNotes() { settings += "[desk_sync.freshdesk.main]\npublic_comments = false\n"; }
};

TEST_P(WordsAsNotes, AWordThatWentAsANoteIsNoConflictWhenItIsMadePrivate) {
  opens();
  settle();
  zen.agent_replies(twin(), zen_agent, "Their contract has ended.", {}, clock.at);
  settle();
  zen.agent_makes_private(zen.comments(twin()).back().id, clock.at);
  settle();
  EXPECT_EQ(text(last_word()), "Their contract has ended.");
  EXPECT_EQ(last_word().visibility, tickets::Visibility::private_note);
  EXPECT_THAT(open_conflicts(), IsEmpty());
}

class WordsBothWays : public Words {
 protected:
  WordsBothWays() { settings += "[desk_sync.freshdesk.main]\ncounterpart = \"all\"\n"; }
  void customer_opens() {
    zen.customer_opens({.mail = "kim@acme.example",
                        .subject = "VPN",
                        .text = "The tunnel flaps.",
                        .tags = {},
                        .fields = {},
                        .priority = "",
                        .files = {}},
                       clock.at);
  }
  // At Zendesk, for the customer.
  void agent_opens(const std::string& html) {
    connectors::zendesk::Client grace(net, clock,
                                      {.base_url = "https://acme.zendesk.com", .email = "grace@desk.example"},
                                      [](const std::string&) { return "token"; });
    connectors::NewTicket ticket;
    ticket.subject = "VPN";
    ticket.html = html;
    ticket.status = "open";
    ticket.priority = "normal";
    ticket.requester_mail = "kim@acme.example";
    ticket.requester_name = "김민준";
    ticket.key = "grace";
    grace.create(ticket, {});
  }
};

// A description looks like its requester's own words.
TEST_P(WordsBothWays, FirstWordsOfAnotherThanTheRequesterSayWhoseTheyAre) {
  agent_opens("I have called the customer.");
  settle();
  ASSERT_THAT(fresh.tickets(), SizeIs(1));
  EXPECT_THAT(fresh.tickets().front().html, HasSubstr("Grace Moore:<br>I have called the customer."));
}

TEST_P(WordsBothWays, FirstWordsOfTheRequesterStandAlone) {
  customer_opens();
  settle();
  ASSERT_THAT(fresh.tickets(), SizeIs(1));
  EXPECT_THAT(fresh.tickets().front().html, Not(HasSubstr("김민준")));
  EXPECT_THAT(fresh.tickets().front().html, HasSubstr("The tunnel flaps."));
}

TEST_P(WordsBothWays, FirstWordsThatWereMadePrivateAreADescriptionElsewhere) {
  customer_opens();
  settle();
  ASSERT_THAT(fresh.tickets(), SizeIs(1));
  zen.agent_makes_private(zen.comments(twin()).front().id, clock.at);
  settle();
  ASSERT_THAT(open_conflicts(), SizeIs(1));
  EXPECT_EQ(open_conflicts().front().system, fresh_system);
  EXPECT_EQ(open_conflicts().front().desk, "public, as the description");
}

INSTANTIATE_TEST_SUITE_P(, WordsAsNotes, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(, WordsBothWays, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(, Words, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::desk_sync
