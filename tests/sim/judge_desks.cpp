// What must hold between two desks: everything said once on the other side and in its author's order, nothing private
// public, and every shared field the same.
#include <algorithm>
#include <set>

#include "tests/fakes/codec.hpp"
#include "tests/sim/judge.hpp"

namespace supportd::sim {
namespace {

using Broken = std::vector<std::string>;

// One text of a ticket, in the order it stands there.
struct Said {
  std::string text;
  bool is_public = false;
  std::vector<std::string> files;  // sha256
};

std::vector<Said> at_freshdesk(const fakes::Freshdesk& desk, const fakes::FreshdeskTicket& ticket) {
  const auto digests = [&](const std::vector<std::int64_t>& ids) {
    std::vector<std::string> out;
    for (const auto id : ids) out.push_back(fakes::sha256_hex(desk.attachment(id).file.data));
    return out;
  };
  std::vector<Said> out{{ticket.html, true, digests(ticket.attachments)}};
  for (const auto& it : desk.conversations(ticket.id))
    out.push_back({it.html, !it.is_private, digests(it.attachments)});
  return out;
}

std::vector<Said> at_zendesk(const fakes::Zendesk& desk, const std::vector<fakes::ZendeskTicket>& tickets) {
  std::vector<Said> out;
  for (const auto& ticket : tickets) {
    for (const auto& it : desk.comments(ticket.id)) {
      out.push_back({it.text.html + it.text.plain, it.is_public, {}});
      for (const auto id : it.attachments) out.back().files.push_back(fakes::sha256_hex(desk.attachment(id).file.data));
    }
  }
  return out;
}

// Our writes of one ticket at one desk: a field that is set back after each is written three times at most
// (docs/sync.md, quarrels).
class Repetitions {
 public:
  Repetitions(std::string desk, const Nature& nature) : desk_(std::move(desk)), nature_(nature) {}

  // In their order. `change`: from what to what.
  void wrote(const std::string& field, const std::string& change, Instant at) {
    Last& last = last_[field];
    const bool again = last.change == change && at - last.at < soon && !forgotten_between(last.at, at);
    last = {change, at, again ? last.times + 1 : 1};
    if (last.times == most + uncounted + 1) beyond_.push_back("ping-pong at " + desk_ + " of " + field + ": " + change);
  }
  const Broken& beyond() const { return beyond_; }

 private:
  static constexpr int most = 3;
  // What is set back before the answer of our write is known is no round yet.
  static constexpr int uncounted = 1;
  // The daemon counts what comes back within an hour of its last look, which is later than the write by a slot or two.
  static constexpr Millis soon = std::chrono::minutes{45};
  struct Last {
    std::string change;
    Instant at{};
    int times = 0;
  };

  // A restored ledger begins to count anew.
  bool forgotten_between(Instant from, Instant until) const {
    return std::ranges::any_of(nature_.restores,
                               [&](const auto& it) { return from <= it.restored && it.restored <= until; });
  }

  const std::string desk_;
  const Nature& nature_;
  std::map<std::string, Last> last_;  // by field
  Broken beyond_;
};

class TwoSides {
 public:
  TwoSides(const Outside& outside, Broken& out, std::int64_t ticket)
      : outside_(outside),
        out_(out),
        name_("ticket " + std::to_string(ticket)),
        first_(outside.desk.ticket(ticket)),
        others_(counterparts(outside.zendesk, ticket)),
        here_(at_freshdesk(outside.desk, first_)),
        there_(at_zendesk(outside.zendesk, others_)) {}

  bool has_counterpart() const { return !others_.empty(); }
  void complain(const std::string& what) const { out_.push_back(name_ + ": " + what); }

  // `words`: of this ticket, in the order they were said.
  void words_are_on_both(const std::vector<const Word*>& words) const {
    std::map<std::pair<Place, std::string>, std::size_t> last;  // by author: where the last one stands
    for (const Word* word : words) {
      const auto& target = word->place == Place::zendesk ? here_ : there_;
      const auto& source = word->place == Place::zendesk ? there_ : here_;
      std::vector<std::size_t> found;
      for (std::size_t i = 0; i < target.size(); ++i) {
        if (target[i].text.find(word->token) != std::string::npos) found.push_back(i);
      }
      const std::string what = word->token + " of " + word->author;
      if (found.size() > 1) complain(what + " stands " + std::to_string(found.size()) + " times on the other side");
      if (word->fleeting) continue;
      if (word->place == Place::zendesk && 1 != std::ranges::count_if(source, [&](const Said& said) {
                                             return said.text.find(word->token) != std::string::npos;
                                           })) {
        complain(what + " came back to where it was said");
      }
      if (found.empty()) {
        complain(what + " never reached the other side");
        continue;
      }
      const Said& said = target[found.front()];
      if (said.is_public && !word->is_public) complain(what + " was private and is public on the other side");
      if (!said.is_public && word->is_public) complain(what + " was public and is private on the other side");
      const auto [before, is_first] = last.try_emplace({word->place, word->author}, found.front());
      if (!is_first && found.front() < before->second) complain(what + " stands before what its author said earlier");
      before->second = std::max(before->second, found.front());
      for (const auto& file : word->files) {
        const auto copies = std::ranges::count_if(
            target, [&](const Said& one) { return std::ranges::find(one.files, file) != one.files.end(); });
        if (copies != 1) complain(what + ": a file of its stands " + std::to_string(copies) + " times there");
      }
    }
  }

