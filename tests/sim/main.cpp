// supportd-sim: months of the whole daemon, one a seed. A failing seed prints what broke and how to see it again.
#include <sys/wait.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <iostream>

#include "tests/sim/month.hpp"

namespace {

namespace po = boost::program_options;
using namespace supportd;

constexpr int usage = 2;

struct Range {
  std::uint64_t first = 1, last = 20;
};

std::optional<Range> parse_range(const std::string& text) {
  try {
    const auto dots = text.find("..");
    if (dots == std::string::npos) return Range{std::stoull(text), std::stoull(text)};
    const Range out{std::stoull(text.substr(0, dots)), std::stoull(text.substr(dots + 2))};
    return out.first <= out.last ? std::optional(out) : std::nullopt;
  } catch (const std::logic_error&) {
    return {};
  }
}

struct Totals {
  std::map<std::string, std::int64_t> coverage;
  int months = 0, failed = 0, messages = 0, fewest_tickets = 1 << 20, fewest_messages = 1 << 20;
};

void report_failure(const sim::Verdict& verdict, std::uint64_t seed, sim::Plant plant, bool all) {
  const std::size_t most = all ? verdict.broken.size() : 20;
  std::cout << "seed " << seed << " FAILED\n";
  for (std::size_t i = 0; i < verdict.broken.size() && i < most; ++i) std::cout << "  " << verdict.broken[i] << "\n";
  if (verdict.broken.size() > most) std::cout << "  and " << verdict.broken.size() - most << " more\n";
  std::cout << "  replay: supportd-sim --seeds " << seed << " --trace (all of it, and every turn)";
  if (plant != sim::Plant::none) std::cout << " --plant " << to_text(plant);
  std::cout << std::endl;
}

void live(std::uint64_t seed, sim::Plant plant, bool trace, const std::string& keep, Totals& totals) {
  sim::MonthOptions options{.seed = seed, .plant = plant, .trace = {}, .keep = keep};
  if (trace) options.trace = [](const std::string& line) { std::cout << line << "\n"; };
  sim::Month month(options);
  const sim::Verdict verdict = month.run();
  ++totals.months;
  totals.messages += verdict.messages;
  totals.fewest_tickets = std::min(totals.fewest_tickets, verdict.tickets);
  totals.fewest_messages = std::min(totals.fewest_messages, verdict.messages);
  for (const auto& [what, count] : verdict.coverage) totals.coverage[what] += count;
  if (trace) std::cout << "trace hash " << std::hex << verdict.trace_hash << std::dec << "\n";
  if (verdict.broken.empty()) return;
  ++totals.failed;
  report_failure(verdict, seed, plant, trace);
}

// Every kind of trouble and deed must have happened somewhere in a long enough run.
int report(const Totals& totals, bool all_kinds) {
  std::cout << totals.months << " months, " << totals.messages << " messages, " << totals.failed << " failed\n";
  int missing = 0;
  for (const auto& [what, count] : totals.coverage) {
    std::cout << "  " << what << ": " << count << "\n";
    missing += count == 0;
  }
  if (all_kinds && missing > 0) std::cout << missing << " kinds never happened\n";
  return totals.failed > 0 || (all_kinds && missing > 0) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string seeds, plant_name, keep;
  po::options_description options("supportd-sim: the whole daemon through a simulated month a seed");
  auto add = options.add_options();
  add("help", "this text");
  add("seeds", po::value(&seeds)->default_value("1..20"), "which: N or FIRST..LAST");
  add("plant", po::value(&plant_name)->default_value("none"),
      "a bug put in on purpose; succeeds when some seed notices, and stops there");
  add("trace", "print every turn");
  add("keep", po::value(&keep), "a file to copy the last month's ledger to");
  add("coverage", "fail when some kind of trouble never happened");
  po::variables_map given;
  try {
    po::store(po::parse_command_line(argc, argv, options), given);
    po::notify(given);
  } catch (const po::error& error) {
    std::cerr << error.what() << "\n" << options;
    return usage;
  }
  if (given.contains("help")) {
    std::cout << options;
    return 0;
  }
  const auto range = parse_range(seeds);
  const auto plant = sim::parse_plant(plant_name);
  if (!range || !plant) {
    std::cerr << (range ? "no such plant: " + plant_name : "not seeds: " + seeds) << "\n" << options;
    return usage;
  }
  Totals totals;
  for (std::uint64_t seed = range->first; seed <= range->last; ++seed) {
    live(seed, *plant, given.contains("trace"), keep, totals);
    if (*plant != sim::Plant::none && totals.failed > 0) {
      std::cout << "the plant was noticed\n";
      return 0;
    }
  }
  const int result = report(totals, given.contains("coverage"));
  return *plant == sim::Plant::none ? result : 1;
}
