// What an observer can read, past the API.
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

[[noreturn]] void no_such(const std::string& what, std::int64_t id) {
  throw Error(ErrorKind::gone, "there is no " + what + " " + std::to_string(id));
}

}  // namespace

std::vector<ZendeskTicket> Zendesk::tickets() const {
  std::lock_guard lock(mutex_);
  std::vector<ZendeskTicket> out;
  for (const auto& [id, it] : rows_) out.push_back(it.now);
  return out;
}

ZendeskTicket Zendesk::ticket(std::int64_t id) const {
  std::lock_guard lock(mutex_);
  const auto found = rows_.find(id);
  if (found == rows_.end()) no_such("ticket", id);
  return found->second.now;
}

std::vector<ZendeskComment> Zendesk::comments(std::int64_t ticket) const {
  std::lock_guard lock(mutex_);
  const auto found = rows_.find(ticket);
  if (found == rows_.end()) no_such("ticket", ticket);
  std::vector<ZendeskComment> out;
  for (const std::int64_t id : found->second.comments) out.push_back(comments_.at(id));
  return out;
}

std::vector<ZendeskAudit> Zendesk::audits(std::int64_t ticket) const {
  std::lock_guard lock(mutex_);
  const auto found = rows_.find(ticket);
  if (found == rows_.end()) no_such("ticket", ticket);
  std::vector<ZendeskAudit> out;
  for (const std::int64_t id : found->second.audits) out.push_back(audits_.at(id));
  return out;
}

ZendeskAttachment Zendesk::attachment(std::int64_t id) const {
  std::lock_guard lock(mutex_);
  const auto found = attachments_.find(id);
  if (found == attachments_.end()) no_such("attachment", id);
  return found->second;
}

ZendeskUser Zendesk::user(std::int64_t id) const {
  std::lock_guard lock(mutex_);
  const auto found = users_.find(id);
  if (found == users_.end()) no_such("user", id);
  return found->second;
}

}  // namespace supportd::fakes
