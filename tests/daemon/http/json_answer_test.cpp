#include "daemon/http/json_answer.hpp"

#include "tests/connectors/scripted.hpp"

namespace supportd::http {
namespace {

using tests::thrown_by;

class JsonAnswer : public testing::Test {
 protected:
  // What reading a list out of `body` throws.
  std::pair<ErrorKind, std::string> refused(const std::string& body, bool safe = true) {
    std::string text;
    const Request request{.safe = safe, .operation = "list_groups"};
    const auto read = [](const json::View& root) { return root.items().at(0).at("id").integer(); };
    const auto kind = thrown_by(
                          [&] {
                            read_json(client_, request, {200, {}, body}, "Freshdesk groups", read);
                          },
                          &text)
                          .first;
    return {kind, text};
  }

  tests::ScriptedClient client_;
};

using Refused = std::pair<ErrorKind, std::string>;

TEST_F(JsonAnswer, IsReadByWhomItIsFor) {
  const auto size = [](const json::View& root) { return root.items().size(); };
  EXPECT_EQ(read_json(client_, {}, {200, {}, "[1,2]"}, "numbers", size), 2U);
  EXPECT_TRUE(client_.not_understood.empty());
}

TEST_F(JsonAnswer, ThatCannotBeUnderstoodIsNamedAndTold) {
  const auto corrupt = ErrorKind::corrupt;
  EXPECT_EQ(refused("{}"), Refused(corrupt, "Freshdesk groups: the value: expected an array, got an object"));
  EXPECT_EQ(refused(R"([{"id":"x"}])"), Refused(corrupt, "Freshdesk groups: /0/id: expected an integer, got a string"));
  EXPECT_EQ(refused("<html>").second, "Freshdesk groups is not JSON: Invalid value. at line 1, column 1");
  EXPECT_EQ(client_.not_understood, std::vector<std::string>(3, "list_groups"));
}

TEST_F(JsonAnswer, OfAWriteLeavesItsOutcomeOpen) {
  EXPECT_EQ(refused("{}", false).first, ErrorKind::unknown_outcome);
  EXPECT_EQ(refused("", false).first, ErrorKind::unknown_outcome);
}

// What the answer means for the account is no fault of the answer.
TEST_F(JsonAnswer, OtherErrorsOfItsReaderPass) {
  const auto read = [](const json::View&) -> int { throw Error(ErrorKind::config, "credentials", "nobody", {}); };
  EXPECT_EQ(thrown_by([&] {
              read_json(client_, {.safe = true}, {200, {}, "{}"}, "user", read);
            }),
            std::pair(ErrorKind::config, std::string("credentials")));
  EXPECT_TRUE(client_.not_understood.empty());
}

}  // namespace
}  // namespace supportd::http
