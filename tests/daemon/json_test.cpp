#include "daemon/json.hpp"

#include <gtest/gtest.h>

namespace supportd::json {
namespace {

std::string text_of(const std::string& json) { return Document::parse(json).root().string(); }

TEST(Json, HalfOfACharacterIsReplacedNotRefused) {
  EXPECT_EQ(text_of(R"("\ud83d\ude00")"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(text_of(R"("a\ud83db")"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(text_of(R"("\uDE00\uD83D")"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(text_of(R"("\ud83d\ud83d\ude00")"), "\xEF\xBF\xBD\xF0\x9F\x98\x80");
  EXPECT_EQ(text_of(R"("\\ud83d")"), "\\ud83d") << "an escaped backslash before plain letters";
  EXPECT_THROW(text_of(R"("\ud83")"), Error);
}

// One text that no database keeps costs nobody the others.
TEST(Json, ANulIsRefusedWhereItIsRead) {
  const auto document = Document::parse(R"({"a":"x\u0000","b":"y","c":{"d\u0000":1}})");
  EXPECT_EQ(document.root().at("b").string(), "y");
  EXPECT_THROW(document.root().at("a").string(), Error);
  EXPECT_THROW(document.root().at("a").scalar_text(), Error);
  EXPECT_THROW(document.root().at("c").members(), Error);
  EXPECT_EQ(document.root().at("a").dump(), R"("x\u0000")");
}

// With its full precision RapidJSON makes any number of these, or crashes.
TEST(Json, OddNumbersAreWhatTheySay) {
  const auto number = [](const std::string& json) { return Document::parse(json).root().number(); };
  for (const char* zero : {"0", "-0", "0.0", "0e23", "0E+300", "-0e-23", "0.0e-300", "0.000000000000000000000000e-325",
                           "0.000000000000000000000001e-325", "0.00000000000000000000000000000000", "1e-400"}) {
    EXPECT_EQ(number(zero), 0) << zero;
  }
  EXPECT_EQ(number("12.35"), 12.35);
  EXPECT_EQ(number("0.1"), 0.1);
  EXPECT_EQ(number("1e22"), 1e22);
  EXPECT_EQ(number("123456789.012345"), 123456789.012345);
  EXPECT_EQ(Document::parse("[2462246220622462e306,1]").root().dump(), "[null,1]");
  EXPECT_THROW(number("2462246220622462e306"), Error);
  EXPECT_DOUBLE_EQ(number("0.0000000000000000000000000000001e3"), 1e-28);
}

}  // namespace
}  // namespace supportd::json
