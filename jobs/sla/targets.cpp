#include "jobs/sla/targets.hpp"

namespace supportd::sla {

Parsed<Targets> parse_targets(std::string_view text) {
  Targets out;
  for (std::string_view rest = text;;) {
    const auto comma = rest.find(',');
    std::string_view one = rest.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    const auto target = calendar::parse_target(one);
    if (!target) return target.error();
    out.all.push_back(*target);
    if (comma == rest.npos) return out;
    rest.remove_prefix(comma + 1);
  }
}

std::string to_text(const Targets& targets) {
  std::string out;
  for (const auto& target : targets.all) out += (out.empty() ? "" : ", ") + calendar::to_text(target);
  return out;
}

}  // namespace supportd::sla
