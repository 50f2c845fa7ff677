#include "jobs/aws_cases/deliveries.hpp"

#include <algorithm>

#include "daemon/json.hpp"
#include "daemon/run/patience.hpp"
#include "jobs/aws_cases/absorb.hpp"
#include "jobs/aws_cases/rules_status.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;
using connectors::aws_support::CaseQuery;
using connectors::aws_support::CommunicationQuery;
using outbox::Looked;
using outbox::Sent;

constexpr auto priority = http::Priority::live;
constexpr Millis skew = 5min;  // AWS's clock against ours
// What is looked for may lie behind many pages, at ten calls a minute.
constexpr Millis longest_look = 2 * longest_attempt;

// Uploads and reads before the write must leave the write its share of the lease.
void check_time(const Delivering& with, Instant began) {
  if (with.clock.now() <= began + preparing_at_most) return;
  throw Error(ErrorKind::unreachable, "AWS Support took too long before the write could leave");
}

std::string upload(Delivering& with, Instant began, std::stop_token stop) {
  if (with.files.empty()) return "";
  auto set = with.client->add_attachments_to_set(with.files, priority, stop);
  check_time(with, began);
  return set.id;
}

std::vector<Offering> offerings(const std::vector<connectors::aws_support::Service>& services) {
  std::vector<Offering> out;
  for (const auto& service : services) {
    out.push_back({service.code, {}});
    for (const auto& category : service.categories) out.back().categories.push_back(category.code);
  }
  return out;
}

void join(std::string& text, const std::string& more) {
  if (!more.empty()) text += (text.empty() ? "" : "; ") + more;
}

}  // namespace

std::string encode(const Opened& opened) {
  json::Writer out;
  out.object([&] {
    out.member("display_id", opened.display_id).member("status", opened.status).member("severity", opened.severity);
    out.member("service", opened.service).member("category", opened.category).member("note", opened.note);
    out.member("found", opened.found).member("fallback", opened.fallback);
    if (opened.created) out.member("created", time::to_millis(*opened.created));
    if (opened.services.empty()) return;
    out.member("severities", opened.severities);
    out.key("services").array([&] {
      for (const Offering& service : opened.services) {
        out.object([&] { out.member("code", service.code).member("categories", service.categories); });
      }
    });
  });
  return out.take();
}

Opened decode_opened(const std::string& text) {
  const auto document = json::Document::parse(text, "opened case");
  const auto root = document.root();
  Opened out{root.string("display_id", ""),
             root.string("status", ""),
             root.string("severity", ""),
             root.string("service", ""),
             root.string("category", ""),
             root.string("note", ""),
             {},
             root.strings("severities"),
             root.boolean("found", false),
             {},
             root.boolean("fallback", false)};
  if (const auto created = root.find("created")) out.created = time::from_millis(created->integer());
  if (const auto services = root.find("services")) {
    for (const auto& service : services->items()) {
      out.services.push_back({service.at("code").string(), service.strings("categories")});
    }
  }
  return out;
}

CreateDelivery::CreateDelivery(Delivering with, connectors::aws_support::NewCase request, Class found,
                               ClassifyRules rules, Account catalogue)
    : with_(std::move(with)),
      request_(std::move(request)),
      found_(std::move(found)),
      rules_(std::move(rules)),
      catalogue_(std::move(catalogue)) {}

Sent CreateDelivery::send(std::stop_token stop) {
  const Instant began = with_.clock.now();
  Opened opened;
  if (!catalogue_.catalogue || *catalogue_.catalogue + 24h <= began) {
    catalogue_.services = opened.services = offerings(with_.client->describe_services("en", stop));
    for (const auto& level : with_.client->describe_severity_levels("en", stop)) {
      opened.severities.push_back(level.code);
    }
    catalogue_.severities = opened.severities;
  }
  const Codes codes = within_catalogue(rules_, found_, catalogue_.services);
  const Offered severity = within_plan(request_.severity_code, catalogue_.severities);
  request_.service_code = opened.service = codes.service;
  request_.category_code = opened.category = codes.category;
  request_.severity_code = opened.severity = severity.code;
  opened.fallback = !codes.note.empty();
  join(opened.note, codes.note);
  join(opened.note, severity.note);
  opened.status = "opened";
  check_time(with_, began);
  request_.attachment_set_id = upload(with_, began, stop);
  const std::string id = with_.client->create_case(request_, priority, stop);
  return {id, encode(opened)};
}

