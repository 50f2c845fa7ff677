// Messages and files on their way to the desk.
#include "tests/jobs/desk_sync/room.hpp"

namespace supportd::desk_sync {
namespace {

class DeskDelivery : public SliceTest {};

TEST_P(DeskDelivery, AMessageIsMirroredOnceMarkedAndInTheDesksZone) {
  const auto id = customer_opens();
  pull();
  say(id, "Please <b>check</b> the logs.");
  EXPECT_EQ(send_all(), 1);
  for (int i = 0; i < 3; ++i) pull();
  EXPECT_EQ(send_all(), 0);
  const auto there = fake.conversations(id);
  ASSERT_EQ(there.size(), 1u);
  EXPECT_TRUE(there[0].is_private);
  const std::string text = tickets::html_to_text(there[0].html);
  EXPECT_EQ(text.substr(0, 13), "AWS Support, ");
  EXPECT_NE(text.find(" KST, ref "), std::string::npos) << text;
  EXPECT_NE(text.find("Please <b>check</b> the logs."), std::string::npos) << text;
  EXPECT_EQ(messages(id).size(), 2u) << "the echo is no message of its own";
}

TEST_P(DeskDelivery, ALostAnswerIsLookedForAndNotSentTwice) {
  const auto id = customer_opens();
  pull();
  say(id, "only once");
  faults.next(fakes::Fault::cut_after, [](const http::Request& r) { return r.method == "POST"; });
  send_all();
  pull();
  clock.at += 10min;
  send_all();
  EXPECT_EQ(fake.conversations(id).size(), 1u);
  EXPECT_EQ(messages(id).size(), 2u);
}

TEST_P(DeskDelivery, ALostRequestIsSentAgainAfterTwoLooks) {
  const auto id = customer_opens();
  pull();
  say(id, "at last");
  faults.next(fakes::Fault::cut_before, [](const http::Request& r) { return r.method == "POST"; });
  for (int i = 0; i < 6; ++i) {
    send_all();
    clock.at += 3min;
  }
  EXPECT_EQ(fake.conversations(id).size(), 1u);
}

TEST_P(DeskDelivery, FilesWaitedForAreFetchedAndHeld) {
  const auto id = customer_opens("with a file", {{"log.txt", "bytes", "text/plain"}});
  pull();
  const auto message = messages(id).front();
  ledger->write([&](Tx& tx) { tickets::want_attachments(tx, message.id); });
  pull();
  ledger->read([&](Tx& tx) {
    const auto files = tickets::attachments_of(tx, message.id);
    ASSERT_EQ(files.size(), 1u);
    EXPECT_EQ(files[0].state, tickets::FileState::held);
    EXPECT_EQ(store::get(tx, *files[0].content), "bytes");
  });
}

TEST_P(DeskDelivery, AFileThatCameAsSomethingElseIsFetchedAgain) {
  const auto id = customer_opens("with a file", {{"log.txt", "a hundred bytes, nearly", "text/plain"}});
  pull();
  const auto message = messages(id).front();
  ledger->write([&](Tx& tx) { tickets::want_attachments(tx, message.id); });
  const auto is_download = [](const http::Request& r) { return r.url.find("attachments.") != std::string::npos; };
  faults.next(fakes::Fault::not_json, is_download);
  faults.next(fakes::Fault::half_page, is_download);
  for (int i = 0; i < 3; ++i) pull();
  ledger->read([&](Tx& tx) {
    const auto files = tickets::attachments_of(tx, message.id);
    ASSERT_EQ(files[0].state, tickets::FileState::held) << files[0].note;
    EXPECT_EQ(store::get(tx, *files[0].content), "a hundred bytes, nearly");
  });
}

TEST_P(DeskDelivery, AMessageWaitsForItsFilesAndTakesThemAlong) {
  const auto id = customer_opens();
  pull();
  say(id, "see the file", {{"att-1", "정책.json", "application/json", 3}});
  EXPECT_EQ(send_all(), 0);
  ledger->write([&](Tx& tx) {
    const auto wanted = tickets::wanted_attachments(tx, "aws:111122223333", 10);
    ASSERT_EQ(wanted.size(), 1u);
    tickets::hold_attachment(tx, wanted[0].id, "{}\n");
    outbox.wake_subject(tx, subject_of(ticket(id).id));
  });
  EXPECT_EQ(send_all(), 1);
  const auto there = fake.conversations(id);
  ASSERT_EQ(there.size(), 1u);
  ASSERT_EQ(there[0].attachments.size(), 1u);
  EXPECT_EQ(fake.attachment(there[0].attachments[0]).file.name, "정책.json");
}

TEST_P(DeskDelivery, ADeskThatRefusesToCloseKeepsTheTicketOpenVisibly) {
  const auto id = customer_opens();
  pull();
  decide(id, EventKind::tags, "aws-support-case");
  decide(id, EventKind::status, "solved");
  send_all();
  pull();
  send_all();
  EXPECT_EQ(ticket(id).status, tickets::Status::open);
  EXPECT_EQ(fake.ticket(id).status, 2);
  EXPECT_EQ(fake.ticket(id).tags, (std::vector<std::string>{"aws-support-case", "vip"}));
  const auto there = fake.conversations(id);
  ASSERT_EQ(there.size(), 1u);
  EXPECT_NE(there[0].html.find("cf_root_cause"), std::string::npos) << there[0].html;
}

INSTANTIATE_TEST_SUITE_P(, DeskDelivery, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

}  // namespace
}  // namespace supportd::desk_sync
