// Every target over its corpus, and over mutations of it that are the same each time.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <vector>

#include "tests/fuzz/targets.hpp"

namespace supportd::fuzz {
namespace {

const std::filesystem::path corpus = std::filesystem::path(SUPPORTD_SOURCE) / "tests/fuzz/corpus";
constexpr int mutations_a_seed = 300;

std::vector<std::string> seeds(const std::string& target) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(corpus / target)) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<std::string> out;
  for (const auto& file : files) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    out.push_back(std::move(text).str());
  }
  return out;
}

// One small harm: a byte set, a stretch cut out, said twice, or taken from another seed.
void harm(std::string& text, const std::string& other, std::mt19937& random) {
  const auto below = [&](std::size_t most) { return most == 0 ? 0 : random() % most; };
  const std::size_t at = below(text.size() + 1), length = below(9);
  switch (random() % 5) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(random() % 256);
      return;
    case 1: text.erase(at, length); return;
    case 2: text.insert(at, text.substr(at, length)); return;
    case 3: text.insert(at, 1, "\0\xff\"'<&{[\\%\n-"[random() % 13]); return;
    default: text.insert(at, other.substr(below(other.size()), length)); return;
  }
}

class Corpus : public testing::TestWithParam<std::string> {};

TEST_P(Corpus, IsTakenOrRefused) {
  const Target target = targets().at(GetParam());
  const auto all = seeds(GetParam());
  ASSERT_FALSE(all.empty());
  std::mt19937 random(1);
  for (const std::string& seed : all) {
    target(seed);
    for (int i = 0; i < mutations_a_seed; ++i) {
      std::string text = seed;
      for (auto harms = random() % 4 + 1; harms > 0; --harms) harm(text, all[random() % all.size()], random);
      target(text);
    }
  }
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const auto& [name, target] : targets()) out.push_back(name);
  return out;
}
INSTANTIATE_TEST_SUITE_P(, Corpus, testing::ValuesIn(names()), [](const auto& name) { return name.param; });

}  // namespace
}  // namespace supportd::fuzz
