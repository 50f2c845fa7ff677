#include "connectors/freshdesk/webhook.hpp"

#include "tests/connectors/scripted.hpp"

namespace supportd::connectors::freshdesk {
namespace {

TEST(FreshdeskWebhook, TheSecretIsTheWholeOne) {
  EXPECT_TRUE(is_webhook_secret("s3cret", "s3cret"));
  for (const char* given : {"", "s3cre", "s3cret ", "S3cret", "s3crets"}) {
    EXPECT_FALSE(is_webhook_secret(given, "s3cret")) << given;
  }
  EXPECT_FALSE(is_webhook_secret("", ""));
}

TEST(FreshdeskWebhook, TheTicketOfAnyBody) {
  for (const char* body :
       {R"({"ticket_id":7})", R"({"ticket_id":"7","id":9})", R"({"id":7})", R"({"ticket":{"id":7}})",
        R"({"freshdesk_webhook":{"ticket_id":7,"ticket_subject":"x"}})", R"({"ticket_id": 7, "subject": "say "hi""})",
        "{\"subject\": \"line\nbreak\", \"ticket_id\" : \"7\"}", "7", " 7\r\n", "\"7\""}) {
    EXPECT_EQ(webhook_ticket(body), "7") << body;
  }
}

TEST(FreshdeskWebhook, NoTicketIsNone) {
  for (const std::string& body :
       {std::string(""), std::string("{}"), std::string("[]"), std::string("null"), std::string("{\"ticket_id\":-7}"),
        std::string("{\"ticket_id\":\"7/../8\"}"), std::string("{\"ticket_id\":{}}"), std::string("0"),
        std::string("12345678901234567890"), std::string(300'000, '['), std::string(1'000, '['),
        std::string("\"ticket_id\""), std::string("\"ticket_id\":"), std::string("7 8")}) {
    EXPECT_EQ(tests::thrown_by([&] { webhook_ticket(body); }).first, ErrorKind::corrupt) << body.substr(0, 30);
  }
}

}  // namespace
}  // namespace supportd::connectors::freshdesk
