// Cases and communications.
#include <algorithm>
#include <charconv>

#include "daemon/digest.hpp"
#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

constexpr std::size_t recent = 5;  // communications that DescribeCases shows

[[noreturn]] void invalid(const std::string& message) { throw AwsFault{"ValidationException", message}; }

Instant parse_time(const json::View& body, std::string_view key, Instant otherwise) {
  const std::string text = body.string(key, "");
  if (text.empty()) return otherwise;
  const auto at = time::parse_instant(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (!at) invalid(std::string(key) + " is not a time: " + text);
  return *at;
}

// A page's token names what it continues and the serial it stopped at, so that new arrivals shift nothing.
std::string token(const std::string& what, std::int64_t serial) {
  return digest::base64(what + "|" + std::to_string(serial));
}

std::int64_t serial_of_token(const std::string& text, const std::string& what) {
  if (text.empty()) return std::numeric_limits<std::int64_t>::max();
  const std::string plain = unbase64(text).value_or("");
  std::int64_t serial = 0;
  if (!plain.starts_with(what + "|")) invalid("the nextToken is not one of this request's");
  const char* first = plain.data() + what.size() + 1;
  if (std::from_chars(first, plain.data() + plain.size(), serial).ec != std::errc()) invalid("nextToken is damaged");
  return serial;
}

std::size_t page_size(const json::View& body) { return static_cast<std::size_t>(body.integer("maxResults", 25)); }

}  // namespace

bool AwsSupport::expired(const AwsCase& it, Instant now) const {
  return std::chrono::floor<Millis>(it.created + options_.retention) <= now;
}

AwsCase& AwsSupport::known_case(const std::string& id) {
  const auto found = cases_.find(id);
  if (found == cases_.end()) throw Error(ErrorKind::gone, "there is no case " + id);
  return found->second;
}

AwsCase& AwsSupport::case_of(const Call& call, const std::string& id) {
  const auto found = cases_.find(id);
  if (found == cases_.end() || found->second.account != call.caller.account || expired(found->second, call.now))
    throw AwsFault{"CaseIdNotFound", "The requested caseId could not be located: " + id};
  return found->second;
}

AwsCommunication& AwsSupport::append(AwsCase& it, const std::string& body, const std::string& by, Instant now) {
  it.communications.push_back({.serial = ++serial_,
                               .body = kept_body(body),
                               .submitted_by = by,
                               .created = now,
                               .by_aws = false,
                               .attachments = {}});
  return it.communications.back();
}

std::string AwsSupport::create_case(Call& call) {
  const json::View& body = call.body;
  for (const char* needed : {"serviceCode", "categoryCode", "severityCode"}) {
    if (body.string(needed, "").empty()) invalid(std::string("Value null at '") + needed + "': must not be null");
  }
  const AwsService* service = find_aws_service(body.string("serviceCode", ""));
  if (!service) invalid("Invalid serviceCode " + body.string("serviceCode", ""));
  const std::string category = body.string("categoryCode", "");
  if (std::ranges::find(service->categories, category, &AwsCategory::code) == service->categories.end())
    invalid("Invalid categoryCode " + category + " for service " + service->code);
  const auto levels = severity_levels(call.account.plan);
  const std::string severity = body.string("severityCode", "");
  if (std::ranges::find(levels, severity, &AwsCategory::code) == levels.end())
    invalid("Invalid severityCode " + severity);
  const std::string language = body.string("language", "en");
  if (language != "en" && language != "ja" && language != "ko" && language != "zh")
    invalid("Invalid language " + language);
  const std::string issue_type = body.string("issueType", "technical");
  if (issue_type != "technical" && issue_type != "customer-service") invalid("Invalid issueType " + issue_type);
  for (const auto& address : body.strings("ccEmailAddresses")) {
    if (address.find('@') == std::string::npos) invalid("Invalid ccEmailAddresses " + address);
  }
  int& opened = call.account.opened[std::chrono::floor<std::chrono::days>(call.now)];
  if (options_.cases_per_day != 0 && opened >= options_.cases_per_day)
    throw AwsFault{"CaseCreationLimitExceeded", "The case creation limit for the account has been exceeded."};
  auto files = consume_set(call);
  ++opened;

  AwsCase it;
  const std::string digits = fresh_id("case", 16);
  const auto year =
      static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(call.now)).year());
  it.serial = serial_;
  it.id = "case-" + call.caller.account + "-mu" + language + "-" + std::to_string(year) + "-" + digits;
  it.display_id = std::to_string(1'700'000'000 + it.serial * 37);
  it.account = call.caller.account;
  it.subject = body.at("subject").string();
  it.service = service->code;
  it.category = category;
  it.severity = severity;
  it.submitted_by = author(call.caller);
  it.language = language;
  it.cc = body.strings("ccEmailAddresses");
  it.created = call.now;
  append(it, body.at("communicationBody").string(), it.submitted_by, call.now).attachments = std::move(files);
  case_order_[it.account].push_back(it.id);
  const AwsCase& kept = cases_[it.id] = std::move(it);
  tell(kept, "CreateCase", "", call.now);
  json::Writer out;
  out.object([&] { out.member("caseId", kept.id); });
  return out.take();
}

