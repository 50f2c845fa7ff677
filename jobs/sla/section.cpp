#include "jobs/sla/section.hpp"

#include <algorithm>

namespace supportd::sla {
namespace {

using namespace std::chrono_literals;

std::string print(const Targets& targets) { return to_text(targets); }

// Whether whatever `narrow` matches `wide` does, too.
bool covers(const std::vector<std::string>& wide, const std::vector<std::string>& narrow) {
  if (wide.empty()) return true;
  return !narrow.empty() &&
         std::ranges::all_of(narrow, [&](const auto& it) { return std::ranges::find(wide, it) != wide.end(); });
}
bool covers(const Match& wide, const Match& narrow) {
  const bool excludes = std::ranges::any_of(
      wide.tags_not, [&](const auto& tag) { return std::ranges::find(narrow.tags_not, tag) == narrow.tags_not.end(); });
  return !excludes && covers(wide.tier, narrow.tier) && covers(wide.priority, narrow.priority) &&
         covers(wide.group, narrow.group) && covers(wide.organisation, narrow.organisation) &&
         covers(wide.channel, narrow.channel) && covers(wide.tags, narrow.tags);
}

}  // namespace

void bind(config::Binder& b, Match& m) {
  b.field("tier", m.tier);
  b.field("priority", m.priority, config::one_of({"low", "normal", "high", "urgent", ""}));
  b.field("group", m.group);
  b.field("organisation", m.organisation);
  b.field("channel", m.channel);
  b.field("tags", m.tags);
  b.field("tags_not", m.tags_not);
}

void bind(config::Binder& b, PolicySection& s) {
  Policy& p = s.policy;
  b.field("name", p.name, config::not_empty());
  b.field("rank", p.rank, config::between(0, 1'000'000));
  b.table("match", p.match);
  b.field("calendar", p.calendar, config::not_empty());
  b.choice("reopen", p.reopen, {{"continue", Policy::Reopen::go_on}, {"restart", Policy::Reopen::restart}});
  b.choice("pause_ends_on", p.pause_ends,
           {{"status", Policy::PauseEnds::status}, {"status_or_customer_reply", Policy::PauseEnds::status_or_reply}});
  b.field("agent_created", p.agent_created);
  b.field("thresholds", p.thresholds, config::between(1, 1'000));
  b.field("warn_before", p.warn_before, config::between(1s, std::chrono::days{366}));
  for (const Metric metric : all_metrics) b.text(to_text(metric), s.targets[metric], parse_targets, print);
  b.require({"name", "rank", "calendar"});
  if (std::ranges::adjacent_find(p.thresholds, std::ranges::greater_equal()) != p.thresholds.end()) {
    b.flaw("thresholds", "expected percents in ascending order, none twice");
  }
  for (const auto& [metric, by_priority] : s.targets) {
    for (const auto& [priority, targets] : by_priority) {
      if (priority == "any" || tickets::parse_priority(priority)) continue;
      b.flaw(to_text(metric), "no such priority '" + priority + "': low, normal, high, urgent or any");
    }
  }
  const bool promises = std::ranges::any_of(all_metrics, [&](Metric metric) { return b.given(to_text(metric)); });
  if (!promises) b.warn("name", "promises nothing: it only keeps later policies from its tickets");
  s.spots = b.spots();
}

void bind(config::Binder& b, Section& s) {
  b.tables("policy", s.policies);
  b.field("confirm_max", s.confirm_max, config::between(1s, 1h));
  b.field("corrects_since", s.corrects_since);
}

std::vector<Policy> policies_of(const Section& section) {
  std::vector<Policy> out;
  for (const PolicySection& it : section.policies) {
    Policy& policy = out.emplace_back(it.policy);
    for (const auto& [metric, by_priority] : it.targets) {
      for (const auto& [priority, targets] : by_priority) policy.targets[metric][priority] = targets.all;
    }
  }
  std::ranges::stable_sort(out, {}, &Policy::rank);
  return out;
}

std::vector<Remark> review(const Section& section, Instant now) {
  std::vector<Remark> out;
  if (section.corrects_since && *section.corrects_since > now) {
    out.push_back({{"corrects_since"},
                   time::to_text(*section.corrects_since) +
                       " is yet to come: what policies and calendars say holds from the reload on, and a correction is "
                       "of what has passed"});
  }
  const auto& all = section.policies;
  // One that lacks what it must have is no measure for others.
  const auto is_whole = [](const Policy& it) { return !it.name.empty() && !it.calendar.empty(); };
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto say = [&](const char* key, const std::string& what) {
      out.push_back({{"policy", std::to_string(i), key}, what});
    };
    for (std::size_t j = 0; j < all.size(); ++j) {
      const Policy &it = all[i].policy, &other = all[j].policy;
      if (!is_whole(it) || !is_whole(other)) continue;
      if (j < i && it.name == other.name) say("name", "there is another policy '" + it.name + "'");
      if (j < i && it.rank == other.rank) {
        say("rank", "'" + other.name + "' has the same rank: which comes first is for you to say");
      }
      if (other.rank < it.rank && covers(other.match, it.match)) {
        say("match", "'" + other.name + "' (rank " + std::to_string(other.rank) +
                         ") matches every ticket that this would: it never holds");
        break;
      }
    }
  }
  return out;
}

std::vector<Remark> review_targets(const PolicySection& policy, const calendar::Calendar& calendar, Instant now) {
  std::vector<Remark> out;
  for (const auto& [metric, by_priority] : policy.targets) {
    for (const auto& [priority, targets] : by_priority) {
      for (const calendar::Target& it : targets.all) {
        if (calendar::due(it, calendar, now)) continue;
        out.push_back({{std::string(to_text(metric)), priority},
                       calendar::to_text(it) + " of '" + policy.policy.calendar + "' from now on end after " +
                           time::to_text(calendar::Calendar::end()) +
                           ", up to which business time is known: they are never due"});
      }
    }
  }
  return out;
}

}  // namespace supportd::sla
