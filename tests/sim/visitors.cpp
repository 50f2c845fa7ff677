#include "tests/sim/visitors.hpp"

#include <algorithm>
#include <iterator>

#include "tests/fakes/codec.hpp"

namespace supportd::sim {
namespace {

using namespace std::chrono_literals;

constexpr Millis patience = 2h;
constexpr const char* priorities[] = {"low", "normal", "high", "urgent"};
constexpr const char* statuses[] = {"open", "pending", "hold"};
constexpr const char* tags[] = {"emea", "billing", "vip", "callback"};
constexpr const char* passing_tags[] = {"emea", "billing", "callback"};

}  // namespace

std::string_view to_text(Visit visit) {
  switch (visit) {
    case Visit::reply: return "reply";
    case Visit::note: return "note";
    case Visit::customer_reply: return "customer_reply";
    case Visit::note_to_aws: return "note_to_aws";
    case Visit::status: return "status";
    case Visit::priority: return "priority";
    case Visit::tag: return "tag";
    case Visit::untag: return "untag";
    case Visit::priority_at_both: return "priority_at_both";
  }
  return "";
}

std::vector<fakes::ZendeskTicket> counterparts(const fakes::Zendesk& desk, std::int64_t ticket) {
  std::vector<fakes::ZendeskTicket> out;
  const std::string name = "freshdesk:main:" + std::to_string(ticket);
  for (auto& it : desk.tickets()) {
    if (it.external_id == name && !it.deleted) out.push_back(std::move(it));
  }
  std::ranges::sort(out, {}, &fakes::ZendeskTicket::id);
  return out;
}

Visitors::Visitors(Outside& outside, const Nature& nature, People& people)
    : outside_(outside), nature_(nature), people_(people), random_(fakes::seed_for(nature.seed, "visitors")) {
  if (!nature.two_desks) return;
  const auto span = static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(std::chrono::days{24}).count());
  for (std::size_t story = 0; story < people.count(); ++story) {
    const int visits = static_cast<int>(random_.below(7));
    if (visits > 0) due_.push({nature.begin + 1h + Millis{random_.below(span)}, story, visits});
  }
}

std::optional<Instant> Visitors::next() const {
  if (due_.empty()) return {};
  return due_.top().at;
}

void Visitors::act(Instant now) {
  while (!due_.empty() && due_.top().at <= now) {
    Due due = due_.top();
    due_.pop();
    switch (visit(due.story, now)) {
      case Answer::over: continue;
      case Answer::not_yet: due.at = now + patience; break;
      case Answer::done:
        --due.left;
        due.at = now + 1min + Millis{random_.below(random_.chance(400'000) ? 600'000 : 40'000'000)};
        break;
    }
    if (due.left > 0) due_.push(due);
  }
}

Visitors::Answer Visitors::visit(std::size_t index, Instant now) {
  const People::Story& story = people_.story(index);
  if (story.ticket == 0) return Answer::not_yet;
  if (!people_.is_being_talked_about(story)) return Answer::over;
  const auto there = counterparts(outside_.zendesk, story.ticket);
  if (there.empty()) return Answer::not_yet;
  const auto& ticket = there.back();
  if (ticket.status == "solved" || ticket.status == "closed") return Answer::not_yet;
  const auto what = static_cast<Visit>(random_.below(visit_kinds));
  if (what == Visit::note_to_aws && !people_.case_of(story)) return Answer::not_yet;
  do_it(what, story, ticket.id, now);
  ++visits_[static_cast<std::size_t>(what)];
  return Answer::done;
}

void Visitors::do_it(Visit what, const People::Story& story, std::int64_t ticket, Instant now) {
  auto& desk = outside_.zendesk;
  switch (what) {
    case Visit::reply:
    case Visit::note:
    case Visit::customer_reply:
    case Visit::note_to_aws: return say(what, story, ticket, now);
    case Visit::status: return desk.set_status(ticket, statuses[random_.below(std::size(statuses))], now);
    case Visit::tag: {
      const std::string tag = tags[random_.below(std::size(tags))];
      outside_.untagged[story.ticket].erase(tag);
      return desk.agent_tags(ticket, tag, now);
    }
    case Visit::untag: return untag(story.ticket, ticket, now);
    case Visit::priority_at_both: set_priority(story.ticket, ticket, false, now); [[fallthrough]];
    case Visit::priority: return set_priority(story.ticket, ticket, true, now);
  }
}

void Visitors::untag(std::int64_t first, std::int64_t ticket, Instant now) {
  const std::string tag = passing_tags[random_.below(std::size(passing_tags))];
  const auto take_off = [&](auto& it) { std::erase(it.tags, tag); };
  const bool here = outside_.desk.ticket(first).has_tag(tag), there = outside_.zendesk.ticket(ticket).has_tag(tag);
  if (!here && !there) return;
  const bool at_second = there && (!here || random_.chance(500'000));
  if (at_second) {
    outside_.zendesk.agent_sets(ticket, take_off, now);
  } else {
    outside_.desk.agent_changes(first, take_off, now);
  }
  outside_.untagged[first].insert(tag);
  // Of the other desk, so that something is written here before that is read.
  if (random_.chance(500'000)) set_priority(first, ticket, !at_second, now);
}

void Visitors::set_priority(std::int64_t first, std::int64_t ticket, bool at_second, Instant now) {
  const int priority = static_cast<int>(random_.below(std::size(priorities)));
  if (at_second) {
    outside_.zendesk.agent_sets(
        ticket, [&](fakes::ZendeskTicket& it) { it.priority = priorities[priority]; }, now);
  } else {
    outside_.desk.agent_changes(
        first, [&](fakes::FreshdeskTicket& it) { it.priority = 1 + priority; }, now);
    outside_.chosen[first] = 1 + priority;
  }
}

void Visitors::say(Visit what, const People::Story& story, std::int64_t ticket, Instant now) {
  auto& desk = outside_.zendesk;
  const auto said = people_.say();
  std::vector<fakes::File> files;
  if (random_.chance(250'000)) files.push_back(outside_.witness.new_file("화면.png", 100 + random_.below(2'000)));
  Word word{story.ticket, said.token, Place::zendesk, what == Visit::customer_reply ? "customer" : "agent"};
  word.is_public = what == Visit::reply || what == Visit::customer_reply;
  for (const auto& file : files) word.files.push_back(fakes::sha256_hex(file.data));
  const bool to_aws = what == Visit::note_to_aws;
  switch (what) {
    case Visit::reply: desk.agent_replies(ticket, outside_.zendesk_agent, said.text, files, now); break;
    case Visit::customer_reply: desk.customer_replies(ticket, said.text, files, now); break;
    default: desk.agent_notes(ticket, outside_.zendesk_agent, (to_aws ? "@aws\n" : "") + said.text, files, now); break;
  }
  outside_.witness.said_on_desk(story.ticket, said.token, to_aws, files, "zendesk");
  people_.said_elsewhere(story.ticket, said.token, to_aws);
  words_.push_back(std::move(word));
}

}  // namespace supportd::sim
