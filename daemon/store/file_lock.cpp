#include "daemon/store/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "daemon/error.hpp"

namespace supportd::store {

FileLock::FileLock(const std::filesystem::path& file) {
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) {
    throw Error(ErrorKind::unreachable, "ledger: cannot write " + file.string() + ": " + std::strerror(errno));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const auto length = ::pread(descriptor_, holder, sizeof holder - 1, 0);
    ::close(descriptor_);
    throw Error(ErrorKind::config, "the ledger is in use by another supportd" +
                                       (length > 0 ? " (process " + std::string(holder) + ")" : std::string()) + ": " +
                                       file.string() + ". An SQLite ledger serves one daemon; several need " +
                                       "PostgreSQL");
  }
  const std::string me = std::to_string(::getpid());
  if (::ftruncate(descriptor_, 0) == 0) static_cast<void>(::pwrite(descriptor_, me.data(), me.size(), 0) < 0);
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace supportd::store
