// Rows that could not be understood: kept raw with their error, read again with growing pauses, never in the way of
// the rest (rule 10).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/store/ledger.hpp"

namespace supportd::tickets {

struct Aside {
  std::int64_t id = 0;
  std::string source;  // "freshdesk:main/ticket"
  std::string remote_id;
  std::string raw, error;
  Instant first{}, last{}, next{};
  std::int64_t tries = 0;
};

// An empty `raw` leaves what is kept; rows without an id are kept each, and cannot be read again.
void set_aside(store::Tx& tx, const std::string& source, const std::string& remote_id, const std::string& raw,
               const std::string& error, Instant now);
bool is_aside(store::Tx& tx, const std::string& source, const std::string& remote_id);
// It was understood at last. False when it was not aside.
bool take_back(store::Tx& tx, const std::string& source, const std::string& remote_id);
// Of those whose id begins so, all but `still`.
void take_back_all(store::Tx& tx, const std::string& source, const std::string& prefix,
                   const std::vector<std::string>& still);
std::vector<Aside> due_aside(store::Tx& tx, const std::string& source, Instant now, int most);
std::vector<Aside> list_aside(store::Tx& tx, int most);
std::map<std::string, std::int64_t> count_aside(store::Tx& tx);  // by source
// Makes it due now. False when there is no such row. Throws Error{refused} for one without an id.
bool retry_aside(store::Tx& tx, std::int64_t id, Instant now);
// Lets go of it. False when there is no such row.
bool drop_aside(store::Tx& tx, std::int64_t id);
// Of rows without an id nobody can say when they are understood: those not met again for a week. How many there were.
std::int64_t drop_unnamed_aside(store::Tx& tx, Instant now);

}  // namespace supportd::tickets
