#include "tests/sim/judge.hpp"

#include <algorithm>

namespace supportd::sim {
namespace {

constexpr int solved = 4, closed = 5;

std::string number(std::int64_t n) { return std::to_string(n); }

void tally(std::vector<std::string>& out, const std::string& what, const fakes::Tally& tally) {
  if (tally.clean()) return;
  out.push_back(what + ": expected " + number(tally.expected) + ", found " + number(tally.found) + ", lost " +
                number(tally.lost) + ", duplicated " + number(tally.duplicated) + ", leaked " + number(tally.leaked) +
                ", disordered " + number(tally.disordered));
}

// Every message and file once where it belongs, each marked ticket with its case.
void everything_once(std::vector<std::string>& out, const fakes::Report& report,
                     const std::vector<const People::Story*>& stories) {
  for (const auto& it : report.tickets) {
    const std::string name = "ticket " + number(it.ticket);
    tally(out, name + ": messages to AWS", it.to_aws);
    tally(out, name + ": messages to the desk", it.to_desk);
    tally(out, name + ": files to AWS", it.files_to_aws);
    tally(out, name + ": files to the desk", it.files_to_desk);
    if (static_cast<int>(it.cases.size()) != it.cases_expected) {
      out.push_back(name + ": " + number(static_cast<std::int64_t>(it.cases.size())) + " cases, expected " +
                    number(it.cases_expected));
    }
    const auto story = std::ranges::find(stories, it.ticket, &People::Story::ticket);
    const bool gone = story == stories.end() || (*story)->gone;
    if (!gone && !it.case_id_noted) out.push_back(name + ": its field does not name its newest case");
  }
  if (report.cases.leaked > 0) out.push_back(number(report.cases.leaked) + " cases that nobody asked for");
}

// Both sides end as the story ends.
void statuses_agree(std::vector<std::string>& out, const Outside& outside, const People& people) {
  for (const People::Story* story : people.stories()) {
    const std::string name = "ticket " + number(story->ticket);
    if (story->told < story->plot.deeds.size() && !story->gone) {
      out.push_back(name + ": has waited since " + time::to_text(story->since) + " to " +
                    std::string(to_text(story->plot.deeds[story->told])));
      continue;
    }
    if (story->gone || story->plot.ending == Ending::any) continue;
    const auto it = people.case_of(*story);
    const int status = outside.desk.ticket(story->ticket).status;
    const bool ended = status == solved || status == closed;
    const std::string at_aws = it ? it->status : "no case";
    if (at_aws != "resolved") out.push_back(name + ": resolved, but at AWS " + at_aws);
    if (ended != (story->plot.ending == Ending::solved)) {
      out.push_back(name + ": the desk's status is " + number(status) + ", at AWS " + at_aws);
    }
  }
}

// Nothing of ours is public but what somebody said in public at the second desk.
void nothing_public(std::vector<std::string>& out, const Outside& outside, const Visitors& visitors) {
  const auto is_of_a_public_word = [&](const std::string& html) {
    return std::ranges::any_of(visitors.words(), [&](const Word& word) {
      return word.is_public && html.find(word.token) != std::string::npos;
    });
  };
  for (const auto& ticket : outside.desk.tickets()) {
    for (const auto& said : outside.desk.conversations(ticket.id)) {
      if (said.user_id == outside.bot && !said.is_private && !is_of_a_public_word(said.html)) {
        out.push_back("ticket " + number(ticket.id) + ": conversation " + number(said.id) + " of ours is public");
      }
    }
  }
}

}  // namespace

std::vector<std::string> judge_outside(const Outside& outside, const People& people, const Visitors& visitors) {
  std::vector<std::string> out;
  everything_once(out, outside.witness.report(), people.stories());
  statuses_agree(out, outside, people);
  nothing_public(out, outside, visitors);
  return out;
}

}  // namespace supportd::sim
