#include "daemon/http/query.hpp"

#include <gtest/gtest.h>

namespace supportd::http {
namespace {

std::string refusal(std::string name, std::string value) {
  Inbound in;
  in.query.emplace(std::move(name), std::move(value));
  try {
    const Query query(in, {"job", "reason"});
    return "none";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    return error.what();
  }
}

TEST(Query, ControlCharactersAreRefusedWithTheParameterThatHoldsThem) {
  EXPECT_EQ(refusal("job", std::string("\0", 1)), "parameter 'job': it holds a control character");
  EXPECT_EQ(refusal("reason", "a\nb"), "parameter 'reason': it holds a control character");
  EXPECT_EQ(refusal("reason", "a\x7f"), "parameter 'reason': it holds a control character");
  EXPECT_EQ(refusal("reason",
                    "\xc2\x9b"
                    "31m"),
            "parameter 'reason': it holds a control character");
  EXPECT_EQ(refusal(std::string("jo\0b", 4), "x"), "a parameter's name holds a control character");
  EXPECT_EQ(refusal("reason", "점검 é\xc2\xa0"), "none");
}

TEST(Query, AnUnknownParameterNamesTheKnown) {
  EXPECT_EQ(refusal("jop", "x"), "no parameter 'jop'; known: job, reason");
}

}  // namespace
}  // namespace supportd::http
