#include "tests/sim/deed.hpp"

#include <iterator>

namespace supportd::sim {
namespace {

// How a conversation goes on, the usual things more often.
constexpr Deed talk[] = {
    Deed::note_to_aws,  Deed::note_to_aws,  Deed::note_to_aws,    Deed::aws_answers,      Deed::aws_answers,
    Deed::aws_answers,  Deed::aws_answers,  Deed::customer_reply, Deed::customer_reply,   Deed::agent_reply,
    Deed::private_note, Deed::private_note, Deed::aws_takes,      Deed::long_note_to_aws, Deed::aws_answers_twice,
    Deed::edit_note,    Deed::desk_status,  Deed::desk_priority,  Deed::aws_odd_status,   Deed::delete_note,
};
constexpr Deed small_talk[] = {Deed::customer_reply, Deed::agent_reply, Deed::private_note, Deed::desk_status,
                               Deed::desk_priority};

template <std::size_t N>
void say(Plot& plot, fakes::Random& random, const Deed (&from)[N], std::uint64_t least, std::uint64_t most) {
  for (std::uint64_t n = least + random.below(most - least + 1); n > 0; --n)
    plot.deeds.push_back(from[random.below(N)]);
}

void plain(Plot& plot, fakes::Random& random) {
  say(plot, random, small_talk, 2, 6);
  if (random.chance(100'000)) {
    plot.deeds.push_back(Deed::delete_ticket);
  } else if (random.chance(100'000)) {
    plot.deeds.push_back(Deed::merge_ticket);
  } else if (random.chance(700'000)) {
    plot.deeds.push_back(Deed::fill_cause);
    plot.deeds.push_back(Deed::agent_solves);
  }
}

// The case is resolved at one side, and the other follows.
void finish(Plot& plot, fakes::Random& random, bool cause_missing) {
  if (random.chance(550'000)) {
    plot.deeds.push_back(Deed::aws_resolves);
    plot.deeds.push_back(cause_missing ? Deed::until_case_resolved : Deed::until_resolved);
    plot.ending = cause_missing ? Ending::case_resolved : Ending::solved;
  } else {
    if (cause_missing) plot.deeds.push_back(Deed::fill_cause);
    plot.deeds.push_back(Deed::agent_solves);
    plot.deeds.push_back(Deed::until_resolved);
    plot.ending = Ending::solved;
  }
}

void reopen(Plot& plot, fakes::Random& random) {
  // A ticket that could not be closed has nothing for the customer to open again.
  const bool closed = plot.ending == Ending::solved;
  if (random.chance(500'000) || !closed) {
    plot.deeds.push_back(Deed::aws_reopens);
    plot.deeds.push_back(Deed::fill_cause);
    say(plot, random, talk, 1, 3);
    finish(plot, random, false);
    return;
  }
  plot.deeds.push_back(Deed::customer_reopens);
  plot.ending = Ending::case_resolved;
  if (random.chance(600'000)) {
    plot.deeds.push_back(Deed::ask_again);
    plot.deeds.push_back(Deed::fill_cause);
    plot.deeds.push_back(Deed::aws_answers);
    finish(plot, random, false);
  }
}

}  // namespace

std::string_view to_text(Deed deed) {
  switch (deed) {
    case Deed::mark: return "mark";
    case Deed::note_to_aws: return "note_to_aws";
    case Deed::long_note_to_aws: return "long_note_to_aws";
    case Deed::private_note: return "private_note";
    case Deed::agent_reply: return "agent_reply";
    case Deed::customer_reply: return "customer_reply";
    case Deed::edit_note: return "edit_note";
    case Deed::delete_note: return "delete_note";
    case Deed::desk_status: return "desk_status";
    case Deed::desk_priority: return "desk_priority";
    case Deed::fill_cause: return "fill_cause";
    case Deed::agent_solves: return "agent_solves";
    case Deed::customer_reopens: return "customer_reopens";
    case Deed::ask_again: return "ask_again";
    case Deed::delete_ticket: return "delete_ticket";
    case Deed::merge_ticket: return "merge_ticket";
    case Deed::aws_takes: return "aws_takes";
    case Deed::aws_answers: return "aws_answers";
    case Deed::aws_answers_twice: return "aws_answers_twice";
    case Deed::aws_odd_status: return "aws_odd_status";
    case Deed::aws_resolves: return "aws_resolves";
    case Deed::aws_reopens: return "aws_reopens";
    case Deed::until_resolved: return "until_resolved";
    case Deed::until_case_resolved: return "until_case_resolved";
  }
  return "";
}

bool needs_case(Deed deed) {
  switch (deed) {
    case Deed::note_to_aws:
    case Deed::long_note_to_aws:
    case Deed::edit_note:
    case Deed::delete_note:
    case Deed::ask_again:
    case Deed::aws_takes:
    case Deed::aws_answers:
    case Deed::aws_answers_twice:
    case Deed::aws_odd_status:
    case Deed::aws_resolves:
    case Deed::aws_reopens:
    case Deed::until_resolved:
    case Deed::until_case_resolved: return true;
    case Deed::mark:
    case Deed::private_note:
    case Deed::agent_reply:
    case Deed::customer_reply:
    case Deed::desk_status:
    case Deed::desk_priority:
    case Deed::fill_cause:
    case Deed::agent_solves:
    case Deed::customer_reopens:
    case Deed::delete_ticket:
    case Deed::merge_ticket: return false;
  }
  return false;
}

Plot make_plot(fakes::Random& random, bool closing_needs_cause) {
  Plot plot;
  plot.cause_forgotten = closing_needs_cause && random.chance(300'000);
  if (random.chance(250'000)) {
    plain(plot, random);
    return plot;
  }
  plot.has_plan = !random.chance(40'000);
  plot.marked_at_once = random.chance(300'000);
  if (!plot.marked_at_once) {
    say(plot, random, small_talk, 0, 2);
    plot.deeds.push_back(Deed::mark);
  }
  if (!plot.has_plan) {
    say(plot, random, small_talk, 1, 4);
    return plot;
  }
  say(plot, random, talk, 2, 7);
  if (random.chance(60'000)) {
    plot.deeds.push_back(Deed::delete_ticket);
    return plot;
  }
  if (random.chance(100'000)) return plot;
  finish(plot, random, plot.cause_forgotten);
  if (random.chance(300'000)) reopen(plot, random);
  return plot;
}

}  // namespace supportd::sim
