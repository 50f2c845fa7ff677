#include "tests/sandbox/actions.hpp"

#include <algorithm>
#include <set>

namespace supportd::sandbox {
namespace {

constexpr int open_status = 2;

const std::set<std::string> at_aws_actions = {"engineer_takes", "engineer_answers", "engineer_resolves",
                                              "engineer_reopens", "colleague_writes"};
const std::set<std::string> at_second_actions = {"second_replies", "second_notes", "second_customer_replies"};
const std::set<std::string> wire_actions = {"storm", "cut_before", "cut_after"};

}  // namespace

std::string Actions::help() {
  return std::string(
             R"(Actions ("ticket" is a name the script gives; "files" is [{"name":"a.log","size":2000}]; "when":"settled" waits
until nothing of that ticket is owed any more):
  customer_opens    ticket mail subject text [mark] [case] [priority] [account]
                                                mark: with the tag aws-support; case: false: yet no case can be opened
  mark              ticket                      adds the tag aws-support: one more case is expected
  customer_replies  ticket text [files]         public, stays on the desk
  agent_replies     ticket text [files]         public, stays on the desk
  agent_notes       ticket text [files] [aws]   private; aws: first line @aws, expected at AWS
  agent_solves      ticket
  agent_reopens     ticket
  agent_deletes     ticket
  agent_merges      ticket into
  engineer_takes    ticket                      case: work-in-progress
  engineer_answers  ticket text [files]         expected on the ticket
  engineer_resolves ticket
  engineer_reopens  ticket [text]
  colleague_writes  ticket text [name]          somebody of the customer's in the AWS console
  second_replies    ticket text [files]         public, by an agent of Zendesk on the ticket's counterpart there; these
  second_customer_replies ticket text [files]   need --two-desks and are left out without
  second_notes      ticket text [files] [aws]
  storm             vendor for                  aws_support, freshdesk or zendesk throttles every call for "2m"
  cut_before        vendor [writes]             the next writes are cut before they take effect
  cut_after         vendor [writes]             ... after they took effect
)") + ZendeskActions::help();
}

std::string Actions::name_of(std::int64_t wanted) const {
  std::lock_guard lock(mutex_);
  for (const auto& [name, id] : tickets_) {
    if (id == wanted) return name;
  }
  return std::to_string(wanted);
}

std::int64_t Actions::ticket(const json::View& action) const {
  const std::string name = action.at("ticket").string();
  const auto found = tickets_.find(name);
  if (found == tickets_.end()) throw Error(ErrorKind::config, "no customer has opened the ticket " + name);
  return found->second;
}

Actions::Said Actions::said(const json::View& action) {
  Said out;
  out.token = world_.witness.new_token();
  out.text = action.string("text", "") + " (" + out.token + ")";
  if (const auto files = action.find("files")) {
    for (const auto& file : files->items()) {
      const auto size = static_cast<std::size_t>(file.integer("size", 1000));
      out.files.push_back(world_.witness.new_file(file.at("name").string(), size));
    }
  }
  return out;
}

bool Actions::perform(const json::View& action, Instant now) {
  std::lock_guard lock(mutex_);
  try {
    const std::string what = action.at("do").string();
    if (what.starts_with("zendesk_")) return zendesk_.perform(action, what, now);
    if (at_second_actions.contains(what) && !world_.two_desks) return true;
    if (!ready(action, what)) return false;
    if (at_second_actions.contains(what)) return at_second(action, what, now);
    if (wire_actions.contains(what)) return on_the_wire(action, what, now);
    if (at_aws_actions.contains(what)) return at_aws(action, what, now);
    return on_desk(action, what, now);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
    throw Error(ErrorKind::config, std::string("the action cannot be understood: ") + error.what());
  }
}

bool Actions::ready(const json::View& action, const std::string& what) {
  const bool to_aws = (what == "agent_notes" || what == "second_notes") && action.boolean("aws", false);
  if ((to_aws || at_aws_actions.contains(what)) && world_.witness.case_of(ticket(action)).empty()) return false;
  if (action.string("when", "") != "settled") return true;
  const auto report = world_.witness.report();
  const auto it = std::ranges::find(report.tickets, ticket(action), &fakes::TicketTally::ticket);
  if (it == report.tickets.end()) return true;
  const auto owed = [](const fakes::Tally& tally) { return tally.lost > 0; };
  return static_cast<int>(it->cases.size()) >= it->cases_expected && !owed(it->to_aws) && !owed(it->to_desk) &&
         !owed(it->files_to_aws) && !owed(it->files_to_desk) && !owed(it->to_second) && !owed(it->from_second);
}

