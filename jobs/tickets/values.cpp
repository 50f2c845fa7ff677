#include "jobs/tickets/values.hpp"

#include <utility>

namespace supportd::tickets {
namespace {

constexpr std::pair<Status, std::string_view> statuses[] = {
    {Status::fresh, "new"},     {Status::open, "open"},     {Status::pending, "pending"},    {Status::hold, "hold"},
    {Status::solved, "solved"}, {Status::closed, "closed"}, {Status::cancelled, "cancelled"}};
constexpr std::pair<Priority, std::string_view> priorities[] = {
    {Priority::low, "low"}, {Priority::normal, "normal"}, {Priority::high, "high"}, {Priority::urgent, "urgent"}};
constexpr std::pair<Visibility, std::string_view> visibilities[] = {{Visibility::private_note, "private"},
                                                                    {Visibility::public_reply, "public"}};
constexpr std::pair<Author, std::string_view> authors[] = {
    {Author::customer, "customer"}, {Author::agent, "agent"}, {Author::vendor, "vendor"}, {Author::system, "system"}};

template <class Table, class Value>
std::string_view text_of(const Table& table, Value value) {
  for (const auto& [known, text] : table) {
    if (known == value) return text;
  }
  return "";
}

template <class Table>
auto value_of(const Table& table, std::string_view wanted) {
  std::optional<std::remove_const_t<decltype(table[0].first)>> out;
  for (const auto& [value, text] : table) {
    if (text == wanted) out = value;
  }
  return out;
}

}  // namespace

std::string_view to_text(Status status) { return text_of(statuses, status); }
std::string_view to_text(Priority priority) { return text_of(priorities, priority); }
std::string_view to_text(Visibility visibility) { return text_of(visibilities, visibility); }
std::string_view to_text(Author author) { return text_of(authors, author); }
std::optional<Status> parse_status(std::string_view text) { return value_of(statuses, text); }
std::optional<Priority> parse_priority(std::string_view text) { return value_of(priorities, text); }
std::optional<Visibility> parse_visibility(std::string_view text) { return value_of(visibilities, text); }
std::optional<Author> parse_author(std::string_view text) { return value_of(authors, text); }

bool may_become(Status from, Status to) {
  switch (to) {
    case Status::fresh: return false;
    case Status::open: return from != Status::closed && from != Status::cancelled && from != Status::open;
    case Status::pending:
    case Status::hold: return is_unsolved(from) && from != to;
    case Status::solved: return is_unsolved(from);
    case Status::closed: return from == Status::solved;
    case Status::cancelled: return from == Status::fresh || from == Status::open || from == Status::pending;
  }
  return false;
}

}  // namespace supportd::tickets
