#include "daemon/config/print.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/config/sample.hpp"

namespace supportd::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Loaded load(const std::string& text) { return sample::schema().load(read_texts({{"a.toml", text}})); }

TEST(Print, FillsInEveryDefault) {
  EXPECT_EQ(print(load("[desk.main]\nurl = \"https://a\"\napi_key = { credential = \"a\" }").config->effective()),
            R"([aws_cases]
enabled = true
endpoint = "https://support.us-east-1.amazonaws.com"
interval = "1m"
limit = 10
port = 443
share = 0.5
tags = ["aws"]
codes = []
overlap = "skip"
allowed = ["skip"]
zone = "UTC"
schedule = "1m"
desk = "main"

[aws_cases.services]
ec2 = "amazon-elastic-compute-cloud-linux"
vpc = "vpc"

[aws_cases.weights]

[aws_cases.retry]
times = 3
pause = "1s"

[desk.main]
url = "https://a"
api_key = "***"
low = 1
high = 9
)");
}

// What is printed means the same when it is read again; only secrets need their place back.
TEST(Print, ReadsBackAsTheSame) {
  const std::string all = R"(
[aws_cases]
share = 1e-7
baseline = 2026-01-01T00:00:00.5Z
codes = [1]
tags = ["a\u0001\"\\\t\n\u007f", "가"]
weights = { "a b" = 1, "" = 2, "\"" = 3 }
second = {}
[[aws_cases.account]]
id = "1"
[[aws_cases.account]]
id = "2"
[[run_once]]
id = "x"
job = "pull"
)";
  const Loaded once = load(all);
  ASSERT_THAT(sample::lines(once), IsEmpty());
  const std::string printed = print(once.config->effective());
  const Loaded again = load(printed);
  ASSERT_THAT(sample::lines(again), IsEmpty());
  EXPECT_EQ(print(again.config->effective()), printed);
  EXPECT_THAT(diff(once.config->effective(), again.config->effective()), IsEmpty());
  EXPECT_EQ(again.config->get<sample::Cases>("aws_cases").tags, once.config->get<sample::Cases>("aws_cases").tags);
}

TEST(Diff, NamesWhatAReloadChanges) {
  const std::string desk = "[desk.main]\nurl = \"https://a\"\napi_key = ";
  const Loaded before = load("aws_cases = { limit = 5, tags = [\"a\"] }\n" + desk + "{ credential = \"a\" }");
  const Loaded after = load("aws_cases = { limit = 6, baseline = 2026-01-01T00:00:00Z, tags = [\"a\"] }\n" + desk +
                            "{ file = \"/nowhere/b\" }\n[[run_once]]\nid = \"x\"\njob = \"pull\"");
  EXPECT_THAT(diff(before.config->effective(), after.config->effective()),
              ElementsAre(Change{"aws_cases.baseline", "", "2026-01-01T00:00:00Z"}, Change{"aws_cases.limit", "5", "6"},
                          Change{"desk.main.api_key", "\"***\" (credential a)", "\"***\" (file /nowhere/b)"},
                          Change{"run_once[0].id", "", "\"x\""}, Change{"run_once[0].job", "", "\"pull\""}));
  EXPECT_THAT(diff(before.config->effective(), before.config->effective()), IsEmpty());
}

}  // namespace
}  // namespace supportd::config
