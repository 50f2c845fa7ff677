// What one person does once. A ticket's story is a row of them.
#pragma once

#include <string_view>
#include <vector>

#include "tests/fakes/random.hpp"

namespace supportd::sim {

enum class Deed {
  // At the desk.
  mark,         // an agent hands the ticket to AWS by tag
  note_to_aws,  // "@aws"
  long_note_to_aws,
  private_note,
  agent_reply,
  customer_reply,
  edit_note,    // the last note to AWS; it is not sent again
  delete_note,  // the last note to AWS that arrived there
  desk_status,  // pending, waiting, or one nobody mapped
  desk_priority,
  fill_cause,  // the field that closing needs
  agent_solves,
  customer_reopens,
  ask_again,  // a note to AWS on a ticket whose case was resolved
  delete_ticket,
  merge_ticket,  // into another that never went to AWS
  // At AWS.
  aws_takes,
  aws_answers,
  aws_answers_twice,  // within one millisecond
  aws_odd_status,     // a word nobody knows
  aws_resolves,
  aws_reopens,
  // Nobody does anything until both sides agree that it is over.
  until_resolved,
  until_case_resolved,
};
inline constexpr int deed_kinds = static_cast<int>(Deed::until_case_resolved) + 1;
std::string_view to_text(Deed deed);
// Must wait for the ticket's case.
bool needs_case(Deed deed);

enum class Ending {
  any,            // left as it is
  solved,         // at both sides
  case_resolved,  // at AWS only: the ticket cannot be closed, or was opened again since
};

struct Plot {
  bool marked_at_once = false;
  bool has_plan = true;  // false: the customer's account has no support plan, so that no case can be opened
  bool cause_forgotten = false;
  std::vector<Deed> deeds;
  Ending ending = Ending::any;
};
// `closing_needs_cause`: as in Nature.
Plot make_plot(fakes::Random& random, bool closing_needs_cause);

}  // namespace supportd::sim
