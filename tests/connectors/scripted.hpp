// A client that answers from a list and keeps what it was asked; a clock that stands where it is put.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "daemon/http/client.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::tests {

class ScriptedClient final : public http::Client {
 public:
  using Answer = std::variant<http::Response, Error, std::function<http::Response(const http::Request&)>>;

  ScriptedClient& then(int status, std::string body, http::Headers headers = {}) {
    return then(http::Response{.status = status, .headers = std::move(headers), .body = std::move(body)});
  }
  ScriptedClient& then(Answer answer) {
    answers_.push_back(std::move(answer));
    return *this;
  }

  http::Response send(const http::Request& request, std::stop_token) override {
    const std::unique_lock lock(mutex_);
    asked.push_back(request);
    if (answers_.empty()) {
      ADD_FAILURE() << "unexpected " << request.method << " " << request.url << " " << request.body.substr(0, 200);
      throw Error(ErrorKind::unreachable, "the script has ended");
    }
    const Answer answer = std::move(answers_.front());
    answers_.pop_front();
    if (const auto* error = std::get_if<Error>(&answer)) throw Error(*error);
    if (const auto* function = std::get_if<2>(&answer)) return (*function)(request);
    return std::get<http::Response>(answer);
  }

  void unreadable(const http::Request& request) override { not_understood.push_back(request.operation); }

  std::size_t left() const { return answers_.size(); }
  std::vector<http::Request> asked;
  std::vector<std::string> not_understood;  // operations

 private:
  std::mutex mutex_;
  std::deque<Answer> answers_;
};

class StandingClock final : public time::Clock {
 public:
  explicit StandingClock(const char* now) : now_(time::to_millis(time::parse_instant(now).value())) {}
  void set(const char* now) { now_ = time::to_millis(time::parse_instant(now).value()); }

  Instant now() const override { return time::from_millis(now_); }
  std::chrono::nanoseconds steady() const override { return Millis{now_}; }
  void wait(std::unique_lock<std::mutex>& lock, time::Bell& bell, Instant) override {
    ++waiting;
    bell.condition.wait(lock);
  }
  void ring(time::Bell& bell) override { bell.condition.notify_all(); }
  std::unique_ptr<time::Thread> spawn(std::string, std::function<void()> body) override {
    struct Running final : time::Thread {
      explicit Running(std::function<void()> run) : thread(std::move(run)) {}
      std::jthread thread;
    };
    return std::make_unique<Running>(std::move(body));
  }

  std::atomic<int> waiting{0};  // waits begun so far

 private:
  std::atomic<std::int64_t> now_;
};

// The kind and code of what `body` throws; a failure when it throws nothing.
inline std::pair<ErrorKind, std::string> thrown_by(const std::function<void()>& body, std::string* message = nullptr) {
  try {
    body();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return {error.kind(), error.code()};
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ErrorKind::stopped, "nothing was thrown"};
}

}  // namespace supportd::tests
