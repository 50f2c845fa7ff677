// An advisory lock on a file, held until destroyed or the process ends: one daemon an SQLite ledger.
#pragma once

#include <filesystem>

namespace supportd::store {

class FileLock {
 public:
  // Throws Error{config} naming the process that holds it, {unreachable} when the file cannot be made.
  explicit FileLock(const std::filesystem::path& file);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace supportd::store