  void fields_agree() const {
    const auto& other = others_.back();
    const std::map<int, std::set<std::string>> statuses{{2, {"new", "open"}},      {3, {"pending", "hold"}},
                                                        {4, {"solved", "closed"}}, {5, {"solved", "closed"}},
                                                        {6, {"pending"}},          {7, {"hold"}},
                                                        {9, {"new", "open"}}};
    if (!statuses.at(first_.status).contains(other.status)) {
      complain("the first desk's status is " + std::to_string(first_.status) + ", the second's " + other.status);
    }
    constexpr const char* priorities[] = {"", "low", "normal", "high", "urgent"};
    const bool quarrels = (outside_.nature.automations || outside_.nature.quarrels) && first_.has_tag("vip");
    if (!quarrels && other.priority != priorities[first_.priority]) {
      complain("the first desk's priority is " + std::string(priorities[first_.priority]) + ", the second's " +
               other.priority);
    }
    const auto chosen = outside_.chosen.find(first_.id);
    if (outside_.nature.first_owns && chosen != outside_.chosen.end() && chosen->second != first_.priority) {
      complain("its owner chose the priority " + std::to_string(chosen->second) + ", it is " +
               std::to_string(first_.priority));
    }
    const auto tags_of = [](const std::vector<std::string>& all) {
      std::set<std::string> out(all.begin(), all.end());
      std::erase_if(out, [](const std::string& tag) { return tag.starts_with("supportd-"); });
      return out;
    };
    if (tags_of(first_.tags) != tags_of(other.tags)) {
      std::string text;
      for (const auto& tag : tags_of(first_.tags)) text += " " + tag;
      text += " |";
      for (const auto& tag : tags_of(other.tags)) text += " " + tag;
      complain("the desks' tags differ:" + text);
    }
    // A restored ledger cannot know that it had been there.
    const auto untagged = outside_.untagged.find(first_.id);
    if (outside_.nature.restores.empty() && untagged != outside_.untagged.end()) {
      for (const std::string& tag : untagged->second) {
        if (first_.has_tag(tag) || other.has_tag(tag)) complain("the tag " + tag + " was removed and is there again");
      }
    }
    const std::string the_case = first_.field("cf_aws_support_case_id");
    if (the_case != other.field(Outside::zendesk_case_field)) complain("the desks name different cases");
  }

  // Of a ticket that ended at the first desk, where the rule is to follow.
  void has_ended_too(bool deleted) const {
    for (const auto& it : others_) {
      const bool closed = it.status == "closed" && it.has_tag("closed_by_merge");
      if (deleted || !closed)
        complain(deleted ? "is deleted, but not its counterpart" : "is merged, but not its counterpart");
    }
  }

  void no_ping_pong() const {
    Repetitions at_first("the first desk", outside_.nature);
    for (const auto& it : outside_.desk.updates(first_.id))
      at_first.wrote(it.field, it.previous + " -> " + it.value, it.at);
    for (const auto& complaint : at_first.beyond()) complain(complaint);
    for (const auto& it : others_) {
      Repetitions at_second("the second desk", outside_.nature);
      for (const auto& audit : outside_.zendesk.audits(it.id)) {
        if (audit.author_id != outside_.zendesk_bot) continue;
        for (const auto& event : audit.events) {
          if (event.type == "Change")
            at_second.wrote(event.field, event.previous + " -> " + event.value, audit.created);
        }
      }
      for (const auto& complaint : at_second.beyond()) complain(complaint);
    }
  }

 private:
  const Outside& outside_;
  Broken& out_;
  const std::string name_;
  const fakes::FreshdeskTicket first_;
  const std::vector<fakes::ZendeskTicket> others_;
  const std::vector<Said> here_, there_;
};

}  // namespace

std::vector<std::string> judge_desks(const Outside& outside, const People& people, const Visitors& visitors) {
  Broken out;
  std::map<std::int64_t, std::vector<const Word*>> words;
  for (const Word& word : people.words()) words[word.ticket].push_back(&word);
  for (const Word& word : visitors.words()) words[word.ticket].push_back(&word);
  for (const People::Story* story : people.stories()) {
    const TwoSides sides(outside, out, story->ticket);
    sides.no_ping_pong();
    if (story->gone) {
      if (outside.nature.follows && (story->deleted || story->merged)) sides.has_ended_too(story->deleted);
      continue;
    }
    if (!sides.has_counterpart()) {
      sides.complain("has no counterpart");
      continue;
    }
    sides.words_are_on_both(words[story->ticket]);
    sides.fields_agree();
  }
  for (const char* limit : {"all", "tickets-update", "ticket-update", "incremental-exports"}) {
    if (const int refused = outside.zendesk.refused(limit); refused > 0) {
      out.push_back(std::to_string(refused) + " calls to Zendesk beyond its limit " + limit);
    }
  }
  if (const int refused = outside.desk.throttled(); refused > 0) {
    out.push_back(std::to_string(refused) + " calls to Freshdesk beyond its limits");
  }
  return out;
}

}  // namespace supportd::sim