std::string AwsSupport::add_communication(Call& call) {
  const std::string id = call.body.string("caseId", "");
  if (id.empty()) invalid("Value null at 'caseId': must not be null");
  AwsCase& it = case_of(call, id);
  if (it.status == "resolved" && options_.refuse_replies_to_resolved)
    invalid("The case is resolved and takes no more communications.");
  auto files = consume_set(call);
  append(it, call.body.at("communicationBody").string(), author(call.caller), call.now).attachments = std::move(files);
  for (const auto& address : call.body.strings("ccEmailAddresses")) {
    if (std::ranges::find(it.cc, address) == it.cc.end()) it.cc.push_back(address);
  }
  tell(it, "AddCommunicationToCase", "CUSTOMER", call.now);
  if (it.status == "resolved") {
    it.status = "reopened";
    tell(it, "ReopenCase", "", call.now);
  } else if (it.status == "pending-customer-action") {
    it.status = "customer-action-completed";
  }
  return R"({"result":true})";
}

std::string AwsSupport::resolve_case(Call& call) {
  AwsCase& it = case_of(call, call.body.string("caseId", ""));
  const std::string before = it.status;
  it.status = "resolved";
  tell(it, "ResolveCase", "", call.now);
  json::Writer out;
  out.object([&] { out.member("initialCaseStatus", before).member("finalCaseStatus", "resolved"); });
  return out.take();
}

std::vector<AwsCase*> AwsSupport::selected_cases(Call& call) {
  std::vector<AwsCase*> out;
  const auto ids = call.body.strings("caseIdList");
  if (!ids.empty()) {
    // One id that is unknown, another account's or past retention fails the call.
    for (const auto& id : ids) out.push_back(&case_of(call, id));
  } else {
    const Instant shown = as_of(call.now);
    for (const auto& id : case_order_[call.caller.account]) {
      AwsCase& it = cases_.at(id);
      if (!expired(it, call.now) && it.created <= shown) out.push_back(&it);
    }
  }
  std::ranges::sort(out, std::greater{}, &AwsCase::serial);
  out.erase(std::unique(out.begin(), out.end()), out.end());

  const Instant after = parse_time(call.body, "afterTime", Instant::min());
  const Instant before = parse_time(call.body, "beforeTime", time::never);
  const std::string display_id = call.body.string("displayId", "");
  const std::string language = call.body.string("language", "");
  const bool with_resolved = call.body.boolean("includeResolvedCases", false);
  std::erase_if(out, [&](const AwsCase* it) {
    return (it->status == "resolved" && !with_resolved) || (!display_id.empty() && it->display_id != display_id) ||
           (!language.empty() && it->language != language) ||
           std::ranges::none_of(it->communications,
                                [&](const auto& c) { return c.created >= after && c.created <= before; });
  });
  return out;
}

