// The people of the second desk: they act on the counterparts of tickets that are being talked about at the first, at
// the same time as everybody there.
#pragma once

#include <array>
#include <optional>
#include <queue>
#include <vector>

#include "tests/sim/people.hpp"

namespace supportd::sim {

enum class Visit { reply, note, customer_reply, note_to_aws, status, priority, tag, untag, priority_at_both };
inline constexpr int visit_kinds = static_cast<int>(Visit::priority_at_both) + 1;
std::string_view to_text(Visit visit);

class Visitors {
 public:
  // Nobody comes in a month of one desk.
  Visitors(Outside& outside, const Nature& nature, People& people);

  // When somebody acts next; nothing: all have come.
  std::optional<Instant> next() const;
  // Everything that is due. A ticket whose counterpart is not there yet is visited later; one that is over, no more.
  void act(Instant now);

  const std::vector<Word>& words() const { return words_; }
  const std::array<int, visit_kinds>& visits() const { return visits_; }

 private:
  struct Due {
    Instant at{};
    std::size_t story = 0;
    int left = 0;
    bool operator>(const Due& other) const { return std::pair(at, story) > std::pair(other.at, other.story); }
  };
  enum class Answer { done, not_yet, over };
  Answer visit(std::size_t story, Instant now);
  // At either desk, one that is there.
  void untag(std::int64_t first, std::int64_t ticket, Instant now);
  void set_priority(std::int64_t first, std::int64_t ticket, bool at_second, Instant now);
  void do_it(Visit what, const People::Story& story, std::int64_t ticket, Instant now);
  void say(Visit what, const People::Story& story, std::int64_t ticket, Instant now);

  Outside& outside_;
  const Nature& nature_;
  People& people_;
  fakes::Random random_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<Word> words_;
  std::array<int, visit_kinds> visits_{};
};

// The second desk's tickets that stand for one of the first's, oldest first: follow-ups come after what they follow.
std::vector<fakes::ZendeskTicket> counterparts(const fakes::Zendesk& desk, std::int64_t ticket);

}  // namespace supportd::sim
