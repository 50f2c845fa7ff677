// Customers, agents and AWS engineers of one month. Each deed happens at a seeded instant, or an hour later again
// while what it needs is not there; the witness is told what it must lead to.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "tests/sim/deed.hpp"
#include "tests/sim/outside.hpp"
#include "tests/sim/word.hpp"

namespace supportd::sim {

class People {
 public:
  People(Outside& outside, const Nature& nature);

  // When somebody acts next; nothing: all stories are told.
  std::optional<Instant> next() const;
  // Everything that is due.
  void act(Instant now);

  struct Story {
    std::int64_t ticket = 0;
    std::string mail, token;  // the opening's
    Plot plot;
    std::size_t told = 0;  // deeds done
    std::string last_note_token, last_case_token, reopening_token;
    std::int64_t last_note = 0;             // conversation
    std::vector<std::string> on_their_way;  // tokens of notes to AWS from the second desk
    bool deleted = false, merged = false;
    bool gone = false;  // deleted or merged: nothing is owed any more
    Instant since{};    // waits for its next deed since
  };
  // Those not yet opened are left out.
  std::vector<const Story*> stories() const;
  // The newest case opened for the story, by what stands in it.
  std::optional<fakes::AwsCase> case_of(const Story& story) const;

  int messages() const { return messages_; }
  const std::vector<Word>& words() const { return words_; }

  // For the people of the second desk.
  std::size_t count() const { return stories_.size(); }
  const Story& story(std::size_t index) const { return stories_[index]; }
  // Nobody is about to end it, and it has not ended.
  bool is_being_talked_about(const Story& story) const;
  struct Said {
    std::string text, token;
  };
  Said say(std::size_t length = 0);
  // Whoever deletes the ticket takes it away too; whoever resolves the case waits until it has arrived there.
  void said_elsewhere(std::int64_t ticket, const std::string& token, bool to_aws);
  const std::array<int, deed_kinds>& deeds() const { return deeds_; }

 private:
  struct Due {
    Instant at{};
    std::size_t story = 0;
    bool operator>(const Due& other) const { return std::pair(at, story) > std::pair(other.at, other.story); }
  };

  void open(Story& story, Instant now);
  // False: not yet.
  bool perform(Story& story, Deed deed, Instant now);
  void at_desk(Story& story, Deed deed, Instant now);
  void at_aws(Story& story, Deed deed, const fakes::AwsCase& the_case, Instant now);
  void note_to_aws(Story& story, std::size_t length, Instant now);
  void ask_again(Story& story, const fakes::AwsCase& the_case, Instant now);
  void answer(Story& story, const std::string& case_id, Instant now);
  void excuse_all(Story& story);
  // The last note to AWS has arrived there, and those from the second desk.
  bool is_delivered(const Story& story, const fakes::AwsCase& the_case) const;
  // What AWS said when it opened the case again is on the ticket.
  bool was_forgotten(Instant at) const;
  bool is_reopening_seen(const Story& story) const;

  void record(const Story& story, const std::string& token, Place place, const std::string& author, bool is_public,
              const std::vector<fakes::File>& files);
  std::vector<fakes::File> some_files();
  std::int64_t agent() { return outside_.agents[random_.below(2)]; }
  Millis pause();

  Outside& outside_;
  const Nature& nature_;
  fakes::Random random_;
  std::vector<Story> stories_;
  std::map<std::int64_t, std::vector<std::string>> tokens_;  // by ticket
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<Word> words_;
  int messages_ = 0;
  std::array<int, deed_kinds> deeds_{};
};

}  // namespace supportd::sim
