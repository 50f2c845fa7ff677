#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "jobs/aws_cases/rules_account.hpp"
#include "jobs/aws_cases/rules_classify.hpp"
#include "jobs/aws_cases/rules_listing.hpp"
#include "jobs/aws_cases/rules_message.hpp"
#include "jobs/aws_cases/rules_severity.hpp"
#include "jobs/aws_cases/rules_status.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/text.hpp"
#include "jobs/tickets/words.hpp"

namespace supportd::aws_cases {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tickets::Author;
using tickets::Priority;
using tickets::Status;
using tickets::Visibility;

TEST(SeverityRule, FollowsTheTableOfThePriority) {
  const SeverityRules rules;
  EXPECT_EQ(choose_severity(rules, Priority::low, "", "").code, "low");
  EXPECT_EQ(choose_severity(rules, Priority::normal, "", "").code, "normal");
  EXPECT_EQ(choose_severity(rules, Priority::high, "", "").code, "normal");
  EXPECT_EQ(choose_severity(rules, Priority::urgent, "", "").code, "high");
  EXPECT_EQ(choose_severity(rules, {}, "", "").code, "normal");
}

TEST(SeverityRule, FourPhrasesRaiseToHighAndNoFurther) {
  const SeverityRules rules;
  for (const char* text : {"프로덕션 중단 발생", "Production Down!", "서비스 중단입니다", "전체 장애"}) {
    EXPECT_EQ(choose_severity(rules, Priority::low, "", text).code, "high") << text;
  }
  EXPECT_EQ(choose_severity(rules, Priority::low, "", "reproduction downloads").code, "low");
  EXPECT_EQ(choose_severity(rules, Priority::low, "", "전체 장애").why, "word '전체 장애'");
}

TEST(SeverityRule, NothingAutomaticGoesAboveTheLimit) {
  SeverityRules rules;
  rules.by_priority["urgent"] = "critical";
  const Severity by_table = choose_severity(rules, Priority::urgent, "", "");
  EXPECT_EQ(by_table.code, "high");
  EXPECT_EQ(by_table.wanted, "");
  const Severity asked = choose_severity(rules, Priority::low, "urgent", "");
  EXPECT_EQ(asked.code, "high");
  EXPECT_EQ(asked.wanted, "urgent");
  EXPECT_EQ(choose_severity(rules, Priority::urgent, "low", "").code, "low");
  EXPECT_EQ(choose_severity(rules, Priority::low, "sky-high", "").code, "low");
  EXPECT_EQ(choose_severity(rules, Priority::low, "sky-high", "").why,
            "priority low, for the ticket's 'sky-high' is no severity");
  EXPECT_EQ(choose_severity(rules, Priority::low, "URGENT", "").wanted, "urgent") << "as people choose it from a list";
}

TEST(SeverityRule, APlanWithoutItGivesTheNextLower) {
  EXPECT_EQ(within_plan("critical", {"low", "normal", "high", "urgent"}).code, "urgent");
  EXPECT_THAT(within_plan("high", {"low", "normal"}).note, HasSubstr("opened as 'normal'"));
  EXPECT_EQ(within_plan("high", {"low", "normal", "high"}).note, "");
  EXPECT_EQ(within_plan("high", {}).code, "high");
}

TEST(AccountRule, NoCustomerOpensACaseInAnothersAccount) {
  const std::vector<std::string> own = {"111122223333"}, two = {"111122223333", "222233334444"}, all = two;
  EXPECT_EQ(choose_account("", "Hanbit", own, all).account, "111122223333");
  EXPECT_EQ(choose_account("1111-2222-3333", "Hanbit", two, all).account, "111122223333");
  EXPECT_THAT(choose_account("", "Hanbit", two, all).why, HasSubstr("the ticket names none"));
  EXPECT_THAT(choose_account("222233334444", "Hanbit", own, all).why, HasSubstr("does not belong"));
  EXPECT_THAT(choose_account("", "", own, all).why, HasSubstr("no organisation"));
  EXPECT_THAT(choose_account("", "Hanbit", {}, all).why, HasSubstr("has no AWS account"));
  EXPECT_THAT(choose_account("", "Hanbit", own, {}).why, HasSubstr("not configured"));
  for (const auto& choice : {choose_account("222233334444", "Hanbit", own, all), choose_account("", "", own, all)}) {
    EXPECT_EQ(choice.account, "");
  }
}

TEST(StatusRule, OnlyAChangeAtAwsCounts) {
  const StatusRules rules;
  const auto becomes = [&](const char* seen, const char* status, Status ticket, bool said_since_end = false) {
    return ticket_status(rules, seen, status, ticket, said_since_end);
  };
  EXPECT_EQ(becomes("opened", "pending-customer-action", Status::hold), Status::open);
  EXPECT_EQ(becomes("opened", "work-in-progress", Status::open), Status::hold);
  EXPECT_EQ(becomes("opened", "something-new", Status::open), Status::hold);
  EXPECT_EQ(becomes("opened", "resolved", Status::hold), Status::solved);
  EXPECT_EQ(becomes("resolved", "resolved", Status::open), std::nullopt);
  EXPECT_EQ(becomes("opened", "resolved", Status::closed), std::nullopt);
  EXPECT_EQ(becomes("resolved", "reopened", Status::closed), Status::open);
  EXPECT_EQ(becomes("resolved", "reopened", Status::open), Status::hold);
  EXPECT_EQ(becomes("opened", "pending-customer-action", Status::solved), std::nullopt);
  EXPECT_EQ(becomes("", "reopened", Status::solved, true), Status::open) << "it says itself what it was";
  EXPECT_EQ(becomes("work-in-progress", "reopened", Status::solved, true), Status::open) << "resolved, and unseen";
  EXPECT_EQ(becomes("work-in-progress", "reopened", Status::solved), std::nullopt) << "people have read why";
  EXPECT_EQ(becomes("", "opened", Status::solved), std::nullopt);
}

TEST(AddressRule, OnlyALineOfItsOwnSendsANoteAway) {
  const AddressRules rules;
  const auto note = [&](const char* text) {
    return addressed_to_aws(rules, Visibility::private_note, Author::agent, text);
  };
  EXPECT_EQ(note("@aws\nhello\n"), "hello");
  EXPECT_EQ(note("\r\n @aws \r\nhello"), "hello");
  EXPECT_EQ(note("@aws"), "");
  EXPECT_EQ(note("@aws says no"), std::nullopt);
  EXPECT_EQ(note("hello\n@aws\n"), std::nullopt);
  EXPECT_EQ(addressed_to_aws(rules, Visibility::public_reply, Author::agent, "@aws\nhi"), std::nullopt);
  EXPECT_EQ(addressed_to_aws(rules, Visibility::public_reply, Author::customer, "hi"), std::nullopt);
  AddressRules replies;
  replies.mirror_customer_replies = true;
  EXPECT_EQ(addressed_to_aws(replies, Visibility::public_reply, Author::customer, "hi"), "hi");
  EXPECT_EQ(addressed_to_aws(replies, Visibility::public_reply, Author::agent, "hi"), std::nullopt);
}

TEST(PartsRule, FitWithTheirMarkerAndSplitNoGrapheme) {
  std::string family;
  for (int i = 0; i < 3'000; ++i) family += "👩‍👩‍👧‍👦";
  std::string lines;
  for (int i = 0; i < 4'000; ++i) lines += "줄 " + std::to_string(i) + "\n";
  for (const std::string& text : {family, lines, std::string("short"), std::string()}) {
    const auto parts = cut_into_parts(text, "Not attached: a.log (1 bytes, x)");
    ASSERT_FALSE(parts.empty());
    std::string joined;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      EXPECT_LE(tickets::length(parts[i]), most_part_characters - 40);
      EXPECT_NE(parts[i], "");
      joined += i == 0 ? parts[i].substr(0, parts[i].rfind("\n\nNot attached")) : parts[i];
    }
    EXPECT_EQ(joined, text.empty() ? "-" : text);
  }
  for (const auto& part : cut_into_parts(family, ""))
    EXPECT_EQ(part.size() % std::string("👩‍👩‍👧‍👦").size(), 0U);
}

TEST(MarkerRule, IsFoundOnTheLastLineOnly) {
  const auto marker = find_marker("text\n\n" + marker_line("abcdefghij", 2, 3) + " \n\n");
  ASSERT_TRUE(marker);
  EXPECT_EQ(marker->ref, "abcdefghij");
  EXPECT_EQ(marker->part, 2U);
  EXPECT_EQ(marker->parts, 3U);
  for (const char* text : {"ref abcdefghij 2/3\nmore", "ref ABCDEFGHIJ 1/1", "ref abcdefghij", "ref abcdefghij 4/3",
                           "ref abcdefghij 0/1", "xref abcdefghij 1/1", "ref abcdefghi1 1/1", ""}) {
    EXPECT_FALSE(find_marker(text)) << text;
  }
  EXPECT_TRUE(is_marked_with(marked_subject(std::string(5'000, 'x'), "abcdefghij"), "abcdefghij"));
  EXPECT_LE(marked_subject(std::string(5'000, 'x'), "abcdefghij").size(), 210U);
  EXPECT_FALSE(is_marked_with("Down [abcdefghij] again", "abcdefghij"));
}

TEST(ClassifyRule, AWordStandsAloneInLatinAndAnywhereInKorean) {
  EXPECT_TRUE(tickets::contains_word(tickets::fold("EC2에서"), "ec2"));
  EXPECT_TRUE(tickets::contains_word(tickets::fold("인스턴스가"), "인스턴스"));
  EXPECT_FALSE(tickets::contains_word(tickets::fold("downloads"), "download"));
  EXPECT_TRUE(tickets::contains_word(tickets::fold("a  security\ngroup"), "security group"));
}

TEST(ClassifyRule, ATieGoesToTheFallback) {
  const auto rules = default_classify_rules();
  EXPECT_EQ(classify(rules, "", "lambda ec2").service_code, "general-info");
  EXPECT_EQ(classify(rules, "", "nothing known").service_code, "general-info");
  EXPECT_EQ(classify(rules, "Windows EC2", "").service_code, "amazon-elastic-compute-cloud-windows");
  EXPECT_EQ(classify(rules, "Lambda", "").matched, "lambda");
}

TEST(ClassifyRule, UnknownCodesFallBackAndSaySo) {
  const auto rules = default_classify_rules();
  Class found = classify(rules, "Lambda slow", "");
  const std::vector<Offering> catalogue = {{"general-info", {"using-aws"}}};
  const Codes codes = within_catalogue(rules, found, catalogue);
  EXPECT_EQ(codes.service, "general-info");
  EXPECT_EQ(codes.category, "using-aws");
  EXPECT_THAT(codes.note, HasSubstr("no service 'aws-lambda'"));
  EXPECT_EQ(within_catalogue(rules, found, {{"aws-lambda", {"odd"}}}).category, "odd");
}

TEST(ClassifyRule, IsRightOnNineInTenOfTheLabelledTexts) {
  const auto rules = default_classify_rules();
  std::ifstream file(SUPPORTD_SOURCE "/tests/data/aws_cases/classified.tsv");
  int all = 0, right = 0;
  std::string wrong;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string service, subject, text;
    std::getline(fields, service, '\t');
    std::getline(fields, subject, '\t');
    std::getline(fields, text);
    ++all;
    const Class found = classify(rules, subject, text);
    if (found.service == service) {
      ++right;
    } else {
      wrong += service + " taken for '" + found.service + "': " + subject + " (" + found.matched + ")\n";
    }
  }
  EXPECT_EQ(all, 200);
  EXPECT_GE(right * 10, all * 9) << wrong;
  RecordProperty("right", right);
}

const Instant noon{Millis{1'800'000'000'000}};

Said said(const std::string& body, Instant at, const std::string& by = "Amazon Web Services") { return {body, by, at}; }

std::vector<Known> learnt(const std::vector<Told>& told) {
  std::vector<Known> out;
  for (const Told& one : told) {
    out.push_back({static_cast<std::int64_t>(out.size()) + 1, one.created, one.author, one.ordinal, one.hash, true});
  }
  return out;
}

TEST(ListingRule, EqualsOfOneInstantAreToldApartByOrder) {
  const Listing listing{{said("same", noon), said("same", noon), said("first", noon - Millis{1})}, true};
  const auto told = compare(listing, {}, {}, {}, false);
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].ordinal, 0);
  EXPECT_EQ(told[1].ordinal, 0);
  EXPECT_EQ(told[2].ordinal, 1);
  EXPECT_NE(identity_of("case-1", told[1]), identity_of("case-1", told[2]));
  EXPECT_TRUE(compare(listing, learnt(told), {}, {}, false).empty());
}

TEST(ListingRule, ARenderingIsKnownByTimeAndAuthor) {
  const auto known = learnt(compare({{said("one two", noon)}, true}, {}, {}, {}, false));
  EXPECT_TRUE(compare({{said("one  two\n", noon)}, true}, known, {}, {}, false).empty()) << "white space is no news";
  const auto told = compare({{said("one <b>two</b>", noon)}, true}, known, {}, {}, false);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].what, Told::What::rerendered);
  EXPECT_EQ(told[0].row, 1);
}

TEST(ListingRule, EchoesByRefThenByHashThenByForm) {
  const std::string us = "SupportdRole (Role) <x@example.com>";
  const std::vector<Write> writes = {{"abcdefghij", "no hash", false},
                                     {"bcdefghijk", tickets::message_hash("plain"), false}};
  const Listing listing{{said("rewritten by AWS\n\nref zzzzzzzzzz 1/1", noon + Millis{4}, us),
                         said("plain", noon + Millis{3}, us), said("plain", noon + Millis{2}, us),
                         said("cut\n\nref abcdefghij 1/1", noon + Millis{1}, us), said("start", noon, us)},
                        true};
  std::vector<Told::What> whats;
  for (const Told& told : compare(listing, {}, writes, {}, true)) whats.push_back(told.what);
  EXPECT_THAT(whats,
              ElementsAre(Told::What::echo, Told::What::echo, Told::What::echo, Told::What::message, Told::What::echo));
  EXPECT_EQ(compare({{said("they quote us\n\nref abcdefghij 1/1", noon, "jane@example.com")}, true}, {}, {},
                    {"abcdefghij"}, false)
                .at(0)
                .what,
            Told::What::message)
      << "whose ref was seen already";
  EXPECT_EQ(compare({{said("plain", noon)}, true}, {}, writes, {}, true).at(0).what, Told::What::message)
      << "an engineer who quotes us is no echo";
}

TEST(ListingRule, ReadsOnWhileTheOldestIsUnknown) {
  const auto known = learnt(compare({{said("b", noon), said("a", noon - Millis{1})}, true}, {}, {}, {}, false));
  EXPECT_FALSE(must_read_on({{said("c", noon + Millis{1}), said("b", noon)}, false}, known));
  EXPECT_TRUE(must_read_on({{said("d", noon + Millis{2}), said("c", noon + Millis{1})}, false}, known));
  EXPECT_FALSE(must_read_on({{said("d", noon + Millis{2})}, true}, known));
  EXPECT_FALSE(must_read_on({{}, false}, known));
}

}  // namespace
}  // namespace supportd::aws_cases
