// What is owed to the outside world, and what an operator may do about it (rules 2 and 7).
#include "daemon/config/suggest.hpp"
#include "daemon/control/control.hpp"
#include "daemon/control/views.hpp"
#include "daemon/http/query.hpp"

namespace supportd::control {
namespace {

using http::Inbound, http::Query;

outbox::State state_of(const std::string& text) {
  if (const auto state = outbox::parse_state(text)) return *state;
  std::vector<std::string> names;
  for (const auto state : outbox::all_states) names.emplace_back(to_text(state));
  throw Error(ErrorKind::config, "no state '" + text + "': " + config::known_names(text, names));
}

// Finished ones only where they are asked for.
std::vector<outbox::State> states_of(const Query& query) {
  const bool all = query.flag("all");
  const std::string state = query.text("state");
  if (all && !state.empty()) throw Error(ErrorKind::config, "either 'all' or 'state', not both");
  if (all) return {};
  if (!state.empty()) return {state_of(state)};
  return {std::begin(outbox::unfinished_states), std::end(outbox::unfinished_states)};
}

Error no_channel(const Parts& parts, const std::string& name) {
  return {ErrorKind::gone, "no channel '" + name + "': " + config::known_names(name, parts.outbox.channels())};
}

http::Response list(const Parts& parts, const Inbound& in) {
  const Query query(in, {"all", "state", "channel", "lane", "subject", "before", "limit"});
  outbox::Filter filter;
  filter.channel = query.text("channel");
  filter.lane = query.text("lane");
  filter.subject = query.text("subject");
  filter.before = query.number("before", 0, 0, std::numeric_limits<std::int64_t>::max());
  filter.most = static_cast<int>(query.number("limit", 50, 1, 1000));
  filter.states = states_of(query);
  std::vector<outbox::Effect> found;
  std::vector<outbox::Hold> holds;
  parts.ledger.read([&](store::Tx& tx) {
    found = parts.outbox.list(tx, filter);
    holds = parts.outbox.holds(tx);
  });
  // One that was taken away may still have effects.
  if (found.empty() && !filter.channel.empty() && parts.outbox.channel(filter.channel) == nullptr) {
    throw no_channel(parts, filter.channel);
  }
  json::Writer writer;
  writer.object([&] {
    writer.key("holds").array([&] {
      for (const auto& hold : holds) write(writer, hold);
    });
    writer.key("effects").array([&] {
      for (const auto& effect : found) write(writer, effect, false);
    });
  });
  return http::json(writer.take());
}

http::Response effect_json(const Parts& parts, outbox::EffectId id) {
  const auto found = parts.ledger.read([&](store::Tx& tx) { return parts.outbox.find(tx, id); });
  if (!found) throw Error(ErrorKind::gone, "no effect " + std::to_string(id.value));
  json::Writer writer;
  write(writer, *found, true);
  return http::json(writer.take());
}

using Decision = void (outbox::Outbox::*)(store::Tx&, outbox::EffectId, const std::string& actor,
                                          const std::string& reason);

http::Response decide(const Parts& parts, const Inbound& in, Decision decision) {
  const Query query(in, {"reason"});
  const outbox::EffectId id{http::id_of(in)};
  parts.ledger.write([&](store::Tx& tx) { (parts.outbox.*decision)(tx, id, http::actor_of(in), query.text("reason")); },
                     store::WritePriority::urgent);
  return effect_json(parts, id);
}

const std::string& channel_of(const Parts& parts, const Inbound& in) {
  const std::string& name = in.params.at("channel");
  if (parts.outbox.channel(name) != nullptr) return name;
  throw no_channel(parts, name);
}

http::Response hold(const Parts& parts, const Inbound& in) {
  const Query query(in, {"reason"});
  const outbox::Hold hold{channel_of(parts, in), query.text("reason"), http::actor_of(in), parts.clock.now(), false};
  parts.ledger.write([&](store::Tx& tx) { parts.outbox.hold(tx, hold); }, store::WritePriority::urgent);
  json::Writer writer;
  write(writer, hold);
  return http::json(writer.take());
}

http::Response release(const Parts& parts, const Inbound& in) {
  const Query query(in, {"reason"});
  const std::string& channel = channel_of(parts, in);
  const bool held = parts.ledger.write(
      [&](store::Tx& tx) { return parts.outbox.release(tx, channel, http::actor_of(in), query.text("reason")); },
      store::WritePriority::urgent);
  if (!held) throw Error(ErrorKind::refused, "channel " + channel + " is not held");
  json::Writer writer;
  writer.object([&] { writer.member("channel", channel); });
  return http::json(writer.take());
}

}  // namespace

void add_outbox_routes(http::Router& router, const Parts& parts) {
  using http::Access;
  const auto add = [&](std::string method, std::string path, http::Response (*handler)(const Parts&, const Inbound&)) {
    router.add({std::move(method), std::move(path), Access::operate,
                [&parts, handler](const Inbound& in) { return handler(parts, in); }});
  };
  add("GET", "/api/v1/outbox", list);
  add("GET", "/api/v1/outbox/{id}",
      [](const Parts& p, const Inbound& in) { return effect_json(p, outbox::EffectId{http::id_of(in)}); });
  add("POST", "/control/outbox/{id}/retry",
      [](const Parts& p, const Inbound& in) { return decide(p, in, &outbox::Outbox::retry); });
  add("POST", "/control/outbox/{id}/drop",
      [](const Parts& p, const Inbound& in) { return decide(p, in, &outbox::Outbox::drop); });
  add("POST", "/control/outbox/{id}/park",
      [](const Parts& p, const Inbound& in) { return decide(p, in, &outbox::Outbox::park); });
  add("POST", "/control/outbox/channels/{channel}/hold", hold);
  add("POST", "/control/outbox/channels/{channel}/release", release);
}

}  // namespace supportd::control
