#include "jobs/desk_sync/ended.hpp"

#include <algorithm>

#include "daemon/json.hpp"
#include "jobs/desk_sync/counterpart.hpp"

namespace supportd::desk_sync {
namespace {

using outbox::Looked;
using outbox::Sent;
using store::Tx;
using tickets::EventKind;

// "Ticket freshdesk:main:7 was merged into freshdesk:main:3, which is 12 here."
std::string words(Tx& tx, const tickets::Link& link, const tickets::Ticket& ticket, const tickets::Change& change) {
  const std::string name = "Ticket " + origin_name(tx, ticket);
  if (is_return(change)) return name + " was restored there.";
  if (change.kind == EventKind::deleted) return name + " was deleted there.";
  const auto into = tickets::find(tx, *ticket.merged_into);
  const auto here = tickets::link_of(tx, *ticket.merged_into, link.system);
  return name + " was merged into " + (into ? origin_name(tx, *into) : "another") +
         (here ? ", which is " + here->remote_id + " here." : ".");
}

}  // namespace

bool is_return(const tickets::Change& change) {
  return change.kind == EventKind::deleted && change.value == tickets::restored;
}

void owe_end(Tx& tx, outbox::Outbox& outbox, const tickets::Link& link, const Mapping& mapping,
             const tickets::Ticket& ticket, const tickets::Event& event) {
  const bool merged = event.change.kind == EventKind::merged;
  const Propagation rule = merged ? mapping.merged : mapping.deleted;
  if (rule == Propagation::nothing) return;
  const bool follow = rule == Propagation::follow;
  json::Writer payload;
  payload.object([&] {
    payload.member("what", !follow                   ? "notice"
                           : merged                  ? "merge"
                           : is_return(event.change) ? "restore"
                                                     : "remove")
        .member("ticket", link.ticket.value);
    if (follow && merged) payload.member("into", ticket.merged_into->value);
    // Also where it cannot follow.
    payload.member("text", words(tx, link, ticket, event.change));
  });
  outbox.owe(tx, {.key = "end:" + event.identity + ":" + link.system,
                  .channel = link.system,
                  .lane = lane_of(link.system, link.remote_id),
                  .kind = outbox::Kind::message,
                  .subject = subject_of(link.ticket),
                  .payload = payload.take(),
                  .caused_at = event.effective});
}

Sent MergeDelivery::send(std::stop_token stop) {
  desk_->merge(from_, into_, stop);
  return {};
}

Looked MergeDelivery::find(std::stop_token stop) {
  const auto row = unless_gone([&] { return desk_->ticket(from_, stop); });
  const auto says = [&] {
    std::vector<connectors::BadRow> bad;
    return std::ranges::any_of(desk_->comments(from_, bad, stop),
                               [](const connectors::DeskComment& one) { return !one.merged_into.empty(); });
  };
  const bool done = !row || row->deleted || !row->merged_into.empty() || says();
  return {done ? Looked::Answer::found : Looked::Answer::absent, {}};
}

Sent RemoveDelivery::send(std::stop_token stop) {
  unless_gone([&] {
    desk_->remove(id_, stop);
    return true;
  });
  return {};
}

Looked RemoveDelivery::find(std::stop_token stop) {
  const auto row = unless_gone([&] { return desk_->ticket(id_, stop); });
  return {!row || row->deleted ? Looked::Answer::found : Looked::Answer::absent, {}};
}

bool RestoreDelivery::is_there(std::stop_token stop) const {
  const auto row = unless_gone([&] { return desk_->ticket(id_, stop); });
  return row && !row->deleted && !row->spam;
}

Sent RestoreDelivery::send(std::stop_token stop) {
  if (!is_there(stop)) desk_->restore(id_, stop);
  return {};
}

Looked RestoreDelivery::find(std::stop_token stop) {
  return {is_there(stop) ? Looked::Answer::found : Looked::Answer::absent, {}};
}

}  // namespace supportd::desk_sync
