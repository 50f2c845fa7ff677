#include "jobs/sla/clocks.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "jobs/sla/dial.hpp"

namespace supportd::sla {
namespace {

using tickets::Status;

bool is_over(Status status) { return !tickets::is_unsolved(status); }

// What happenings mean for clocks: which begin, stand, end.
class Fold {
 public:
  Fold(const std::vector<Rules>& rules, Detail detail) : rules_(rules), detail_(detail) {}

  void take(const Happening& it) {
    advance(it.at);
    const Facts before = facts_;
    const std::string why = apply(it, before) + (detail_ == Detail::figures ? "" : remarks(it));
    settle(why);
  }
  std::vector<Clock> end(Instant now) {
    advance(now);
    for (Live* const clock : open_) dial().foresee(*clock);
    for (Live& clock : clocks_) {
      std::ranges::stable_sort(clock.breaches, {}, &Breach::at);
      std::ranges::stable_sort(clock.thresholds, {}, &Threshold::at);
    }
    std::vector<Clock> out(std::make_move_iterator(clocks_.begin()), std::make_move_iterator(clocks_.end()));
    std::ranges::stable_sort(out, {}, [](const Clock& it) { return std::pair(it.metric, it.instance); });
    return out;
  }

 private:
  const Rules& rules() const { return rules_[rule_]; }
  const Policy* policy() const { return policy_; }
  bool is_gone() const { return !gone_.empty(); }
  Dial dial() const { return {rules(), facts_, policy_, at_, detail_}; }
  void choose_policy() { policy_ = rules().policy_for(facts_); }

  static std::string remarks(const Happening& it) {
    return std::string(it.late ? " (a correction: learned of later)" : "") +
           (it.clamped ? " (its origin claims a later time)" : "");
  }

  // To that instant, over the boundaries of the rules.
  void advance(Instant to) {
    if (clocks_.empty()) {
      while (rule_ + 1 < rules_.size() && rules_[rule_ + 1].from <= to) ++rule_;
      choose_policy();
      at_ = to;
      return;
    }
    while (rule_ + 1 < rules_.size() && rules_[rule_ + 1].from <= to) {
      const Instant boundary = std::max(rules_[rule_ + 1].from, at_);
      accrue(boundary);
      ++rule_;
      choose_policy();
      settle("version " + std::to_string(rules().version) + " of the rules");
    }
    accrue(to);
  }

  void accrue(Instant to) {
    if (to <= at_) return;
    const Dial now = dial();
    for (Live* const clock : open_) now.run(*clock, to);
    at_ = to;
  }

  // The ticket after it; says in words what it was.
  std::string apply(const Happening& it, const Facts& before) {
    using Kind = Happening::Kind;
    switch (it.kind) {
      case Kind::created:
        facts_ = it.facts;
        choose_policy();
        return created(it);
      case Kind::comment: return commented(it);
      case Kind::facts:
        facts_ = it.facts;
        choose_policy();
        return changed(before);
      case Kind::merged: go("merged", true); return "merged into another ticket";
      case Kind::deleted: go("deleted", false); return "deleted";
      case Kind::restored: come_back(); break;
    }
    return "restored";
  }

  // `closes`: as a merge does, and that the ticket was closed may be told before it.
  void go(const std::string& how, bool closes) {
    if (is_gone()) return;
    gone_ = how;
    was_over_ = is_over(facts_.status);
    stopped_ = open_;
    for (Live& clock : clocks_) {
      if (closes && clock.ended == at_) cancel(clock, how);
    }
    cancel_all(how);
  }

  void come_back() {
    if (gone_ != "deleted") return;
    gone_.clear();
    if (is_over(facts_.status)) return;
    if (was_over_) return reopen();
    for (Live* const clock : std::exchange(stopped_, {})) {
      if (goes_on(*clock)) revive(*clock);
    }
    if (!facts_.group.empty()) start_if_none(Metric::ownership);
    if (asked_) start_if_none(Metric::next_reply);
  }

  // What a clock waits for may have come about while the ticket was gone.
  bool goes_on(const Live& clock) const {
    if (clock.metric == Metric::first_reply) return !replied_;
    if (clock.metric == Metric::next_reply) return asked_;
    if (clock.metric == Metric::ownership) return clock.group == facts_.group;
    return true;
  }

