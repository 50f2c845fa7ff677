// How a ticket changes, whoever does it: one update, one audit, its events.
#include <algorithm>

#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

constexpr std::chrono::days scrubbed_after{30};

// The values of the field, as kept, that tag a ticket.
std::map<std::string, std::string> tags_by_value(const ZendeskField& field) {
  std::map<std::string, std::string> out;
  if (field.type == "checkbox" && !field.tag.empty()) out["true"] = field.tag;
  if (field.type != "tagger") return out;
  for (const auto& option : field.options) out[json_text(option.tag)] = option.tag;
  return out;
}

}  // namespace

Zendesk::Row& Zendesk::row(std::int64_t id) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) throw record_not_found();
  return found->second;
}

Zendesk::Row& Zendesk::living(std::int64_t id) {
  Row& it = row(id);
  if (it.now.deleted) throw record_not_found();
  return it;
}

Zendesk::Row& Zendesk::open_row(std::int64_t id) {
  Row& it = living(id);
  if (it.now.status == "closed") throw record_invalid({{"status", "Status: closed prevents ticket update"}});
  return it;
}

ZendeskTicket Zendesk::fresh(Instant now) {
  ZendeskTicket out;
  out.id = ++last_ticket_;
  out.created = out.updated = out.generated = now;
  return out;
}

std::int64_t Zendesk::insert(ZendeskTicket ticket, Update update) {
  Row& it = rows_[ticket.id];
  it.now.id = ticket.id;
  ticket.is_public = !update.comment || update.comment->is_public;
  commit(it, ticket, update, true);
  return ticket.id;
}

std::int64_t Zendesk::default_status(const std::string& category) const {
  const std::string wanted = category == "closed" ? "solved" : category;
  for (const auto& it : options_.statuses) {
    if (it.category == wanted && it.is_default) return it.id;
  }
  return 0;
}

// A drop-down's value is a tag of the ticket too, and the tag is the value; a ticked box likewise.
void Zendesk::link_fields(const ZendeskTicket& before, ZendeskTicket& after) const {
  for (const auto& field : options_.fields) {
    const auto tags = tags_by_value(field);
    const auto tag_in = [&](const ZendeskTicket& it) {
      const auto value = it.fields.find(field.id);
      const auto tag = value == it.fields.end() ? tags.end() : tags.find(value->second);
      return tag == tags.end() ? std::string() : tag->second;
    };
    const std::string was = tag_in(before), is = tag_in(after);
    if (was != is) {
      if (!was.empty()) std::erase(after.tags, was);
      if (!is.empty() && !after.has_tag(is)) after.tags.push_back(is);
      continue;
    }
    if (!is.empty() && !after.has_tag(is)) after.fields.erase(field.id);
    for (const auto& [value, tag] : tags) {
      if (tag_in(after).empty() && after.has_tag(tag) && !before.has_tag(tag)) after.fields[field.id] = value;
    }
  }
}

std::int64_t Zendesk::commit(Row& it, ZendeskTicket after, const Update& update, bool created) {
  const ZendeskTicket before = it.now;
  if (options_.automation) options_.automation(before, after);
  after.tags = zendesk_tags(after.tags);
  link_fields(before, after);
  std::ranges::sort(after.tags);
  const auto actor = users_.find(update.actor);
  if (after.status == "solved" && after.assignee_id == 0 && actor != users_.end() && actor->second.is_staff())
    after.assignee_id = update.actor;
  if (after.custom_status_id != before.custom_status_id && after.status != "closed") {
    if (const ZendeskStatus* chosen = status(after.custom_status_id)) after.status = chosen->category;
  } else if (after.status != before.status || after.custom_status_id == 0) {
    after.custom_status_id = default_status(after.status);
  }
  if (after.status == "new" && after.assignee_id != 0) {
    after.status = "open";
    after.custom_status_id = default_status("open");
  }

  ZendeskAudit audit{++last_id_, before.id, update.actor, update.via, update.now, update.metadata, {}};
  it.now = after;
  if (update.comment) {
    const std::int64_t comment = append(it, update, audit.id);
    audit.events.push_back({comment, "Comment", "", "", "", comment});
    if (update.comment->is_public) it.now.is_public = true;
  }
  const auto now = zendesk_properties(it.now);
  const auto was = created ? std::map<std::string, std::string>{} : zendesk_properties(before);
  const auto value_in = [](const std::map<std::string, std::string>& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? std::string("null") : found->second;
  };
  std::map<std::string, std::string> names = was;
  names.insert(now.begin(), now.end());
  for (const auto& [name, unused] : names) {
    const std::string value = value_in(now, name), previous = value_in(was, name);
    if (value == previous) continue;
    audit.events.push_back({++last_id_, created ? "Create" : "Change", name, value, previous, 0});
  }
  if (audit.events.empty()) return 0;
  it.now.updated = update.now;
  it.audits.push_back(audit.id);
  audits_[audit.id] = audit;
  touch(it, update.now);
  publish(it, audit, created, update.now);
  return audit.id;
}

