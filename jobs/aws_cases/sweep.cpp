#include "jobs/aws_cases/sweep.hpp"

#include <algorithm>

#include "daemon/run/each.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/cursor.hpp"
#include "jobs/aws_cases/opening.hpp"
#include "jobs/tickets/aside.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;
using connectors::aws_support::CasePage;
using connectors::aws_support::CaseQuery;
using store::Tx;

constexpr auto priority = http::Priority::normal;
constexpr Millis overlap = 10min;
constexpr int cases_a_call = 100;
constexpr Millis day = 24h;
constexpr Millis between_probes = 24h;

// The far side's trouble is no fault of the case.
bool is_of_the_case(ErrorKind kind) {
  return kind != ErrorKind::unreachable && kind != ErrorKind::throttled && kind != ErrorKind::config;
}

// When resolved cases of long ago were last looked at.
std::string old_cursor(const std::string& account) { return "aws_cases:old:" + account; }

}  // namespace

std::string aside_source(const std::string& account) { return "aws:" + account + "/case"; }
std::string sweep_cursor(const std::string& account) { return "aws_cases:sweep:" + account; }
std::string recent_cursor(const std::string& account) { return "aws_cases:recent:" + account; }

std::string oldest_sweep(Tx& tx, const std::vector<std::string>& accounts, Instant now) {
  std::optional<std::pair<Instant, std::string>> oldest;
  for (const auto& account : accounts) {
    const auto swept = store::find_cursor(tx, sweep_cursor(account));
    if (!swept) return "account " + account + " not yet";
    if (!oldest || swept->moved < oldest->first) oldest = {swept->moved, account};
  }
  return oldest ? "account " + oldest->second + " " + time::to_text(now - oldest->first) + " ago" : "no account";
}

void Sweep::check_stop() const {
  if (terms_.stop.stop_requested()) throw Error(ErrorKind::stopped, "the sweep was stopped");
}

std::vector<Sweep::Reachable> Sweep::longest_ago_first(Cursor cursor) const {
  std::multimap<Instant, Reachable> by_age;
  context_.registry.ledger.read([&](Tx& tx) {
    for (const Reachable& one : context_.accounts.all()) {
      const auto swept = store::find_cursor(tx, cursor(one.first));
      by_age.emplace(swept ? swept->moved : Instant::min(), one);
    }
  });
  std::vector<Reachable> out;
  for (const auto& [moved, one] : by_age) out.push_back(one);
  return out;
}

template <class Work>
Swept Sweep::each_account(Cursor cursor, Work work) {
  const auto one = [&](const Reachable& reachable) {
    const auto& [account, client] = reachable;
    if (is_parked(account, *client)) return;
    Reach reach{account, *client, {}, 0};
    context_.registry.ledger.read([&](Tx& tx) {
      for (auto& id : tx.all<std::string>("SELECT remote_id FROM aside WHERE source = :source ORDER BY remote_id",
                                          aside_source(account))) {
        reach.aside.insert(std::move(id));
      }
    });
    work(reach);
    fetch_files(reach);
  };
  run::each(longest_ago_first(cursor), one, [&](const Reachable& reachable, const std::exception& error) {
    const std::string& account = reachable.first;
    const auto* known = dynamic_cast<const Error*>(&error);
    const bool has_no_plan = known != nullptr && known->code() == no_plan;
    if (has_no_plan && !terms_.dry_run) {
      write([&](Tx& tx) { park_account(tx, account, known->what(), context_.registry.clock.now()); });
    }
    if (!has_no_plan) out_.troubles.met("AWS account " + account, error);
    ++out_.failed_accounts;
    context_.registry.log.warning("AWS account not swept",
                                  {{"account", account}, {"error", std::string(error.what())}});
  });
  return std::move(out_);
}

