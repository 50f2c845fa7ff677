#include "connectors/aws/xml.hpp"

#include <gtest/gtest.h>

namespace supportd::connectors::aws {
namespace {

TEST(Xml, LeavesByPath) {
  const auto leaves = xml_leaves(
      "<?xml version=\"1.0\"?>\n<A xmlns=\"u\">\n <B>x &amp; &#x20AC;&#65;</B><C/><D><E> y </E></D>\n</A>\n");
  ASSERT_TRUE(leaves.has_value()) << leaves.error().what;
  EXPECT_EQ(*leaves, (std::map<std::string, std::string>{{"/A/B",
                                                          "x & \xE2\x82\xAC"
                                                          "A"},
                                                         {"/A/C", ""},
                                                         {"/A/D/E", " y "}}));
}

TEST(Xml, Refuses) {
  const std::string deep = [] {
    std::string out;
    for (int i = 0; i < 17; ++i) out += "<a>";
    return out;
  }();
  for (const std::string& text : {std::string(""),
                                  std::string("  "),
                                  std::string("text"),
                                  std::string("<a>"),
                                  std::string("<a></b>"),
                                  std::string("</a>"),
                                  std::string("<a/><b/>"),
                                  std::string("<a/>x"),
                                  std::string("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"),
                                  std::string("<a>&x;</a>"),
                                  std::string("<a>&amp</a>"),
                                  std::string("<a>&#0;</a>"),
                                  std::string("<a>&#xD800;</a>"),
                                  std::string("<a><!-- c --></a>"),
                                  std::string("<a"),
                                  std::string("<>"),
                                  std::string("<a><b>1</b><b>2</b></a>"),
                                  std::string("<a>\0</a>", 8),
                                  std::string("<?xml"),
                                  deep}) {
    EXPECT_TRUE(xml_leaves(text).has_error()) << text;
  }
}

}  // namespace
}  // namespace supportd::connectors::aws