  std::string created(const Happening& it) {
    const Policy* const policy = this->policy();
    const bool by_agent = it.who == Happening::Who::agent;
    const bool owes_reply = !by_agent || (policy != nullptr && policy->agent_created);
    replied_ = !owes_reply;
    if (owes_reply) start(Metric::first_reply);
    for (const Metric metric : {Metric::periodic_update, Metric::pausable_update, Metric::requester_wait,
                                Metric::agent_work, Metric::resolution, Metric::total_resolution}) {
      start(metric);
    }
    if (!facts_.group.empty()) start(Metric::ownership);
    if (is_over(facts_.status)) end_all(facts_.status);
    return "created";
  }

  std::string commented(const Happening& it) {
    if (!it.is_public) return "a private note";
    if (it.automatic) return "an automatic message";
    if (it.who == Happening::Who::customer) {
      answered_ = true;
      asked_ = asked_ || replied_;
      if (asked_ && !is_over(facts_.status)) start_if_none(Metric::next_reply);
      return "the customer wrote";
    }
    if (it.who != Happening::Who::agent) return "an automatic message";
    replied_ = true;
    answered_ = asked_ = false;
    fulfil(Metric::first_reply, "replied");
    fulfil(Metric::next_reply, "replied");
    for (const Metric metric : {Metric::periodic_update, Metric::pausable_update}) {
      fulfil(metric, "updated");
      if (!is_over(facts_.status)) start(metric);
    }
    return "an agent replied";
  }

  std::string changed(const Facts& before) {
    std::string why;
    const auto say = [&](const std::string& what) { why += (why.empty() ? "" : ", ") + what; };
    if (before.status != facts_.status) {
      say("status " + std::string(to_text(facts_.status)));
      answered_ = false;
      if (is_over(facts_.status)) {
        if (!is_over(before.status) || facts_.status == Status::cancelled) end_all(facts_.status);
      } else if (is_over(before.status) && !is_gone()) {
        reopen();
      }
    }
    if (before.priority != facts_.priority) {
      say("priority " + std::string(facts_.priority ? to_text(*facts_.priority) : "none"));
    }
    if (before.group != facts_.group) {
      say(facts_.group.empty() ? "no group" : "group " + facts_.group);
      fulfil(Metric::ownership, "reassigned");
      if (!facts_.group.empty() && !is_over(facts_.status)) start(Metric::ownership);
    }
    if (before.tier != facts_.tier) say("tier " + facts_.tier);
    if (before.organisation != facts_.organisation) say("organisation " + facts_.organisation);
    if (before.channel != facts_.channel) say("channel " + facts_.channel);
    if (before.tags != facts_.tags) say("tags");
    return why;
  }

  void reopen() {
    const Policy* const policy = this->policy();
    const bool restarts = policy != nullptr && policy->reopen == Policy::Reopen::restart;
    for (const Metric metric :
         {Metric::requester_wait, Metric::agent_work, Metric::resolution, Metric::total_resolution}) {
      Live* const last = last_of(metric);
      if (last == nullptr || restarts) {
        start(metric);
      } else if (last->is_over()) {
        revive(*last);
      }
    }
    // A ticket that was ended without a word still waits for the first.
    if (Live* const first = last_of(Metric::first_reply); first != nullptr && !replied_ && first->is_over())
      revive(*first);
    for (const Metric metric : {Metric::periodic_update, Metric::pausable_update}) start(metric);
    if (!facts_.group.empty()) start(Metric::ownership);
    if (asked_) start_if_none(Metric::next_reply);
  }

  Live* last_of(Metric metric) {
    const auto at = last_.find(metric);
    return at == last_.end() ? nullptr : at->second;
  }
  void start_if_none(Metric metric) {
    const Clock* const last = last_of(metric);
    if (last == nullptr || last->is_over()) start(metric);
  }
  void start(Metric metric) {
    if (is_gone()) return;
    const Clock* const last = last_of(metric);
    const int instance = last == nullptr ? 1 : last->instance + 1;
    Live& clock = clocks_.emplace_back();
    open_.push_back(&clock);
    last_[metric] = &clock;
    clock.metric = metric;
    clock.instance = instance;
    clock.started = at_;
    if (metric == Metric::ownership) clock.group = facts_.group;
  }
  void revive(Live& clock) {
    clock.segments.push_back({clock.ended.value_or(at_), at_, false, clock.reason, clock.policy, clock.calendar,
                              rules().version, Millis{0}});
    clock.state = State::running;
    clock.ended.reset();
    clock.rule.reset();
    open_.push_back(&clock);
  }
  void close(Live& clock, State state, const std::string& reason) {
    clock.state = state;
    clock.reason = reason;
    clock.ended = at_;
    std::erase(open_, &clock);
  }
  void fulfil(Metric metric, const std::string& reason) {
    for (Live* const clock : std::vector(open_)) {
      if (clock->metric == metric) close(*clock, State::fulfilled, reason);
    }
  }
  void end_all(Status status) {
    const std::string reason(to_text(status));
    if (status == Status::cancelled) return cancel_all(reason);
    for (Live* const clock : std::vector(open_)) close(*clock, State::fulfilled, reason);
  }
  void cancel_all(const std::string& reason) {
    for (Live* const clock : std::vector(open_)) cancel(*clock, reason);
  }
  void cancel(Live& clock, const std::string& reason) {
    close(clock, State::cancelled, reason);
    clock.due.reset();
    if (!clock.changes.empty()) clock.changes.push_back({at_, {}, reason});
  }

