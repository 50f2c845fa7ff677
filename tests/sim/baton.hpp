// One process' threads under one seed (rule 28). Tasks keep their own threads, but only the holder of the baton runs;
// at each seam the seed picks who goes on. Time stands still while anybody can run and jumps to the earliest awaited
// instant when nobody can, so that a month costs what is done in it. The thread that makes the baton is its first
// task and must destroy it, after all threads spawned on it have been joined.
#pragma once

#include <semaphore.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/time/clock.hpp"
#include "tests/fakes/random.hpp"

namespace supportd::sim {

// Where a task can lose the baton or the process its life. Nobody loses the baton in `ring` and `spawn`, which may
// be called under a lock, but a crash may begin there.
enum class Point { wait, ring, call, before_commit, after_commit, spawn, end };
inline constexpr std::array all_points = {Point::wait,         Point::ring,  Point::call, Point::before_commit,
                                          Point::after_commit, Point::spawn, Point::end};
std::string_view to_text(Point point);

// The process is dead. Not a std::exception, so that nothing that handles errors handles it.
struct Crashed {};

class Baton final : public time::Clock {
 public:
  // `stay`: how many times in a million a task that can go on does go on.
  Baton(std::uint64_t seed, Instant start, std::uint64_t stay = 800'000);
  ~Baton() override;

  Instant now() const override { return start_ + elapsed_ + step_; }
  std::chrono::nanoseconds steady() const override { return elapsed_ + std::chrono::hours{1}; }
  void wait(std::unique_lock<std::mutex>& lock, time::Bell& bell, Instant until = time::never) override;
  void ring(time::Bell& bell) override;
  std::unique_ptr<time::Thread> spawn(std::string name, std::function<void()> body) override;
  void seam(time::Seam seam) override;

  // Time as everybody else has it, whatever this machine's wall clock was set to.
  Instant true_now() const { return start_ + elapsed_; }
  // For the first task: lets the others run until then. Throws Crashed when the process dies meanwhile.
  void sleep_until(Instant true_time);
  // The machine's wall clock is set; steady time goes on, and whoever waits looks again.
  void step_wall(Millis by);

  // From now on every seam throws in every task, but not joins and rings, so that all that lives in the process can
  // be destroyed and nothing more is committed.
  void crash();
  // The n-th point of this kind from now on (1: the next) is a crash.
  void plan_crash(Point point, std::uint64_t n);
  void plan_nothing() { planned_.reset(); }
  bool crashed() const { return crashed_; }
  // After a crash, when every spawned thread has been joined: a new process starts.
  void revive();

  // Why the baton itself ended the process: a deadlock or a livelock, with the state of every task. Empty: it did not.
  const std::string& stuck() const { return stuck_; }
  const std::array<std::uint64_t, all_points.size()>& crashes() const { return crashes_; }
  std::uint64_t switches() const { return switches_; }
  std::uint64_t seams() const { return seams_; }
  // Of everything that was decided so far.
  std::uint64_t trace_hash() const { return hash_; }
  void trace_to(std::function<void(const std::string&)> sink) { trace_ = std::move(sink); }

 private:
  enum class State { ready, waiting, joining, done };
  // Sleeps at once: with one runner at a time, spinning for the baton only takes the time of whoever holds it.
  class Turn {
   public:
    Turn() { sem_init(&semaphore_, 0, 0); }
    ~Turn() { sem_destroy(&semaphore_); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    void release() { sem_post(&semaphore_); }
    void acquire() {
      while (sem_wait(&semaphore_) != 0) {
      }
    }

   private:
    sem_t semaphore_;
  };
  struct Task {
    explicit Task(std::string its_name) : name(std::move(its_name)) {}
    const std::string name;
    State state = State::ready;
    const time::Bell* bell = nullptr;  // waiting
    Millis until = Millis::max();      // waiting, by elapsed_
    const Task* joins = nullptr;       // joining
    Turn turn;
    std::thread thread;
  };
  class Joined;

  void at(Point point);
  void yield();
  void pass_on();
  Task* choose();
  void wake_earliest();
  void finish(Task& task);
  void join(Task& task);
  void die(std::string why);
  std::string states() const;
  void note(std::string_view what, const Task& task);

  // Only the holder of the baton touches any of this; the semaphores order it.
  fakes::Random random_;
  const Instant start_;
  const std::uint64_t stay_;
  Millis elapsed_{0}, step_{0};
  Task first_{"world"};
  Task* running_ = &first_;
  std::vector<Task*> tasks_{&first_};  // in the order they were spawned
  bool crashed_ = false;
  struct Plan {
    Point point;
    std::uint64_t left;
  };
  std::optional<Plan> planned_;
  std::string stuck_;
  std::array<std::uint64_t, all_points.size()> crashes_{};
  std::uint64_t switches_ = 0, seams_ = 0, since_time_moved_ = 0;
  std::uint64_t hash_ = 0xCBF29CE484222325u;
  std::function<void(const std::string&)> trace_;
};

}  // namespace supportd::sim