void Actions::open(const json::View& action, Instant now) {
  const std::string name = action.at("ticket").string();
  if (tickets_.contains(name)) throw Error(ErrorKind::config, "the ticket " + name + " is open already");
  Said message = said(action);
  fakes::Freshdesk::Opening opening;
  opening.mail = action.at("mail").string();
  opening.subject = action.at("subject").string();
  opening.text = message.text;
  opening.priority = static_cast<int>(action.integer("priority", 1));
  if (const auto account = action.find("account"))
    opening.fields["cf_aws_account_id"] = "\"" + account->string() + "\"";
  const bool mark = action.boolean("mark", false);
  if (mark) opening.tags.push_back("aws-support");
  const std::int64_t id = tickets_[name] = world_.desk.customer_opens(opening, now);
  opening_tokens_[id] = message.token;
  world_.witness.opened(id, message.token);
  if (mark && action.boolean("case", true)) world_.witness.marked(id, message.token);
}

bool Actions::on_desk(const json::View& action, const std::string& what, Instant now) {
  if (what == "customer_opens") {
    open(action, now);
    return true;
  }
  const std::int64_t id = ticket(action);
  if (what == "mark") {
    world_.desk.agent_tags(id, "aws-support", now);
    world_.witness.marked(id, opening_tokens_.at(id));
  } else if (what == "customer_replies" || what == "agent_replies") {
    const Said message = said(action);
    if (what == "customer_replies") {
      world_.desk.customer_replies(id, message.text, message.files, now);
    } else {
      world_.desk.agent_replies(id, world_.agent, message.text, message.files, now);
    }
    world_.witness.said_on_desk(id, message.token, false, message.files);
  } else if (what == "agent_notes") {
    const Said message = said(action);
    const bool to_aws = action.boolean("aws", false);
    world_.desk.agent_notes(id, world_.agent, (to_aws ? "@aws\n" : "") + message.text, message.files, now);
    world_.witness.said_on_desk(id, message.token, to_aws, message.files);
  } else if (what == "agent_solves") {
    world_.desk.agent_solves(id, now);
  } else if (what == "agent_reopens") {
    world_.desk.set_status(id, open_status, now);
  } else if (what == "agent_deletes") {
    world_.desk.agent_deletes(id, now);
  } else if (what == "agent_merges") {
    const auto into = tickets_.find(action.at("into").string());
    if (into == tickets_.end()) throw Error(ErrorKind::config, "no customer has opened the ticket to merge into");
    world_.desk.agent_merges(into->second, {id}, now);
  } else {
    throw Error(ErrorKind::config, "there is no action " + what + "\n" + help());
  }
  return true;
}

bool Actions::at_second(const json::View& action, const std::string& what, Instant now) {
  const std::int64_t id = ticket(action);
  const auto all = world_.zendesk.tickets();
  const auto twin = std::ranges::find(all, "freshdesk:main:" + std::to_string(id), &fakes::ZendeskTicket::external_id);
  if (twin == all.end()) return false;
  const Said message = said(action);
  const bool to_aws = action.boolean("aws", false);
  if (what == "second_customer_replies") {
    world_.zendesk.customer_replies(twin->id, message.text, message.files, now);
  } else if (what == "second_replies") {
    world_.zendesk.agent_replies(twin->id, world_.zendesk_agent, message.text, message.files, now);
  } else {
    world_.zendesk.agent_notes(twin->id, world_.zendesk_agent, (to_aws ? "@aws\n" : "") + message.text, message.files,
                               now);
  }
  world_.witness.said_on_desk(id, message.token, to_aws, message.files, "zendesk");
  return true;
}

bool Actions::at_aws(const json::View& action, const std::string& what, Instant now) {
  const std::int64_t id = ticket(action);
  const std::string the_case = world_.witness.case_of(id);
  if (what == "engineer_takes") {
    world_.aws.engineer_takes(the_case, now);
  } else if (what == "engineer_resolves") {
    world_.aws.engineer_resolves(the_case, now);
  } else if (what == "colleague_writes") {
    world_.aws.colleague_writes(the_case, action.string("name", "colleague"), said(action).text, now);
  } else if (what == "engineer_reopens" && action.string("text", "").empty()) {
    world_.aws.engineer_reopens(the_case, "", now);
  } else {
    const Said message = said(action);
    if (what == "engineer_reopens") {
      world_.aws.engineer_reopens(the_case, message.text, now);
    } else {
      world_.aws.engineer_answers(the_case, message.text, message.files, now);
    }
    world_.witness.said_on_aws(id, message.token, true, message.files);
  }
  return true;
}

bool Actions::on_the_wire(const json::View& action, const std::string& what, Instant now) {
  const std::string vendor = action.at("vendor").string();
  if (vendor != "aws_support" && vendor != "freshdesk" && vendor != "zendesk")
    throw Error(ErrorKind::config, "vendor is aws_support, freshdesk or zendesk, not " + vendor);
  const int writes = static_cast<int>(action.integer("writes", 1));
  if (what == "cut_before") {
    gate_.cut_before(vendor, writes);
  } else if (what == "cut_after") {
    gate_.cut_after(vendor, writes);
  } else {
    gate_.storm(vendor, now + time::parse_length(action.at("for").string()).value());
  }
  return true;
}

}  // namespace supportd::sandbox
