// The folder of specs and vectors beside the project. Where it is missing, tests of it are skipped by name; where it is
// there, a file that it lacks is a failure.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#define SUPPORTD_NEED_SHARED(file)                                                                           \
  if (!std::filesystem::is_directory(SUPPORTD_SHARED)) GTEST_SKIP() << "no shared folder: " SUPPORTD_SHARED; \
  ASSERT_TRUE(std::filesystem::exists(file)) << (file)
