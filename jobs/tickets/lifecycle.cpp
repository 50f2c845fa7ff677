#include "jobs/tickets/lifecycle.hpp"

#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/section.hpp"

namespace supportd::tickets {
namespace {

using store::Tx;

constexpr const char* origin = "lifecycle";
constexpr const char* close_deadline = "ticket_close";

std::string key_of(TicketId ticket) { return std::to_string(ticket.value); }

NewEvent event_of(const Ticket& ticket, EventKind kind, std::string value, std::string why, Instant at) {
  NewEvent out;
  out.ticket = ticket.id;
  out.change.kind = kind;
  out.change.value = std::move(value);
  out.effective = at;
  out.origin = origin;
  out.actor = std::move(why);
  out.identity = std::string(origin) + ":" + std::string(to_text(kind)) + ":" + key_of(ticket.id) + ":" +
                 std::to_string(ticket.seq);
  return out;
}

// The first thing said is what the customer asked.
void give_priority(Tx& tx, const Kernel& kernel, const PriorityWords& words, const Happening& happening, Instant now) {
  const Ticket& ticket = happening.after;
  if (!words.enabled || ticket.priority || happening.event.change.kind != EventKind::commented) return;
  const auto messages = messages_of(tx, ticket.id);
  if (messages.size() != 1 || messages.front().id != happening.event.change.message) return;
  const auto found = priority_by_words(words, ticket.subject, text_of(tx, messages.front()));
  kernel.append(tx,
                event_of(ticket, EventKind::priority, std::string(to_text(found.priority)),
                         found.word.empty() ? "no word" : "word: " + found.word, happening.event.effective),
                now);
}

void watch_close(Tx& tx, run::Deadlines& deadlines, Millis close_after, const Happening& happening) {
  if (happening.before.status == happening.after.status) return;
  if (happening.after.status == Status::solved && close_after > Millis{0}) {
    deadlines.arm(tx, close_deadline, key_of(happening.after.id), *happening.after.solved + close_after);
  } else if (happening.before.status == Status::solved) {
    deadlines.disarm(tx, close_deadline, key_of(happening.after.id));
  }
}

}  // namespace

void install_lifecycle(Registry& registry, Kernel& kernel) {
  kernel.react(origin, [&registry, &kernel](Tx& tx, const Happening& happening, Instant now) {
    const auto config = registry.config.get();
    const Section& section = config->get<Section>("tickets");
    watch_close(tx, registry.deadlines, section.close_after, happening);
    give_priority(tx, kernel, section.priority, happening, now);
  });
  registry.deadlines.on_reload([&registry](Tx& tx, const config::Config& fresh, Instant) {
    std::vector<run::Deadlines::Move> out;
    const auto config = registry.config.get();
    const Millis longer = fresh.get<Section>("tickets").close_after - config->get<Section>("tickets").close_after;
    if (longer == Millis{0}) return out;
    for (const auto& [key, at] : registry.deadlines.armed(tx, close_deadline)) {
      out.push_back({close_deadline, key, "close of ticket " + key, at, at + longer});
    }
    return out;
  });
  registry.deadlines.on(close_deadline, [&kernel](Tx& tx, const std::string& key, Instant at, Instant now) {
    const auto ticket = find(tx, TicketId{std::stoll(key)});
    if (!ticket || ticket->status != Status::solved) return;
    kernel.append(tx, event_of(*ticket, EventKind::status, "closed", "auto-close", at), now);
  });
}

}  // namespace supportd::tickets
