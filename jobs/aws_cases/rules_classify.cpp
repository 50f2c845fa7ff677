#include "jobs/aws_cases/rules_classify.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "jobs/tickets/words.hpp"

namespace supportd::aws_cases {
namespace {

struct Score {
  int points = 0;
  std::string words;
};

Score score(const std::vector<std::string>& words, std::string_view subject, std::string_view text) {
  Score out;
  for (const auto& word : words) {
    const int points = (tickets::contains_word(subject, word) ? 2 : 0) + (tickets::contains_word(text, word) ? 1 : 0);
    if (points == 0) continue;
    out.points += points;
    out.words += (out.words.empty() ? "" : ", ") + word;
  }
  return out;
}

// The only best of the rules; none when there is no word or a tie.
template <class Rule>
std::pair<std::string, std::string> best(const std::map<std::string, Rule>& rules, std::string_view subject,
                                         std::string_view text) {
  std::pair<std::string, std::string> out;
  int most = 0;
  for (const auto& [name, rule] : rules) {
    const Score found = score(rule.words, subject, text);
    if (found.points > most) {
      most = found.points;
      out = {name, found.words};
    } else if (found.points == most) {
      out = {};
    }
  }
  return out;
}

const Offering* find_service(const std::vector<Offering>& catalogue, const std::string& code) {
  const auto found = std::ranges::find(catalogue, code, &Offering::code);
  return found == catalogue.end() ? nullptr : &*found;
}

std::string pick_category(const Offering& service, const std::vector<std::string>& wanted) {
  for (const auto& code : wanted) {
    if (std::ranges::find(service.categories, code) != service.categories.end()) return code;
  }
  return "";
}

}  // namespace

Class classify(const ClassifyRules& rules, std::string_view subject, std::string_view text) {
  const std::string folded_subject = tickets::fold(subject), folded_text = tickets::fold(text);
  Class out;
  std::tie(out.service, out.matched) = best(rules.services, folded_subject, folded_text);
  out.category = best(rules.categories, folded_subject, folded_text).first;
  if (out.service.empty()) {
    out.service_code = rules.fallback_service;
    return out;
  }
  const ServiceRule& rule = rules.services.at(out.service);
  out.service_code = rule.code;
  for (const Variant& variant : rule.variants) {
    const Score found = score(variant.words, folded_subject, folded_text);
    if (found.points == 0) continue;
    out.service_code = variant.code;
    out.matched += "; " + found.words;
    break;
  }
  return out;
}

Codes within_catalogue(const ClassifyRules& rules, const Class& found, const std::vector<Offering>& catalogue) {
  const auto category = rules.categories.find(found.category);
  std::vector<std::string> wanted;
  if (category != rules.categories.end()) wanted = category->second.codes;
  wanted.insert(wanted.end(), rules.fallback_categories.begin(), rules.fallback_categories.end());
  if (catalogue.empty()) return {found.service_code, wanted.front(), ""};

  Codes out{found.service_code, "", ""};
  const Offering* service = find_service(catalogue, found.service_code);
  if (service == nullptr) {
    out.note = "the account has no service '" + found.service_code + "'";
    service = find_service(catalogue, rules.fallback_service);
    if (service == nullptr) service = &catalogue.front();
    out.service = service->code;
    out.note += ": opened under '" + out.service + "'";
  }
  out.category = pick_category(*service, wanted);
  if (out.category.empty() && !service->categories.empty()) {
    out.category = service->categories.front();
    out.note += (out.note.empty() ? "" : "; ") +
                ("'" + out.service + "' has none of the configured categories: '" + out.category + "'");
  }
  return out;
}

}  // namespace supportd::aws_cases
