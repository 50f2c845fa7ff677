// What customers and agents do, past the API.
#include <algorithm>

#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

[[noreturn]] void no_such(const std::string& what, std::int64_t id) {
  throw Error(ErrorKind::gone, "there is no " + what + " " + std::to_string(id));
}

// People meet the same rules as the API, and see them as errors.
template <class Action>
auto as_person(const Action& action) {
  try {
    return action();
  } catch (const ZendeskFault& fault) {
    throw Error(fault.status == 404 ? ErrorKind::gone : ErrorKind::refused, fault.body);
  }
}

}  // namespace

std::int64_t Zendesk::customer_opens(const Opening& opening, Instant real) {
  std::lock_guard lock(mutex_);
  const Instant now = own(real);
  settle(now);
  ZendeskTicket ticket = fresh(now);
  ticket.subject = opening.subject;
  ticket.tags = opening.tags;
  ticket.fields = opening.fields;
  ticket.priority = opening.priority;
  ticket.requester_id = ticket.submitter_id = user_for(opening.mail, "", now);
  ticket.organization_id = users_.at(ticket.requester_id).organization_id;
  ticket.via = {"email"};
  NewComment comment{ticket.requester_id, zendesk_plain(opening.text)};
  for (const File& file : opening.files) comment.attachments.push_back(keep(file, now));
  return insert(ticket, {ticket.requester_id, {"email"}, now, "{}", comment});
}

std::int64_t Zendesk::customer_replies(std::int64_t id, const std::string& text, const std::vector<File>& files,
                                       Instant real) {
  std::lock_guard lock(mutex_);
  const Instant now = own(real);
  settle(now);
  return as_person([&] {
    Row& it = living(id);
    NewComment comment{it.now.requester_id, zendesk_plain(text)};
    for (const File& file : files) comment.attachments.push_back(keep(file, now));
    const Update update{it.now.requester_id, {"email"}, now, "{}", comment};
    if (it.now.status == "closed") {
      ZendeskTicket ticket = it.now;
      const ZendeskTicket numbered = fresh(now);
      ticket.id = numbered.id;
      ticket.created = ticket.updated = ticket.generated = now;
      ticket.status = "new";
      ticket.custom_status_id = ticket.assignee_id = 0;
      ticket.subject = "Re: " + it.now.subject;
      ticket.external_id.clear();
      ticket.followups.clear();
      ticket.via = {"email", "follow_up", id};
      it.now.followups.push_back(ticket.id);
      return last_comment(insert(ticket, update));
    }
    ZendeskTicket changed = it.now;
    if (changed.status == "solved" || changed.status == "pending" || changed.status == "hold") {
      changed.status = "open";
      changed.custom_status_id = default_status("open");
    }
    commit(it, changed, update);
    return last_comment(id);
  });
}

std::int64_t Zendesk::agent_replies(std::int64_t id, std::int64_t agent, const std::string& text,
                                    const std::vector<File>& files, Instant real) {
  return agent_says(id, {agent, zendesk_plain(text), true}, files, real);
}

std::int64_t Zendesk::agent_notes(std::int64_t id, std::int64_t agent, const std::string& text,
                                  const std::vector<File>& files, Instant real) {
  return agent_says(id, {agent, zendesk_plain(text), false}, files, real);
}

std::int64_t Zendesk::agent_says(std::int64_t id, NewComment comment, const std::vector<File>& files, Instant real) {
  std::lock_guard lock(mutex_);
  const Instant now = own(real);
  settle(now);
  return as_person([&] {
    Row& it = open_row(id);
    for (const File& file : files) comment.attachments.push_back(keep(file, now));
    commit(it, it.now, {comment.author, {"web"}, now, "{}", comment});
    return last_comment(id);
  });
}

std::int64_t Zendesk::machine_says(std::int64_t id, const std::string& channel, std::int64_t author,
                                   const std::string& text, bool is_public, Instant real) {
  std::lock_guard lock(mutex_);
  const Instant now = own(real);
  settle(now);
  return as_person([&] {
    Row& it = open_row(id);
    commit(it, it.now, {author, {channel}, now, "{}", NewComment{author, zendesk_plain(text), is_public}});
    return last_comment(id);
  });
}

std::int64_t Zendesk::agent_pastes(std::int64_t id, std::int64_t agent, const std::string& text, const File& picture,
                                   bool is_public, Instant real) {
  std::lock_guard lock(mutex_);
  const Instant now = own(real);
  settle(now);
  return as_person([&] {
    Row& it = open_row(id);
    const std::int64_t file = keep(picture, now);
    NewComment comment{agent, zendesk_plain(text), is_public, {file}};
    comment.text.html.insert(comment.text.html.rfind("</div>"),
                             "<img src=\"" + content_url(attachments_.at(file)) + "\" alt=\"" + picture.name + "\">");
    commit(it, it.now, {agent, {"web"}, now, "{}", comment});
    return last_comment(id);
  });
}

