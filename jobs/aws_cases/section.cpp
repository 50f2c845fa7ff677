#include "jobs/aws_cases/section.hpp"

#include <algorithm>
#include <cctype>

#include "daemon/config/suggest.hpp"
#include "daemon/time/zone.hpp"

// The tables below belong to pure rules, so that their binding stands here.
namespace supportd::aws_cases {

using namespace std::chrono_literals;

namespace {

const std::vector<std::string>& severities() {
  static const std::vector<std::string> all(std::begin(severity_codes), std::end(severity_codes));
  return all;
}

constexpr std::string_view languages[] = {"en", "ja", "ko", "zh"};

config::Complaint good_template(const std::string& text) { return flaw_of_template(text); }

bool is_same_mail(const std::string& a, const std::string& b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void check_cc(config::Binder& binder, const Section& section) {
  for (const auto& address : section.cc) {
    if (!is_desk_mailbox(section, address)) continue;
    binder.flaw("cc", address + " is a desk's own mailbox: AWS would mail every case back into the desk");
  }
}

}  // namespace

bool is_desk_mailbox(const Section& section, const std::string& mail) {
  return std::ranges::any_of(section.desk_mailboxes, [&](const auto& box) { return is_same_mail(box, mail); });
}

void bind(config::Binder& binder, Texts& texts) {
  binder.field("subject", texts.subject, good_template);
  binder.field("body", texts.body, good_template);
  binder.field("follow_up", texts.follow_up, good_template);
  binder.field("opened", texts.opened, good_template);
  binder.field("not_opened", texts.not_opened, good_template);
  binder.field("waits", texts.waits, good_template);
  binder.field("update_prefix", texts.update_prefix, good_template);
  binder.field("not_sent", texts.not_sent, good_template);
}

void bind(config::Binder& binder, Variant& variant) {
  binder.field("code", variant.code, config::not_empty());
  binder.field("words", variant.words, config::not_empty());
  binder.require({"code", "words"});
}

void bind(config::Binder& binder, ServiceRule& rule) {
  binder.field("code", rule.code, config::not_empty());
  binder.field("words", rule.words, config::not_empty());
  binder.tables("variant", rule.variants);
  if (rule.code.empty()) binder.require("code");
}

void bind(config::Binder& binder, CategoryRule& rule) {
  binder.field("codes", rule.codes, config::not_empty());
  binder.field("words", rule.words, config::not_empty());
}

void bind(config::Binder& binder, ClassifyRules& rules) {
  binder.map("service", rules.services);
  binder.map("category", rules.categories);
  binder.field("fallback_service", rules.fallback_service, config::not_empty());
  binder.field("fallback_categories", rules.fallback_categories, config::not_empty());
}

void bind(config::Binder& binder, SeverityRules& rules) {
  binder.field("by_priority", rules.by_priority, config::one_of(severities()));
  binder.field("otherwise", rules.otherwise, config::one_of(severities()));
  binder.field("words", rules.words, config::not_empty());
  binder.field("words_severity", rules.words_severity, config::one_of(severities()));
  binder.field("max_automatic", rules.max_automatic, config::one_of({"low", "normal", "high"}));
  for (const auto& [priority, severity] : rules.by_priority) {
    if (tickets::parse_priority(priority)) continue;
    binder.flaw("by_priority", "there is no priority '" + priority +
                                   "': " + config::known_names(priority, {"low", "normal", "high", "urgent"}));
  }
}

void bind(config::Binder& binder, StatusRules& rules) {
  using tickets::Status;
  const std::initializer_list<std::pair<std::string, Status>> names = {
      {"open", Status::open}, {"pending", Status::pending}, {"hold", Status::hold}};
  binder.choice("while_open", rules.while_open, names);
  for (const auto& [status, becomes] : rules.while_open) {
    if (std::ranges::find(open_statuses, status) != std::end(open_statuses)) continue;
    const std::vector<std::string> known(std::begin(open_statuses), std::end(open_statuses));
    binder.warn("while_open",
                "AWS has not said '" + status + "' of an open case so far: " + config::known_names(status, known));
  }
  binder.choice("otherwise", rules.otherwise, names);
}

void bind(config::Binder& binder, Section& section) {
  binder.field("tag", section.tag);
  binder.field("field", section.field);
  binder.field("field_values", section.field_values);
  binder.choice("again", section.again, {{"never", Again::never}, {"marking", Again::marking}});
  binder.field("from", section.from);
  binder.field("account_field", section.account_field, config::not_empty());
  binder.field("severity_field", section.severity_field, config::not_empty());
  binder.field("case_id_field", section.case_id_field, config::not_empty());
  binder.field("tags_when_open", section.tags_when_open, config::not_empty());
  binder.field("agency", section.agency, config::not_empty());
  binder.field("language", section.language, config::one_of({"auto", "en", "ja", "ko", "zh"}));
  binder.field("fallback_language", section.fallback_language, config::one_of({"en", "ja", "ko", "zh"}));
  binder.field("zone", section.zone, config::parsed_by(time::Zone::find));
  binder.map("text", section.texts);
  binder.field("marker", section.address.marker, config::not_empty());
  binder.field("mirror_customer_replies", section.address.mirror_customer_replies);
  binder.field("public_updates", section.public_updates);
  binder.field("cc", section.cc, config::mail_address());
  binder.field("cc_requester", section.cc_requester);
  binder.field("desk_mailboxes", section.desk_mailboxes, config::mail_address());
  binder.field("cases_per_account_a_day", section.cases_per_account_a_day, config::between(1, 1'000));
  binder.field("effects_an_hour", section.effects_an_hour, config::between(0, 1'000'000));
  binder.field("effects_a_ticket", section.effects_a_ticket, config::between(0, 10'000));
  binder.field("settle", section.settle, config::between(1s, 30min));
  binder.field("approval_wait", section.approval_wait, config::between(0s, 15min));
  binder.field("resolved_for", section.resolved_for, config::between(24h, 24h * 365));
  binder.field("retention", section.retention, config::between(24h * 30, 24h * 365 * 3));
  binder.table("severity", section.severity);
  binder.table("status", section.status);
  binder.table("classify", section.classify);
  check_cc(binder, section);
  if (section.tag.empty() && section.field.empty()) {
    binder.flaw("tag", "neither a tag nor a field: no ticket would ever get a case");
  }
  if (section.retention < section.resolved_for) {
    binder.flaw("retention", "is shorter than resolved_for, so that cases would be forgotten while they are watched");
  }
  for (const auto& [language, texts] : section.texts) {
    if (std::ranges::find(languages, language) != std::end(languages)) continue;
    binder.flaw("text", "AWS Support writes no '" + language + "': known: en, ja, ko, zh");
  }
  if (section.cc.size() > 9) binder.flaw("cc", "AWS takes 10 addresses, the requester's included");
  for (const auto& language : {section.language, section.fallback_language}) {
    if (language == "auto" || section.texts.contains(language)) continue;
    binder.flaw(language == section.language ? "language" : "fallback_language",
                "there are no texts for '" + language + "': add [aws_cases.text." + language + "]");
  }
}

}  // namespace supportd::aws_cases
