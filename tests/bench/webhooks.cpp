// How long a change takes from one desk's webhook to the write at the other, and how many calls it costs. The daemon is
// another process; here are a Freshdesk and a Zendesk over HTTP on loopback with their documented limits, as in
// supportd-sandbox. Prints where they are and with what keys, reads where webhooks go, has people change linked tickets
// first at Freshdesk and then at Zendesk, and prints milliseconds and calls of each phase.
#include <signal.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <thread>

#include "daemon/http/curl_client.hpp"
#include "daemon/json.hpp"
#include "tests/bench/report.hpp"
#include "tests/bench/watched.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr const char* freshdesk_key = "bench-freshdesk-key";
constexpr const char* freshdesk_secret = "bench freshdesk webhooks";
constexpr const char* zendesk_mail = "supportd@desk.example";
constexpr const char* zendesk_token = "bench-zendesk-token";
constexpr const char* zendesk_secret = "bench zendesk webhooks";
constexpr const char* priorities[] = {"low", "normal", "high", "urgent"};
constexpr auto patience = 120s;

struct Plan {
  int tickets = 0, changes = 0;
  std::chrono::seconds length{0};  // of the changes
  std::chrono::seconds quiet{0};   // longer than from poll to poll
  Millis list_lag{0};
};

fakes::FreshdeskOptions freshdesk_account(const Plan& plan) {
  fakes::FreshdeskOptions out;
  out.list_lag = plan.list_lag;
  return out;
}
fakes::ZendeskOptions zendesk_account(const Plan& plan) {
  fakes::ZendeskOptions out;
  out.base.clear();
  out.list_lag = plan.list_lag;
  return out;
}

// "/tickets/7/audits" -> "/tickets/N/audits"
std::string shape(const std::string& path) {
  std::string out;
  for (const char c : path) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) {
      out += c;
    } else if (out.empty() || out.back() != 'N') {
      out += 'N';
    }
  }
  return out;
}

struct Pair {
  std::int64_t fresh = 0, zen = 0;
};

struct Change {
  bool is_comment = false;
  std::int64_t ticket = 0;  // at the other desk
  Steady::time_point posted{};
};

class World {
 public:
  explicit World(const Plan& plan) : plan_(plan), fresh_(freshdesk_account(plan)), zen_(zendesk_account(plan)) {
    fresh_.add_agent("supportd", zendesk_mail, freshdesk_key);
    fresh_agent_ = fresh_.add_agent("이서연", "lee@desk.example");
    fresh_.add_contact("김민준", "kim@acme.example", fresh_.add_company("한빛", "acme.example"));
    zen_.add_api_token(zendesk_token);
    zen_.add_agent("supportd", zendesk_mail, "admin");
    zen_agent_ = zen_.add_agent("이서연", "lee@desk.example");
  }

  void tell() const {
    json::Writer out;
    out.object([&] {
      out.member("freshdesk", at_fresh_.url()).member("zendesk", at_zen_.url());
      out.member("freshdesk_key", freshdesk_key).member("freshdesk_secret", freshdesk_secret);
      out.member("zendesk_mail", zendesk_mail).member("zendesk_token", zendesk_token);
      out.member("zendesk_secret", zendesk_secret);
    });
    std::cout << out.take() << std::endl;
  }

  void begin(const std::string& hooks) {
    hooks_ = hooks;
    zen_.subscribe(hooks + "/hooks/zendesk/main", zendesk_secret);
    // What is as old as the ledger, to the second, it may have forgotten.
    wait_until(Steady::now() + 2s);
    std::vector<std::int64_t> opened;
    for (int i = 0; i < plan_.tickets; ++i) {
      opened.push_back(fresh_.customer_opens({.mail = "kim@acme.example",
                                              .subject = "VPN " + std::to_string(i),
                                              .text = "The tunnel flaps.",
                                              .tags = {},
                                              .fields = {},
                                              .files = {}},
                                             clock_.now()));
      tell_of_fresh(opened.back());
    }
    const auto end = Steady::now() + patience;
    while (zen_.tickets().size() < opened.size()) {
      if (Steady::now() > end) throw std::runtime_error("not every ticket got a counterpart");
      wait_until(Steady::now() + 100ms);
    }
    for (const auto& twin : zen_.tickets()) {
      for (const std::int64_t id : opened) {
        if (twin.external_id == "freshdesk:main:" + std::to_string(id)) pairs_.push_back({id, twin.id});
      }
    }
    settle();
  }