void Zendesk::agent_sets(std::int64_t id, const std::function<void(ZendeskTicket&)>& change, Instant real) {
  std::lock_guard lock(mutex_);
  const Instant now = own(real);
  settle(now);
  as_person([&] {
    Row& it = open_row(id);
    ZendeskTicket changed = it.now;
    change(changed);
    const auto agent = std::ranges::find_if(users_, [](const auto& user) { return user.second.role == "agent"; });
    commit(it, changed, {agent == users_.end() ? 0 : agent->first, {"web"}, now});
  });
}

void Zendesk::agent_tags(std::int64_t id, const std::string& tag, Instant now) {
  agent_sets(
      id, [&](ZendeskTicket& it) { it.tags.push_back(tag); }, now);
}

void Zendesk::set_status(std::int64_t id, const std::string& status, Instant now) {
  agent_sets(
      id, [&](ZendeskTicket& it) { it.status = status; }, now);
}

void Zendesk::agent_deletes(std::int64_t id, Instant real) {
  std::lock_guard lock(mutex_);
  settle(own(real));
  as_person([&] { remove(living(id), 0, own(real)); });
}

void Zendesk::agent_restores(std::int64_t id, Instant real) {
  std::lock_guard lock(mutex_);
  settle(own(real));
  as_person([&] {
    Row& it = row(id);
    if (!it.now.deleted || it.now.scrubbed) throw record_not_found();
    restore(it, 0, own(real));
  });
}

void Zendesk::agent_merges(std::int64_t target, const std::vector<std::int64_t>& sources, Instant real) {
  std::lock_guard lock(mutex_);
  settle(own(real));
  const auto agent = std::ranges::find_if(users_, [](const auto& user) { return user.second.is_staff(); });
  const std::int64_t by = agent == users_.end() ? 0 : agent->first;
  as_person([&] {
    merge_into(target, sources, {by, zendesk_plain("Requests were merged into this request."), false},
               {by, zendesk_plain("This request was closed and merged."), false}, own(real));
  });
}

void Zendesk::agent_redacts(std::int64_t id, const std::string& what, Instant real) {
  std::lock_guard lock(mutex_);
  settle(own(real));
  const auto found = comments_.find(id);
  if (found == comments_.end()) no_such("comment", id);
  redact(found->second.text, what);
  Row& it = rows_.at(found->second.ticket_id);
  note_event(it, "CommentRedactionEvent", id, {0, {"web"}, own(real)});
  publish_event(it, "ticket.comment_redacted", 0, "{\"comment\":{\"id\":\"" + std::to_string(id) + "\"}}", own(real));
}

void Zendesk::agent_makes_private(std::int64_t id, Instant real) {
  std::lock_guard lock(mutex_);
  settle(own(real));
  const auto found = comments_.find(id);
  if (found == comments_.end()) no_such("comment", id);
  found->second.is_public = false;
  Row& it = rows_.at(found->second.ticket_id);
  note_event(it, "CommentPrivacyChange", id, {0, {"web"}, own(real)});
  publish_event(it, "ticket.comment_made_private", 0, "{\"comment\":{\"id\":\"" + std::to_string(id) + "\"}}",
                own(real));
}

void Zendesk::deleted_for_good(std::int64_t id, Instant real) {
  std::lock_guard lock(mutex_);
  settle(own(real));
  as_person([&] { row(id); });
  vanish(id, 0, own(real));
}

void Zendesk::system_touches(std::int64_t id, Instant real) {
  std::lock_guard lock(mutex_);
  settle(own(real));
  as_person([&] { touch(row(id), own(real)); });
}

std::string Zendesk::subscribe(const std::string& address, const std::string& secret, std::vector<std::string> types) {
  std::lock_guard lock(mutex_);
  return webhooks_.subscribe(address, secret, std::move(types));
}

std::vector<ZendeskDelivery> Zendesk::due_deliveries(Instant real) {
  std::lock_guard lock(mutex_);
  settle(own(real));
  return webhooks_.due(own(real));
}

std::optional<Instant> Zendesk::next_delivery() const {
  std::lock_guard lock(mutex_);
  const auto due = webhooks_.next_due();
  return due ? std::optional(*due - options_.clock_skew) : due;
}

void Zendesk::delivery_answered(const ZendeskDelivery& delivery, int status, Instant real) {
  std::lock_guard lock(mutex_);
  webhooks_.answered(delivery, status, own(real));
}

}  // namespace supportd::fakes
