#include "daemon/ctl/terminal.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "daemon/json.hpp"

namespace supportd::ctl {
namespace {

std::string tamed(const std::vector<std::string>& parts) {
  std::ostringstream to;
  TameOutput out(to);
  for (const auto& part : parts) out << part;
  out.flush();
  EXPECT_TRUE(out.good());
  return to.str();
}

TEST(TameOutput, EscapesWhatATerminalMayObey) {
  EXPECT_EQ(tamed({"{\"a\":\"\xc2\x9b"
                   "31m\"}"}),
            "{\"a\":\"\\u009b31m\"}");
  EXPECT_EQ(tamed({"\xc2\x80\xc2\x9f"}), "\\u0080\\u009f");
  EXPECT_EQ(tamed({"a\xc2",
                   "\x9b"
                   "b"}),
            "a\\u009bb")
      << "in whatever parts it comes";
}

TEST(TameOutput, LeavesTheRestAsItIs) {
  const std::string text = "\x1b[31m£ é ü \xc2\xa0\xc3\x9b 설날 \xf0\x9f\x90\xa7\n";
  EXPECT_EQ(tamed({text}), text);
  std::vector<std::string> bytes;
  for (const char c : text) bytes.emplace_back(1, c);
  EXPECT_EQ(tamed(bytes), text);
  EXPECT_EQ(tamed({"end\xc2"}), "end\xc2");
}

TEST(TameOutput, KeepsTheValue) {
  json::Writer writer;
  writer.object([&] {
    writer.member("subject",
                  "a\xc2\x9b"
                  "b");
  });
  EXPECT_EQ(json::Document::parse(tamed({writer.take()})).root().at("subject").string(),
            "a\xc2\x9b"
            "b");
}

TEST(TameOutput, SaysThatItsStreamFailed) {
  std::ostringstream to;
  TameOutput out(to);
  to.setstate(std::ios::badbit);
  out << "lost" << std::flush;
  EXPECT_FALSE(out.good());
}

}  // namespace
}  // namespace supportd::ctl
