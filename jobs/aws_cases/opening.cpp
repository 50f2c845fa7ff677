#include "jobs/aws_cases/opening.hpp"

#include <algorithm>

#include "daemon/json.hpp"
#include "daemon/store/audit.hpp"
#include "jobs/aws_cases/rules_account.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/words.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;
using store::Tx;

std::string number(CaseRow id) { return std::to_string(id.value); }

// Vendor ids, so that the key is the same in a restored ledger.
std::string key_of(Tx& tx, const tickets::Ticket& ticket, std::int64_t n) {
  const auto link = tickets::link_of(tx, ticket.id, ticket.origin);
  const std::string object = link ? link->system + ":" + link->remote_id : "ticket:" + std::to_string(ticket.id.value);
  return "case:" + object + ":" + std::to_string(n);
}

// What the ticket was opened with.
std::optional<tickets::Message> description_of(Tx& tx, const tickets::Ticket& ticket) {
  for (auto& message : tickets::messages_of(tx, ticket.id)) {
    if (message.origin == ticket.origin && !message.ours) return std::move(message);
  }
  return {};
}

void append_word(std::string& text, const std::string& more) {
  if (more.empty()) return;
  text += (text.empty() ? "" : "; ") + more;
}

std::string language_of(const Section& section, const std::string& text) {
  if (section.language != "auto") return section.language;
  const std::string found = tickets::is_korean(text) ? "ko" : section.fallback_language;
  return section.texts.contains(found) ? found : section.fallback_language;
}

// A customer's address makes the case customer-visible, whoever put it there (rule 14).
void choose_cc(Tx& tx, const Section& section, const tickets::Ticket& ticket, Case& it) {
  it.cc = section.cc;
  it.customer_visible =
      std::ranges::any_of(it.cc, [&](const std::string& mail) { return tickets::is_customer(tx, mail); });
  if (!section.cc_requester || !ticket.requester) return;
  const auto person = tickets::find_person(tx, *ticket.requester);
  if (!person || person->mail.empty()) return;
  if (is_desk_mailbox(section, person->mail)) return;
  it.cc.push_back(person->mail);
  it.customer_visible = true;
}

AccountChoice account_for(Tx& tx, const Section& section, const tickets::Ticket& ticket,
                          const std::vector<std::string>& reachable) {
  const auto organisation = ticket.organisation ? tickets::find_organisation(tx, *ticket.organisation) : std::nullopt;
  return choose_account(ticket.field(section.account_field), organisation ? organisation->name : "",
                        organisation ? organisation->aws_accounts : std::vector<std::string>{}, reachable);
}

}  // namespace

bool is_marked(const Section& section, const tickets::Ticket& ticket) {
  if (!section.tag.empty() && ticket.has_tag(section.tag)) return true;
  if (section.field.empty()) return false;
  const std::string value = ticket.field(section.field);
  if (section.field_values.empty()) return !value.empty() && value != "false";
  return std::ranges::find(section.field_values, value) != section.field_values.end();
}

std::string why_no_plan(const std::string& account) {
  return "account " + account + " has no support plan with an API (" + no_plan + ")";
}

bool is_alive(const tickets::Ticket& ticket) {
  return is_unsolved(ticket.status) && !ticket.deleted && !ticket.merged_into;
}

void Opening::begin(Tx& tx, tickets::TicketId ticket, std::int64_t n, Instant marked, Instant now) const {
  Case it;
  it.ticket = ticket;
  it.n = n;
  it.key = key_of(tx, tickets::load(tx, ticket), n);
  it.marked = marked;
  it.id = add_case(tx, it);
  context_.registry.deadlines.arm(tx, decide_deadline, number(it.id), now);
}

