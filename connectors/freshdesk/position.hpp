// Where one list of tickets, ordered by time of update, has been read to (rule 9). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/json.hpp"
#include "daemon/time/instant.hpp"

namespace supportd::connectors::freshdesk {

// A row as it was listed.
struct ListedRow {
  std::string key;                 // the ticket's id; of a row without one, its hash
  std::string hash;                // of the row's JSON
  std::optional<Instant> updated;  // none: it could not be read
};
ListedRow listed(const json::View& row);

struct Position {
  Instant since{};                          // whole seconds; the next listing's updated_since
  std::map<std::string, std::string> seen;  // hashes of the rows at or after `since`, which it will list again

  friend bool operator==(const Position&, const Position&) = default;
};

// One listing from the first page on: pages are added until it may stop.
class Walk {
 public:
  explicit Walk(Position from) : from_(std::move(from)) {}

  // `date`: the answer's Date. A row less than two seconds older is read again next time: others with its time may
  // become visible later.
  void add_page(std::vector<ListedRow> rows, bool whole, std::optional<Instant> date);
  // A page that is whole and ends no later than where the walk began gives no position to go on from.
  bool needs_next_page() const { return whole_ && reached() <= from_.since; }

  bool is_new(const ListedRow& row) const;
  // False: there is nothing more for now.
  bool more() const { return whole_; }
  // Where to read on. A second that took more than one page is left only by a walk that found nothing new in it,
  // since an update while paging shifts rows to pages already read.
  Position end() const;

 private:
  Instant reached() const;

  const Position from_;
  std::vector<ListedRow> rows_;
  std::optional<Instant> last_;
  std::optional<Instant> date_;
  int pages_ = 0;
  bool whole_ = false;
};

// The position of each list that `changes` reads, as the opaque cursor's text.
struct Cursor {
  Position live, deleted, spam;
  bool spam_is_next = false;  // deleted and spam tickets are read in turn
};
std::string to_text(const Cursor& cursor);
// Empty text: all from `from` on. Throws Error{corrupt}.
Cursor parse_cursor(const std::string& text, Instant from);

}  // namespace supportd::connectors::freshdesk
