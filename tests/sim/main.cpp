// supportd-sim: months of the whole daemon, one a seed. A failing seed prints what broke and how to see it again.
#include <boost/program_options.hpp>
#include <iostream>
#include <sstream>
#include <thread>

#include "tests/sim/crew.hpp"
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

// What one seed printed stays together, whoever else prints at the time.
void report_failure(const sim::Verdict& verdict, std::uint64_t seed, sim::Plant plant, bool all) {
  const std::size_t most = all ? verdict.broken.size() : 20;
  std::ostringstream out;
  out << "seed " << seed << " FAILED\n";
  for (std::size_t i = 0; i < verdict.broken.size() && i < most; ++i) out << "  " << verdict.broken[i] << "\n";
  if (verdict.broken.size() > most) out << "  and " << verdict.broken.size() - most << " more\n";
  out << "  replay: supportd-sim --seeds " << seed << " --trace (all of it, and every turn)";
  if (plant != sim::Plant::none) out << " --plant " << to_text(plant);
  out << "\n";
  std::cout << out.str() << std::flush;
}

void live(std::uint64_t seed, sim::Plant plant, bool trace, const std::string& keep, sim::Totals& totals) {
  sim::MonthOptions options{.seed = seed, .plant = plant, .trace = {}, .keep = keep};
  if (trace) options.trace = [](const std::string& line) { std::cout << line << "\n"; };
  sim::Month month(options);
  const sim::Verdict verdict = month.run();
  ++totals.months;
  totals.messages += verdict.messages;
  for (const auto& [what, count] : verdict.coverage) totals.coverage[what] += count;
  if (trace) std::cout << "trace hash " << std::hex << verdict.trace_hash << std::dec << "\n";
  if (verdict.broken.empty()) return;
  ++totals.failed;
  report_failure(verdict, seed, plant, trace);
}

bool fails(std::uint64_t seed, sim::Plant plant, bool trace, const std::string& keep) {
  sim::Totals totals;
  live(seed, plant, trace, keep, totals);
  return totals.failed > 0;
}

// True when some seed fails by the bug that was put in. That it passes without is for the same seeds' months to show.
bool is_noticed(const Range& range, sim::Plant plant, bool trace, const std::string& keep) {
  for (std::uint64_t seed = range.first; seed <= range.last; ++seed) {
    if (!fails(seed, plant, trace, keep)) continue;
    std::cout << "the plant was noticed\n";
    return true;
  }
  std::cout << "nobody noticed the plant\n";
  return false;
}

// Every kind of trouble and deed must have happened somewhere in a long enough run.
int report(const sim::Totals& totals, bool all_kinds) {
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
  int workers = 1;
  po::options_description options("supportd-sim: the whole daemon through a simulated month a seed");
  auto add = options.add_options();
  add("help", "this text");
  add("seeds", po::value(&seeds)->default_value("1..20"), "which: N or FIRST..LAST");
  add("plant", po::value(&plant_name)->default_value("none"),
      "a bug put in on purpose; succeeds when some seed notices, and stops there");
  add("jobs", po::value(&workers)->default_value(static_cast<int>(std::thread::hardware_concurrency())),
      "how many months at once");
  add("trace", "print every turn");
  add("keep", po::value(&keep),
      "a file to copy the last month's ledger to; FILE.lost: what was replaced by a restored copy");
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
  const bool trace = given.contains("trace");
  if (*plant != sim::Plant::none) return is_noticed(*range, *plant, trace, keep) ? 0 : 1;
  const auto totals =
      sim::live_all(range->first, range->last, trace ? 1 : std::max(1, workers),
                    [&](std::uint64_t seed, sim::Totals& mine) { live(seed, *plant, trace, keep, mine); });
  return report(totals, given.contains("coverage"));
}
