// What a list of a case's communications says that we did not know yet (rule 12). AWS's communications have no id:
// they are known by time, author and order among equals; their text's hash tells renderings apart. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/time/instant.hpp"

namespace supportd::aws_cases {

// One that is in the ledger.
struct Known {
  std::int64_t row = 0;
  Instant created{};
  std::string author;  // hash
  std::int64_t ordinal = 0;
  std::string hash;       // of the text as it was last seen, normal form n1
  bool mirrored = false;  // false: an echo of ours
};

// One of our writes that has not been seen at AWS yet.
struct Write {
  std::string ref;
  std::string hash;
  bool opens_case = false;
};

// A communication as AWS lists it, entities and all.
struct Said {
  std::string body;
  std::string submitted_by;
  Instant created{};
};

struct Told {
  enum class What { message, echo, rerendered } what = What::message;
  std::size_t index = 0;  // in the listing
  Instant created{};
  std::string author, hash;
  std::int64_t ordinal = 0;
  std::string ref;       // echo: of our write; empty when only its form or place shows that it is ours
  std::int64_t row = 0;  // rerendered: the known one
};

struct Listing {
  std::vector<Said> newest_first;
  bool complete = false;  // reaches back to the case's beginning
};

std::string author_hash(std::string_view submitted_by);
// More must be read: the oldest ones listed are not all known, so there may be unknown ones before them.
bool must_read_on(const Listing& listing, const std::vector<Known>& known);
// Oldest first. `claimed`: refs of our writes that were seen already, so that whoever repeats one quotes us.
// `opened_by_us`: the first communication is our CreateCase.
std::vector<Told> compare(const Listing& listing, const std::vector<Known>& known, const std::vector<Write>& writes,
                          std::set<std::string> claimed, bool opened_by_us);
// "aws:case-1:1800000000000:0123456789abcdef:0"
std::string identity_of(const std::string& case_id, const Told& told);

}  // namespace supportd::aws_cases
