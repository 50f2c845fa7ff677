#include "jobs/tickets/text.hpp"

#include <gtest/gtest.h>

namespace supportd::tickets {
namespace {

TEST(HtmlToText, ShowsWhatAReaderSees) {
  EXPECT_EQ(html_to_text("<p>Hello <b>world</b></p><p>second</p>"), "Hello world\nsecond");
  EXPECT_EQ(html_to_text("a<br>b<br/>c"), "a\nb\nc");
  EXPECT_EQ(html_to_text("<div>a</div>\n\n<div>b</div>"), "a\nb");
  EXPECT_EQ(html_to_text("1 &lt; 2 &amp;&amp; &#xAC00; &#8364; &unknown; &"), "1 < 2 && 가 € &unknown; &");
  EXPECT_EQ(html_to_text("a &nbsp; b"), "a \u00a0 b");
}

TEST(HtmlToText, HidesScriptsStylesAndComments) {
  EXPECT_EQ(html_to_text("x<script>alert('<b>')</script>y<style>p{}</style>z<!-- <p>no</p> -->."), "xyz.");
  EXPECT_EQ(html_to_text("<a title=\"a > b\" href=x>link</a>"), "link");
  EXPECT_EQ(html_to_text("open <script>never closed"), "open");
  EXPECT_EQ(html_to_text("1 < 2 and <3"), "1 < 2 and <3");
}

TEST(TextToHtml, EscapesEverythingAndComesBack) {
  const std::string text = "<script>&\"'\nline two 한국어";
  const std::string html = text_to_html(text);
  EXPECT_EQ(html.find('<'), html.find("<br>"));
  EXPECT_EQ(html_to_text(html), text);
}

TEST(Normalise, MakesRenderingsOfOneMessageEqual) {
  EXPECT_EQ(normalise("  a \r\n\t b\u00a0c  "), "a b c");
  EXPECT_EQ(normalise("\u1100\u1161"), normalise("\uac00"));  // decomposed and composed Hangul
  EXPECT_EQ(normalise("e\u0301"), "\u00e9");
  EXPECT_EQ(normalise(""), "");
  EXPECT_EQ(normalise("\u304b\u3099"), "\u304c");                   // a kana and its voicing mark
  EXPECT_EQ(normalise("가\u11a8 안녕 e\u0301"), "각 안녕 \u00e9");  // a syllable and its final consonant
  EXPECT_EQ(normalise("\u2126 \u212b"), "\u03a9 \u00c5");           // signs that are letters
  EXPECT_EQ(normalise("안녕하세요, “EC2” 「東京」 Größe…"), "안녕하세요, “EC2” 「東京」 Größe…");
  EXPECT_EQ(normalise(html_to_text("<p>one</p><p>two&nbsp;</p>")), normalise("one\n\ntwo"));
}

TEST(Split, CutsAtLineEndsFirst) {
  EXPECT_EQ(split("aaa\nbbb\nccc\n", 8), (std::vector<std::string>{"aaa\nbbb\n", "ccc\n"}));
  EXPECT_EQ(split("aaa bbb ccc", 8), (std::vector<std::string>{"aaa bbb ", "ccc"}));
  EXPECT_EQ(split("short", 8), (std::vector<std::string>{"short"}));
  EXPECT_TRUE(split("", 8).empty());
}

TEST(Split, NeverCutsInsideAGrapheme) {
  const std::string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";  // one family, five code points
  const std::string text = family + family + family;
  std::string joined;
  for (const auto& piece : split(text, 7)) {
    EXPECT_EQ(piece.size() % family.size(), 0u) << piece;
    joined += piece;
  }
  EXPECT_EQ(joined, text);
}

TEST(Split, KeepsItsLimitWhateverTheText) {
  const std::string text(10'000, 'x');
  std::string joined;
  for (const auto& piece : split(text, 7'800)) {
    EXPECT_LE(length(piece), 7'800u);
    joined += piece;
  }
  EXPECT_EQ(joined, text);
  const std::string marks = "e" + [] {
    std::string all;
    for (int i = 0; i < 50; ++i) all += "\u0301";
    return all;
  }();
  for (const auto& piece : split(marks, 10)) EXPECT_LE(length(piece), 10u);
}

TEST(ForTerminal, ShowsControlsInsteadOfObeyingThem) {
  EXPECT_EQ(for_terminal("a\x1b[31mred\x07"), "a\\u{1b}[31mred\\u{7}");
  EXPECT_EQ(for_terminal("safe\u202egnp.exe"), "safe\\u{202e}gnp.exe");
  EXPECT_EQ(for_terminal("한국어\n\ttab"), "한국어\n\ttab");
}

TEST(HtmlToTextWithLinks, SaysWhereALinkLeadsUnlessItsTextDoes) {
  const auto text = [](const char* html) { return html_to_text_with_links(html); };
  EXPECT_EQ(text("see <a class='x' href=\"https://a.example/b?c=1&amp;d=2\">this guide</a>."),
            "see this guide (https://a.example/b?c=1&d=2).");
  EXPECT_EQ(text("<a href='https://a.example/'>a.example</a>"), "a.example");
  EXPECT_EQ(text("<A HREF=https://a.example>https://a.example/</A>"), "https://a.example/");
  EXPECT_EQ(text("<a href=\"javascript:alert(1)\">click</a> <a name=x>here</a>"), "click here");
  EXPECT_EQ(text("<img alt=\"the log\" src=x><img src=\"https://t.example/pixel\">"), "[image: the log]");
  EXPECT_EQ(text("<a href=\"https://a.example"), "");
  EXPECT_EQ(html_to_text("<a href=\"https://a.example/b\">this</a><img alt=x>"), "this");
}

TEST(WithoutDirection, TakesOutWhatTurnsTheText) {
  EXPECT_EQ(without_direction("a\u202eb\u2066c\u2069 \u05d0"), "abc \u05d0");
}

}  // namespace
}  // namespace supportd::tickets
