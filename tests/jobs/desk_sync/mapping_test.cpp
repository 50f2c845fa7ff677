#include "jobs/desk_sync/mapping.hpp"

#include <gtest/gtest.h>

#include "daemon/config/schema.hpp"
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
  const auto update = update_for(at("2"), at("2", {"x"}), at("3", {"y"}), freshdesk_mapping());
  EXPECT_EQ(update.status, "3");
  EXPECT_EQ(update.tags, (Tags{"x", "y"}));
  EXPECT_FALSE(update.priority);
  EXPECT_TRUE(update_for(at("2"), at("2"), at("2"), freshdesk_mapping()).empty());
}

TEST(UpdateFor, LeavesWhatTheDeskChangedToTheNextPull) {
  EXPECT_TRUE(update_for(at("2"), at("6"), at("3"), freshdesk_mapping()).empty());
  Mapping ledger_owns = freshdesk_mapping();
  ledger_owns.owner["status"] = Owner::ledger;
  EXPECT_EQ(update_for(at("2"), at("6"), at("3"), ledger_owns).status, "3");
}

TEST(UpdateFor, TheLedgersOwnFieldWins) {
  Snapshot agreed = at("2"), fresh = at("2"), ledger = at("2");
  fresh.fields["cf_aws_support_case_id"] = "typed by hand";
  ledger.fields["cf_aws_support_case_id"] = "case-1";
  EXPECT_EQ(update_for(agreed, fresh, ledger, freshdesk_mapping()).fields.at("cf_aws_support_case_id"), "case-1");
}

TEST(ToDesk, KeepsTheDesksOwnWordWhileItStillMeansTheSame) {
  tickets::Ticket ticket;
  ticket.status = tickets::Status::pending;
  EXPECT_EQ(to_desk(ticket, "", freshdesk_mapping(), at("6")).status, "6");
  EXPECT_EQ(to_desk(ticket, "", freshdesk_mapping(), at("2")).status, "3");
  ticket.status = tickets::Status::hold;
  EXPECT_EQ(to_desk(ticket, "", freshdesk_mapping(), at("6")).status, "3");
}

TEST(ToDesk, AStatusIsLookedUpByItselfThenByItsCategory) {
  Mapping m = zendesk_mapping();
  m.status_in["pending:1900006"] = tickets::Status::hold;
  EXPECT_EQ(status_of(m, "pending:1900006"), tickets::Status::hold);
  EXPECT_EQ(status_of(m, "pending:1900007"), tickets::Status::pending);
  EXPECT_EQ(status_of(m, "unheard-of"), m.status_unknown);
  tickets::Ticket ticket;
  ticket.status = tickets::Status::hold;
  EXPECT_EQ(to_desk(ticket, "", m, at("pending:1900006")).status, "pending:1900006");
  EXPECT_EQ(to_desk(ticket, "", m, at("open")).status, "hold");
}

TEST(ToDesk, TagsAreWordsAtZendesk) {
  tickets::Ticket ticket;
  ticket.tags = {"Big Customer", "a, b", "vip", "\xec\x84\x9c\xec\x9a\xb8 VIP"};
  EXPECT_EQ(to_desk(ticket, "", zendesk_mapping(), at("open")).tags,
            (Tags{"a_b", "big_customer", "vip", "\xec\x84\x9c\xec\x9a\xb8_vip"}));
  EXPECT_EQ(to_desk(ticket, "", freshdesk_mapping(), at("2")).tags, ticket.tags);
}

Mapping with_tier() {
  Mapping m = zendesk_mapping();
  FieldRule rule;
  rule.desk = "support_tier";
  rule.ledger = "tier";
  Step in, out;
  in.map = std::map<std::string, std::string>{{"tier_vip", "enterprise"}, {"tier_gold", "enterprise"}};
  out.map = std::map<std::string, std::string>{{"enterprise", "tier_gold"}};
  rule.in = {in};
  rule.out = {out};
  m.fields = {rule};
  return m;
}

TEST(ToDesk, AFieldGoesByItsRuleAndKeepsWhatMeansTheSame) {
  tickets::Ticket ticket;
  ticket.fields = {{"tier", "enterprise"}, {"cf_of_another_desk", "x"}};
  Snapshot agreed = at("open");
  EXPECT_EQ(to_desk(ticket, "", with_tier(), agreed).fields,
            (std::map<std::string, std::string>{{"support_tier", "tier_gold"}}));
  agreed.fields["support_tier"] = "tier_vip";
  EXPECT_EQ(to_desk(ticket, "", with_tier(), agreed).fields.at("support_tier"), "tier_vip");
}

