#include "daemon/reviews.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <cctype>

#include "daemon/builtin.hpp"
#include "jobs/aws_cases/probe.hpp"
#include "jobs/calendar/book.hpp"
#include "jobs/desk_sync/section.hpp"
#include "jobs/probe/probe.hpp"
#include "jobs/sla/section.hpp"
#include "jobs/tickets/section.hpp"

namespace supportd {
namespace {

namespace freshdesk = connectors::freshdesk;
namespace zendesk = connectors::zendesk;

// What kinds of job wait for that this configuration has not.
std::map<std::string, std::string> missing_for_jobs(const run::JobKinds& kinds) {
  std::map<std::string, std::string> out;
  const auto add = [&](const run::JobKinds& all, const char* needs) {
    for (const run::JobKind& kind : all) {
      if (std::ranges::find(kinds, kind.name, &run::JobKind::name) == kinds.end()) out.emplace(kind.name, needs);
    }
  };
  add(desk_sync::job_kinds(), "a help desk: [freshdesk.NAME] or [zendesk.NAME]");
  add(probe::job_kinds({"freshdesk:"}), "a desk: [freshdesk.NAME]");
  add(probe::job_kinds({"zendesk:"}), "a desk: [zendesk.NAME]");
  add(aws_cases::job_kinds(false), "an account: [[aws.account]]");
  add({aws_cases::probe_kind([] { return std::vector<std::string>(); })}, "an account: [[aws.account]]");
  add(aws_cases::job_kinds(true), "an account and a queue: [[aws.account]], [aws.events]");
  add(sla::job_kinds(true), "a policy: [[sla.policy]]");
  return out;
}

void review_jobs(const config::Config& config, config::Review& review) {
  const run::JobKinds kinds = builtin_jobs(config);
  const auto missing = missing_for_jobs(kinds);
  for (const auto& [name, job] : config.named<run::JobConfig>("jobs")) {
    const auto found = missing.find(job.kind.empty() ? name : job.kind);
    if (found == missing.end()) continue;
    std::vector<std::string> place{"jobs", name};
    if (!job.kind.empty()) place.push_back("kind");
    review.flaw(place, "this job needs " + found->second);
  }
  run::review(review, effective_jobs(config), config.list<run::RunOnce>("run_once"), kinds);
}

// Host and port in lower case; empty when it is no address, which is a flaw of its own.
std::string place_of(const std::string& base_url) {
  const auto url = boost::urls::parse_uri(base_url);
  if (!url) return "";
  std::string out(url->encoded_host_and_port().data(), url->encoded_host_and_port().size());
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// One account under two names would get everything twice.
template <class Sections>
void review_accounts(config::Review& review, const char* vendor, const Sections& sections) {
  std::map<std::string, std::string> names;
  for (const auto& [name, section] : sections) {
    if (const auto wrong = config::plain_name()(name)) review.flaw({vendor, name}, "the desk's name: " + *wrong);
    const std::string place = place_of(section.base_url);
    if (place.empty()) continue;
    if (const auto [first, is_new] = names.emplace(place, name); !is_new) {
      review.flaw({vendor, name, "base_url"}, "is the same desk as [" + std::string(vendor) + "." + first->second +
                                                  "]: its tickets would be taken in and answered twice");
    }
  }
}

// Desks that a mapping names as owners.
template <class Mappings>
void review_owners(config::Review& review, const char* vendor, const Mappings& mappings,
                   const std::vector<std::string>& systems) {
  for (const auto& [name, mapping] : mappings) {
    const auto see = [&](const desk_sync::Owner& owner, std::vector<std::string> key) {
      std::vector<std::string> path{"desk_sync", vendor, name};
      path.insert(path.end(), key.begin(), key.end());
      if (!owner.other.empty()) review.name(path, "desk", owner.other, systems);
    };
    see(mapping.field_owner, {"field_owner"});
    for (const auto& [field, owner] : mapping.owner) see(owner, {"owner", field});
    for (std::size_t i = 0; i < mapping.fields.size(); ++i) {
      see(mapping.fields[i].owner, {"field", std::to_string(i), "owner"});
    }
  }
}

template <class Sections, class Mappings>
void review_mappings(config::Review& review, const char* vendor, const char* what, const Sections& sections,
                     const Mappings& mappings) {
  std::vector<std::string> names;
  for (const auto& [name, section] : sections) names.push_back(name);
  for (const auto& [name, mapping] : mappings) review.name({"desk_sync", vendor, name}, what, name, names);
}

void review_desks(const config::Config& config, config::Review& review) {
  const auto& mappings = config.get<desk_sync::Section>("desk_sync");
  review_mappings(review, freshdesk_vendor, "Freshdesk desk", config.named<freshdesk::Section>(freshdesk_vendor),
                  mappings.freshdesk);
  review_mappings(review, zendesk_vendor, "Zendesk desk", config.named<zendesk::Section>(zendesk_vendor),
                  mappings.zendesk);
  review_accounts(review, freshdesk_vendor, config.named<freshdesk::Section>(freshdesk_vendor));
  review_accounts(review, zendesk_vendor, config.named<zendesk::Section>(zendesk_vendor));
  review_owners(review, freshdesk_vendor, mappings.freshdesk, desk_systems(config));
  review_owners(review, zendesk_vendor, mappings.zendesk, desk_systems(config));
}

// What is wrong with a calendar that the configuration speaks of, wherever its files say so.
void review_calendars(const config::Config& config, config::Review& review) {
  const auto& section = config.get<calendar::Section>("calendar");
  for (const auto& name : calendars_in_use(config)) {
    const bool is_whole = !review.flawed(config::join("calendar.hours", name));
    for (const auto& flaw : calendar::read_definition(section, name).flaws) {
      if (is_whole || !flaw.warning) review.add(flaw);
    }
  }
  const auto names = calendar::Book(section).names();
  const auto& organisations = config.get<tickets::Section>("tickets").organisations;
  for (std::size_t i = 0; i < organisations.size(); ++i) {
    const std::string& name = organisations[i].calendar;
    if (!name.empty()) review.name({"tickets", "organisation", std::to_string(i), "calendar"}, "calendar", name, names);
  }
}

// Where a policy speaks of what a remark is about: the priority's target, the metric, or the policy.
const config::Spot& spot_of(const sla::PolicySection& policy, const std::vector<std::string>& keys) {
  for (const std::string& key : {config::join(keys[0], keys[1]), keys[0]}) {
    if (const auto spot = policy.spots.find(key); spot != policy.spots.end()) return spot->second;
  }
  return policy.spots.at("");
}

void review_targets(const sla::PolicySection& policy, const calendar::Definition& definition, config::Review& review,
                    Instant now) {
  for (const auto& remark : sla::review_targets(policy, calendar::Calendar(definition), now)) {
    const auto& [place, path] = spot_of(policy, remark.keys);
    review.add({place.file, place.line, place.column, path, remark.what, true});
  }
}

void review_policies(const config::Config& config, config::Review& review, Instant now) {
  const auto& section = config.get<sla::Section>("sla");
  const auto path = [](std::size_t policy, const std::string& key) {
    return std::vector<std::string>{"sla", "policy", std::to_string(policy), key};
  };
  for (const auto& remark : sla::review(section, now)) {
    std::vector<std::string> keys{"sla"};
    keys.insert(keys.end(), remark.keys.begin(), remark.keys.end());
    review.flaw(keys, remark.what);
  }
  const auto& calendars = config.get<calendar::Section>("calendar");
  const auto names = calendar::Book(calendars).names();
  for (std::size_t i = 0; i < section.policies.size(); ++i) {
    const std::string& name = section.policies[i].policy.calendar;
    review.name(path(i, "calendar"), "calendar", name, names);
    if (review.flawed(config::join("calendar.hours", name))) continue;
    const auto read = calendar::read_definition(calendars, name);
    if (!read.definition) continue;
    if (calendar::ever_opens(*read.definition)) {
      review_targets(section.policies[i], *read.definition, review, now);
    } else {
      review.flaw(path(i, "calendar"), "the calendar '" + name + "' has no hours: nothing on it is ever due");
    }
  }
}

}  // namespace

void add_reviews(config::Schema& schema, const std::function<Instant()>& now) {
  schema.check(review_jobs);
  schema.check(review_desks);
  schema.check(review_calendars);
  schema.check([now](const auto& config, auto& review) { review_policies(config, review, now()); });
}

}  // namespace supportd
