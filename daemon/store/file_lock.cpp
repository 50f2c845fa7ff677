#include "daemon/store/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "daemon/error.hpp"

namespace supportd::store {

namespace {

[[noreturn]] void cannot_write(const std::filesystem::path& file, int error) {
  const auto directory = file.parent_path();
  if (error == ENOENT) {
    throw Error(ErrorKind::config, "ledger: there is no directory " + directory.string() +
                                       ": create it, or name another as daemon.state_directory");
  }
  // What the operator mends, as opposed to what may pass.
  const bool is_lasting = error == EACCES || error == EPERM || error == EROFS || error == ENOTDIR || error == EISDIR;
  throw Error(is_lasting ? ErrorKind::config : ErrorKind::unreachable,
              "ledger: cannot write " + file.string() + ": " + std::strerror(error));
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file) {
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) cannot_write(file, errno);
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