bool Opening::adopt(Tx& tx, const Section& section, const tickets::Happening& happening, Instant now) const {
  const tickets::Ticket& ticket = happening.after;
  const std::string id = ticket.field(section.case_id_field);
  if (id.empty() || ticket.created >= context_.registry.outbox.certain_since() || find_case(tx, id)) return false;
  const auto account = account_for(tx, section, ticket, context_.accounts.ids());
  if (account.account.empty()) return false;
  const auto earlier = cases_of(tx, ticket.id);
  const auto message = description_of(tx, ticket);
  Case it;
  it.ticket = ticket.id;
  it.n = earlier.empty() ? 1 : earlier.back().n + 1;
  it.key = key_of(tx, ticket, it.n);
  it.state = State::adopting;
  it.account = account.account;
  it.case_id = id;
  it.language = language_of(section, ticket.subject + "\n" + (message ? tickets::text_of(tx, *message) : ""));
  it.reason = "the ticket named it when this ledger first saw it";
  it.ours = std::ranges::all_of(section.tags_when_open, [&](const auto& tag) { return ticket.has_tag(tag); });
  if (message) it.message = message->id;
  it.marked = happening.event.effective;
  it.opened = ticket.created;
  it.id = add_case(tx, it);
  json::Writer details;
  details.object([&] { details.member("case", id); });
  store::audit(tx, now, {"rule aws_cases.adopt", "aws_cases.adopt", it.key, it.reason, details.take()});
  return true;
}

void Opening::decide_soon(Tx& tx, Case it, Instant now) const {
  it.state = State::deciding;
  save_case(tx, it);
  context_.registry.deadlines.arm(tx, decide_deadline, number(it.id), now);
}

// Once its CreateCase may have left, it is too late.
bool Opening::may_be_withdrawn(Tx& tx, const Case& it) const {
  if (it.state == State::deciding || it.state == State::approving) return true;
  if (it.state != State::opening) return false;
  const auto effect = context_.registry.outbox.find_by_key(tx, it.key);
  return effect && effect->attempt_at == Instant{} && effect->state != outbox::State::leased;
}

void Opening::consider(Tx& tx, const Section& section, const tickets::Happening& happening, Instant now) const {
  const bool marked = is_marked(section, happening.after), was_marked = is_marked(section, happening.before);
  if (!marked && !was_marked) return;
  auto newest = newest_case(tx, happening.after.id);
  if (!marked || !is_alive(happening.after)) {
    if (!newest || !may_be_withdrawn(tx, *newest)) return;
    newest->state = State::withdrawn;
    newest->reason = marked ? "the ticket ended before the case was opened" : "the ticket is marked no more";
    save_case(tx, *newest);
    return;
  }
  if (!newest) {
    if (adopt(tx, section, happening, now)) return;
    if (happening.event.effective < section.from) return;
    const auto earlier = cases_of(tx, happening.after.id);
    begin(tx, happening.after.id, earlier.empty() ? 1 : earlier.back().n + 1, happening.event.effective, now);
    return;
  }
  switch (newest->state) {
    case State::withdrawn: decide_soon(tx, *newest, now); return;
    case State::refused:
      // What AWS itself refused is an operator's to retry.
      if (newest->decided == Instant{}) decide_soon(tx, *newest, now);
      return;
    case State::resolved:
    case State::expired:
      if (section.again == Again::marking && !was_marked) {
        begin(tx, happening.after.id, newest->n + 1, happening.event.effective, now);
      }
      return;
    case State::deciding:
    case State::approving:
    case State::opening:
    case State::adopting:
    case State::open:
    case State::unlinked: return;
  }
}

void Opening::refuse(Tx& tx, const Section& section, Case it, const std::string& reason, Instant now) const {
  it.state = State::refused;
  it.reason = reason;
  save_case(tx, it);
  add_note(tx, context_.kernel, it.ticket, "note:case-refused:" + it.key + ":" + reason,
           render(texts_in(section, it.language).not_opened, {{"reason", reason}}), now);
}

