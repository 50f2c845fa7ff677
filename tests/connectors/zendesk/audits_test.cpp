#include "connectors/zendesk/audits.hpp"

#include "connectors/zendesk/position.hpp"
#include "tests/connectors/zendesk/desk.hpp"

namespace supportd::connectors::zendesk {
namespace {

Audits fold(const std::string& json) {
  Audits out;
  const auto document = json::Document::parse(json);
  for (const json::View& audit : document.root().items()) out.add(audit);
  return out;
}

TEST(ZendeskAudits, TheFirstCommentIsTheDescription) {
  const Audits two = fold("[" + audit_json(1) + "," + audit_json(2) + "]");
  ASSERT_NE(two.opening(), nullptr);
  EXPECT_EQ(two.opening()->id, "10");
  ASSERT_EQ(two.replies().size(), 1U);
  EXPECT_EQ(fold("[]").opening(), nullptr);
  // When the first cannot be read, the second is not taken for it.
  const Audits broken = fold(R"([{"id":1,"events":[{"id":10,"type":"Comment"}]},)" + audit_json(2) + "]");
  EXPECT_EQ(broken.opening(), nullptr);
  EXPECT_EQ(broken.replies().size(), 1U);
  ASSERT_EQ(broken.bad().size(), 1U);
  EXPECT_EQ(broken.bad()[0].id, "1");
}

TEST(ZendeskAudits, WhatDoesNotSayPublicIsPrivate) {
  const Audits audits = fold("[" + audit_json(1) + R"(,{"id":2,"created_at":"2026-11-21T09:00:00Z","author_id":61,
    "events":[{"id":20,"type":"Comment","body":"x"}]}])");
  EXPECT_FALSE(audits.replies().at(0).is_public);
  EXPECT_EQ(audits.replies().at(0).author_id, "61");
}

TEST(ZendeskAudits, RefsThatAreNone) {
  for (const char* metadata :
       {"null", "5", "{}", R"({"custom":null})", R"({"custom":{"supportd_ref":7}})", R"({"custom":{"other":"x"}})"}) {
    const Audits audits =
        fold("[" + audit_json(1) + "," + audit_json(2, "", R"(,"metadata":)" + std::string(metadata)) + "]");
    ASSERT_EQ(audits.replies().size(), 1U) << metadata;
    EXPECT_EQ(audits.replies()[0].ref, "");
  }
}

TEST(ZendeskAudits, WhereToItWasMerged) {
  const auto into = [](const std::string& event, const std::string& audit = "") {
    return fold("[" + audit_json(1) + "," + audit_json(2, event, audit) + "]").merged_into();
  };
  EXPECT_EQ(into(R"(,"via":{"channel":"web","source":{"rel":"merge","to":{"ticket_id":9},"from":{"ticket_id":7}}})"),
            "9");
  EXPECT_EQ(into(R"(,"via":{"source":{"rel":"merge","from":{"ticket_id":"9"}}})"), "9");
  EXPECT_EQ(into("", R"(,"via":{"source":{"rel":"merge","from":{"ticket_id":9},"to":{}}})"), "9");
  EXPECT_EQ(into(R"(,"via":{"source":{"rel":"follow_up","from":{"ticket_id":9}}})"), "");
  EXPECT_EQ(into(R"(,"via":{"source":"web"})"), "");
  EXPECT_EQ(
      fold("[" + audit_json(1) + R"(,{"id":2,"created_at":"2026-11-21T09:00:00Z","events":[{"id":20,"type":"Comment",
    "body":"This request was closed and merged into request #19 \"x\"."}]}])")
          .merged_into(),
      "19");
}

TEST(ZendeskAudits, WhatAMachineSaid) {
  const auto by_machine = [](const std::string& event, const std::string& audit = "") {
    return fold("[" + audit_json(1) + "," + audit_json(2, event, audit) + "]").replies().at(0).by_machine;
  };
  EXPECT_FALSE(by_machine(""));
  EXPECT_FALSE(by_machine("", R"(,"via":{"channel":"web"})"));
  EXPECT_FALSE(by_machine("", R"(,"via":null)"));
  EXPECT_TRUE(by_machine("", R"(,"via":{"channel":"rule","source":{"rel":"automation"}})"));
  EXPECT_TRUE(by_machine("", R"(,"via":{"channel":"system"})"));
  EXPECT_TRUE(by_machine(R"(,"via":{"channel":"rule","source":{"rel":"trigger"}})", R"(,"via":{"channel":"web"})"))
      << "a trigger within an agent's update";
  const Audits own = fold("[" + audit_json(1) + R"(,{"id":2,"created_at":"2026-11-21T09:00:00Z","author_id":-1,
    "events":[{"id":20,"type":"Comment","body":"x"}]}])");
  EXPECT_TRUE(own.replies().at(0).by_machine);
}

TEST(ZendeskAudits, PeopleSpeakOfMergesToo) {
  const auto said = [](const std::string& body) {
    return fold("[" + audit_json(1) +
                R"(,{"id":2,"created_at":"2026-11-21T09:00:00Z","events":[{"id":20,"type":"Comment",
      "public":true,"body":")" +
                body + R"("}]}])");
  };
  for (const char* words : {"Good news: the fix was merged into main as PR #3, please test.",
                            "This request was closed and merged into request #7. Sorry for the confusion!",
                            "Why was it that 'This request was closed and merged into request #7.'?",
                            "Request #4 was closed and merged into this request.",
                            R"(This request was closed and merged into request #7\nRegards)"}) {
    const Audits audits = said(words);
    EXPECT_FALSE(audits.replies().at(0).of_a_merge) << words;
    EXPECT_EQ(audits.merged_into(), "") << words;
  }
  EXPECT_TRUE(said("This request was closed and merged into request #7.").replies().at(0).of_a_merge);
  // By its metadata whatever its words are, also where the far ticket is not named.
  const Audits marked =
      fold("[" + audit_json(1) + "," + audit_json(2, R"(,"via":{"source":{"rel":"merge","from":{}}})", "") + "]");
  EXPECT_TRUE(marked.replies().at(0).of_a_merge);
  EXPECT_EQ(marked.merged_into(), "");
}

TEST(ZendeskPosition, IsTextAndBack) {
  const Instant now = time::parse_instant("2026-11-21T10:00:00Z").value();
  Position position = parse_position("", now - std::chrono::days{1} + Millis{999}, now);
  EXPECT_EQ(query_of(position).substr(0, 21), "start_time=1795168800");
  EXPECT_EQ(parse_position(to_text(position), now, now).start, position.start);
  advance(position, "");
  EXPECT_EQ(to_text(position), "start:1795168800");
  advance(position, "a:b");
  EXPECT_EQ(to_text(position), "after:a:b");
  EXPECT_EQ(parse_position("after:a:b", now, now).after, "a:b");
  EXPECT_EQ(parse_position("", time::from_millis(-5000), now).start, 0);
}

}  // namespace
}  // namespace supportd::connectors::zendesk
