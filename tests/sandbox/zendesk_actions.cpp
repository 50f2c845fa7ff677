#include "tests/sandbox/zendesk_actions.hpp"

namespace supportd::sandbox {
namespace {

constexpr std::int64_t account_field = 360002;

}  // namespace

std::string ZendeskActions::help() {
  return R"(On Zendesk (tickets have names of their own there; nothing is counted by the tally, see /sandbox/zendesk):
  zendesk_customer_opens    ticket mail subject text [mark] [priority] [account] [files]
  zendesk_mark              ticket
  zendesk_customer_replies  ticket text [files]
  zendesk_agent_replies     ticket text [files]
  zendesk_agent_notes       ticket text [files] [aws]
  zendesk_agent_sets        ticket [status] [custom_status_id] [priority] [tags] [assign]
                                                         assign: true to the human agent, false to nobody
  zendesk_agent_solves      ticket
  zendesk_agent_reopens     ticket
  zendesk_agent_deletes     ticket
  zendesk_agent_restores    ticket
  zendesk_agent_merges      ticket into
  zendesk_agent_redacts     ticket text                  in every comment of the ticket
  zendesk_closes            ticket                       what a solved ticket does after some days
  zendesk_system_touches    ticket                       exported again, nothing changed
)";
}

std::int64_t ZendeskActions::ticket(const std::string& name) const {
  const auto found = tickets_.find(name);
  if (found == tickets_.end()) throw Error(ErrorKind::config, "no customer has opened the ticket " + name);
  return found->second;
}

std::vector<fakes::File> ZendeskActions::files(const json::View& action) {
  std::vector<fakes::File> out;
  if (const auto given = action.find("files")) {
    for (const auto& file : given->items())
      out.push_back(
          world_.witness.new_file(file.at("name").string(), static_cast<std::size_t>(file.integer("size", 1000))));
  }
  return out;
}

void ZendeskActions::open(const json::View& action, Instant now) {
  const std::string name = action.at("ticket").string();
  if (tickets_.contains(name)) throw Error(ErrorKind::config, "the ticket " + name + " is open already");
  fakes::Zendesk::Opening opening;
  opening.mail = action.at("mail").string();
  opening.subject = action.at("subject").string();
  opening.text = action.string("text", "");
  opening.priority = action.string("priority", "");
  opening.files = files(action);
  if (const auto account = action.find("account")) opening.fields[account_field] = fakes::json_text(account->string());
  if (action.boolean("mark", false)) opening.tags.push_back("aws-support");
  tickets_[name] = world_.zendesk.customer_opens(opening, now);
}

void ZendeskActions::say(const json::View& action, const std::string& what, std::int64_t id, Instant now) {
  const std::string text = action.at("text").string();
  if (what == "zendesk_customer_replies") {
    world_.zendesk.customer_replies(id, text, files(action), now);
  } else if (what == "zendesk_agent_replies") {
    world_.zendesk.agent_replies(id, world_.zendesk_agent, text, files(action), now);
  } else {
    const std::string first = action.boolean("aws", false) ? "@aws\n" : "";
    world_.zendesk.agent_notes(id, world_.zendesk_agent, first + text, files(action), now);
  }
}

void ZendeskActions::set(const json::View& action, std::int64_t id, Instant now) {
  world_.zendesk.agent_sets(
      id,
      [&](fakes::ZendeskTicket& it) {
        it.status = action.string("status", it.status);
        it.custom_status_id = action.integer("custom_status_id", it.custom_status_id);
        it.priority = action.string("priority", it.priority);
        if (action.find("tags")) it.tags = action.strings("tags");
        if (action.find("assign")) it.assignee_id = action.boolean("assign", false) ? world_.zendesk_agent : 0;
      },
      now);
}

bool ZendeskActions::perform(const json::View& action, const std::string& what, Instant now) {
  if (what == "zendesk_customer_opens") {
    open(action, now);
    return true;
  }
  const std::int64_t id = ticket(action.at("ticket").string());
  fakes::Zendesk& desk = world_.zendesk;
  if (what == "zendesk_mark") {
    desk.agent_tags(id, "aws-support", now);
  } else if (what == "zendesk_customer_replies" || what == "zendesk_agent_replies" || what == "zendesk_agent_notes") {
    say(action, what, id, now);
  } else if (what == "zendesk_agent_sets") {
    set(action, id, now);
  } else if (what == "zendesk_agent_solves") {
    desk.agent_solves(id, now);
  } else if (what == "zendesk_agent_reopens") {
    desk.set_status(id, "open", now);
  } else if (what == "zendesk_agent_deletes") {
    desk.agent_deletes(id, now);
  } else if (what == "zendesk_agent_restores") {
    desk.agent_restores(id, now);
  } else if (what == "zendesk_agent_merges") {
    desk.agent_merges(ticket(action.at("into").string()), {id}, now);
  } else if (what == "zendesk_agent_redacts") {
    for (const auto& comment : desk.comments(id)) desk.agent_redacts(comment.id, action.at("text").string(), now);
  } else if (what == "zendesk_closes") {
    desk.closes(id, now);
  } else if (what == "zendesk_system_touches") {
    desk.system_touches(id, now);
  } else {
    throw Error(ErrorKind::config, "there is no action " + what + "\n" + help());
  }
  return true;
}

}  // namespace supportd::sandbox
