// What customers and agents do, past the API, and what an observer can read.
#include <algorithm>

#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/freshdesk_html.hpp"

namespace supportd::fakes {
namespace {

constexpr int by_mail = 1, source_reply = 0, source_note = 2, open = 2;

[[noreturn]] void no_such(const std::string& what, std::int64_t id) {
  throw Error(ErrorKind::gone, "there is no " + what + " " + std::to_string(id));
}

}  // namespace

std::int64_t Freshdesk::add_agent(const std::string& name, const std::string& mail, const std::string& api_key) {
  std::lock_guard lock(mutex_);
  const std::int64_t id = ++last_id_;
  agents_[id] = {id, name, mail, api_key};
  return id;
}

std::int64_t Freshdesk::add_company(const std::string& name, const std::string& domain) {
  std::lock_guard lock(mutex_);
  const std::int64_t id = ++last_id_;
  companies_[id] = {id, name, domain};
  return id;
}

std::int64_t Freshdesk::add_contact(const std::string& name, const std::string& mail, std::int64_t company_id) {
  std::lock_guard lock(mutex_);
  const std::int64_t id = ++last_id_;
  contacts_[id] = {id, name, mail, company_id};
  return id;
}

void Freshdesk::change_contact(const FreshdeskContact& contact) {
  std::lock_guard lock(mutex_);
  contacts_.at(contact.id) = contact;
}

void Freshdesk::rename_company(std::int64_t id, const std::string& name) {
  std::lock_guard lock(mutex_);
  companies_.at(id).name = name;
}

std::int64_t Freshdesk::contact_for(const std::string& mail) {
  for (const auto& [id, contact] : contacts_) {
    if (contact.mail == mail) return id;
  }
  FreshdeskContact contact{++last_id_, mail.substr(0, mail.find('@')), mail, 0};
  const std::string domain = mail.substr(mail.find('@') + 1);
  for (const auto& [id, company] : companies_) {
    if (company.domain == domain) contact.company_id = id;
  }
  contacts_[contact.id] = contact;
  return contact.id;
}

std::int64_t Freshdesk::customer_opens(const Opening& opening, Instant now) {
  std::lock_guard lock(mutex_);
  FreshdeskTicket ticket;
  ticket.id = ++last_ticket_;
  ticket.subject = opening.subject;
  ticket.html = html_of(opening.text);
  ticket.priority = opening.priority;
  ticket.source = by_mail;
  ticket.requester_id = contact_for(opening.mail);
  ticket.company_id = contacts_.at(ticket.requester_id).company_id;
  ticket.tags = opening.tags;
  ticket.fields = opening.fields;
  ticket.attachments = keep_files(opening.files, now);
  ticket.created = ticket.updated = now;
  Row& it = rows_[ticket.id];
  it.now = ticket;
  change(it, now, [](FreshdeskTicket&) {});
  return ticket.id;
}

std::int64_t Freshdesk::customer_replies(std::int64_t ticket, const std::string& text, const std::vector<File>& files,
                                         Instant now) {
  std::lock_guard lock(mutex_);
  if (!rows_.contains(ticket)) no_such("ticket", ticket);
  Row& it = row(ticket);
  const std::int64_t id =
      append(it, {.user_id = it.now.requester_id, .html = html_of(text), .incoming = true, .source = source_reply},
             files, now)
          .id;
  if (options_.customer_reply_reopens && it.now.status != open)
    change(it, now, [](FreshdeskTicket& changed) { changed.status = open; });
  return id;
}

std::int64_t Freshdesk::customer_pastes(std::int64_t ticket, const std::string& text, const File& picture,
                                        Instant now) {
  std::lock_guard lock(mutex_);
  if (!rows_.contains(ticket)) no_such("ticket", ticket);
  Row& it = row(ticket);
  const std::string html =
      html_of(text) + "<p><img src=\"" + inline_url(keep_files({picture}, now).front()) + "\"></p>";
  return append(it, {.user_id = it.now.requester_id, .html = html, .incoming = true, .source = source_reply}, {}, now)
      .id;
}

std::int64_t Freshdesk::agent_replies(std::int64_t ticket, std::int64_t agent, const std::string& text,
                                      const std::vector<File>& files, Instant now) {
  std::lock_guard lock(mutex_);
  if (!rows_.contains(ticket)) no_such("ticket", ticket);
  return append(row(ticket), {.user_id = agent, .html = html_of(text), .source = source_reply}, files, now).id;
}

std::int64_t Freshdesk::agent_notes(std::int64_t ticket, std::int64_t agent, const std::string& text,
                                    const std::vector<File>& files, Instant now, bool is_private) {
  std::lock_guard lock(mutex_);
  if (!rows_.contains(ticket)) no_such("ticket", ticket);
  return append(row(ticket), {.user_id = agent, .html = html_of(text), .is_private = is_private, .source = source_note},
                files, now)
      .id;
}

void Freshdesk::agent_edits_note(std::int64_t conversation, const std::string& text, Instant now) {
  std::lock_guard lock(mutex_);
  const auto found = conversations_.find(conversation);
  if (found == conversations_.end()) no_such("conversation", conversation);
  found->second.html = html_of(text);
  found->second.updated = now;
  found->second.edited = now;
  if (options_.note_moves_updated_at) change(row(found->second.ticket_id), now, [](FreshdeskTicket&) {});
}

void Freshdesk::agent_deletes_note(std::int64_t conversation, Instant) {
  std::lock_guard lock(mutex_);
  const auto found = conversations_.find(conversation);
  if (found == conversations_.end()) no_such("conversation", conversation);
  std::erase(row(found->second.ticket_id).conversations, conversation);
  conversations_.erase(found);
}

void Freshdesk::agent_changes(std::int64_t ticket, const std::function<void(FreshdeskTicket&)>& how, Instant now) {
  std::lock_guard lock(mutex_);
  if (!rows_.contains(ticket)) no_such("ticket", ticket);
  change(row(ticket), now, how);
}

void Freshdesk::agent_tags(std::int64_t ticket, const std::string& tag, Instant now) {
  agent_changes(
      ticket,
      [&](FreshdeskTicket& it) {
        if (!it.has_tag(tag)) it.tags.push_back(tag);
      },
      now);
}

void Freshdesk::set_status(std::int64_t ticket, int status, Instant now) {
  agent_changes(
      ticket, [&](FreshdeskTicket& it) { it.status = status; }, now);
}

void Freshdesk::purge_ticket(std::int64_t ticket) {
  std::lock_guard lock(mutex_);
  rows_.erase(ticket);
}

void Freshdesk::purge_person(std::int64_t id) {
  std::lock_guard lock(mutex_);
  agents_.erase(id);
  contacts_.erase(id);
}

void Freshdesk::agent_deletes(std::int64_t ticket, Instant now) {
  agent_changes(
      ticket, [](FreshdeskTicket& it) { it.deleted = true; }, now);
}

void Freshdesk::agent_restores(std::int64_t ticket, Instant now) {
  agent_changes(
      ticket, [](FreshdeskTicket& it) { it.deleted = false; }, now);
}

void Freshdesk::agent_merges(std::int64_t primary, const std::vector<std::int64_t>& others, Instant now) {
  std::lock_guard lock(mutex_);
  if (!rows_.contains(primary)) no_such("ticket", primary);
  for (std::int64_t id : others) {
    if (!rows_.contains(id)) no_such("ticket", id);
  }
  merge_into(primary, others, agents_.empty() ? 0 : agents_.begin()->first, now);
}

std::vector<FreshdeskTicket> Freshdesk::tickets() const {
  std::lock_guard lock(mutex_);
  std::vector<FreshdeskTicket> out;
  for (const auto& [id, it] : rows_) out.push_back(it.now);
  return out;
}

FreshdeskTicket Freshdesk::ticket(std::int64_t id) const {
  std::lock_guard lock(mutex_);
  const auto found = rows_.find(id);
  if (found == rows_.end()) no_such("ticket", id);
  return found->second.now;
}

std::vector<FreshdeskChange> Freshdesk::updates(std::int64_t ticket) const {
  std::lock_guard lock(mutex_);
  const auto found = rows_.find(ticket);
  if (found == rows_.end()) no_such("ticket", ticket);
  return found->second.updates;
}

std::vector<FreshdeskConversation> Freshdesk::conversations(std::int64_t ticket) const {
  std::lock_guard lock(mutex_);
  const auto found = rows_.find(ticket);
  if (found == rows_.end()) no_such("ticket", ticket);
  std::vector<FreshdeskConversation> out;
  for (std::int64_t id : found->second.conversations) out.push_back(conversations_.at(id));
  return out;
}

FreshdeskAttachment Freshdesk::attachment(std::int64_t id) const {
  std::lock_guard lock(mutex_);
  const auto found = attachments_.find(id);
  if (found == attachments_.end()) no_such("attachment", id);
  return found->second;
}

}  // namespace supportd::fakes