  bool pauses(Metric metric, const Policy* policy) const {
    const bool is_answered =
        answered_ && (policy == nullptr || policy->pause_ends == Policy::PauseEnds::status_or_reply);
    const bool waits_for_customer = facts_.status == Status::pending && !is_answered;
    switch (metric) {
      case Metric::requester_wait:
      case Metric::resolution:
      case Metric::pausable_update: return waits_for_customer;
      case Metric::agent_work: return waits_for_customer || facts_.status == Status::hold;
      case Metric::first_reply:
      case Metric::next_reply:
      case Metric::periodic_update:
      case Metric::total_resolution:
      case Metric::ownership: break;
    }
    return false;
  }

  // What the ticket's being as it is means for its clocks.
  void settle(const std::string& why) {
    const Dial now = dial();
    for (Live* const one : open_) {
      Live& clock = *one;
      const bool stood = clock.state == State::paused;
      const bool stands = pauses(clock.metric, now.policy());
      clock.state = stands ? State::paused : State::running;
      const std::string status(to_text(facts_.status));
      // The status speaks for itself, and a pause or its end that came by another word names it.
      if (clock.reason != status) {
        clock.cause.clear();
      } else if (stood != stands && detail_ == Detail::all) {
        clock.cause = why;
      }
      clock.reason = status;
      const bool is_promised_anew = now.promise(clock);
      const bool is_new = is_promised_anew || clock.rule != rule_;
      clock.rule = rule_;
      // Also while it stands: who has used more than what is promised from now on has missed it.
      if (is_new || (stood && !stands)) {
        now.date(clock);
        now.overtake(clock);
      }
      if (stands) {
        for (Promise& promise : clock.promises) promise.due.reset();
      }
      now.conclude(clock);
      // What is promised may change while nothing is due: while it stands.
      const bool tells =
          clock.changes.empty() ? clock.due.has_value() : clock.changes.back().due != clock.due || is_promised_anew;
      if (tells && detail_ == Detail::all) clock.changes.push_back({at_, clock.due, why});
    }
  }

  const std::vector<Rules>& rules_;
  const Detail detail_;
  std::size_t rule_ = 0;
  const Policy* policy_ = nullptr;  // of the rules, for the facts
  Instant at_{};
  Facts facts_;
  std::string gone_;            // "merged", "deleted": nothing begins, and nothing comes back; empty: it is there
  bool was_over_ = false;       // when it went
  std::vector<Live*> stopped_;  // by that
  bool replied_ = false;        // an agent has answered in public
  bool answered_ = false;       // the customer has, since the ticket was set to wait for them
  bool asked_ = false;          // the customer's last word has no reply yet
  std::deque<Live> clocks_;     // all that there were
  std::vector<Live*> open_;     // those that are not over
  std::map<Metric, Live*> last_;
};

}  // namespace

std::string_view to_text(State state) {
  switch (state) {
    case State::running: return "running";
    case State::paused: return "paused";
    case State::fulfilled: return "fulfilled";
    case State::cancelled: return "cancelled";
  }
  return "";
}

std::string to_text(const Measure& it) { return calendar::hours_text(it.length) + (it.by_the_wall ? " elapsed" : ""); }

std::string lasting_text(const Measure& it) { return std::to_string(it.length.count()) + (it.by_the_wall ? "e" : ""); }

std::vector<Clock> clocks_of(const std::vector<Happening>& happenings, const std::vector<Rules>& rules, Instant now,
                             Detail detail) {
  Fold fold(rules, detail);
  for (const Happening& it : happenings) {
    if (it.at > now) break;
    fold.take(it);
  }
  return fold.end(now);
}

}  // namespace supportd::sla
