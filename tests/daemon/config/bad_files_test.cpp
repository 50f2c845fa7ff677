// Every tests/data/config/*.bad.toml gives exactly the lines of the .bad.txt beside it. A directory of the same
// name with .bad.d is its conf.d. Those in sections/ are judged as the daemon judges its own file.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "daemon/builtin.hpp"
#include "tests/daemon/config/sample.hpp"

namespace supportd::config {
namespace {

namespace fs = std::filesystem;

const fs::path directory = fs::path(SUPPORTD_SOURCE) / "tests/data/config";

const fs::path sections = directory / "sections";

std::vector<std::string> bad_files(const fs::path& where = directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(where)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".bad.toml")) names.push_back(name.substr(0, name.size() - std::string(".bad.toml").size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Without the directory of the data, which differs from machine to machine.
std::string portable(std::string text, const fs::path& where) {
  const std::string prefix = where.string() + "/";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) text.erase(at, prefix.size());
  return text;
}

void expect_exactly_its_flaws(const fs::path& where, const std::string& name, const Schema& schema) {
  const fs::path file = where / (name + ".bad.toml");
  const fs::path drop_ins = where / (name + ".bad.d");
  const Source source = fs::exists(drop_ins) ? read_files(file, drop_ins) : read_files(file);
  const Loaded loaded = schema.load(source);

  std::string said;
  for (const std::string& line : sample::lines(loaded)) said += portable(line, where) + "\n";
  std::ifstream expectation(where / (name + ".bad.txt"), std::ios::binary);
  EXPECT_EQ(said, std::string(std::istreambuf_iterator<char>(expectation), {}));
  EXPECT_EQ(loaded.config, nullptr);
}

class BadFile : public testing::TestWithParam<std::string> {};
TEST_P(BadFile, SaysExactlyWhatIsWrong) { expect_exactly_its_flaws(directory, GetParam(), sample::schema()); }
INSTANTIATE_TEST_SUITE_P(Config, BadFile, testing::ValuesIn(bad_files()),
                         [](const auto& instance) { return instance.param; });

class BadSection : public testing::TestWithParam<std::string> {};
TEST_P(BadSection, SaysExactlyWhatIsWrong) { expect_exactly_its_flaws(sections, GetParam(), builtin_schema()); }
INSTANTIATE_TEST_SUITE_P(Config, BadSection, testing::ValuesIn(bad_files(sections)),
                         [](const auto& instance) { return instance.param; });

TEST(BadFiles, AreMany) {
  EXPECT_GE(bad_files().size(), 40u);
  EXPECT_GE(bad_files(sections).size(), 6u);
}

}  // namespace
}  // namespace supportd::config