bool Opening::is_over_limit(Tx& tx, const Section& section, Case& it, Instant now) const {
  constexpr auto look_again = 1h;
  if (decided_since(tx, it.account, now - 24h) < section.cases_per_account_a_day) return false;
  it.reason = "account " + it.account + " has had its " + std::to_string(section.cases_per_account_a_day) +
              " cases within a day: waits";
  save_case(tx, it);
  context_.registry.deadlines.arm(tx, decide_deadline, number(it.id), now + look_again);
  context_.registry.log.warning("cases an account a day: limit reached",
                                {{"account", it.account}, {"ticket", it.ticket.value}});
  return true;
}

void Opening::decide(Tx& tx, CaseRow id, Instant now) const {
  const Settings settings = context_.settings();
  const Section& section = *settings;
  Case it = load_case(tx, id);
  if (it.state != State::deciding) return;
  const auto ticket = tickets::load(tx, it.ticket);
  if (!is_alive(ticket) || (!it.follows && !is_marked(section, ticket))) {
    it.state = State::withdrawn;
    it.reason = "the ticket asks for no case any more";
    save_case(tx, it);
    return;
  }
  it.key = key_of(tx, ticket, it.n);  // its link to the desk may be younger than its mark
  if (!it.message) {
    if (const auto found = description_of(tx, ticket)) it.message = found->id;
  }
  const auto message = it.message ? tickets::find_message(tx, *it.message) : std::nullopt;
  const std::string text = message ? tickets::text_of(tx, *message) : "";
  it.language = language_of(section, ticket.subject + "\n" + text);
  it.reason.clear();

  if (!it.follows) {
    const auto account = account_for(tx, section, ticket, context_.accounts.ids());
    if (account.account.empty()) return refuse(tx, section, it, account.why, now);
    it.account = account.account;
    append_word(it.reason, "account: " + account.why);
  }
  if (load_account(tx, it.account).parked) return refuse(tx, section, it, why_no_plan(it.account), now);
  if (is_over_limit(tx, section, it, now)) return;

  const std::string asked = ticket.field(section.severity_field);
  const Severity severity =
      choose_severity(section.severity, ticket.priority, asked.empty() ? std::string_view(ticket.severity) : asked,
                      ticket.subject + "\n" + text);
  it.severity = severity.code;
  it.wanted_severity = severity.wanted;
  append_word(it.reason, "severity: " + severity.why);
  const Class found = classify(section.classify, ticket.subject, text);
  it.service = found.service_code;
  it.category = found.category;
  it.matched = found.service + (found.matched.empty() ? "" : ": " + found.matched);
  choose_cc(tx, section, ticket, it);

  if (it.wanted_severity.empty()) return open(tx, section, it, ticket, now);
  it.state = State::approving;
  save_case(tx, it);
  const Instant until = now + section.approval_wait;
  context_.registry.deadlines.arm(tx, approval_deadline, number(id), until);
  add_note(tx, context_.kernel, it.ticket, "note:case-waits:" + it.key,
           render(texts_in(section, it.language).waits,
                  {{"severity", it.wanted_severity}, {"until", local_time(tx, section, ticket, until)}}),
           now);
}

void Opening::go_on(Tx& tx, Case it, Instant now) const {
  const Settings settings = context_.settings();
  const auto ticket = tickets::load(tx, it.ticket);
  if (!is_alive(ticket) || (!it.follows && !is_marked(*settings, ticket))) {
    it.state = State::withdrawn;
    append_word(it.reason, "the ticket asked for no case any more when its account had a plan");
    save_case(tx, it);
    return;
  }
  const auto effect = context_.registry.outbox.find_by_key(tx, it.key);
  if (!effect) return decide_soon(tx, std::move(it), now);
  const bool for_want_of_a_plan =
      effect->state == outbox::State::dead && effect->error.find(no_plan) != std::string::npos;
  if (!for_want_of_a_plan || context_.registry.outbox.mode() == outbox::Mode::shadow) return;
  it.state = State::opening;
  save_case(tx, it);
  context_.registry.outbox.retry(tx, effect->id, "rule aws_cases.plan", "the account has a support plan again");
}

