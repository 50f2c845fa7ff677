// The judge of a run: what people said on either side, where it had to appear on the other, and what is really there.
// It reads only the two fakes, never anything of the daemon's. Every message carries a token in its text, so counting
// is exact however bodies are re-rendered. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {

enum class Direction { to_aws, to_desk };

struct Tally {
  int expected = 0;
  int found = 0;       // at least once in the right place
  int lost = 0;        // nowhere it had to be
  int duplicated = 0;  // copies beyond the first, echoes to the side it came from included
  int leaked = 0;      // on the other side of a ticket though nothing asked for it, or on another ticket or case
  int disordered = 0;  // after a message that was said later

  Tally& operator+=(const Tally& other);
  bool clean() const { return lost == 0 && duplicated == 0 && leaked == 0 && disordered == 0; }
};

struct TicketTally {
  std::int64_t ticket = 0;
  std::vector<std::string> cases;  // oldest first: those that carry a token the ticket was marked with
  int cases_expected = 0;
  Tally to_aws, to_desk;              // messages
  Tally files_to_aws, files_to_desk;  // attachments, by sha256
  // With a second desk: all that was said here or by AWS is on the ticket's counterpart there, and what was said there
  // is here.
  Tally to_second, from_second;
  std::string second_status;  // of the newest counterpart; empty: none
  int desk_status = 0;
  std::string aws_status;     // of the newest case; empty: none
  bool case_id_noted = true;  // the custom field names the newest case
};

struct Report {
  std::vector<TicketTally> tickets;
  Tally cases;  // each marking opens exactly one
  Tally messages_to_aws, messages_to_desk, files_to_aws, files_to_desk;
  Tally messages_to_second, messages_from_second;

  Tally total() const;
  std::string to_json() const;
};

class Witness {
 public:
  Witness(const AwsSupport& aws, const Freshdesk& desk, std::uint64_t seed,
          std::string case_id_field = "cf_aws_support_case_id");

  // There is a second desk, where every ticket has a counterpart, known by its external id. Before anything is said.
  void watch(const Zendesk& second) { second_ = &second; }

  // A token that no other message has: "w7k2m9q4xa".
  std::string new_token();
  // A file of that many bytes that no other file equals.
  File new_file(const std::string& name, std::size_t size);

  // The ticket's opening message carries `token`; no case is expected until it is marked.
  void opened(std::int64_t ticket, const std::string& token);
  // One more case for this ticket, begun by a message with `token` (the opening one, or a later one of a follow-up).
  void marked(std::int64_t ticket, const std::string& token);
  // Said on the ticket, and owed to AWS or not. `desk`: another one than this that it was said at; what is said at
  // different desks has no order.
  void said_on_desk(std::int64_t ticket, const std::string& token, bool mirrored, const std::vector<File>& files = {},
                    const std::string& desk = "");
  // Said on the case of that ticket, and owed to the ticket or not.
  void said_on_aws(std::int64_t ticket, const std::string& token, bool mirrored, const std::vector<File>& files = {});
  // Its content is not owed any more (edited before it was mirrored, deleted, ticket gone).
  void excuse(const std::string& token);

  // The newest case of the ticket; empty: none yet.
  std::string case_of(std::int64_t ticket) const;
  Report report() const;

 private:
  struct Message {
    std::string token;
    std::int64_t ticket = 0;
    Direction direction = Direction::to_aws;
    bool mirrored = true;
    bool excused = false;
    std::vector<std::string> files;  // sha256
    std::string desk{};
    bool opening = false;
  };
  struct Tracked {
    std::optional<std::size_t> opening;  // index of the message
    std::vector<std::string> case_tokens;
    std::vector<std::size_t> messages;  // indices, in the order they were said
  };
  struct Sight;  // everything both sides hold, read once

  Sight look() const;
  TicketTally judge(std::int64_t ticket, const Tracked& tracked, const Sight& sight) const;
  Tally count_messages(const Tracked& tracked, Direction direction, const std::vector<std::string>& cases,
                       std::int64_t ticket, const Sight& sight) const;
  Tally count_second(const Tracked& tracked, bool there, std::int64_t ticket, const Sight& sight) const;
  Tally count_files(const Tracked& tracked, Direction direction, const std::vector<std::string>& cases,
                    std::int64_t ticket, const Sight& sight) const;

  const AwsSupport& aws_;
  const Freshdesk& desk_;
  const Zendesk* second_ = nullptr;  // constant once anything was said
  const std::string case_id_field_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Random random_;
  std::vector<Message> messages_;
  std::map<std::int64_t, Tracked> tickets_;
};

}  // namespace supportd::fakes