// A parked account is asked once a day whether it has a plan by now; then its cases go on.
bool Sweep::is_parked(const std::string& account, Client& client) {
  const Instant now = context_.registry.clock.now();
  const auto known = context_.registry.ledger.read([&](Tx& tx) { return load_account(tx, account); });
  if (!known.parked) return false;
  if (terms_.dry_run || known.probed + between_probes > now) return true;
  patiently([&] { return client.describe_severity_levels("en", terms_.stop); });
  write([&](Tx& tx) {
    unpark_account(tx, account);
    for (Case& it : list_cases(tx, {State::refused, account, 0, 1'000})) {
      Opening(context_).go_on(tx, std::move(it), now);
    }
    context_.registry.outbox.wake_channel(tx, channel_name);
  });
  context_.registry.log.info("AWS account has a support plan again", {{"account", account}});
  return false;
}

Swept Sweep::full() {
  return each_account(sweep_cursor, [this](Reach& reach) { sweep(reach); });
}

void Sweep::sweep(Reach& reach) {
  const Instant began = context_.registry.clock.now();
  const bool old = context_.registry.ledger.read([&](Tx& tx) {
    const auto cursor = store::find_cursor(tx, old_cursor(reach.account));
    return !cursor || cursor->moved + day <= began;
  });
  CaseRow after;
  for (;;) {
    const auto cases = context_.registry.ledger.read([&](Tx& tx) {
      const Instant oldest = began - settings_->retention;
      return cases_to_sweep(tx, reach.account, after, began - settings_->resolved_for, old ? oldest : began,
                            cases_a_call);
    });
    if (!cases.empty()) look(reach, cases);
    if (cases.size() < cases_a_call) break;
    after = cases.back().id;
  }
  if (reach.waiting > 0) {
    context_.registry.log.info("statuses of AWS cases wait until the desks have been read after the restore",
                               {{"account", reach.account}, {"cases", reach.waiting}});
  }
  // How old a status may be is reckoned from here: a sweep that left some out is none.
  if (terms_.dry_run || reach.waiting > 0) return;
  write([&](Tx& tx) {
    store::move_cursor(tx, sweep_cursor(reach.account), time::to_text(began), began);
    if (old) store::move_cursor(tx, old_cursor(reach.account), time::to_text(began), began);
  });
}

// One call for up to 100 cases. An id that AWS knows no more spoils the call: the list is halved until it is found.
void Sweep::look(Reach& reach, const std::vector<Case>& cases) {
  const Instant asked = context_.registry.clock.now();
  CaseQuery query;
  for (const Case& it : cases) query.ids.push_back(it.case_id);
  std::vector<CasePage> pages;
  try {
    do {
      pages.push_back(patiently([&] { return reach.client.describe_cases(query, priority, terms_.stop); }));
      query.next_token = pages.back().next_token;
    } while (!query.next_token.empty());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::gone) throw;
    if (cases.size() == 1) return expire(cases.front(), error);
    const auto middle = cases.begin() + static_cast<std::ptrdiff_t>(cases.size() / 2);
    look(reach, {cases.begin(), middle});
    look(reach, {middle, cases.end()});
    return;
  }
  Linked linked;
  for (const Case& it : cases) linked.emplace(it.case_id, it);
  for (const CasePage& page : pages) take_page(reach, page, linked, asked);
  for (const CasePage& page : pages) {
    for (const auto& seen : page.cases) linked.erase(seen.id);
    for (const auto& row : page.bad) linked.erase(row.id);
  }
  // It is neither known nor unknown to AWS, which says so of the whole call.
  for (const auto& [id, it] : linked) put_aside(reach, id, "", "AWS left the case out of its answer");
}

Swept Sweep::recent() {
  return each_account(recent_cursor, [this](Reach& reach) {
    const Instant began = context_.registry.clock.now();
    CaseQuery query;
    const auto cursor =
        context_.registry.ledger.read([&](Tx& tx) { return store::find_cursor(tx, recent_cursor(reach.account)); });
    query.after = (cursor ? cursor->moved : began) - overlap;
    do {
      const Instant asked = context_.registry.clock.now();
      const CasePage page = patiently([&] { return reach.client.describe_cases(query, priority, terms_.stop); });
      const Linked linked = context_.registry.ledger.read([&](Tx& tx) {
        Linked out;
        for (const auto& seen : page.cases) {
          if (auto it = find_case(tx, seen.id); it && it->account == reach.account)
            out.emplace(seen.id, std::move(*it));
        }
        return out;
      });
      take_page(reach, page, linked, asked);
      query.next_token = page.next_token;
    } while (!query.next_token.empty());
    look_again(reach);
    if (terms_.dry_run) return;
    write([&](Tx& tx) { store::move_cursor(tx, recent_cursor(reach.account), time::to_text(began), began); });
  });
}

Swept Sweep::again() {
  return each_account(recent_cursor, [this](Reach& reach) { look_again(reach); });
}

void Sweep::look_again(Reach& reach) {
  const auto cases =
      context_.registry.ledger.read([&](Tx& tx) { return cases_to_look_at_again(tx, reach.account, cases_a_call); });
  if (!cases.empty()) look(reach, cases);
}

void Sweep::take_page(Reach& reach, const CasePage& page, const Linked& linked, Instant asked) {
  std::set<std::string> broken;
  for (const auto& row : page.bad) {
    if (!row.id.empty() && !linked.contains(row.id)) continue;
    put_aside(reach, row.id, row.raw, row.error);
    broken.insert(row.id);
  }
  run::each(
      page.cases,
      [&](const connectors::aws_support::Case& seen) {
        const auto it = linked.find(seen.id);
        if (it != linked.end()) take(reach, it->second, seen, !broken.contains(seen.id), asked);
      },
      [&](const connectors::aws_support::Case& seen, const std::exception& error) {
        const auto* known = dynamic_cast<const Error*>(&error);
        if (known != nullptr && !is_of_the_case(known->kind())) throw *known;
        put_aside(reach, seen.id, "", error.what());
      });
}

}  // namespace supportd::aws_cases
