#include "connectors/aws/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "daemon/error.hpp"

namespace supportd::connectors::aws {
namespace {

// One read end and the child that holds the write end, both gone when this is.
class Child {
 public:
  explicit Child(std::vector<std::string> words) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      throw Error(ErrorKind::unreachable, std::string("pipe: ") + std::strerror(errno));
    output_ = ends[0];
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int wrong = spawn(arguments, ends[1]);
    ::close(ends[1]);
    if (wrong != 0) {
      ::close(output_);
      throw Error(ErrorKind::config, "credential_process: cannot run " + words.front() + ": " + std::strerror(wrong));
    }
  }
  ~Child() {
    ::close(output_);
    if (pid_ > 0) {
      kill();
      int status = 0;
      while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
      }
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int output() const { return output_; }
  // With all that it started.
  void kill() const { ::kill(-pid_, SIGKILL); }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
  }

 private:
  int spawn(std::vector<char*>& arguments, int write_end) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, standard;
    sigemptyset(&none);
    sigfillset(&standard);
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, write_end, 1);
    ::posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
    ::posix_spawnattr_init(&attributes);
    // A group of its own, and none of the daemon's blocked or ignored signals.
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &standard);
    const int wrong = ::posix_spawnp(&pid_, arguments[0], &files, &attributes, arguments.data(), environ);
    if (wrong != 0) pid_ = 0;
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
    return wrong;
  }

  pid_t pid_ = 0;
  int output_ = -1;
};

// False when `until` passed first. Appends at most one block.
enum class Read { more, end, late };
Read read_some(const Child& child, std::string& out, time::Clock& clock, std::chrono::nanoseconds until) {
  const auto left = until - clock.steady();
  if (left.count() <= 0) return Read::late;
  const auto real = std::chrono::duration<double, std::milli>(left).count() / clock.speed();
  pollfd waited{child.output(), POLLIN, 0};
  const int ready = ::poll(&waited, 1, static_cast<int>(std::clamp(real, 1.0, 60'000.0)));
  if (ready <= 0) return Read::more;
  char block[4096];
  const ssize_t got = ::read(child.output(), block, sizeof block);
  if (got < 0) return errno == EINTR ? Read::more : Read::end;
  if (got == 0) return Read::end;
  out.append(block, static_cast<std::size_t>(got));
  return Read::more;
}

std::string run(const std::string& command, time::Clock& clock, Millis deadline, std::size_t limit,
                std::stop_token stop) {
  auto words = split_command(command);
  if (words.has_error()) throw Error(ErrorKind::config, "credential_process: " + words.error().what);
  const auto until = clock.steady() + deadline;
  Child child(*words);
  std::string out;
  {
    const std::stop_callback end(stop, [&child] { child.kill(); });
    for (Read state = Read::more; state != Read::end;) {
      state = read_some(child, out, clock, until);
      if (stop.stop_requested()) throw Error(ErrorKind::stopped, "stopped while running the credential_process");
      if (state == Read::late) throw Error(ErrorKind::unreachable, "the credential_process took too long");
      if (out.size() > limit) throw Error(ErrorKind::config, "the credential_process wrote too much");
    }
  }
  const int status = child.wait();
  if (!WIFEXITED(status)) throw Error(ErrorKind::config, "the credential_process was ended by a signal");
  if (WEXITSTATUS(status) != 0) {
    throw Error(ErrorKind::config,
                "the credential_process ended with exit status " + std::to_string(WEXITSTATUS(status)));
  }
  return out;
}

}  // namespace

Parsed<std::vector<std::string>> split_command(std::string_view command) {
  std::vector<std::string> words;
  bool inside = false;  // a word, perhaps an empty one in quotes
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (c == ' ' || c == '\t') {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (c == '\\') {
      if (i + 1 == command.size()) return Mistake{"the command ends in a backslash", i + 1};
      words.back() += command[++i];
    } else if (c == '\'' || c == '"') {
      const std::size_t opening = i;
      for (++i; i < command.size() && command[i] != c; ++i) {
        const bool escaped = c == '"' && command[i] == '\\' && i + 1 < command.size() &&
                             (command[i + 1] == '"' || command[i + 1] == '\\');
        if (escaped) ++i;
        words.back() += command[i];
      }
      if (i >= command.size()) return Mistake{"a quote is not closed", opening + 1};
    } else {
      words.back() += c;
    }
  }
  if (words.empty() || words.front().empty()) return Mistake{"no command"};
  return words;
}

RunProcess local_processes(time::Clock& clock, Millis deadline, std::size_t limit) {
  return [&clock, deadline, limit](const std::string& command, std::stop_token stop) {
    return run(command, clock, deadline, limit, stop);
  };
}

}  // namespace supportd::connectors::aws
