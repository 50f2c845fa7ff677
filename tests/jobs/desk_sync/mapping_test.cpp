#include "jobs/desk_sync/mapping.hpp"

#include <gtest/gtest.h>

#include "jobs/desk_sync/marker.hpp"

namespace supportd::desk_sync {
namespace {

using Tags = std::vector<std::string>;

Snapshot at(const std::string& status, Tags tags = {}) {
  Snapshot s;
  s.status = status;
  s.priority = "2";
  s.tags = std::move(tags);
  return s;
}

TEST(MergeTags, IsAUnionWithoutWhatEitherSideRemoved) {
  EXPECT_EQ(merge_tags({"a", "b"}, {"a", "b", "c"}, {"a", "b", "d"}), (Tags{"a", "b", "c", "d"}));
  EXPECT_EQ(merge_tags({"a", "b"}, {"a"}, {"a", "b", "d"}), (Tags{"a", "d"}));
  EXPECT_EQ(merge_tags({"a", "b"}, {"a", "b"}, {"b"}), (Tags{"b"}));
}

TEST(UpdateFor, SendsOnlyWhatTheLedgerChanged) {
  const auto update = update_for(at("2"), at("2", {"x"}), at("3", {"y"}), {});
  EXPECT_EQ(update.status, "3");
  EXPECT_EQ(update.tags, (Tags{"x", "y"}));
  EXPECT_FALSE(update.priority);
  EXPECT_TRUE(update_for(at("2"), at("2"), at("2"), {}).empty());
}

TEST(UpdateFor, LeavesWhatTheDeskChangedToTheNextPull) {
  EXPECT_TRUE(update_for(at("2"), at("6"), at("3"), {}).empty());
  Mapping ledger_owns;
  ledger_owns.status_owner = Owner::ledger;
  EXPECT_EQ(update_for(at("2"), at("6"), at("3"), ledger_owns).status, "3");
}

TEST(UpdateFor, TheLedgersOwnFieldWins) {
  Snapshot agreed = at("2"), fresh = at("2"), ledger = at("2");
  fresh.fields["cf_aws_support_case_id"] = "typed by hand";
  ledger.fields["cf_aws_support_case_id"] = "case-1";
  EXPECT_EQ(update_for(agreed, fresh, ledger, {}).fields.at("cf_aws_support_case_id"), "case-1");
}

TEST(ToDesk, KeepsTheDesksOwnWordWhileItStillMeansTheSame) {
  tickets::Ticket ticket;
  ticket.status = tickets::Status::pending;
  EXPECT_EQ(to_desk(ticket, "", {}, at("6")).status, "6");
  EXPECT_EQ(to_desk(ticket, "", {}, at("2")).status, "3");
  ticket.status = tickets::Status::hold;
  EXPECT_EQ(to_desk(ticket, "", {}, at("6")).status, "3");
}

TEST(SnapshotText, ComesBackAsItWas) {
  Snapshot s = at("2", {"a", "한국어"});
  s.fields = {{"cf_x", "1"}};
  s.subject = "\"quoted\"";
  EXPECT_EQ(decode_snapshot(encode(s)), s);
}

TEST(Marker, IsTheEndOfTheFirstLine) {
  const auto line = first_line("AWS Support", "2026-01-01 09:00:00 KST", "abcdefgh23");
  EXPECT_EQ(ref_in(line + "\nbody"), "abcdefgh23");
  EXPECT_FALSE(ref_in("body\n" + line));
  EXPECT_FALSE(ref_in("see you, ref ABCDEFGH23"));
  EXPECT_FALSE(ref_in(", ref abc"));
}

}  // namespace
}  // namespace supportd::desk_sync
