#include "daemon/digest.hpp"

#include <gtest/gtest.h>

namespace supportd::digest {
namespace {

TEST(Digest, Sha256OfFips180) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, HmacOfRfc4231) {
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, Base64OfRfc4648BothWays) {
  const std::pair<std::string, std::string> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(parse_base64(text).value(), bytes);
  }
  const std::string all("\0\xff\x80\n", 4);
  EXPECT_EQ(parse_base64(base64(all)).value(), all);
}

TEST(Digest, Base64RefusesWhatIsNotCanonical) {
  for (const char* text : {"Zg=", "Zg", "Z===", "Zg==Zg==", "Zm 9", "Zh==", "Zm9=", "Zm9v\n"}) {
    EXPECT_TRUE(parse_base64(text).has_error()) << text;
  }
  EXPECT_EQ(parse_base64("Zm*v").error().column, 3U);
}

}  // namespace
}  // namespace supportd::digest
