#include "jobs/aws_cases/operate.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/json.hpp"
#include "daemon/store/audit.hpp"
#include "jobs/tickets/people.hpp"

namespace supportd::aws_cases {
namespace {

using store::Tx;

void member_time(json::Writer& out, std::string_view name, const std::optional<Instant>& at) {
  out.member(name, at ? std::optional(time::to_text(*at)) : std::nullopt);
}

void write_effects(json::Writer& out, Tx& tx, const Context& context, const Case& it) {
  outbox::Filter filter;
  filter.lane = lane_of(it.id);
  filter.most = 100;
  out.key("effects").array([&] {
    for (const auto& effect : context.registry.outbox.list(tx, filter)) {
      out.object([&] {
        out.member("id", effect.id.value).member("key", effect.key).member("state", outbox::to_text(effect.state));
        out.member("error", effect.error);
      });
    }
  });
}

void write_communications(json::Writer& out, Tx& tx, const Case& it) {
  out.key("communications").array([&] {
    for (const Known& known : known_communications(tx, it.id)) {
      out.object([&] {
        out.member("at", time::to_text(known.created)).member("mirrored", known.mirrored);
        const auto message = message_of_communication(tx, known.row);
        out.member("message", message ? std::optional(message->value) : std::nullopt);
      });
    }
  });
}

}  // namespace

std::string case_json(Tx& tx, const Context& context, const Case& it, bool whole) {
  const auto ticket = tickets::find(tx, it.ticket);
  json::Writer out;
  out.object([&] {
    out.member("row", it.id.value).member("ticket", it.ticket.value).member("number", it.n).member("key", it.key);
    out.member("state", to_text(it.state)).member("account", it.account).member("case_id", it.case_id);
    out.member("display_id", it.display_id).member("aws_status", it.aws_status).member("severity", it.severity);
    out.member("wanted_severity", it.wanted_severity).member("approved_by", it.approved_by);
    out.member("service", it.service).member("category", it.category).member("language", it.language);
    out.member("matched", it.matched).member("reason", it.reason).member("cc", it.cc);
    out.member("customer_visible", it.customer_visible).member("opened_by_us", it.ours);
    out.member("follows", it.follows ? std::optional(it.follows->value) : std::nullopt);
    out.member("marked_at", time::to_text(it.marked));
    member_time(out, "opened_at", it.opened);
    member_time(out, "answered_at", it.answered);
    member_time(out, "resolved_at", it.resolved);
    member_time(out, "waiting_since", it.waiting);
    if (ticket) {
      out.member("subject", ticket->subject).member("ticket_status", tickets::to_text(ticket->status));
      out.member("ticket_deleted", ticket->deleted).member("ticket_merged", ticket->merged_into.has_value());
    }
    if (!whole) return;
    write_effects(out, tx, context, it);
    write_communications(out, tx, it);
  });
  return out.take();
}

std::string cases_json(Tx& tx, const Context& context, const CaseFilter& filter) {
  json::Writer out;
  out.object([&] {
    out.key("cases").array([&] {
      for (const Case& it : list_cases(tx, filter)) out.raw(case_json(tx, context, it, false));
    });
    out.key("parked_accounts").array([&] {
      for (const Account& account : parked_accounts(tx)) {
        out.object([&] {
          out.member("account", account.id).member("since", time::to_text(*account.parked));
          out.member("reason", account.reason);
        });
      }
    });
  });
  return out.take();
}

Case pick_case(Tx& tx, const std::string& text) {
  std::int64_t number = 0;
  const bool row = text.starts_with('#');
  const auto [end, wrong] = std::from_chars(text.data() + (row ? 1 : 0), text.data() + text.size(), number);
  if (row && wrong == std::errc{} && end == text.data() + text.size()) {
    if (auto found = find_case(tx, CaseRow{number})) return std::move(*found);
  }
  auto found = cases_named(tx, text);
  if (found.empty()) throw Error(ErrorKind::gone, "there is no AWS case '" + text + "' in the ledger");
  if (found.size() > 1) {
    throw Error(ErrorKind::refused, "'" + text + "' is the number of " + std::to_string(found.size()) +
                                        " cases: name one by its id at AWS, " + found.front().case_id);
  }
  return std::move(found.front());
}

Case link_case(Tx& tx, const Context& context, tickets::TicketId ticket, const std::string& account,
               const std::string& case_id, const std::string& actor, const std::string& reason, Instant now) {
  const auto known = tickets::load(tx, ticket);
  if (const auto taken = find_case(tx, case_id); taken && taken->state != State::unlinked) {
    throw Error(ErrorKind::refused, "case " + case_id + " belongs to ticket " + std::to_string(taken->ticket.value));
  }
  if (context.accounts.find(account) == nullptr) {
    throw Error(ErrorKind::refused, "account " + account + " is not configured under [[aws.account]]");
  }
  if (!case_id.starts_with("case-" + account + "-")) {
    throw Error(ErrorKind::config, "'" + case_id + "' is no case of account " + account + ": its id begins \"case-" +
                                       account + "-\"; the number that people see is another");
  }
  const auto owner = tickets::organisation_of_account(tx, account);
  if (owner != known.organisation) {
    throw Error(ErrorKind::refused, "account " + account + " is not of the organisation of ticket " +
                                        std::to_string(ticket.value) + ", whose people would read the case");
  }
  const auto newest = newest_case(tx, ticket);
  const auto busy = [](State s) {
    return s == State::deciding || s == State::approving || s == State::opening || s == State::adopting ||
           s == State::open;
  };
  if (newest && busy(newest->state)) {
    throw Error(ErrorKind::refused, "ticket " + std::to_string(ticket.value) + " has a case that is " +
                                        std::string(to_text(newest->state)) + ": unlink it first");
  }
  Case it;
  if (auto before = find_case(tx, case_id)) {  // unlinked earlier: its communications are known
    if (before->ticket != ticket) {
      throw Error(ErrorKind::refused, "case " + case_id + " was ticket " + std::to_string(before->ticket.value) +
                                          "'s, whose messages it holds");
    }
    it = std::move(*before);
    it.state = State::open;
    it.seen.clear();
    it.reason += "; linked again by " + actor + (reason.empty() ? "" : ": " + reason);
    save_case(tx, it);
  } else {
    const auto earlier = cases_of(tx, ticket);
    it.ticket = ticket;
    it.n = earlier.empty() ? 1 : earlier.back().n + 1;
    it.key = "case:link:" + case_id;
    it.state = State::open;
    it.account = account;
    it.case_id = case_id;
    it.ours = false;
    it.reason = "linked by " + actor + (reason.empty() ? "" : ": " + reason);
    it.marked = it.decided = now;
    it.opened = now;
    it.id = add_case(tx, it);
  }
  const Settings settings = context.settings();
  tickets::Change field;
  field.kind = tickets::EventKind::field;
  field.name = settings->case_id_field;
  field.value = case_id;
  context.kernel.append(
      tx, {ticket, field, now, slice_name, actor, "aws_cases:link:" + case_id + ":" + std::to_string(known.seq)}, now);
  store::audit(tx, now, {actor, "aws_cases.link", it.key, reason, "{\"ticket\":" + std::to_string(ticket.value) + "}"});
  return it;
}

Case unlink_case(Tx& tx, const Context& context, const std::string& which, const std::string& actor,
                 const std::string& reason, Instant now) {
  Case it = pick_case(tx, which);
  if (it.state == State::unlinked) throw Error(ErrorKind::refused, "the case is unlinked already");
  it.state = State::unlinked;
  it.waiting.reset();
  it.reason += (it.reason.empty() ? "" : "; ") + ("unlinked by " + actor + (reason.empty() ? "" : ": " + reason));
  save_case(tx, it);
  context.registry.deadlines.disarm(tx, decide_deadline, std::to_string(it.id.value));
  context.registry.deadlines.disarm(tx, approval_deadline, std::to_string(it.id.value));
  store::audit(tx, now, {actor, "aws_cases.unlink", it.key, reason, ""});
  return it;
}

Case approve_case(Tx& tx, const Context& context, const std::string& which, const std::string& actor,
                  const std::string& reason, Instant now) {
  const Case it = pick_case(tx, which);
  Opening(context).approve(tx, it.id, actor, reason, now);
  return load_case(tx, it.id);
}

}  // namespace supportd::aws_cases
