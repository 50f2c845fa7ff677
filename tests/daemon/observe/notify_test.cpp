#include "daemon/observe/notify.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "daemon/time/clock.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::observe::notify {
namespace {

using namespace std::chrono_literals;

// Stands in for the service manager.
class NotifyTest : public testing::Test {
 protected:
  void SetUp() override {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = scratch / "notify";
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(socket_);
  }
  std::string heard() {
    char buffer[1024];
    const ssize_t size = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
    return size < 0 ? "(nothing)" : std::string(buffer, static_cast<std::size_t>(size));
  }

  fakes::Scratch scratch;
  int socket_ = -1;
};

TEST_F(NotifyTest, TellsItsStateInOneDatagramEach) {
  ready("4 jobs, next sweep 00:05");
  EXPECT_EQ(heard(), "READY=1\nSTATUS=4 jobs, next sweep 00:05");
  stopping("draining");
  EXPECT_EQ(heard(), "STOPPING=1\nSTATUS=draining");
  status("idle");
  EXPECT_EQ(heard(), "STATUS=idle");
  watchdog();
  EXPECT_EQ(heard(), "WATCHDOG=1");
  extend_timeout(5s);
  EXPECT_EQ(heard(), "EXTEND_TIMEOUT_USEC=5000000");
  EXPECT_EQ(heard(), "(nothing)");
}

TEST_F(NotifyTest, AReloadSaysWhenItBegan) {
  const auto before = time::machine_monotonic();
  reloading();
  const std::string said = heard();
  const std::string expected = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_EQ(said.substr(0, expected.size()), expected);
  const std::chrono::microseconds at{std::stoll(said.substr(expected.size()))};
  EXPECT_GE(at, std::chrono::floor<std::chrono::microseconds>(before));
  EXPECT_LE(at, time::machine_monotonic());
}

TEST_F(NotifyTest, AStatusCannotSmuggleAnotherAssignment) {
  status("broken: x\nMAINPID=1");
  EXPECT_EQ(heard(), "STATUS=broken: x\\nMAINPID=1");
}

TEST(Notify, IsSilentWithoutAManager) {
  ::unsetenv("NOTIFY_SOCKET");
  ready("nobody hears");
  EXPECT_TRUE(passed_sockets().empty());
  EXPECT_FALSE(watchdog_interval());
}

TEST(Notify, KnowsTheWatchdogMeantForIt) {
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(watchdog_interval(), 30s);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_FALSE(watchdog_interval());
  ::unsetenv("WATCHDOG_USEC");
  ::unsetenv("WATCHDOG_PID");
}

// In a child, whose descriptors 3 and 4 are free to take.
TEST(Notify, TakesPassedSocketsByName) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int made = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ::dup2(made, 3);
    ::dup2(made, 4);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "2", 1);
    ::setenv("LISTEN_FDNAMES", "http:control", 1);
    const auto sockets = passed_sockets();
    const bool right = sockets.size() == 2 && sockets[0].name == "http" && sockets[0].descriptor == 3 &&
                       sockets[1].name == "control" && sockets[1].descriptor == 4;
    ::_exit(right ? 0 : 1);
  }
  int state = 0;
  ASSERT_EQ(::waitpid(child, &state, 0), child);
  EXPECT_TRUE(WIFEXITED(state));
  EXPECT_EQ(WEXITSTATUS(state), 0);
}

}  // namespace
}  // namespace supportd::observe::notify
