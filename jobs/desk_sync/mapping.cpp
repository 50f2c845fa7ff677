#include "jobs/desk_sync/mapping.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include "daemon/json.hpp"
#include "jobs/desk_sync/marker.hpp"
#include "jobs/tickets/text.hpp"
#include "jobs/tickets/words.hpp"

namespace supportd::desk_sync {
namespace {

using tickets::EventKind;

using Table = std::map<std::string, std::string>;

const std::string* find(const Table& table, const std::string& key) {
  const auto found = table.find(key);
  return found == table.end() ? nullptr : &found->second;
}

std::string value(const Table& fields, const std::string& name) {
  const auto* found = find(fields, name);
  return found == nullptr ? "" : *found;
}

std::string through(const Table& table, const std::string& value) {
  const auto* found = find(table, value);
  return found == nullptr ? value : *found;
}

// "open:190" by itself, else by its category.
template <class T>
std::optional<T> by_category(const std::map<std::string, T>& table, const std::string& value) {
  for (const std::string& key : {value, value.substr(0, value.find(':'))}) {
    if (const auto found = table.find(key); found != table.end()) return found->second;
  }
  return {};
}

std::optional<std::string> custom_in(const Mapping& m, const std::string& field, const std::string& value) {
  const FieldRule* rule = m.rule_of(field);
  return rule == nullptr ? std::optional(value) : transform(rule->in, value);
}

// What the desk should have for the ledger's value: what it has while that means the same.
std::optional<std::string> out_of(const Mapping& m, EventKind kind, const std::string& field, const std::string& agreed,
                                  const std::string& ledger, const std::optional<std::string>& out) {
  if (!agreed.empty() && to_ledger(m, kind, field, agreed) == ledger) return agreed;
  return out;
}

// Every scalar of a snapshot by kind; custom fields apart.
std::vector<std::pair<EventKind, const std::string*>> scalars(const Snapshot& s) {
  return {{EventKind::status, &s.status},   {EventKind::priority, &s.priority}, {EventKind::type, &s.type},
          {EventKind::subject, &s.subject}, {EventKind::assignee, &s.assignee}, {EventKind::group, &s.group}};
}

void write(connectors::DeskUpdate& update, const Difference& d) {
  switch (d.kind) {
    case EventKind::status: update.status = d.ledger; break;
    case EventKind::priority: update.priority = d.ledger; break;
    case EventKind::type: update.type = d.ledger; break;
    case EventKind::subject: update.subject = d.ledger; break;
    case EventKind::assignee: update.assignee_id = d.ledger; break;
    case EventKind::group: update.group_id = d.ledger; break;
    case EventKind::field: update.fields[d.name] = d.ledger; break;
    default: break;
  }
}

// Sorted. One that the desk has agreed to stays as it spells it.
std::vector<std::string> tags_at_desk(const Mapping& m, const tickets::Ticket& ticket, const Snapshot& agreed) {
  std::set<std::string> out;
  for (const std::string& tag : ticket.tags) {
    out.insert(std::ranges::binary_search(agreed.tags, tag) ? tag : tag_at_desk(m, tag));
  }
  out.erase("");
  return {out.begin(), out.end()};
}

// Without what turns the direction of text. One that the desk has agreed to stays as it spells it.
std::string subject_at_desk(const std::string& ledger, const std::string& agreed) {
  std::string out = tickets::without_direction(ledger);
  return out == tickets::without_direction(agreed) ? agreed : out;
}

// The names that a desk's custom fields may be sent under: those of a rule, those the ledger owns, those it has.
std::set<std::string> sendable(const Mapping& m, const Snapshot& agreed) {
  std::set<std::string> out(m.ledger_fields.begin(), m.ledger_fields.end());
  for (const FieldRule& rule : m.fields) out.insert(rule.desk);
  for (const auto& [name, text] : agreed.fields) out.insert(name);
  return out;
}

// A scalar of a snapshot; null: a custom field or the tags.
template <class S>
auto* scalar_in(S& s, const std::string& field) {
  if (field == "status") return &s.status;
  if (field == "priority") return &s.priority;
  if (field == "type") return &s.type;
  if (field == "subject") return &s.subject;
  if (field == "assignee") return &s.assignee;
  return field == "group" ? &s.group : nullptr;
}

}  // namespace

bool Participation::takes(const tickets::Ticket& ticket) const {
  const auto has = [&](const std::string& tag) { return ticket.has_tag(tag); };
  if (!tags.empty() && std::ranges::none_of(tags, has)) return false;
  if (std::ranges::any_of(tags_not, has)) return false;
  return std::ranges::all_of(fields, [&](const auto& wanted) {
    return std::ranges::find(wanted.second, ticket.field(wanted.first)) != wanted.second.end();
  });
}

Owner Mapping::owner_of(const std::string& field) const {
  if (const auto own = owner.find(field); own != owner.end()) return own->second;
  if (std::ranges::find(ledger_fields, field) != ledger_fields.end()) return Owner::ledger;
  const FieldRule* rule = rule_of(field);
  if (rule == nullptr) return field_owner;
  return rule->is_fact() ? Owner::ledger : rule->owner;
}

const FieldRule* Mapping::rule_of(const std::string& desk_field) const {
  const auto found = std::ranges::find(fields, desk_field, &FieldRule::desk);
  return found == fields.end() ? nullptr : &*found;
}

const std::vector<std::string>& scalar_names() {
  static const std::vector<std::string> names{"status", "priority", "type", "subject", "assignee", "group"};
  return names;
}

std::string Mapping::ledger_name(const std::string& desk_field) const {
  const FieldRule* rule = rule_of(desk_field);
  return rule == nullptr ? desk_field : rule->ledger_name();
}

std::string tag_at_desk(const Mapping& m, const std::string& tag) {
  const auto stays = [](char c) { return c > ' ' && c < '\x7f' && c != ',' && (c < 'A' || c > 'Z'); };
  if (!m.tags_are_words || std::ranges::all_of(tag, stays)) return tag;
  std::string folded = tickets::fold(tag), out;
  std::ranges::replace(folded, ',', ' ');
  std::istringstream words(folded);
  for (std::string word; words >> word;) out += (out.empty() ? "" : "_") + word;
  return out;
}

Snapshot snapshot_of(const connectors::DeskTicket& row) {
  Snapshot s{row.status,  row.priority,    row.type,
             row.subject, row.assignee_id, row.group_id,
             row.tags,    row.fields,      row.status_since.value_or(Instant{})};
  std::erase_if(s.tags, is_marker_tag);
  std::ranges::sort(s.tags);
  return s;
}

std::string value_of(const Snapshot& snapshot, const std::string& field) {
  if (field == "tags") {
    std::string out;
    for (const auto& tag : snapshot.tags) out += (out.empty() ? "" : " ") + tag;
    return out;
  }
  const std::string* scalar = scalar_in(snapshot, field);
  return scalar != nullptr ? *scalar : value(snapshot.fields, field);
}

void set_value(Snapshot& snapshot, const std::string& field, const std::string& value) {
  if (std::string* scalar = scalar_in(snapshot, field)) {
    *scalar = value;
  } else if (value.empty()) {
    snapshot.fields.erase(field);
  } else {
    snapshot.fields[field] = value;
  }
}

std::string encode(const Snapshot& s) {
  json::Writer out;
  out.object([&] {
    out.member("status", s.status).member("priority", s.priority).member("type", s.type);
    out.member("subject", s.subject).member("assignee", s.assignee).member("group", s.group);
    out.member("tags", s.tags).key("fields").object([&] {
      for (const auto& [name, text] : s.fields) out.member(name, text);
    });
    if (s.status_since != Instant{}) out.member("status_since", time::to_millis(s.status_since));
  });
  return out.take();
}

Snapshot decode_snapshot(const std::string& text) {
  Snapshot s;
  if (text.empty()) return s;
  const auto document = json::Document::parse(text, "snapshot");
  const auto root = document.root();
  s.status = root.string("status", "");
  s.priority = root.string("priority", "");
  s.type = root.string("type", "");
  s.subject = root.string("subject", "");
  s.assignee = root.string("assignee", "");
  s.group = root.string("group", "");
  s.tags = root.strings("tags");
  s.status_since = time::from_millis(root.integer("status_since", 0));
  if (const auto fields = root.find("fields")) {
    for (const auto& [name, field] : fields->members()) s.fields[name] = field.string();
  }
  return s;
}

std::optional<tickets::Priority> priority_of(const Mapping& m, const std::string& desk_priority) {
  using tickets::Priority;
  // Whatever the desk: what people call priorities.
  static const std::map<std::string, Priority> words{
      {"p1", Priority::urgent},     {"p2", Priority::high},       {"p3", Priority::normal},
      {"p4", Priority::low},        {"urgent", Priority::urgent}, {"high", Priority::high},
      {"normal", Priority::normal}, {"medium", Priority::normal}, {"low", Priority::low}};
  if (const auto found = m.priority_in.find(desk_priority); found != m.priority_in.end()) return found->second;
  const auto word = words.find(tickets::fold(desk_priority));
  return word == words.end() ? std::nullopt : std::optional(word->second);
}

tickets::Status status_of(const Mapping& m, const std::string& desk_status) {
  return by_category(m.status_in, desk_status).value_or(m.status_unknown);
}

std::optional<std::string> to_ledger(const Mapping& m, EventKind kind, const std::string& desk_field,
                                     const std::string& value) {
  switch (kind) {
    case EventKind::status: return std::string(tickets::to_text(status_of(m, value)));
    case EventKind::priority: {
      if (value.empty()) return "";
      const auto priority = priority_of(m, value);
      return priority ? std::optional(std::string(tickets::to_text(*priority))) : std::nullopt;
    }
    case EventKind::type: return through(m.type_in, value);
    case EventKind::group: return through(m.group_in, value);
    case EventKind::field: return custom_in(m, desk_field, value);
    default: return value;
  }
}

Snapshot to_desk(const tickets::Ticket& t, const std::string& assignee, const Mapping& m, const Snapshot& agreed,
                 std::map<std::string, std::string>* missing) {
  const auto settle = [&](EventKind kind, const std::string& field, const std::string& had, const std::string& ledger,
                          const std::optional<std::string>& out) {
    const auto found = out_of(m, kind, field, had, ledger, out);
    if (!found && missing != nullptr) {
      missing->emplace(field.empty() ? std::string(tickets::to_text(kind)) : field, ledger);
    }
    return found.value_or(had);
  };
  const auto in_table = [](const Table& table, const std::string& key) {
    const auto* found = find(table, key);
    return found == nullptr ? std::nullopt : std::optional(*found);
  };
  Snapshot s;
  const std::string status(tickets::to_text(t.status));
  s.status = settle(EventKind::status, "", agreed.status, status, in_table(m.status_out, status));
  s.priority = agreed.priority;  // a ticket without one leaves the desk its own
  if (t.priority) {
    const std::string priority(tickets::to_text(*t.priority));
    s.priority = settle(EventKind::priority, "", agreed.priority, priority, in_table(m.priority_out, priority));
  }
  s.type = settle(EventKind::type, "", agreed.type, t.type, through(m.type_out, t.type));
  s.group = settle(EventKind::group, "", agreed.group, t.group, through(m.group_out, t.group));
  s.subject = subject_at_desk(t.subject, agreed.subject);
  s.assignee = assignee;
  s.tags = tags_at_desk(m, t, agreed);
  for (const std::string& name : sendable(m, agreed)) {
    const FieldRule* rule = m.rule_of(name);
    const std::string had = value(agreed.fields, name);
    const std::string ledger = t.field(rule == nullptr ? name : rule->ledger_name());
    const auto out = rule == nullptr ? std::optional(ledger) : transform(rule->out, ledger);
    const std::string text = settle(EventKind::field, name, had, ledger, out);
    if (!text.empty()) s.fields[name] = text;
  }
  return s;
}

bool was_set_again(const Snapshot& agreed, const Snapshot& desk) {
  constexpr Millis rounding{5'000};
  return agreed.status == desk.status && agreed.status_since != Instant{} &&
         desk.status_since >= agreed.status_since + rounding;
}

std::vector<Difference> compare(const Snapshot& agreed, const Snapshot& desk, const Snapshot& ledger) {
  std::vector<Difference> out;
  const auto see = [&](EventKind kind, const std::string& name, const std::string& a, const std::string& d,
                       const std::string& l) {
    const bool changed = a != d || (kind == EventKind::status && was_set_again(agreed, desk));
    if (a != d || a != l) out.push_back({kind, name, a, d, l, changed, a != l});
  };
  const auto of_agreed = scalars(agreed), of_desk = scalars(desk), of_ledger = scalars(ledger);
  for (std::size_t i = 0; i < of_agreed.size(); ++i) {
    see(of_agreed[i].first, "", *of_agreed[i].second, *of_desk[i].second, *of_ledger[i].second);
  }
  std::set<std::string> names;
  for (const auto* fields : {&agreed.fields, &desk.fields, &ledger.fields}) {
    for (const auto& [name, text] : *fields) names.insert(name);
  }
  for (const auto& name : names) {
    see(EventKind::field, name, value(agreed.fields, name), value(desk.fields, name), value(ledger.fields, name));
  }
  return out;
}

std::vector<std::string> merge_tags(const std::vector<std::string>& agreed, const std::vector<std::string>& desk,
                                    const std::vector<std::string>& ledger) {
  std::vector<std::string> all, out;
  std::ranges::set_union(desk, ledger, std::back_inserter(all));
  const auto removed_by = [&](const std::vector<std::string>& side, const std::string& tag) {
    return std::ranges::binary_search(agreed, tag) && !std::ranges::binary_search(side, tag);
  };
  std::ranges::copy_if(all, std::back_inserter(out),
                       [&](const auto& tag) { return !removed_by(desk, tag) && !removed_by(ledger, tag); });
  return out;
}

connectors::DeskUpdate update_for(const Snapshot& agreed, const Snapshot& fresh, const Snapshot& ledger,
                                  const Mapping& mapping) {
  connectors::DeskUpdate update;
  for (const Difference& d : compare(agreed, fresh, ledger)) {
    if (!d.ledger_changed || d.ledger == d.desk) continue;
    if (d.desk_changed && !(mapping.owner_of(d.field()) == Owner::ledger)) continue;
    write(update, d);
  }
  const auto tags = merge_tags(agreed.tags, fresh.tags, ledger.tags);
  if (tags != fresh.tags) update.tags = tags;
  return update;
}

std::vector<std::string> fields_of(const connectors::DeskUpdate& update) {
  std::vector<std::string> out;
  const auto see = [&](const auto& value, const char* name) {
    if (value) out.emplace_back(name);
  };
  see(update.status, "status");
  see(update.priority, "priority");
  see(update.type, "type");
  see(update.subject, "subject");
  see(update.assignee_id, "assignee");
  see(update.group_id, "group");
  see(update.tags, "tags");
  for (const auto& [name, value] : update.fields) out.push_back(name);
  return out;
}

}  // namespace supportd::desk_sync