Looked CreateDelivery::find(std::stop_token stop) {
  CaseQuery query;
  query.after = with_.since - skew;
  query.include_communications = false;
  bool clear = true;
  const Instant until = with_.clock.now() + longest_look;
  do {
    const auto page =
        run::patiently(with_.clock, stop, until, [&] { return with_.client->describe_cases(query, priority, stop); });
    for (const auto& it : page.cases) {
      if (!is_marked_with(it.subject, with_.ref)) continue;
      Opened opened{it.display_id, it.status, it.severity_code, it.service_code, it.category_code, "", {}, {},
                    true,          it.created};
      return {Looked::Answer::found, {it.id, encode(opened)}};
    }
    clear = clear && page.bad.empty();
    query.next_token = page.next_token;
  } while (!query.next_token.empty());
  return {clear ? Looked::Answer::absent : Looked::Answer::cannot_tell, {}};
}

SayDelivery::SayDelivery(Delivering with, connectors::aws_support::NewCommunication request, std::size_t part)
    : with_(std::move(with)), request_(std::move(request)), part_(part) {}

Sent SayDelivery::send(std::stop_token stop) {
  const Instant began = with_.clock.now();
  request_.attachment_set_id = upload(with_, began, stop);
  try {
    with_.client->add_communication(request_, priority, stop);
  } catch (const Error& error) {
    // AWS has no code of its own for a case that takes no more messages: its status tells.
    if (error.kind() != ErrorKind::refused || error.code() == "SubscriptionRequiredException") throw;
    CaseQuery query;
    query.ids = {request_.case_id};
    query.include_communications = false;
    const auto page = with_.client->describe_cases(query, priority, stop);
    if (page.cases.size() != 1 || page.cases.front().status != resolved_status) throw;
    throw Error(ErrorKind::refused, "CaseResolved", error.what(), {});
  }
  return {};
}

Looked SayDelivery::find(std::stop_token stop) {
  CommunicationQuery query;
  query.case_id = request_.case_id;
  query.after = with_.since - skew;
  bool clear = true;
  const Instant until = with_.clock.now() + longest_look;
  do {
    const auto page = run::patiently(with_.clock, stop, until,
                                     [&] { return with_.client->describe_communications(query, priority, stop); });
    for (const auto& said : page.communications) {
      const auto marker = find_marker(said.body);
      if (!marker || marker->ref != with_.ref || marker->part != part_) continue;
      return {Looked::Answer::found, {"", was_found}};
    }
    clear = clear && page.bad.empty();
    query.next_token = page.next_token;
  } while (!query.next_token.empty());
  return {clear ? Looked::Answer::absent : Looked::Answer::cannot_tell, {}};
}

Sent ResolveDelivery::send(std::stop_token stop) {
  const auto seen = unless_said_after_ ? look(true, stop) : std::nullopt;
  if (seen && seen->status == reopened_status && said_after(seen->recent, *unless_said_after_)) {
    return {"", was_reopened};
  }
  with_.client->resolve_case(case_id_, priority, stop);
  return {};
}

Looked ResolveDelivery::find(std::stop_token stop) {
  const auto seen = look(false, stop);
  if (!seen) return {Looked::Answer::cannot_tell, {}};
  return {seen->status == resolved_status ? Looked::Answer::found : Looked::Answer::absent, {}};
}

// Nothing: AWS does not tell.
std::optional<connectors::aws_support::Case> ResolveDelivery::look(bool include_communications, std::stop_token stop) {
  CaseQuery query;
  query.ids = {case_id_};
  query.include_communications = include_communications;
  auto page = with_.client->describe_cases(query, priority, stop);
  if (page.cases.size() != 1) return {};
  return std::move(page.cases.front());
}

}  // namespace supportd::aws_cases
