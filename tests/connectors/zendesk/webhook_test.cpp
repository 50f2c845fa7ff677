#include "connectors/zendesk/webhook.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/digest.hpp"
#include "daemon/json.hpp"
#include "tests/connectors/scripted.hpp"
#include "tests/shared.hpp"

namespace supportd::connectors::zendesk {
namespace {

const Instant signed_at = time::parse_instant("2022-11-02T18:47:02Z").value();
constexpr const char* test_secret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

std::filesystem::path example(const std::string& name) {
  return std::filesystem::path(SUPPORTD_SHARED) / "specs/zendesk/examples" / name;
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

TEST(ZendeskWebhook, SignaturesOfTheVectors) {
  const auto file = example("webhook-signature-vectors.json");
  SUPPORTD_NEED_SHARED(file);
  const auto document = json::Document::parse(text_of(file));
  const auto vectors = document.root().at("vectors").items();
  ASSERT_EQ(vectors.size(), 3U);
  for (const json::View& vector : vectors) {
    const std::string secret = vector.at("secret_used_verbatim_not_base64_decoded").string();
    const std::string time = vector.at("timestamp").string();
    const std::string body = vector.at("body").string();
    const std::string signature = vector.at("signature").string();
    EXPECT_EQ(verify(signature, time, body, secret, signed_at), Verdict::genuine) << vector.dump();
    EXPECT_EQ(verify(signature, time, body + " ", secret, signed_at), Verdict::forged);
    EXPECT_EQ(verify(signature, "2022-11-02T18:47:03Z", body, secret, signed_at), Verdict::forged);
    EXPECT_EQ(verify(signature, time, body, secret + "=", signed_at), Verdict::forged);
  }
}

TEST(ZendeskWebhook, SignedButWhen) {
  const auto sign = [](const std::string& time, const std::string& body) {
    return digest::base64(digest::hmac_sha256(test_secret, time + body));
  };
  const std::string time = "2022-11-02T18:47:02Z";
  const std::string signature = sign(time, "{}");
  const auto at = [&](Millis later) { return verify(signature, time, "{}", test_secret, signed_at + later); };
  EXPECT_EQ(at(Millis{300'000}), Verdict::genuine);
  EXPECT_EQ(at(Millis{300'001}), Verdict::stale);
  EXPECT_EQ(at(Millis{-300'000}), Verdict::genuine);
  EXPECT_EQ(at(Millis{-300'001}), Verdict::stale);
  EXPECT_EQ(verify(sign("soon", "{}"), "soon", "{}", test_secret, signed_at), Verdict::stale);
}

TEST(ZendeskWebhook, WithoutSignatureOrSecretNobodyComesIn) {
  EXPECT_EQ(verify("", "2022-11-02T18:47:02Z", "{}", test_secret, signed_at), Verdict::forged);
  const std::string empty_key = digest::base64(digest::hmac_sha256("", "2022-11-02T18:47:02Z{}"));
  EXPECT_EQ(verify(empty_key, "2022-11-02T18:47:02Z", "{}", "", signed_at), Verdict::forged);
  EXPECT_EQ(verify("x", "t", std::string(2'000'000, 'x'), test_secret, signed_at), Verdict::forged);
}

TEST(ZendeskWebhook, EventsAsTheyCome) {
  SUPPORTD_NEED_SHARED(example("event.ticket.comment_added.json"));
  const Notice comment = parse_notice(text_of(example("event.ticket.comment_added.json")), "01GINV");
  EXPECT_EQ(comment.event, "d4f5c389-8f4a-4c2e-a1b9-8e4f39c71d52");
  EXPECT_EQ(comment.type, "ticket.comment_added");
  EXPECT_EQ(comment.ticket, "5158");
  EXPECT_EQ(comment.actor, "8447388090495");
  EXPECT_EQ(comment.invocation, "01GINV");
  EXPECT_EQ(parse_notice(text_of(example("event.ticket.status_changed.json")), "").type, "ticket.status_changed");
}

TEST(ZendeskWebhook, UnknownEventsAreData) {
  const Notice tomorrow =
      parse_notice(R"({"type":"zen:event-type:ticket.dreamt_of","id":7,"subject":"zen:ticket:9","detail":5})", "i");
  EXPECT_EQ(tomorrow.type, "ticket.dreamt_of");
  EXPECT_EQ(tomorrow.ticket, "9");
  EXPECT_EQ(tomorrow.event, "");
  EXPECT_EQ(parse_notice(R"({"type":"zen:event-type:ticket.created","detail":{"id":"8","status":"NEW"}})", "").ticket,
            "8");
  const Notice user =
      parse_notice(R"({"type":"zen:event-type:user.created","id":"e","subject":"zen:user:9","detail":{"id":"9"}})", "");
  EXPECT_EQ(user.ticket, "");
  EXPECT_EQ(user.event, "e");
}

TEST(ZendeskWebhook, TriggersSayTheTicketSomehow) {
  for (const char* body : {R"({"ticket_id":7})", R"({"ticket_id":"7","id":"x"})", R"({"id":"7","status":"Open"})",
                           R"({"ticket":{"id":7,"title":"x"},"id":3})", R"({"ticket":"text","ticket_id":"7"})"}) {
    EXPECT_EQ(parse_notice(body, "i").ticket, "7") << body;
    EXPECT_EQ(parse_notice(body, "i").event, "");
  }
  for (const std::string& body :
       {std::string(""), std::string("{}"), std::string("[]"), std::string("7"), std::string("{\"id\":\"7/../8\"}"),
        std::string("{\"id\":-7}"), std::string("{\"id\":\"12345678901234567890\"}"), std::string("{\"id\":{}}"),
        std::string(2'000'000, ' '), std::string(100'000, '['), std::string("{\"id\":\"\xc3\x28\"}")}) {
    EXPECT_EQ(tests::thrown_by([&] { parse_notice(body, ""); }).first, ErrorKind::corrupt) << body.substr(0, 30);
  }
}

}  // namespace
}  // namespace supportd::connectors::zendesk