TEST(ToDesk, WhatHasNoCounterpartStaysAndIsNamed) {
  tickets::Ticket ticket;
  ticket.fields = {{"tier", "unheard-of"}};
  Snapshot agreed = at("open");
  agreed.fields["support_tier"] = "tier_vip";
  std::map<std::string, std::string> missing;
  EXPECT_EQ(to_desk(ticket, "", with_tier(), agreed, &missing).fields.at("support_tier"), "tier_vip");
  EXPECT_EQ(missing, (std::map<std::string, std::string>{{"support_tier", "unheard-of"}}));
  EXPECT_EQ(to_ledger(with_tier(), tickets::EventKind::field, "support_tier", "tier_lead"), std::nullopt);
}

std::vector<std::string> flaws_of(const std::string& rule) {
  config::Schema schema;
  schema.add<Mapping>("test");
  std::vector<std::string> out;
  for (const auto& flaw : schema.load(config::read_texts({{"test.toml", "[[test.field]]\n" + rule}})).flaws) {
    out.push_back(flaw.path + ": " + flaw.what);
  }
  return out;
}

TEST(FieldRule, TheLedgersOwnFieldsAreNoCustomOnes) {
  const std::string what = "the ledger's priority is no custom field: this would make another field of that name";
  EXPECT_EQ(flaws_of("desk = \"cf_p\"\nledger = \"priority\""), std::vector{"test.field[0].ledger: " + what});
  EXPECT_EQ(flaws_of("desk = \"priority\""), std::vector{"test.field[0].desk: " + what});
  for (const char* field : {"status", "subject", "type", "group", "assignee", "tags"}) {
    EXPECT_EQ(flaws_of("desk = \"cf_p\"\nledger = \"" + std::string(field) + "\"").size(), 1u) << field;
  }
  EXPECT_TRUE(flaws_of("desk = \"cf_p\"\nledger = \"severity\"").empty());
}

TEST(ToLedger, APriorityGoesByTheTableThenByWhatPeopleCallIt) {
  const auto priority = [](const Mapping& m, const std::string& value) {
    return to_ledger(m, tickets::EventKind::priority, "", value);
  };
  for (const Mapping& m : {freshdesk_mapping(), zendesk_mapping()}) {
    for (const auto& [value, meant] : {std::pair{"P1", "urgent"},
                                       {"P2", "high"},
                                       {"P3", "normal"},
                                       {"P4", "low"},
                                       {"low", "low"},
                                       {"medium", "normal"},
                                       {"High", "high"},
                                       {"p1", "urgent"}}) {
      EXPECT_EQ(priority(m, value), meant) << value;
    }
    EXPECT_EQ(priority(m, "P5"), std::nullopt);
    EXPECT_EQ(priority(m, ""), "");
  }
  Mapping own = freshdesk_mapping();
  own.priority_in["P1"] = tickets::Priority::high;
  EXPECT_EQ(priority(own, "P1"), "high");
  EXPECT_EQ(priority(freshdesk_mapping(), "4"), "urgent");
}

TEST(Participation, TagsAndFields) {
  tickets::Ticket ticket;
  ticket.tags = {"a", "b"};
  ticket.fields = {{"region", "kr"}};
  EXPECT_TRUE(Participation{}.takes(ticket));
  EXPECT_TRUE((Participation{{"b", "x"}, {"y"}, {{"region", {"us", "kr"}}}}.takes(ticket)));
  EXPECT_FALSE((Participation{{"x"}, {}, {}}.takes(ticket)));
  EXPECT_FALSE((Participation{{}, {"a"}, {}}.takes(ticket)));
  EXPECT_FALSE((Participation{{}, {}, {{"region", {"us"}}}}.takes(ticket)));
}

TEST(SnapshotText, LeavesOutOurMarkers) {
  connectors::DeskTicket row;
  row.tags = {"supportd-abcdefghij", "vip", "supportd-desk"};
  EXPECT_EQ(snapshot_of(row).tags, (Tags{"supportd-desk", "vip"}));
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
