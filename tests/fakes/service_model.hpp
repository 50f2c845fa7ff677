// Checks request bodies against an AWS service model (the service-2.json that botocore ships).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/json.hpp"

namespace supportd::fakes {

struct ModelViolation {
  std::string code;  // "ValidationException", or "SerializationException" for a wrong JSON type
  std::string message;
};

class ServiceModel {
 public:
  struct Shape {
    std::string type;
    std::set<std::string> required;
    std::map<std::string, std::string> members;  // of a structure: member -> shape
    std::string member;                          // of a list: the shape of its items
    std::optional<double> min, max;
    std::string pattern;
    std::set<std::string> values;  // of an enum
  };

  // Throws Error{corrupt}.
  static ServiceModel parse(std::string_view json);
  // The AWS Support model below `shared`. Throws Error{config} when the folder is there and the model is not; the
  // built-in extract when there is no such folder.
  static ServiceModel aws_support(const std::string& shared);
  // The operations this project calls, with their documented limits.
  static ServiceModel aws_support_built_in();
  // The same of SQS.
  static ServiceModel sqs(const std::string& shared);
  static ServiceModel sqs_built_in();

  bool has(const std::string& operation) const { return inputs_.contains(operation); }
  // What is wrong with the body: members that are missing, unknown (stricter than AWS, which ignores them), of another
  // type, too long, too short, out of range, not in the enum.
  std::optional<ModelViolation> check(const std::string& operation, const json::View& body) const;

  const std::map<std::string, std::string>& inputs() const { return inputs_; }
  const Shape& shape(const std::string& name) const { return shapes_.at(name); }

 private:
  std::optional<ModelViolation> check_shape(const std::string& name, const json::View& value) const;
  std::optional<ModelViolation> check_structure(const Shape& shape, const json::View& value) const;

  std::map<std::string, std::string> inputs_;  // operation -> shape
  std::map<std::string, Shape> shapes_;
};

}  // namespace supportd::fakes