  // A fourth of the tickets stay as they are.
  std::vector<Series> phase(bool to_zendesk) {
    const std::size_t fresh_before = at_fresh_.seen().size(), zen_before = at_zen_.seen().size();
    const std::size_t moving = std::max<std::size_t>(1, pairs_.size() * 3 / 4);
    const auto begun = Steady::now();
    std::vector<Change> changes;
    for (std::size_t i = 0; i < static_cast<std::size_t>(plan_.changes); ++i) {
      wait_until(begun + plan_.length * static_cast<int>(i) / plan_.changes);
      const Pair& pair = pairs_[i % moving];
      const bool comment = (i + i / moving) % 2 == 0;
      changes.push_back({comment, to_zendesk ? pair.zen : pair.fresh, {}});
      changes.back().posted = to_zendesk ? change_fresh(pair.fresh, comment) : change_zen(pair.zen, comment);
    }
    settle();
    const std::string name = to_zendesk ? "to_zendesk" : "to_freshdesk";
    std::vector<Series> out = latencies(name, changes, (to_zendesk ? at_zen_ : at_fresh_).seen());
    std::set<std::int64_t> fresh_moved, zen_moved;
    for (std::size_t i = 0; i < moving; ++i) {
      fresh_moved.insert(pairs_[i].fresh);
      zen_moved.insert(pairs_[i].zen);
    }
    count(out, name + " freshdesk", at_fresh_.seen(), fresh_before, fresh_moved);
    count(out, name + " zendesk", at_zen_.seen(), zen_before, zen_moved);
    return out;
  }

 private:
  int post(const std::string& url, const http::Headers& headers, const std::string& body) {
    http::Request request;
    request.method = "POST";
    request.url = url;
    request.headers = headers;
    request.body = body;
    request.any_status = true;
    return client_.send(request).status;
  }
  void tell_of_fresh(std::int64_t ticket) {
    const int status = post(hooks_ + "/hooks/freshdesk/main",
                            {{"Content-Type", "application/json"}, {"X-Webhook-Secret", freshdesk_secret}},
                            "{\"ticket_id\": \"" + std::to_string(ticket) + "\"}");
    if (status != 200) throw std::runtime_error("the daemon answered a webhook with " + std::to_string(status));
  }
  // Also of what the daemon itself writes there.
  void deliver_zen() {
    for (const auto& delivery : zen_.due_deliveries(clock_.now())) {
      zen_.delivery_answered(delivery, post(delivery.url, delivery.headers, delivery.body), clock_.now());
    }
  }
  std::size_t reads_of_tickets() const {
    const auto of = [](const std::vector<Watched::Seen>& seen) {
      return std::ranges::count_if(seen, [](const Watched::Seen& one) { return one.path.starts_with("/tickets/"); });
    };
    return static_cast<std::size_t>(of(at_fresh_.seen()) + of(at_zen_.seen()));
  }
  // Until polls find nothing any more.
  void settle() {
    const auto end = Steady::now() + 5 * patience;
    for (std::size_t before = 0; before != reads_of_tickets();) {
      if (Steady::now() > end) throw std::runtime_error("the desks do not come to rest");
      before = reads_of_tickets();
      wait_until(Steady::now() + std::max<Steady::duration>(plan_.quiet, 5s));
    }
  }
  void wait_until(Steady::time_point end) {
    while (Steady::now() < end) {
      deliver_zen();
      std::this_thread::sleep_until(std::min(end, Steady::now() + 20ms));
    }
  }

