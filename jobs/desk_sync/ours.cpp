#include "jobs/desk_sync/ours.hpp"

#include "jobs/desk_sync/marker.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::desk_sync {

using connectors::DeskComment;
using connectors::DeskTicket;
using store::Tx;

bool Ourselves::may_have_forgotten(Instant created) const {
  constexpr Millis clocks{10 * 60'000};  // the desk's against ours
  return certain > began && created > began && created < certain + clocks;
}

bool Ourselves::may_have_forgotten(Instant known, Instant updated) const {
  return certain > began && known < certain && updated > began;
}

bool is_echo(Tx& tx, const std::string& system, const std::string& lane, const DeskComment& comment,
             const std::string& text, const Ourselves& us) {
  if (tx.one<std::int64_t>("SELECT id FROM effect WHERE channel = :system AND remote_id = :id", system, comment.id)) {
    return true;
  }
  if (comment.author_id != us.id) return false;
  // Our user and our marker: ours, even when a restored ledger has forgotten the effect.
  if (!comment.ref.empty()) return true;
  if (!comment.is_public) return ref_in(text).has_value();
  if (us.may_have_forgotten(comment.created)) return true;
  const std::string hash = tickets::message_hash(without_missing_files(text));
  return tx
      .one<std::int64_t>(
          "SELECT id FROM effect WHERE lane = :lane AND state IN ('leased', 'unknown', 'parked', 'dropped') AND "
          "attempts > 0 AND payload LIKE :hash ORDER BY "
          "id LIMIT 1",
          lane, "%" + hash + "%")
      .has_value();
}

Marked marked_by_us(Tx& tx, const std::string& system, const DeskTicket& row) {
  Marked out;
  bool forgotten = false;
  for (const std::string& tag : row.tags) {
    if (!is_marker_tag(tag)) continue;
    const auto made = made_with(tx, system, tag);
    if (!made) {
      forgotten = true;
    } else if (!made->remote_id.empty() && made->remote_id != row.id) {
      out.goes_on_for = made->ticket;
    } else if (!out.made || out.made->message < made->message) {
      out.made = made;  // a follow-up of ours inherited what it follows
    }
  }
  if (forgotten && !out.made) {
    throw Error(ErrorKind::gone, "we made it, but the ledger does not know for which ticket yet");
  }
  return out;
}

}  // namespace supportd::desk_sync
