#include "jobs/aws_cases/probe.hpp"

#include <algorithm>
#include <map>

#include "daemon/outbox/effect.hpp"
#include "daemon/run/each.hpp"
#include "daemon/run/waiting.hpp"
#include "daemon/store/finding.hpp"
#include "jobs/aws_cases/sweep.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;
namespace aws_support = connectors::aws_support;

constexpr const char* case_lag = "case_list_lag_ms";
constexpr const char* communication_lag = "communication_list_lag_ms";
constexpr Millis longest_lag = 5min;
constexpr Millis between_looks = 7s;  // with 10 calls a minute there is none to spare
constexpr auto priority = http::Priority::normal;

class CaseProbe {
  // Waits as AWS or the budget ask.
  template <class Call>
  auto patiently(Call call) {
    for (;;) {
      Millis pause{};
      try {
        return call();
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::throttled) throw;
        pause = std::max<Millis>(error.retry_after().value_or(5s), 1s);
      }
      run::rest(context_, pause);
    }
  }
  // Nothing, and the error's code and words, when the call is refused.
  template <class Call>
  auto attempt(std::string& refused, Call call) -> std::optional<decltype(call())> {
    std::optional<decltype(call())> out;
    run::each(
        std::initializer_list<int>{0}, [&](int) { out = patiently(call); },
        [&](int, const std::exception& error) {
          const auto* known = dynamic_cast<const Error*>(&error);
          if (known == nullptr || known->kind() != ErrorKind::refused) throw;
          refused = known->code() + ": " + known->what();
        });
    return out;
  }

 public:
  CaseProbe(run::JobContext& context, std::string account, aws_support::Client& client)
      : context_(context),
        settings_(context.config),
        account_(std::move(account)),
        client_(client),
        ref_(outbox::ref_of("probe:aws:" + account_ + ":" + time::to_text(context.slot))) {}

  run::Report run() {
    std::string refused;
    const auto services = attempt(refused, [&] { return client_.describe_services("en", context_.stop); });
    keep("plan", services ? "yes" : refused);
    if (services) probe(*services);
    report_.summary = "account " + account_ + ": " + report_.summary;
    return report_;
  }

 private:
  void probe(const std::vector<aws_support::Service>& services) {
    const Instant begun = context_.now();
    open(services);
    // Whatever fails from here on, the case is resolved.
    std::optional<Error> trouble;
    run::each(
        std::initializer_list<int>{0}, [&](int) { examine(begun); },
        [&](int, const std::exception& error) {
          const auto* known = dynamic_cast<const Error*>(&error);
          trouble = known != nullptr ? *known : Error(ErrorKind::corrupt, error.what());
        });
    std::string closed = status();
    if (closed != resolved_status) {
      closed = patiently([&] { return client_.resolve_case(case_id_, priority, context_.stop); }).final_status;
    }
    if (trouble) throw *trouble;
    keep("closed_as", closed);
  }

  void open(const std::vector<aws_support::Service>& services) {
    std::vector<Offering> catalogue;
    for (const auto& service : services) {
      catalogue.push_back({service.code, {}});
      for (const auto& category : service.categories) catalogue.back().categories.push_back(category.code);
    }
    const Codes codes = within_catalogue(settings_->classify, Class{}, catalogue);
    aws_support::NewCase request;
    request.subject = marked_subject("supportd probe, please ignore", ref_);
    request.body = "A test by supportctl probe: no answer is needed. It resolves itself.\n\n" + marker_line(ref_, 1, 1);
    request.service_code = codes.service;
    request.category_code = codes.category;
    request.severity_code = "low";
    request.language = "en";
    request.attachment_set_id = upload({"first.txt", "second.txt"});
    case_id_ = patiently([&] { return client_.create_case(request, priority, context_.stop); });
  }

  void examine(Instant begun) {
    aws_support::CaseQuery recent;
    recent.after = begun - 5min;
    recent.include_communications = false;
    std::string subject;
    answer(case_lag, [&] {
      const auto page = patiently([&] { return client_.describe_cases(recent, priority, context_.stop); });
      const auto found = std::ranges::find(page.cases, case_id_, &aws_support::Case::id);
      if (found != page.cases.end()) subject = found->subject;
      return found != page.cases.end();
    });
    keep("subject_marker_survives", yes(is_marked_with(subject, ref_)));
    say("one more", {"third.txt"}, 2);
    answer(communication_lag, [&] { return said(2) != nullptr; });
    judge_messages();
    judge_resolved();
  }

  void judge_messages() {
    const bool both = said(1) != nullptr && said(2) != nullptr;
    keep("last_line_marker_survives", yes(both));
    if (!both) return;
    keep("communications_order", said(1) > said(2) ? "newest first" : "oldest first");
    std::string names;
    for (const auto& file : said(1)->attachments) names += (names.empty() ? "" : ", ") + file.file_name;
    keep("attachments_order", names);
    // The second listing may lag behind the first, or tell of an answer since.
    const auto before = attachment_ids();
    list();
    int same = 0, other = 0;
    for (const auto& [name, id] : attachment_ids()) {
      if (const auto was = before.find(name); was != before.end()) ++(was->second == id ? same : other);
    }
    keep("attachment_ids_stay", yes(same > 0 && other == 0));
  }

  void judge_resolved() {
    patiently([&] { return client_.resolve_case(case_id_, priority, context_.stop); });
    answer("status_lag_ms", [&] { return status() == resolved_status; });
    std::string refused;
    const auto taken = attempt(refused, [&] {
      say("after it was resolved", {}, 3);
      return true;
    });
    if (taken && !run::time_until(context_, between_looks, 1min, [&] { return status() != resolved_status; })) {
      refused = "taken, and the case stays resolved";
    }
    keep("reply_reopens", refused.empty() ? "yes" : refused);
  }

  std::string upload(const std::vector<std::string>& names) {
    std::vector<connectors::NewFile> files;
    for (const auto& name : names) files.push_back({name, "text/plain", "supportd probe: " + name});
    return patiently([&] { return client_.add_attachments_to_set(files, priority, context_.stop); }).id;
  }
  void say(const std::string& text, const std::vector<std::string>& files, std::size_t part) {
    aws_support::NewCommunication request;
    request.case_id = case_id_;
    request.body = text + "\n\n" + marker_line(ref_, part, 3);
    if (!files.empty()) request.attachment_set_id = upload(files);
    patiently([&] {
      client_.add_communication(request, priority, context_.stop);
      return true;
    });
  }
  std::string status() {
    aws_support::CaseQuery query;
    query.ids = {case_id_};
    query.include_communications = false;
    const auto page = patiently([&] { return client_.describe_cases(query, priority, context_.stop); });
    return page.cases.empty() ? "" : page.cases.front().status;
  }
  void list() {
    aws_support::CommunicationQuery query;
    query.case_id = case_id_;
    listed_ = patiently([&] { return client_.describe_communications(query, priority, context_.stop); }).communications;
  }
  // Where it stands in the last listing; a missing one is looked for anew.
  const aws_support::Communication* said(std::size_t part) {
    const auto find = [&]() -> const aws_support::Communication* {
      for (const auto& one : listed_) {
        const auto marker = find_marker(one.body);
        if (part == 1 ? one.body.starts_with("A test by") : marker && marker->part == part) {
          if (marker && marker->ref == ref_) return &one;
        }
      }
      return nullptr;
    };
    if (find() == nullptr) list();
    return find();
  }
  // By the files' names, each of which we gave once.
  std::map<std::string, std::string> attachment_ids() const {
    std::map<std::string, std::string> out;
    for (const auto& one : listed_) {
      for (const auto& file : one.attachments) out.emplace(file.file_name, file.id);
    }
    return out;
  }

  static std::string yes(bool it_is) { return it_is ? "yes" : "no"; }
  void answer(const std::string& question, const std::function<bool()>& seen) {
    const auto lag = run::time_until(context_, between_looks, longest_lag, seen);
    keep(question, lag ? std::to_string(lag->count()) : "over " + std::to_string(longest_lag.count()));
  }
  void keep(const std::string& question, const std::string& text) {
    context_.ledger.write([&](store::Tx& tx) {
      context_.fence.check(tx);
      store::keep_finding(tx, {channel_name, question, text, context_.now()});
    });
    report_.summary += (report_.summary.empty() ? "" : ", ") + question + " " + text;
  }

  run::JobContext& context_;
  const Settings settings_;
  const std::string account_;
  aws_support::Client& client_;
  const std::string ref_;
  std::string case_id_;
  std::vector<aws_support::Communication> listed_;
  run::Report report_;
};

}  // namespace

