#include "daemon/time/synchronised.hpp"

#include <gtest/gtest.h>

#include "tests/fakes/scratch.hpp"

namespace supportd::time {
namespace {

TEST(Synchronised, WithoutABusNobodyKnows) {
  const fakes::Scratch scratch;
  EXPECT_FALSE(is_synchronised("unix:path=" + (scratch.path() / "bus").string()));
  EXPECT_FALSE(is_synchronised("nonsense"));
}

}  // namespace
}  // namespace supportd::time
