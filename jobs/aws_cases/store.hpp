// The slice's own rows: cases, AWS's communications that were seen, our writes, what is known about accounts.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/store/content.hpp"
#include "daemon/store/ledger.hpp"
#include "jobs/aws_cases/rules_classify.hpp"
#include "jobs/aws_cases/rules_listing.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::aws_cases {

using CaseRow = store::Id<struct CaseRowTag>;

std::vector<store::Migration> schema();

enum class State {
  deciding,   // marked; what to open is decided next
  approving,  // waits for an approval of its severity
  opening,    // CreateCase is owed
  adopting,   // the ticket names one of before this ledger was certain: the next sweep tells which
  open,
  resolved,
  refused,    // no case; `reason` says why. Decided again when the ticket changes.
  withdrawn,  // the ticket no longer asks for one
  expired,    // AWS knows it no more
  unlinked,   // by an operator
};
std::string_view to_text(State state);
// Nobody wants it any more.
inline bool is_given_up(State state) { return state == State::withdrawn || state == State::unlinked; }
inline constexpr State all_states[] = {State::deciding, State::approving, State::opening, State::adopting,
                                       State::open,     State::resolved,  State::refused, State::withdrawn,
                                       State::expired,  State::unlinked};

struct Case {
  CaseRow id;
  tickets::TicketId ticket;
  std::int64_t n = 1;  // of the ticket: first, second, ...
  std::string key;     // "case:freshdesk:main:7:1", of vendor ids only
  State state = State::deciding;
  std::string account, case_id, display_id;
  std::string aws_status;  // as last seen
  std::string severity, wanted_severity, approved_by;
  std::string service, category, language, matched;
  std::string reason;  // why this severity, account, service; why none
  std::vector<std::string> cc;
  bool customer_visible = false;
  bool ours = true;                           // false: opened by others, linked by an operator
  std::optional<tickets::MessageId> message;  // that began it
  std::optional<CaseRow> follows;             // the resolved one that takes no more messages
  std::string seen;                           // fingerprint of what AWS last listed
  Instant status_at{};                        // sightings of earlier say nothing new about aws_status
  std::int64_t changes = 0;                   // of aws_status; numbers their events
  Instant marked{}, decided{};
  std::optional<Instant> opened, answered, resolved, waiting;  // waiting: since when somebody must answer AWS
};

Case load_case(store::Tx& tx, CaseRow id);  // throws Error{gone}
std::optional<Case> find_case(store::Tx& tx, CaseRow id);
std::optional<Case> find_case(store::Tx& tx, const std::string& case_id);
std::vector<Case> cases_of(store::Tx& tx, tickets::TicketId ticket);  // by n
std::optional<Case> newest_case(store::Tx& tx, tickets::TicketId ticket);
std::optional<Case> follow_up_of(store::Tx& tx, CaseRow id);
// Those that have this number at AWS, id at AWS or key here.
std::vector<Case> cases_named(store::Tx& tx, const std::string& name);
// Those of an account that AWS is asked about, after the row `after`: open ones, and those resolved after `since` or
// `oldest`.
std::vector<Case> cases_to_sweep(store::Tx& tx, const std::string& account, CaseRow after, Instant since,
                                 Instant oldest, int most);
// Those of an account that must be looked at again: new ones, what had holes, statuses that had to wait.
std::vector<Case> cases_to_look_at_again(store::Tx& tx, const std::string& account, int most);
// To be looked at again. False when there is no such case that is looked at.
bool mark_unseen(store::Tx& tx, const std::string& account, const std::string& case_id);
struct CaseFilter {
  std::optional<State> state;
  std::string account;
  std::int64_t before = 0;
  int most = 50;
};
std::vector<Case> list_cases(store::Tx& tx, const CaseFilter& filter);
int decided_since(store::Tx& tx, const std::string& account, Instant since);

CaseRow add_case(store::Tx& tx, const Case& it);
void save_case(store::Tx& tx, const Case& it);

std::vector<Known> known_communications(store::Tx& tx, CaseRow id);
void add_communication(store::Tx& tx, CaseRow id, const Told& told, std::optional<tickets::MessageId> message);
void rerender_communication(store::Tx& tx, std::int64_t row, const std::string& hash);
std::optional<tickets::MessageId> message_of_communication(store::Tx& tx, std::int64_t row);

// Our writes, noted when they are owed, struck when they are seen at AWS.
void add_write(store::Tx& tx, CaseRow id, tickets::MessageId message, const Write& write);
std::vector<Write> unseen_writes(store::Tx& tx, CaseRow id);
std::set<std::string> claimed_refs(store::Tx& tx, CaseRow id);
void claim_write(store::Tx& tx, CaseRow id, const std::string& ref);
// They will never be seen there.
void forget_writes(store::Tx& tx, CaseRow id, tickets::MessageId message);
// Whether any part of the message was owed to any case of its ticket.
bool was_owed(store::Tx& tx, tickets::MessageId message);

struct Account {
  std::string id;
  std::optional<Instant> parked;  // since when its plan has no API
  std::string reason;
  Instant probed{};
  std::vector<Offering> services;
  std::vector<std::string> severities;
  std::optional<Instant> catalogue;  // when those two were read
};
Account load_account(store::Tx& tx, const std::string& id);
std::vector<Account> parked_accounts(store::Tx& tx);
void park_account(store::Tx& tx, const std::string& id, const std::string& reason, Instant now);
void unpark_account(store::Tx& tx, const std::string& id);
void save_catalogue(store::Tx& tx, const Account& account, Instant now);

}  // namespace supportd::aws_cases
