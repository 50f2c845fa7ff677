// An outbox on a ledger, with a channel that answers what a test has queued.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "daemon/outbox/dispatch.hpp"
#include "daemon/outbox/outbox.hpp"
#include "daemon/store/content.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::outbox {
using namespace std::chrono_literals;
inline constexpr Instant start = Instant{1'800'000'000'000ms};

// Answers what the test has queued; notes what it was asked.
class ScriptedChannel : public Channel {
 public:
  struct Script {
    Traits traits{.deadline = 10s, .settle = 60s};
    std::deque<std::function<Sent()>> sends;
    std::deque<Looked> looks;
    Prepared::Otherwise otherwise = Prepared::Otherwise::wait;
    bool ready = true;
    std::vector<std::string> calls;
  };

  ScriptedChannel(std::string name, Script& script) : name_(std::move(name)), script_(script) {}
  std::string name() const override { return name_; }
  Traits traits() const override { return script_.traits; }
  Prepared prepare(store::Tx&, const Effect& effect) override {
    if (!script_.ready) return {nullptr, script_.otherwise, "the case is not open yet"};
    return {std::make_unique<Scripted>(script_, effect.key), {}, {}};
  }
  void finished(store::Tx&, const Effect& effect, const Sent& sent, Instant) override {
    script_.calls.push_back("finished " + effect.key + " " + sent.remote_id);
  }
  void refused(store::Tx&, const Effect& effect, const Error& why, Instant) override {
    script_.calls.push_back("refused " + effect.key + " " + why.what());
  }

 private:
  struct Scripted : Delivery {
    Scripted(Script& script, std::string key) : script(script), key(std::move(key)) {}
    Sent send(std::stop_token) override {
      script.calls.push_back("send " + key);
      if (script.sends.empty()) return {"id-of-" + key, ""};
      const auto next = script.sends.front();
      script.sends.pop_front();
      return next();
    }
    Looked find(std::stop_token) override {
      script.calls.push_back("find " + key);
      if (script.looks.empty()) return {Looked::Answer::absent, {}};
      const auto next = script.looks.front();
      script.looks.pop_front();
      return next;
    }
    Script& script;
    std::string key;
  };

  std::string name_;
  Script& script_;
};

class OutboxTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    auto steps = store::records_schema();
    for (const auto& step : schema()) steps.push_back(step);
    ledger = std::make_unique<store::Ledger>(scratch.ledger(GetParam()), clock, steps);
    build(start - 24h, Mode::live);
  }

  void build(Instant certain_since, Mode mode) {
    outbox = std::make_unique<Outbox>(clock, certain_since, mode);
    outbox->add(std::make_unique<ScriptedChannel>("desk", script));
  }

  bool owe(const std::string& key, const std::string& lane = "ticket:7", Kind kind = Kind::message,
           const std::string& subject = "") {
    return ledger->write([&](store::Tx& tx) {
      return outbox->owe(tx, {key, "desk", lane, kind, subject, "{}", clock.at});
    });
  }
  std::optional<Lease> lease() {
    return ledger->write(
        [&](store::Tx& tx) { return lease_next(tx, *outbox, "token-" + std::to_string(++tokens), clock.at); });
  }
  bool end_with(const Lease& taken, const Outcome& outcome) {
    return ledger->write([&](store::Tx& tx) { return end(tx, *outbox, taken, outcome, clock.at); });
  }
  // One sender's turn; false when there was nothing to do.
  bool turn() {
    auto taken = lease();
    if (!taken) return false;
    const Outcome outcome = act(*taken, clock, {});
    return end_with(*taken, outcome);
  }
  Effect effect(const std::string& key) {
    return *ledger->read([&](store::Tx& tx) { return outbox->find_by_key(tx, key); });
  }
  std::function<Sent()> throws(ErrorKind kind, std::optional<Millis> retry_after = {}) {
    return [=]() -> Sent { throw Error(kind, "scripted", retry_after); };
  }

  fakes::Scratch scratch;
  fakes::SetClock clock{start};
  std::unique_ptr<store::Ledger> ledger;
  ScriptedChannel::Script script;
  std::unique_ptr<Outbox> outbox;
  int tokens = 0;
};

}  // namespace supportd::outbox
