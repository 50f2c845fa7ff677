// Which service and category a ticket is about, by words (product.md decision 2). Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace supportd::aws_cases {

// A narrower code of a service: EC2 on Windows.
struct Variant {
  std::string code;
  std::vector<std::string> words;
};
struct ServiceRule {
  std::string code;
  std::vector<std::string> words;
  std::vector<Variant> variants;
};
// AWS names categories differently in each service: the first of `codes` that the service has.
struct CategoryRule {
  std::vector<std::string> codes;
  std::vector<std::string> words;
};

struct ClassifyRules {
  std::map<std::string, ServiceRule> services;  // by our name: "ec2"
  std::map<std::string, CategoryRule> categories;
  std::string fallback_service = "general-info";
  std::vector<std::string> fallback_categories{"general-guidance", "other", "using-aws"};
};
ClassifyRules default_classify_rules();

struct Class {
  std::string service;       // our name; empty: the fallback
  std::string service_code;  // AWS's
  std::string category;      // our name; may be empty
  std::string matched;       // the words that decided: "ec2, 인스턴스"
};
// A word in the subject counts twice. Equal scores decide nothing: the fallback.
Class classify(const ClassifyRules& rules, std::string_view subject, std::string_view text);

// One of the services that an account may open cases about.
struct Offering {
  std::string code;
  std::vector<std::string> categories;
};
struct Codes {
  std::string service, category;
  std::string note;  // empty: as classified
};
// What the account's own list of services makes of it; an empty list checks nothing.
Codes within_catalogue(const ClassifyRules& rules, const Class& found, const std::vector<Offering>& catalogue);

}  // namespace supportd::aws_cases