  Steady::time_point change_fresh(std::int64_t id, bool comment) {
    if (comment) {
      fresh_.agent_replies(id, fresh_agent_, "It works since this morning.", {}, clock_.now());
    } else {
      fresh_.agent_changes(
          id, [](fakes::FreshdeskTicket& it) { it.priority = it.priority % 4 + 1; }, clock_.now());
    }
    const auto posted = Steady::now();
    tell_of_fresh(id);
    return posted;
  }
  Steady::time_point change_zen(std::int64_t id, bool comment) {
    if (comment) {
      zen_.agent_replies(id, zen_agent_, "It works since this morning.", {}, clock_.now());
    } else {
      zen_.agent_sets(
          id,
          [](fakes::ZendeskTicket& it) {
            const auto at = std::ranges::find(priorities, it.priority) - std::begin(priorities);
            it.priority = priorities[(at + 1) % 4];
          },
          clock_.now());
    }
    const auto posted = Steady::now();
    deliver_zen();
    return posted;
  }

  // From each change to the write that carries it: every comment by one of its own, in their order; several values of
  // a field may go at once.
  static std::vector<Series> latencies(const std::string& name, const std::vector<Change>& changes,
                                       const std::vector<Watched::Seen>& seen) {
    Series comments{name + " comment_ms"}, fields{name + " field_ms"}, lost{name + " lost", {0}};
    std::set<const Watched::Seen*> used;
    for (const Change& change : changes) {
      const auto write = std::ranges::find_if(seen, [&](const Watched::Seen& one) {
        return one.is_write() && one.is_of(change.ticket) && one.at >= change.posted && one.status < 300 &&
               one.is_word == change.is_comment && !used.contains(&one);
      });
      if (write == seen.end()) {
        ++lost.rounds[0];
        continue;
      }
      if (change.is_comment) used.insert(&*write);
      (change.is_comment ? comments : fields)
          .rounds.push_back(std::chrono::duration<double, std::milli>(write->at - change.posted).count());
    }
    return {comments, fields, lost};
  }

  static void count(std::vector<Series>& out, const std::string& name, const std::vector<Watched::Seen>& seen,
                    std::size_t from, const std::set<std::int64_t>& moved) {
    std::map<std::string, int> shapes;
    int throttled = 0, others = 0;
    for (std::size_t i = from; i < seen.size(); ++i) {
      const Watched::Seen& one = seen[i];
      ++shapes[one.method + " " + shape(one.path)];
      throttled += one.status == 429 ? 1 : 0;
      const bool is_of_a_ticket = one.path.starts_with("/tickets/");
      others += is_of_a_ticket && std::ranges::none_of(moved, [&](std::int64_t id) { return one.is_of(id); }) ? 1 : 0;
    }
    for (const auto& [what, times] : shapes) out.push_back({name + " " + what, {static_cast<double>(times)}});
    out.push_back({name + " throttled", {static_cast<double>(throttled)}});
    out.push_back({name + " of unchanged tickets", {static_cast<double>(others)}});
  }

  const Plan plan_;
  time::MachineClock clock_;
  fakes::Freshdesk fresh_;
  fakes::Zendesk zen_;
  Watched at_fresh_{fresh_, clock_}, at_zen_{zen_, clock_};
  http::CurlClient client_{{.user_agent = "webhooks"}, clock_};
  std::string hooks_;
  std::vector<Pair> pairs_;
  std::int64_t fresh_agent_ = 0, zen_agent_ = 0;
};

void run(const Plan& plan) {
  World world(plan);
  world.tell();
  std::string hooks;
  std::getline(std::cin, hooks);
  world.begin(hooks);
  auto all = world.phase(true);
  for (Series& one : world.phase(false)) all.push_back(std::move(one));
  print(all);
}

}  // namespace
}  // namespace supportd::bench

int main(int argc, char** argv) {
  using namespace supportd::bench;
  signal(SIGPIPE, SIG_IGN);
  try {
    run({.tickets = static_cast<int>(option(argc, argv, "tickets", 40)),
         .changes = static_cast<int>(option(argc, argv, "changes", 90)),
         .length = std::chrono::seconds(option(argc, argv, "seconds", 60)),
         .quiet = std::chrono::seconds(option(argc, argv, "quiet", 75)),
         .list_lag = supportd::Millis{option(argc, argv, "list-lag", 1000)}});
  } catch (const std::exception& error) {
    std::cerr << "bench_webhooks: " << error.what() << '\n';
    return 1;
  }
}
