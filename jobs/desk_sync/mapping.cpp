#include "jobs/desk_sync/mapping.hpp"

#include <algorithm>
#include <iterator>

#include "daemon/json.hpp"

namespace supportd::desk_sync {
namespace {

using tickets::EventKind;

std::string lookup(const std::map<std::string, std::string>& table, std::string_view key,
                   const std::string& otherwise) {
  const auto found = table.find(std::string(key));
  return found == table.end() ? otherwise : found->second;
}

std::string value(const std::map<std::string, std::string>& fields, const std::string& name) {
  return lookup(fields, name, "");
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

}  // namespace

void bind(config::Binder& b, Mapping& m) {
  using tickets::Priority;
  using tickets::Status;
  const auto statuses = {std::pair<std::string, Status>{"new", Status::fresh},
                         {"open", Status::open},
                         {"pending", Status::pending},
                         {"hold", Status::hold},
                         {"solved", Status::solved},
                         {"closed", Status::closed},
                         {"cancelled", Status::cancelled}};
  b.choice("status_in", m.status_in, statuses);
  b.field("status_out", m.status_out);
  b.choice("status_unknown", m.status_unknown, statuses);
  b.choice(
      "priority_in", m.priority_in,
      {{"low", Priority::low}, {"normal", Priority::normal}, {"high", Priority::high}, {"urgent", Priority::urgent}});
  b.field("priority_out", m.priority_out);
  const auto owners = {
      std::pair<std::string, Owner>{"desk", Owner::desk}, {"ledger", Owner::ledger}, {"newest", Owner::newest}};
  b.choice("status_owner", m.status_owner, owners);
  b.choice("field_owner", m.field_owner, owners);
  b.field("ledger_fields", m.ledger_fields);
}

Snapshot snapshot_of(const connectors::DeskTicket& row) {
  Snapshot s{row.status,  row.priority,    row.type,
             row.subject, row.assignee_id, row.group_id,
             row.tags,    row.fields,      row.status_since.value_or(Instant{})};
  std::ranges::sort(s.tags);
  return s;
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

Snapshot to_desk(const tickets::Ticket& t, const std::string& assignee, const Mapping& m, const Snapshot& agreed) {
  Snapshot s;
  // Several of the desk's values may mean one of ours: the one it has stays while it still means the same.
  const auto same_status = m.status_in.find(agreed.status);
  const bool keeps = same_status != m.status_in.end() && same_status->second == t.status;
  s.status = keeps ? agreed.status : lookup(m.status_out, tickets::to_text(t.status), agreed.status);
  s.priority = t.priority ? lookup(m.priority_out, tickets::to_text(*t.priority), agreed.priority) : agreed.priority;
  s.type = t.type;
  s.subject = t.subject;
  s.assignee = assignee;
  s.group = t.group;
  s.tags = t.tags;
  s.fields = t.fields;
  return s;
}

std::vector<Difference> compare(const Snapshot& agreed, const Snapshot& desk, const Snapshot& ledger) {
  std::vector<Difference> out;
  const auto see = [&](EventKind kind, const std::string& name, const std::string& a, const std::string& d,
                       const std::string& l) {
    if (a != d || a != l) out.push_back({kind, name, a, d, l, a != d, a != l});
  };
  const auto of_agreed = scalars(agreed), of_desk = scalars(desk), of_ledger = scalars(ledger);
  for (std::size_t i = 0; i < of_agreed.size(); ++i) {
    see(of_agreed[i].first, "", *of_agreed[i].second, *of_desk[i].second, *of_ledger[i].second);
  }
  std::map<std::string, bool> names;
  for (const auto* fields : {&agreed.fields, &desk.fields, &ledger.fields}) {
    for (const auto& [name, text] : *fields) names[name] = true;
  }
  for (const auto& [name, present] : names) {
    see(EventKind::field, name, value(agreed.fields, name), value(desk.fields, name), value(ledger.fields, name));
  }
  return out;
}

Owner owner_of(const Difference& d, const Mapping& m) {
  if (d.kind == EventKind::status) return m.status_owner;
  if (d.kind == EventKind::field && std::ranges::find(m.ledger_fields, d.name) != m.ledger_fields.end()) {
    return Owner::ledger;
  }
  return m.field_owner;
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
    if (d.desk_changed && owner_of(d, mapping) != Owner::ledger) continue;
    write(update, d);
  }
  const auto tags = merge_tags(agreed.tags, fresh.tags, ledger.tags);
  if (tags != fresh.tags) update.tags = tags;
  return update;
}

}  // namespace supportd::desk_sync
