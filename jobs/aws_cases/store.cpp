#include "jobs/aws_cases/store.hpp"

#include <limits>
#include <tuple>

#include "daemon/json.hpp"

namespace supportd::aws_cases {
namespace {

using store::Tx;
using tickets::MessageId;
using tickets::TicketId;

constexpr std::pair<State, std::string_view> states[] = {{State::deciding, "deciding"}, {State::approving, "approving"},
                                                         {State::opening, "opening"},   {State::adopting, "adopting"},
                                                         {State::open, "open"},         {State::resolved, "resolved"},
                                                         {State::refused, "refused"},   {State::withdrawn, "withdrawn"},
                                                         {State::expired, "expired"},   {State::unlinked, "unlinked"}};

State parse_state(const std::string& text) {
  for (const auto& [state, known] : states) {
    if (known == text) return state;
  }
  throw Error(ErrorKind::corrupt, "ledger: AWS case in state " + text);
}

std::string list_text(const std::vector<std::string>& texts) {
  json::Writer out;
  out.array([&] {
    for (const auto& text : texts) out.value(text);
  });
  return out.take();
}

std::vector<std::string> parse_list(const std::string& text) {
  std::vector<std::string> out;
  if (text == "[]") return out;
  const auto document = json::Document::parse(text, "list");
  for (const auto& item : document.root().items()) out.push_back(item.string());
  return out;
}

using T = std::string;
using Row =
    std::tuple<CaseRow, TicketId, std::int64_t, T, T, T, std::optional<T>, T, T, T, T, T, T, T, T, T, T, T, bool, bool,
               std::optional<MessageId>, std::optional<CaseRow>, T, std::int64_t, Instant, Instant,
               std::optional<Instant>, std::optional<Instant>, std::optional<Instant>, std::optional<Instant>, Instant>;

Case to_case(Row row) {
  Case c;
  std::string state, cc;
  std::optional<std::string> case_id;
  std::tie(c.id, c.ticket, c.n, c.key, state, c.account, case_id, c.display_id, c.aws_status, c.severity,
           c.wanted_severity, c.approved_by, c.service, c.category, c.language, c.matched, c.reason, cc,
           c.customer_visible, c.ours, c.message, c.follows, c.seen, c.changes, c.marked, c.decided, c.opened,
           c.answered, c.resolved, c.waiting, c.status_at) = std::move(row);
  c.state = parse_state(state);
  c.case_id = case_id.value_or("");
  c.cc = parse_list(cc);
  return c;
}

template <class... A>
std::vector<Case> select(Tx& tx, const std::string& tail, const A&... args) {
  std::vector<Case> out;
  [&]<class... O>(std::tuple<O...>*) {
    tx.each<O...>(
        "SELECT id, ticket, n, key, state, account, case_id, display_id, aws_status, severity, wanted_severity, "
        "approved_by, service, category, language, matched, reason, cc, customer_visible, ours, message, follows, "
        "seen, changes, marked_at, decided_at, opened_at, answered_at, resolved_at, waiting_at, status_at FROM "
        "aws_case " +
            tail,
        [&](Row row) { out.push_back(to_case(std::move(row))); }, args...);
  }(static_cast<Row*>(nullptr));
  return out;
}

std::optional<Case> only(std::vector<Case> found) {
  if (found.empty()) return {};
  return std::move(found.front());
}

std::optional<std::string> or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

std::string_view to_text(State state) {
  for (const auto& [known, text] : states) {
    if (known == state) return text;
  }
  return "";
}

std::optional<Case> find_case(Tx& tx, CaseRow id) { return only(select(tx, "WHERE id = :id", id)); }

Case load_case(Tx& tx, CaseRow id) {
  if (auto found = find_case(tx, id)) return std::move(*found);
  throw Error(ErrorKind::gone, "there is no AWS case row " + std::to_string(id.value));
}

std::optional<Case> find_case(Tx& tx, const std::string& case_id) {
  return only(select(tx, "WHERE case_id = :case_id", case_id));
}

std::vector<Case> cases_named(Tx& tx, const std::string& name) {
  return select(tx, "WHERE display_id = :display OR key = :key OR case_id = :case_id ORDER BY id", name, name, name);
}

std::vector<Case> cases_of(Tx& tx, TicketId ticket) { return select(tx, "WHERE ticket = :ticket ORDER BY n", ticket); }

std::optional<Case> newest_case(Tx& tx, TicketId ticket) {
  return only(select(tx, "WHERE ticket = :ticket AND state <> 'unlinked' ORDER BY n DESC LIMIT 1", ticket));
}

std::optional<Case> follow_up_of(Tx& tx, CaseRow id) {
  return only(select(tx, "WHERE follows = :id ORDER BY n DESC LIMIT 1", id));
}

std::vector<Case> cases_to_sweep(Tx& tx, const std::string& account, CaseRow after, Instant since, Instant oldest,
                                 int most) {
  return select(
      tx,
      "WHERE account = :account AND id > :after AND case_id IS NOT NULL AND (state IN ('open', 'adopting') OR (state = "
      "'resolved' AND (resolved_at > :since OR resolved_at > :oldest))) ORDER BY id LIMIT :most",
      account, after, since, oldest, most);
}

std::vector<Case> cases_to_look_at_again(Tx& tx, const std::string& account, int most) {
  return select(tx,
                "WHERE account = :account AND case_id IS NOT NULL AND seen = '' AND state IN ('open', 'adopting', "
                "'resolved') ORDER BY id LIMIT :most",
                account, most);
}

bool mark_unseen(Tx& tx, const std::string& account, const std::string& case_id) {
  return tx
      .one<CaseRow>(
          "UPDATE aws_case SET seen = '' WHERE case_id = :case_id AND account = :account AND state IN ('open', "
          "'adopting', 'resolved') RETURNING id",
          case_id, account)
      .has_value();
}

std::vector<Case> list_cases(Tx& tx, const CaseFilter& filter) {
  return select(tx, "WHERE state LIKE :state AND account LIKE :account AND id < :before ORDER BY id DESC LIMIT :most",
                filter.state ? std::string(to_text(*filter.state)) : std::string("%"),
                filter.account.empty() ? std::string("%") : filter.account,
                filter.before > 0 ? filter.before : std::numeric_limits<std::int64_t>::max(), filter.most);
}

int decided_since(Tx& tx, const std::string& account, Instant since) {
  return *tx.one<int>(
      "SELECT count(*) FROM aws_case WHERE account = :account AND ours = 1 AND decided_at > :since AND state IN "
      "('opening', 'adopting', 'open', 'resolved', 'expired')",
      account, since);
}

CaseRow add_case(Tx& tx, const Case& c) {
  return *tx.insert<CaseRow>(
      "INSERT INTO aws_case (ticket, n, key, state, account, case_id, display_id, aws_status, severity, "
      "wanted_severity, approved_by, service, category, language, matched, reason, cc, customer_visible, ours, "
      "message, "
      "follows, seen, changes, marked_at, decided_at, opened_at, answered_at, resolved_at, waiting_at, status_at) "
      "VALUES "
      "(:ticket, "
      ":n, :key, :state, :account, :case_id, :display_id, :aws_status, :severity, :wanted, :approved, :service, "
      ":category, :language, :matched, :reason, :cc, :visible, :ours, :message, :follows, :seen, :changes, :marked, "
      ":decided, :opened, :answered, :resolved, :waiting, :status_at)",
      c.ticket, c.n, c.key, to_text(c.state), c.account, or_null(c.case_id), c.display_id, c.aws_status, c.severity,
      c.wanted_severity, c.approved_by, c.service, c.category, c.language, c.matched, c.reason, list_text(c.cc),
      c.customer_visible, c.ours, c.message, c.follows, c.seen, c.changes, c.marked, c.decided, c.opened, c.answered,
      c.resolved, c.waiting, c.status_at);
}

void save_case(Tx& tx, const Case& c) {
  tx.exec(
      "UPDATE aws_case SET n = :n, key = :key, state = :state, account = :account, case_id = :case_id, display_id = "
      ":display_id, "
      "aws_status = :aws_status, severity = :severity, wanted_severity = :wanted, approved_by = :approved, service = "
      ":service, category = :category, language = :language, matched = :matched, reason = :reason, cc = :cc, "
      "customer_visible = :visible, message = :message, seen = :seen, changes = :changes, decided_at = :decided, "
      "opened_at = :opened, answered_at = :answered, resolved_at = :resolved, waiting_at = :waiting, status_at = "
      ":status_at WHERE id = :id",
      c.n, c.key, to_text(c.state), c.account, or_null(c.case_id), c.display_id, c.aws_status, c.severity,
      c.wanted_severity, c.approved_by, c.service, c.category, c.language, c.matched, c.reason, list_text(c.cc),
      c.customer_visible, c.message, c.seen, c.changes, c.decided, c.opened, c.answered, c.resolved, c.waiting,
      c.status_at, c.id);
}

}  // namespace supportd::aws_cases
