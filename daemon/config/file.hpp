// Whole files, read with a limit.
#pragma once

#include <filesystem>
#include <string>

#include "daemon/result.hpp"

namespace supportd::config {

// A regular file of at most `longest` bytes; the mistake is what the system said.
Parsed<std::string> read_file(const std::filesystem::path& path, std::size_t longest);

}  // namespace supportd::config
