#include "daemon/config/source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "daemon/config/print.hpp"

namespace supportd::config {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

std::vector<std::string> flaws(const Source& source) {
  std::vector<std::string> texts;
  for (const Flaw& flaw : source.report.sorted()) texts.push_back(to_text(flaw));
  return texts;
}

class Files : public testing::Test {
 protected:
  Files() {
    std::string name = (fs::temp_directory_path() / "config-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~Files() override { fs::remove_all(root_); }

  fs::path put(const std::string& name, const std::string& text) {
    const fs::path path = root_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path;
  }
  std::string name(const std::string& file) const { return (root_ / file).string(); }

  fs::path root_;
};

TEST_F(Files, DropInsBesideTheMainFileAreMergedByName) {
  const fs::path main = put("main.toml", "[[job]]\nid = 1\n[a]\nx = 1\n");
  put("conf.d/20.toml", "[[job]]\nid = 3\n[a.deep]\ny = 2\n");
  put("conf.d/10.toml", "[[job]]\nid = 2\n[b]\nz = 3\n");
  put("conf.d/.hidden.toml", "[[job]]\nid = 9\n");
  put("conf.d/notes.txt", "not = [TOML");
  const Source source = read_files(main);
  EXPECT_THAT(flaws(source), IsEmpty());
  EXPECT_THAT(source.files, ElementsAre(name("main.toml"), name("conf.d/10.toml"), name("conf.d/20.toml")));
  EXPECT_THAT(flatten({source.root}),
              UnorderedElementsAre(Pair("job[0].id", "1"), Pair("job[1].id", "2"), Pair("job[2].id", "3"),
                                   Pair("a.x", "1"), Pair("a.deep.y", "2"), Pair("b.z", "3")));
}

TEST_F(Files, WhatIsSetTwiceNamesBothPlaces) {
  const fs::path main = put("main.toml", "[a]\nx = 1\nlist = [1]\nt = {}\n");
  put("conf.d/more.toml", "\n[a]\nx = 1\nlist = [2]\nt = 3\n");
  const std::string more = name("conf.d/more.toml"), first = name("main.toml");
  EXPECT_THAT(flaws(read_files(main)),
              ElementsAre(more + ":3:1: a.x: already set at " + first + ":2:1; keep one of the two",
                          more + ":4:1: a.list: already set at " + first + ":3:1; keep one of the two",
                          more + ":5:1: a.t: already set at " + first + ":4:1; keep one of the two"));
}

TEST_F(Files, WhatCannotBeReadIsAFlaw) {
  const Source missing = read_files(root_ / "none.toml");
  EXPECT_THAT(flaws(missing), ElementsAre(name("none.toml") + ": cannot be read: No such file or directory"));
  EXPECT_FALSE(missing.complete);

  const fs::path main = put("main.toml", "");
  fs::create_directories(root_ / "conf.d/folder.toml");
  EXPECT_THAT(flaws(read_files(main)),
              ElementsAre(name("conf.d/folder.toml") + ": cannot be read: not a regular file"));
  EXPECT_THAT(flaws(read_files(main, root_ / "named.d")),
              ElementsAre(name("named.d") + ": cannot be read: No such file or directory"));
}

TEST_F(Files, AHugeFileIsRefused) {
  const fs::path main = put("main.toml", std::string(4 * 1024 * 1024 + 1, '\n'));
  EXPECT_THAT(flaws(read_files(main)), ElementsAre(name("main.toml") + ": cannot be read: longer than 4194304 bytes"));
}

TEST(Texts, ASyntaxErrorDoesNotHideOtherFiles) {
  const Source source = read_texts({{"a.toml", "x = 1"}, {"b.toml", "x = "}, {"c.toml", "x = 2"}});
  EXPECT_FALSE(source.complete);
  ASSERT_EQ(flaws(source).size(), 2u);
  EXPECT_THAT(flaws(source)[0], testing::StartsWith("b.toml:1:"));
  EXPECT_EQ(flaws(source)[1], "c.toml:1:1: x: already set at a.toml:1:1; keep one of the two");
}

std::string dotted(unsigned parts) {
  std::string key = "a";
  for (unsigned i = 1; i < parts; ++i) key += ".a";
  return key;
}

TEST(Texts, AKeyOfEndlessPartsIsRefused) {
  for (const std::string& text : {dotted(300'000) + " = 1", "[" + dotted(33) + "]", "x = { " + dotted(33) + " = 1 }",
                                  "\"\\\"\"." + dotted(32) + " = 1", "[" + dotted(300'000),
                                  "x = [\"\"\"a\"\"\"\"\", { " + dotted(33) + " = 1 }]"}) {
    const Source source = read_texts({{"a.toml", "t = '''\n'''\n" + text}});
    EXPECT_THAT(flaws(source), ElementsAre("a.toml:3:1: a key has more than 32 parts")) << text.substr(0, 50);
  }
}

TEST(Texts, EndlessNestingIsRefused) {
  const auto lists = [](std::size_t levels) { return "x = " + std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_THAT(flaws(read_texts({{"a.toml", lists(64)}})), IsEmpty());
  EXPECT_THAT(flaws(read_texts({{"a.toml", lists(65)}})), ElementsAre("a.toml:1:69: nested deeper than 64 levels"));
  std::string keys = "x = ";
  for (int i = 0; i < 100; ++i) keys += "[{ " + dotted(32) + " = ";
  keys += "1";
  for (int i = 0; i < 100; ++i) keys += " }]";
  EXPECT_EQ(flaws(read_texts({{"a.toml", keys}})).size(), 1u);
}

TEST(Texts, DotsElsewhereAreNoKeys) {
  const std::string prose(500, '.');
  const std::string text = dotted(32) + " = 1\nb = \"" + prose + "\"\nc = \"\"\"\n\"" + prose + "\"\"\"\n# it's " +
                           prose + "\nd = '" + prose + "'\ne = [1.5, 2.5]\n";
  EXPECT_THAT(flaws(read_texts({{"a.toml", text}})), IsEmpty());
}

}  // namespace
}  // namespace supportd::config
