// Every tests/data/config/*.bad.toml gives exactly the lines of the .bad.txt beside it. A directory of the same
// name with .bad.d is its conf.d.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/daemon/config/sample.hpp"

namespace supportd::config {
namespace {

namespace fs = std::filesystem;

const fs::path directory = fs::path(SUPPORTD_SOURCE) / "tests/data/config";

std::vector<std::string> bad_files() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".bad.toml")) names.push_back(name.substr(0, name.size() - std::string(".bad.toml").size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Without the directory of the data, which differs from machine to machine.
std::string portable(std::string text) {
  const std::string prefix = directory.string() + "/";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) text.erase(at, prefix.size());
  return text;
}

class BadFile : public testing::TestWithParam<std::string> {};

TEST_P(BadFile, SaysExactlyWhatIsWrong) {
  const fs::path file = directory / (GetParam() + ".bad.toml");
  const fs::path drop_ins = directory / (GetParam() + ".bad.d");
  const Source source = fs::exists(drop_ins) ? read_files(file, drop_ins) : read_files(file);
  const Loaded loaded = sample::schema().load(source);

  std::string said;
  for (const std::string& line : sample::lines(loaded)) said += portable(line) + "\n";
  std::ifstream expectation(directory / (GetParam() + ".bad.txt"), std::ios::binary);
  EXPECT_EQ(said, std::string(std::istreambuf_iterator<char>(expectation), {}));
  EXPECT_EQ(loaded.config, nullptr);
}

INSTANTIATE_TEST_SUITE_P(Config, BadFile, testing::ValuesIn(bad_files()),
                         [](const auto& instance) { return instance.param; });

TEST(BadFiles, AreMany) { EXPECT_GE(bad_files().size(), 25u); }

}  // namespace
}  // namespace supportd::config