void Opening::lapse(Tx& tx, CaseRow id, Instant now) const {
  Case it = load_case(tx, id);
  if (it.state != State::approving) return;
  append_word(it.reason, "severity '" + it.wanted_severity + "' was not approved in time");
  const Settings settings = context_.settings();
  open(tx, *settings, it, tickets::load(tx, it.ticket), now);
}

std::vector<run::Deadlines::Move> Opening::moves(Tx& tx, const Section& fresh, Instant now) const {
  std::vector<run::Deadlines::Move> out;
  const Settings settings = context_.settings();
  const auto add = [&](const char* kind, const char* what, auto after) {
    for (auto& [key, at] : context_.registry.deadlines.armed(tx, kind)) {
      const auto it = find_case(tx, CaseRow{std::stoll(key)});
      if (it) out.push_back({kind, key, what + std::to_string(it->ticket.value), at, after(at)});
    }
  };
  if (const Millis longer = fresh.approval_wait - settings->approval_wait; longer != Millis{0}) {
    add(approval_deadline, "approval of the case for ticket ", [&](Instant at) { return at + longer; });
  }
  // A raised limit is looked at now, not within the hour.
  if (fresh.cases_per_account_a_day > settings->cases_per_account_a_day) {
    add(decide_deadline, "opening of the case for ticket ", [&](Instant at) { return std::min(at, now); });
  }
  return out;
}

void Opening::approve(Tx& tx, CaseRow id, const std::string& actor, const std::string& reason, Instant now) const {
  Case it = load_case(tx, id);
  if (it.state != State::approving) {
    throw Error(ErrorKind::refused,
                "AWS case row " + number(id) + " waits for no approval: it is " + std::string(to_text(it.state)));
  }
  it.severity = it.wanted_severity;
  it.approved_by = actor;
  append_word(it.reason, "severity approved by " + actor + (reason.empty() ? "" : ": " + reason));
  store::audit(tx, now, {actor, "aws_cases.approve", it.key, reason, "severity " + it.severity});
  context_.registry.deadlines.disarm(tx, approval_deadline, number(id));
  const Settings settings = context_.settings();
  open(tx, *settings, it, tickets::load(tx, it.ticket), now);
}

void Opening::open(Tx& tx, const Section& section, Case it, const tickets::Ticket& ticket, Instant now) const {
  const auto message = it.message ? tickets::find_message(tx, *it.message) : std::nullopt;
  std::string problem = message ? tickets::text_of(tx, *message) : ticket.subject;
  if (message) {
    AddressRules any = section.address;
    any.mirror_customer_replies = true;
    problem = addressed_to_aws(any, message->visibility, message->author, problem).value_or(problem);
  }
  Values values = values_of(tx, section, it, ticket);
  values["problem"] = problem;
  const Texts& texts = texts_in(section, it.language);
  if (it.follows) values["previous"] = load_case(tx, *it.follows).case_id;
  it.state = State::opening;
  it.decided = now;
  save_case(tx, it);
  store::audit(tx, now,
               {"rule aws_cases.open", "aws_cases.open", it.key, it.reason,
                "{\"severity\":\"" + it.severity + "\",\"service\":\"" + it.service + "\"}"});
  // When the tag was set nobody tells; a ledger restored since the ticket began may have forgotten the case.
  owing_.create(tx, section, it, render(texts.subject, values),
                render(it.follows ? texts.follow_up : texts.body, values), it.message, ticket.created);
}

void Opening::follow(Tx& tx, const Case& resolved, tickets::MessageId message, Instant now) const {
  Case it;
  it.ticket = resolved.ticket;
  it.n = cases_of(tx, resolved.ticket).back().n + 1;
  it.key = key_of(tx, tickets::load(tx, resolved.ticket), it.n);
  it.account = resolved.account;
  it.language = resolved.language;
  it.message = message;
  it.follows = resolved.id;
  it.marked = now;
  it.id = add_case(tx, it);
  context_.registry.deadlines.arm(tx, decide_deadline, number(it.id), now);
}

}  // namespace supportd::aws_cases
