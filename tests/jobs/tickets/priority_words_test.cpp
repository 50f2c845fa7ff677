#include "jobs/tickets/priority_words.hpp"

#include <gtest/gtest.h>

namespace supportd::tickets {
namespace {

TEST(PriorityByWords, WholeWordsWhateverTheirCase) {
  const PriorityWords words;
  EXPECT_EQ(priority_by_words(words, "Site is DOWN", "").priority, Priority::urgent);
  EXPECT_EQ(priority_by_words(words, "Site is DOWN", "").word, "down");
  EXPECT_EQ(priority_by_words(words, "how to download", "a shutdown guide").priority, Priority::normal);
  EXPECT_EQ(priority_by_words(words, "", "We saw data\nloss.").priority, Priority::urgent);
  EXPECT_EQ(priority_by_words(words, "", "data, then a loss").priority, Priority::normal);
}

TEST(PriorityByWords, UrgentAndCriticalAreWordsOfHigh) {
  EXPECT_EQ(priority_by_words({}, "urgent: critical", "").priority, Priority::high);
  EXPECT_EQ(priority_by_words({}, "a question", "").word, "");
}

TEST(PriorityByWords, OtherScripts) {
  PriorityWords words;
  words.urgent = {"서비스 중단"};
  EXPECT_EQ(priority_by_words(words, "서비스 중단이 발생했습니다", "").priority, Priority::urgent);
}

}  // namespace
}  // namespace supportd::tickets
