#include "tests/sim/baton.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace supportd::sim {
namespace {

// More decisions than that at one instant are no progress; a healthy month stays below a thousand.
constexpr std::uint64_t livelock = 20'000;

constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) { return (hash ^ value) * 0x100000001B3u; }

}  // namespace

std::string_view to_text(Point point) {
  switch (point) {
    case Point::wait: return "wait";
    case Point::ring: return "ring";
    case Point::call: return "call";
    case Point::before_commit: return "before_commit";
    case Point::after_commit: return "after_commit";
    case Point::spawn: return "spawn";
    case Point::end: return "end";
  }
  return "";
}

class Baton::Joined final : public time::Thread {
 public:
  Joined(Baton& baton, std::unique_ptr<Task> task) : baton_(baton), task_(std::move(task)) {}
  ~Joined() override { baton_.join(*task_); }

 private:
  Baton& baton_;
  std::unique_ptr<Task> task_;
};

Baton::Baton(std::uint64_t seed, Instant start, std::uint64_t stay)
    : random_(fakes::seed_for(seed, "baton")), start_(start), stay_(stay) {}

Baton::~Baton() {
  if (tasks_.size() != 1) {
    std::fprintf(stderr, "baton: threads outlive it\n%s", states().c_str());
    std::abort();
  }
}

void Baton::wait(std::unique_lock<std::mutex>& lock, time::Bell& bell, Instant until) {
  at(Point::wait);
  Task& me = *running_;
  me.bell = &bell;
  // A deadline may lie so far off that subtracting would overflow.
  me.until = until == time::never ? Millis::max() : std::max(elapsed_, elapsed_ + (until - now()));
  me.state = me.until > elapsed_ ? State::waiting : State::ready;
  lock.unlock();
  yield();
  lock.lock();
  if (crashed_) throw Crashed{};
}

void Baton::ring(time::Bell& bell) {
  for (Task* task : tasks_) {
    if (task->state == State::waiting && task->bell == &bell) task->state = State::ready;
  }
  try {
    at(Point::ring);
  } catch (const Crashed&) {  // the ringer dies at its next seam: it may be in a destructor now
  }
}

std::unique_ptr<time::Thread> Baton::spawn(std::string name, std::function<void()> body) {
  at(Point::spawn);
  auto task = std::make_unique<Task>(std::move(name));
  Task& it = *task;
  tasks_.push_back(&it);
  it.thread = std::thread([this, &it, run = std::move(body)]() mutable {
    it.turn.acquire();
    try {
      if (!crashed_) run();
      run = {};
      at(Point::end);
    } catch (const Crashed&) {
      run = {};
    }
    finish(it);
  });
  return std::make_unique<Joined>(*this, std::move(task));
}

void Baton::seam(time::Seam seam) {
  switch (seam) {
    case time::Seam::call: at(Point::call); break;
    case time::Seam::before_commit: at(Point::before_commit); break;
    case time::Seam::after_commit: at(Point::after_commit); break;
  }
  yield();
  if (crashed_) throw Crashed{};
}

void Baton::sleep_until(Instant true_time) {
  std::mutex nobody_else;
  time::Bell silent;
  std::unique_lock lock(nobody_else);
  while (true_now() < true_time) wait(lock, silent, true_time + step_);
}

void Baton::step_wall(Millis by) {
  step_ += by;
  hash_ = mix(hash_, static_cast<std::uint64_t>(by.count()));
  for (Task* task : tasks_) {
    if (task->state == State::waiting && task->until != Millis::max()) task->state = State::ready;
  }
}

void Baton::crash() {
  crashed_ = true;
  planned_.reset();
  for (Task* task : tasks_) {
    if (task->state == State::waiting) task->state = State::ready;
  }
}

void Baton::plan_crash(Point point, std::uint64_t n) { planned_ = Plan{point, n}; }

void Baton::revive() {
  if (tasks_.size() != 1) die("a process was started while threads of the last one live");
  crashed_ = false;
}

// Throws where the process dies or is dead.
void Baton::at(Point point) {
  ++seams_;
  if (crashed_) throw Crashed{};
  if (!planned_ || planned_->point != point || --planned_->left > 0) return;
  ++crashes_[static_cast<std::size_t>(point)];
  note("crash", *running_);
  crash();
  throw Crashed{};
}

// Lets the seed pick who goes on; returns when this task is picked.
void Baton::yield() {
  Task& me = *running_;
  if (me.state == State::ready && (crashed_ || random_.chance(stay_))) return;
  Task* next = choose();
  if (next == &me) return;
  ++switches_;
  running_ = next;
  next->turn.release();
  me.turn.acquire();
}

void Baton::pass_on() {
  Task* next = choose();
  ++switches_;
  running_ = next;
  next->turn.release();
}

Baton::Task* Baton::choose() {
  for (;;) {
    std::uint64_t ready = 0;
    for (const Task* task : tasks_) ready += task->state == State::ready;
    if (ready > 0) {
      if (++since_time_moved_ == livelock && !crashed_) die("nobody lets time pass");
      std::uint64_t pick = random_.below(ready);
      for (Task* task : tasks_) {
        if (task->state == State::ready && pick-- == 0) {
          note("runs", *task);
          return task;
        }
      }
    }
    wake_earliest();
  }
}

void Baton::wake_earliest() {
  Millis first = Millis::max();
  for (const Task* task : tasks_) {
    if (task->state == State::waiting) first = std::min(first, task->until);
  }
  if (first == Millis::max()) return die("nobody can run and nobody waits for a time");
  elapsed_ = std::max(elapsed_, first);
  since_time_moved_ = 0;
  for (Task* task : tasks_) {
    if (task->state == State::waiting && task->until <= elapsed_) task->state = State::ready;
  }
}

void Baton::finish(Task& task) {
  task.state = State::done;
  for (Task* other : tasks_) {
    if (other->state == State::joining && other->joins == &task) other->state = State::ready;
  }
  pass_on();
}

void Baton::join(Task& task) {
  if (task.state != State::done) {
    running_->state = State::joining;
    running_->joins = &task;
    yield();
  }
  task.thread.join();
  std::erase(tasks_, &task);
}

// The process cannot go on: it is ended, so that the run can report it.
void Baton::die(std::string why) {
  why += "\n" + states();
  if (crashed_) {
    std::fprintf(stderr, "baton: after a crash: %s", why.c_str());
    std::abort();
  }
  stuck_ = std::move(why);
  crash();
}

std::string Baton::states() const {
  std::string out;
  for (const Task* task : tasks_) {
    out += "  " + task->name + ": ";
    switch (task->state) {
      case State::ready: out += "can run"; break;
      case State::waiting:
        out += task->until == Millis::max() ? "waits for ever" : "waits until " + time::to_text(start_ + task->until);
        break;
      case State::joining: out += "joins " + task->joins->name; break;
      case State::done: out += "has ended"; break;
    }
    out += task == running_ ? " (holds the baton)\n" : "\n";
  }
  return out;
}

void Baton::note(std::string_view what, const Task& task) {
  for (const unsigned char c : task.name) hash_ = mix(hash_, c);
  hash_ = mix(hash_, static_cast<std::uint64_t>(elapsed_.count()));
  if (trace_) trace_(time::to_text(true_now()) + " " + task.name + " " + std::string(what));
}

}  // namespace supportd::sim
