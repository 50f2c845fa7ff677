#include "jobs/aws_cases/context.hpp"

#include "daemon/time/zone.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::aws_cases {

const Texts& texts_in(const Section& section, const std::string& language) {
  const auto found = section.texts.find(language);
  return found == section.texts.end() ? section.texts.at(section.fallback_language) : found->second;
}

std::string local_time(store::Tx& tx, const Section& section, const tickets::Ticket& ticket, Instant at) {
  std::string zone = section.zone;
  if (ticket.organisation) {
    const auto organisation = tickets::find_organisation(tx, *ticket.organisation);
    if (organisation && !organisation->zone.empty()) zone = organisation->zone;
  }
  const auto found = time::Zone::find(zone);
  return (found ? *found : time::Zone::utc()).to_text(at);
}

Values values_of(store::Tx& tx, const Section& section, const Case& it, const tickets::Ticket& ticket) {
  Values values;
  values["agency"] = section.agency;
  values["subject"] = ticket.subject;
  values["account"] = it.account.empty() ? "N/A" : it.account;
  values["case"] = it.case_id;
  values["display_id"] = it.display_id;
  values["severity"] = it.severity;
  values["state"] = it.aws_status;
  values["company"] = values["name"] = values["mail"] = "N/A";
  if (ticket.organisation) {
    if (const auto found = tickets::find_organisation(tx, *ticket.organisation)) values["company"] = found->name;
  }
  if (ticket.requester) {
    if (const auto person = tickets::find_person(tx, *ticket.requester)) {
      if (!person->name.empty()) values["name"] = person->name;
      if (!person->mail.empty()) values["mail"] = person->mail;
    }
  }
  const auto link = tickets::link_of(tx, ticket.id, ticket.origin);
  values["system"] = ticket.origin;
  values["ticket"] = link ? link->remote_id : std::to_string(ticket.id.value);
  return values;
}

void add_note(store::Tx& tx, const tickets::Kernel& kernel, tickets::TicketId ticket, const std::string& identity,
              const std::string& text, Instant now) {
  tickets::NewMessage note;
  note.ticket = ticket;
  note.identity = identity;
  note.origin = slice_name;
  note.author = tickets::Author::system;
  note.author_name = "supportd";
  note.created = now;
  note.text = text;
  tickets::add_message(tx, kernel, note, now);
}

}  // namespace supportd::aws_cases
