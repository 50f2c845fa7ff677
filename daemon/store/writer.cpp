#include "daemon/store/writer.hpp"

#include <algorithm>

namespace supportd::store {
namespace {
constexpr std::size_t most_bodies = 64;  // a commit; more would make the first of them wait for the last
}

void Writer::write(const std::function<void(Tx&)>& body, WritePriority priority) {
  std::unique_lock lock(mutex_);
  auto me = std::make_shared<Waiting>(Waiting{&body, clock_.steady(), false, {}, {}});
  auto& queue = queue_[static_cast<std::size_t>(priority)];
  queue.push_back(me);
  try {
    while (!me->done) {
      if (leading_) {
        clock_.wait(lock, bell_);
        continue;
      }
      leading_ = true;
      current_ = take();
      const Batch batch = current_;
      lock.unlock();
      commit(batch);
      lock.lock();
      for (const auto& waiting : batch) waiting->done = true;
      commits_ += 1;
      bodies_ += static_cast<std::int64_t>(batch.size());
      current_.clear();
      leading_ = false;
      clock_.ring(bell_);
    }
  } catch (...) {  // the simulation ends the process here: nobody may run our body any more
    if (!lock.owns_lock()) lock.lock();
    std::erase(queue, me);
    throw;
  }
  lock.unlock();
  if (me->error) std::rethrow_exception(me->error);
  for (const auto& then : me->after) then();
}

Writer::Batch Writer::take() {
  Batch batch;
  for (auto& queue : queue_) {
    while (!queue.empty() && batch.size() < most_bodies) {
      batch.push_back(std::move(queue.front()));
      queue.pop_front();
    }
  }
  return batch;
}

void Writer::run_one(Waiting& waiting, bool in_savepoint) {
  Tx tx(*session_, clock_);
  try {
    if (in_savepoint) {
      tx.attempt([&] { (*waiting.body)(tx); });
    } else {
      (*waiting.body)(tx);
      tx.settle();
    }
    waiting.after = std::move(tx.after_);
  } catch (const std::exception&) {
    waiting.error = std::current_exception();
  }
}

void Writer::commit(const Batch& batch) {
  try {
    session_->run("BEGIN IMMEDIATE", {}, {}, {});
    for (const auto& waiting : batch) {
      run_one(*waiting, batch.size() > 1);
      // A full disk undoes the transaction whole: what the others wrote is gone with it.
      if (waiting->error && !session_->in_transaction()) std::rethrow_exception(waiting->error);
    }
    const bool lone_failure = batch.size() == 1 && batch.front()->error;
    if (lone_failure) {
      session_->run("ROLLBACK", {}, {}, {});
      return;
    }
    clock_.seam(time::Seam::before_commit);
    session_->run("COMMIT", {}, {}, {});
    clock_.seam(time::Seam::after_commit);
  } catch (const std::exception&) {
    for (const auto& waiting : batch) {
      if (!waiting->error) waiting->error = std::current_exception();
      waiting->after.clear();
    }
    try {
      session_->run("ROLLBACK", {}, {}, {});
    } catch (const Error&) {  // the failed statement has already undone the transaction
    }
  }
}

void Writer::figures(Ledger::Figures& out) const {
  const std::lock_guard lock(mutex_);
  std::optional<std::chrono::nanoseconds> oldest;
  const auto see = [&](const std::shared_ptr<Waiting>& waiting) {
    ++out.waiting;
    oldest = std::min(oldest.value_or(waiting->since), waiting->since);
  };
  for (const auto& queue : queue_) std::ranges::for_each(queue, see);
  std::ranges::for_each(current_, see);
  if (oldest) out.oldest_wait = clock_.steady() - *oldest;
  out.commits += commits_;
  out.bodies += bodies_;
}

void Writer::alone(const std::function<void(Session&)>& body) {
  std::unique_lock lock(mutex_);
  while (leading_) clock_.wait(lock, bell_);
  leading_ = true;
  lock.unlock();
  std::exception_ptr error;
  try {
    body(*session_);
  } catch (const std::exception&) {
    error = std::current_exception();
  }
  lock.lock();
  leading_ = false;
  clock_.ring(bell_);
  lock.unlock();
  if (error) std::rethrow_exception(error);
}

}  // namespace supportd::store