std::int64_t Zendesk::note_event(Row& it, const std::string& type, std::int64_t comment, const Update& update) {
  ZendeskAudit audit{++last_id_, it.now.id, update.actor, update.via, update.now, update.metadata, {}};
  audit.events.push_back({++last_id_, type, "", "", "", comment});
  it.now.updated = update.now;
  it.audits.push_back(audit.id);
  audits_[audit.id] = audit;
  touch(it, update.now);
  return audit.id;
}

void Zendesk::touch(Row& it, Instant now) {
  it.now.generated = now;
  if (options_.list_lag == Millis{0}) return;
  it.versions.emplace_back(now, it.now);
  while (it.versions.size() > 1 && it.versions[1].first + options_.list_lag <= now)
    it.versions.erase(it.versions.begin());
}

std::int64_t Zendesk::append(Row& it, const Update& update, std::int64_t audit) {
  const NewComment& given = *update.comment;
  ZendeskComment comment{++last_id_,      it.now.id,  audit,      given.author,      given.text,
                         given.is_public, update.via, update.now, given.attachments, update.metadata};
  if (!given.via.rel.empty()) comment.via = given.via;
  for (const std::int64_t id : comment.attachments) {
    ZendeskAttachment& file = attachments_.at(id);
    file.is_inline = comment.text.html.find(content_url(file)) != std::string::npos;
  }
  it.comments.push_back(comment.id);
  comments_[comment.id] = comment;
  return comment.id;
}

std::int64_t Zendesk::last_comment(std::int64_t ticket) const { return rows_.at(ticket).comments.back(); }

std::int64_t Zendesk::user_for(const std::string& mail, const std::string& name, Instant now) {
  for (const auto& [id, user] : users_) {
    if (user.mail == mail) return id;
  }
  ZendeskUser user{.id = ++last_id_, .name = name.empty() ? mail.substr(0, mail.find('@')) : name, .mail = mail};
  user.created = now;
  const std::string domain = mail.substr(mail.find('@') + 1);
  for (const auto& [id, organization] : organizations_) {
    if (organization.domain == domain) user.organization_id = id;
  }
  users_[user.id] = user;
  return user.id;
}

void Zendesk::remove(Row& it, std::int64_t actor, Instant now) {
  it.now.deleted = true;
  it.now.deleted_at = it.now.updated = now;
  it.now.deleted_by = actor;
  touch(it, now);
  publish_event(it, "ticket.soft_deleted", actor, "{}", now);
  const std::int64_t id = it.now.id;
  later_.emplace(now + scrubbed_after, [this, id](Instant at) { scrub(id, at); });
}

void Zendesk::restore(Row& it, std::int64_t actor, Instant now) {
  it.now.deleted = false;
  it.now.updated = now;
  touch(it, now);
  publish_event(it, "ticket.undeleted", actor, "{}", now);
}

// What a deleted ticket said goes after a while; its number stays.
void Zendesk::scrub(std::int64_t id, Instant now) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return;
  Row& it = found->second;
  if (!it.now.deleted || it.now.deleted_at + scrubbed_after > now) return;
  it.now.scrubbed = true;
  it.now.subject = "SCRUBBED";
  it.now.tags.clear();
  it.now.fields.clear();
  for (const std::int64_t comment : it.comments) {
    comments_.at(comment).text = zendesk_plain("SCRUBBED");
    comments_.at(comment).attachments.clear();
  }
  touch(it, now);
}

void Zendesk::vanish(std::int64_t id, std::int64_t actor, Instant now) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return;
  publish_event(found->second, "ticket.permanently_deleted", actor, "{}", now);
  for (const std::int64_t comment : found->second.comments) comments_.erase(comment);
  for (const std::int64_t audit : found->second.audits) audits_.erase(audit);
  rows_.erase(found);
}

}  // namespace supportd::fakes
