#include "tests/fakes/aws_support_model.hpp"

#include <algorithm>

#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

AwsService service(const std::string& code, const std::string& name, std::vector<AwsCategory> categories) {
  categories.push_back({"general-guidance", "General Guidance"});
  categories.push_back({"other", "Other"});
  return {code, name, std::move(categories)};
}

}  // namespace

const std::vector<AwsService>& aws_services() {
  static const std::vector<AwsService> services = {
      service("amazon-elastic-compute-cloud-linux", "EC2 Instance (Linux)",
              {{"instance-issue", "Instance Issue"},
               {"performance-issue", "Performance Issue"},
               {"connectivity", "Connectivity"}}),
      service("amazon-elastic-compute-cloud-windows", "EC2 Instance (Windows)",
              {{"instance-issue", "Instance Issue"}, {"connectivity", "Connectivity"}}),
      service("amazon-simple-storage-service", "Simple Storage Service (S3)",
              {{"access-denied", "Access Denied"}, {"performance", "Performance"}}),
      service("amazon-relational-database-service-mysql", "Relational Database Service (MySQL)",
              {{"connectivity", "Connectivity"}, {"performance", "Performance"}}),
      service("amazon-relational-database-service-postgresql", "Relational Database Service (PostgreSQL)",
              {{"connectivity", "Connectivity"}, {"performance", "Performance"}}),
      service("aws-lambda", "Lambda", {{"function-errors", "Function Errors"}, {"performance", "Performance"}}),
      service("amazon-virtual-private-cloud", "Virtual Private Cloud (VPC)",
              {{"network-connectivity", "Network Connectivity"}, {"vpn", "VPN"}}),
      service("aws-identity-and-access-management", "Identity and Access Management (IAM)",
              {{"permissions", "Permissions"}, {"login-issues", "Login Issues"}}),
      service("service-eks", "Elastic Kubernetes Service (EKS)",
              {{"cluster-issue", "Cluster Issue"}, {"nodes", "Nodes"}}),
      service("service-bedrock", "Bedrock", {{"model-access", "Model Access"}, {"performance", "Performance"}}),
      service("amazon-cloudwatch", "CloudWatch", {{"alarms", "Alarms"}, {"metrics", "Metrics"}}),
      service("billing", "Billing", {{"other-billing-questions", "Other Billing Questions"}}),
      service("general-info", "General Info and Getting Started", {{"using-aws", "Using AWS & Services"}}),
  };
  return services;
}

const AwsService* find_aws_service(const std::string& code) {
  const auto found = std::ranges::find(aws_services(), code, &AwsService::code);
  return found == aws_services().end() ? nullptr : &*found;
}

std::vector<AwsCategory> severity_levels(SupportPlan plan) {
  std::vector<AwsCategory> levels = {{"low", "General guidance"}, {"normal", "System impaired"}};
  if (plan == SupportPlan::basic || plan == SupportPlan::developer) return levels;
  levels.push_back({"high", "Production system impaired"});
  levels.push_back({"urgent", "Production system down"});
  if (plan != SupportPlan::business) levels.push_back({"critical", "Business-critical system down"});
  return levels;
}

std::string kept_body(const std::string& body) {
  std::string out;
  for (char c : replace_all(replace_all(body, "\r\n", "\n"), "\r", "\n")) {
    if (c == '\n') {
      while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
    }
    out += c;
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t' || out.back() == '\n')) out.pop_back();
  return out;
}

std::string html_escaped(const std::string& text) {
  return replace_all(replace_all(replace_all(replace_all(text, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"), "\"",
                     "&quot;");
}

}  // namespace supportd::fakes