run::JobKind probe_kind(std::function<std::vector<std::string>()> ids) {
  run::JobKind out;
  out.name = "probe_aws_support";
  out.help = "Opens and resolves a test case to measure what AWS's documents leave open.";
  out.arguments = {{.name = "account", .help = "which account, where there are several", .choices = std::move(ids)}};
  out.timeout = 45min;
  return out;
}

void install_probe(const Context& context) {
  run::JobKind kind = probe_kind([context] { return context.accounts.ids(); });
  kind.run = [context](run::JobContext& job) {
    const auto all = context.accounts.all();
    const auto named = job.arguments.find("account");
    const auto one = named != job.arguments.end() ? all.find(named->second) : all.begin();
    if (one == all.end()) throw Error(ErrorKind::config, "no such AWS account is configured");
    if (named == job.arguments.end() && all.size() > 1) {
      throw Error(ErrorKind::config, "several AWS accounts are configured: name one with --arg account=" + one->first);
    }
    if (job.dry_run) {
      return run::Report{"would open a case of severity low, marked \"supportd probe, please ignore\", in account " +
                             one->first + ", write two messages and three small files to it, and resolve it",
                         {}};
    }
    return CaseProbe(job, one->first, *one->second).run();
  };
  context.registry.jobs.push_back(std::move(kind));
}

Millis probed_settle(store::Tx& tx) {
  std::int64_t longest = 0;
  for (const char* question : {case_lag, communication_lag}) {
    const auto found = store::find_finding(tx, channel_name, question);
    // "over 300000" is a lag, too.
    const auto digits = found ? found->answer.find_first_of("0123456789") : std::string::npos;
    if (digits != std::string::npos)
      longest = std::max<std::int64_t>(longest, std::stoll(found->answer.substr(digits)));
  }
  return Millis{2 * longest};
}

}  // namespace supportd::aws_cases
