#include "jobs/aws_cases/rules_listing.hpp"

#include <algorithm>
#include <iterator>

#include "daemon/digest.hpp"
#include "jobs/aws_cases/rules_message.hpp"
#include "jobs/aws_cases/rules_status.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::aws_cases {
namespace {

using Group = std::vector<const Said*>;

std::string hash_of(const Said& said) {
  return digest::hex(digest::sha256(tickets::normalise(tickets::decode_entities(said.body))));
}

// Oldest first, those of one instant in the order of their arrival.
Group in_order(const Listing& listing) {
  Group out;
  for (auto said = listing.newest_first.rbegin(); said != listing.newest_first.rend(); ++said) out.push_back(&*said);
  std::ranges::stable_sort(out, {}, [](const Said* c) { return c->created; });
  return out;
}

std::vector<const Known*> known_at(const std::vector<Known>& known, Instant created, const std::string& author) {
  std::vector<const Known*> out;
  for (const Known& one : known) {
    if (one.created == created && one.author == author) out.push_back(&one);
  }
  std::ranges::sort(out, {}, [](const Known* k) { return k->ordinal; });
  return out;
}

// Takes the write that the communication is an echo of.
std::optional<Write> claim(std::vector<Write>& writes, const Said& said, const std::string& hash) {
  const auto marker = find_marker(said.body);
  auto found = std::ranges::find_if(writes, [&](const Write& w) { return marker && w.ref == marker->ref; });
  if (found == writes.end()) found = std::ranges::find(writes, hash, &Write::hash);
  if (found == writes.end()) return {};
  Write out = *found;
  writes.erase(found);
  return out;
}

struct Comparison {
  const Said* first;  // of the listing
  const std::vector<Known>& known;
  std::vector<Write> writes;
  std::set<std::string> claimed;
  bool opened_by_us;
  bool complete;
  std::vector<Told> out;

  // All communications of one instant and author.
  void take(const Group& group, bool is_first) {
    const std::string author = author_hash(group.front()->submitted_by);
    auto before = known_at(known, group.front()->created, author);
    std::int64_t ordinal = before.empty() ? 0 : before.back()->ordinal + 1;
    Group unseen;
    for (const Said* said : group) {
      const std::string hash = hash_of(*said);
      const auto same = std::ranges::find(before, hash, [](const Known* k) { return k->hash; });
      if (same == before.end()) {
        unseen.push_back(said);
      } else {
        before.erase(same);
      }
    }
    for (const Said* said : unseen) {
      Told told{
          Told::What::message, static_cast<std::size_t>(said - first), said->created, author, hash_of(*said), 0, "", 0};
      if (!before.empty()) {
        told.what = Told::What::rerendered;
        told.ordinal = before.front()->ordinal;
        told.row = before.front()->row;
        before.erase(before.begin());
      } else {
        told.ordinal = ordinal++;
        recognise(*said, told, is_first && said == group.front());
      }
      out.push_back(std::move(told));
    }
  }

  void recognise(const Said& said, Told& told, bool is_first) {
    if (is_by_aws(said.submitted_by)) return;
    const auto marker = find_marker(said.body);
    if (const auto write = claim(writes, said, told.hash)) {
      told.what = Told::What::echo;
      told.ref = write->ref;
    } else if (marker && !claimed.contains(marker->ref)) {
      // Written by an earlier life of this ledger (a restored copy does not know its last writes).
      told.what = Told::What::echo;
      told.ref = marker->ref;
    } else if (is_first && complete && opened_by_us) {
      told.what = Told::What::echo;
    }
    if (!told.ref.empty()) claimed.insert(told.ref);
  }
};

}  // namespace

std::string author_hash(std::string_view submitted_by) {
  return digest::hex(digest::sha256(tickets::normalise(submitted_by))).substr(0, 16);
}

bool must_read_on(const Listing& listing, const std::vector<Known>& known) {
  if (listing.complete || listing.newest_first.empty()) return false;
  const auto ordered = in_order(listing);
  const Instant oldest = ordered.front()->created;
  for (const Said* said : ordered) {
    if (said->created != oldest) break;
    const std::string author = author_hash(said->submitted_by), hash = hash_of(*said);
    const bool is_known = std::ranges::any_of(
        known, [&](const Known& k) { return k.created == said->created && k.author == author && k.hash == hash; });
    if (!is_known) return true;
  }
  return false;
}

std::vector<Told> compare(const Listing& listing, const std::vector<Known>& known, const std::vector<Write>& writes,
                          std::set<std::string> claimed, bool opened_by_us) {
  Comparison comparison{
      listing.newest_first.data(), known, writes, std::move(claimed), opened_by_us, listing.complete, {}};
  const auto ordered = in_order(listing);
  std::vector<std::pair<std::string, Group>> instant;  // by author, in the order they first spoke
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const auto same = std::ranges::find(instant, ordered[i]->submitted_by, &std::pair<std::string, Group>::first);
    if (same == instant.end()) {
      instant.push_back({ordered[i]->submitted_by, {ordered[i]}});
    } else {
      same->second.push_back(ordered[i]);
    }
    const bool ends = i + 1 == ordered.size() || ordered[i + 1]->created != ordered[i]->created;
    if (!ends) continue;
    for (const auto& [author, group] : instant) comparison.take(group, group.front() == ordered.front());
    instant.clear();
  }
  return std::move(comparison.out);
}

std::string identity_of(const std::string& case_id, const Told& told) {
  return "aws:" + case_id + ":" + std::to_string(time::to_millis(told.created)) + ":" + told.author + ":" +
         std::to_string(told.ordinal);
}

}  // namespace supportd::aws_cases
