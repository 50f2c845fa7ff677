// The examples of docs/sync.md are what they say.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "daemon/builtin.hpp"
#include "jobs/desk_sync/transform.hpp"

namespace supportd::desk_sync {
namespace {

std::vector<std::string> lines_of_manual() {
  std::ifstream in(SUPPORTD_SOURCE "/docs/sync.md");
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(SyncManual, ItsConfigurationsAreSound) {
  std::string block;
  bool inside = false;
  int blocks = 0;
  for (const std::string& line : lines_of_manual()) {
    if (inside && line == "```") {
      const auto loaded = builtin_schema().load(config::read_texts({{"sync.md", block}}));
      for (const auto& flaw : loaded.flaws) {
        // An example is about one thing; the desk it is about stands in the first.
        if (flaw.what.find("is no Freshdesk desk") == flaw.what.npos) ADD_FAILURE() << block << config::to_text(flaw);
      }
      ++blocks;
      inside = false;
    } else if (line == "```toml") {
      inside = true;
      block.clear();
    } else if (inside) {
      block += line + "\n";
    }
  }
  EXPECT_EQ(blocks, 4);
}

struct Example {
  std::vector<Step> steps;
};
void bind(config::Binder& b, Example& example) { b.tables("steps", example.steps); }

// Between backticks: "| `step` | `of` | `becomes` |".
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t at = line.find('`'); at != line.npos; at = line.find('`', at)) {
    const std::size_t end = line.find('`', at + 1);
    if (end == line.npos) break;
    out.push_back(line.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return out;
}

TEST(SyncManual, ItsStepsDoWhatTheTableSays) {
  int examples = 0;
  for (const std::string& line : lines_of_manual()) {
    if (!line.starts_with("| `{")) continue;
    const auto row = cells(line);
    ASSERT_EQ(row.size(), 3U) << line;
    config::Schema schema;
    schema.add<Example>("example");
    const auto loaded = schema.load(config::read_texts({{"sync.md", "[example]\nsteps = [" + row[0] + "]\n"}}));
    ASSERT_TRUE(loaded.config) << line << (loaded.flaws.empty() ? "" : config::to_text(loaded.flaws.front()));
    EXPECT_EQ(transform(loaded.config->get<Example>("example").steps, row[1]), row[2]) << line;
    ++examples;
  }
  EXPECT_EQ(examples, 10);
}

}  // namespace
}  // namespace supportd::desk_sync