std::string AwsSupport::describe_cases(Call& call) {
  const auto selected = selected_cases(call);
  const std::string what = "cases " + call.caller.account;
  const std::int64_t from = serial_of_token(call.body.string("nextToken", ""), what);
  const std::size_t most = call.body.find("caseIdList") ? 100 : page_size(call.body);
  const bool with_communications = call.body.boolean("includeCommunications", true);
  const Instant shown = as_of(call.now);
  json::Writer out;
  std::size_t count = 0;
  std::int64_t last = 0;
  bool more = false;
  out.object([&] {
    out.key("cases").array([&] {
      for (const AwsCase* it : selected) {
        if (it->serial >= from) continue;
        if (count == most) {
          more = true;
          break;
        }
        write_case(out, *it, with_communications, shown);
        last = it->serial;
        ++count;
      }
    });
    if (more) out.member("nextToken", token(what, last));
  });
  return out.take();
}

void AwsSupport::write_case(json::Writer& out, const AwsCase& it, bool with_communications, Instant shown) const {
  out.object([&] {
    out.member("caseId", it.id).member("displayId", it.display_id).member("subject", it.subject);
    out.member("status", it.status).member("serviceCode", it.service).member("categoryCode", it.category);
    out.member("severityCode", it.severity).member("submittedBy", html_escaped(it.submitted_by));
    out.member("timeCreated", with_millis(it.created)).member("language", it.language);
    out.member("ccEmailAddresses", it.cc);
    if (!with_communications) return;
    out.key("recentCommunications").object([&] {
      std::size_t count = 0;
      std::int64_t last = 0;
      bool more = false;
      out.key("communications").array([&] {
        for (auto c = it.communications.rbegin(); c != it.communications.rend(); ++c) {
          if (c->created > shown) continue;
          if (count == recent) {
            more = true;
            break;
          }
          write_communication(out, it, *c);
          last = c->serial;
          ++count;
        }
      });
      if (more) out.member("nextToken", token("communications " + it.id, last));
    });
  });
}

std::string AwsSupport::describe_communications(Call& call) {
  const AwsCase& it = case_of(call, call.body.at("caseId").string());
  const std::string what = "communications " + it.id;
  const std::int64_t from = serial_of_token(call.body.string("nextToken", ""), what);
  const Instant after = parse_time(call.body, "afterTime", Instant::min());
  const Instant before = std::min(parse_time(call.body, "beforeTime", time::never), as_of(call.now));
  const std::size_t most = page_size(call.body);
  json::Writer out;
  std::size_t count = 0;
  std::int64_t last = 0;
  bool more = false;
  out.object([&] {
    out.key("communications").array([&] {
      for (auto c = it.communications.rbegin(); c != it.communications.rend(); ++c) {
        if (c->serial >= from || c->created < after || c->created > before) continue;
        if (count == most) {
          more = true;
          break;
        }
        write_communication(out, it, *c);
        last = c->serial;
        ++count;
      }
    });
    if (more) out.member("nextToken", token(what, last));
  });
  return out.take();
}

void AwsSupport::write_communication(json::Writer& out, const AwsCase& it, const AwsCommunication& c) const {
  out.object([&] {
    out.member("caseId", it.id).member("body", html_escaped(c.body));
    out.member("submittedBy", html_escaped(c.submitted_by)).member("timeCreated", with_millis(c.created));
    out.key("attachmentSet").array([&] {
      for (const auto& id : c.attachments) {
        out.object([&] { out.member("attachmentId", id).member("fileName", attachments_.at(id).file.name); });
      }
    });
  });
}

}  // namespace supportd::fakes
