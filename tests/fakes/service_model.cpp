#include "tests/fakes/service_model.hpp"

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

ServiceModel::Shape read_shape(const json::View& view) {
  ServiceModel::Shape shape;
  shape.type = view.at("type").string();
  for (const auto& name : view.strings("required")) shape.required.insert(name);
  for (const auto& value : view.strings("enum")) shape.values.insert(value);
  if (const auto members = view.find("members")) {
    for (const auto& [name, member] : members->members()) shape.members[name] = member.at("shape").string();
  }
  if (const auto member = view.find("member")) shape.member = member->at("shape").string();
  if (const auto min = view.find("min")) shape.min = min->number();
  if (const auto max = view.find("max")) shape.max = max->number();
  shape.pattern = view.string("pattern", "");
  return shape;
}

// The model's paths name members from the body's root, without the leading slash.
std::string place(const json::View& value) {
  return value.path().empty() ? "the body" : replace_all(value.path().substr(1), "/", ".");
}

ModelViolation violation(const json::View& value, const std::string& constraint) {
  return {"ValidationException", "1 validation error detected: Value at '" + place(value) +
                                     "' failed to satisfy constraint: Member must " + constraint};
}

ModelViolation mistyped(const json::View& value, const std::string& expected) {
  return {"SerializationException", "Value at '" + place(value) + "' must be " + expected};
}

std::optional<ModelViolation> check_size(const ServiceModel::Shape& shape, const json::View& value, double size,
                                         const std::string& measure) {
  if (shape.min && size < *shape.min)
    return violation(value, "have " + measure + " greater than or equal to " + std::to_string(int(*shape.min)));
  if (shape.max && size > *shape.max)
    return violation(value, "have " + measure + " less than or equal to " + std::to_string(int(*shape.max)));
  return {};
}

std::optional<ModelViolation> check_text(const ServiceModel::Shape& shape, const json::View& value) {
  if (!value.is_string()) return mistyped(value, "a string");
  const std::string text = value.string();
  if (auto found = check_size(shape, value, static_cast<double>(characters(text)), "length")) return found;
  if (!shape.values.empty() && !shape.values.contains(text)) return violation(value, "satisfy enum value set");
  if (!shape.pattern.empty() && !std::regex_match(text, std::regex(shape.pattern)))
    return violation(value, "satisfy regular expression pattern: " + shape.pattern);
  return {};
}

// Nothing when there is no such folder; a folder without the model is an error.
std::optional<std::string> published(const std::string& shared, const std::string& service) {
  if (shared.empty() || !std::filesystem::is_directory(shared)) return {};
  const std::string path = shared + "/specs/aws/" + service + "/service-2.json";
  std::ifstream in(path);
  if (!in) throw Error(ErrorKind::config, "the service model is missing: " + path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

ServiceModel ServiceModel::parse(std::string_view text) {
  const auto document = json::Document::parse(text, "service model");
  ServiceModel model;
  for (const auto& [name, operation] : document.root().at("operations").members()) {
    if (const auto input = operation.find("input")) model.inputs_[name] = input->at("shape").string();
  }
  for (const auto& [name, shape] : document.root().at("shapes").members()) model.shapes_[name] = read_shape(shape);
  return model;
}

ServiceModel ServiceModel::aws_support(const std::string& shared) {
  const auto text = published(shared, "support");
  return text ? parse(*text) : aws_support_built_in();
}

ServiceModel ServiceModel::sqs(const std::string& shared) {
  const auto text = published(shared, "sqs");
  return text ? parse(*text) : sqs_built_in();
}

std::optional<ModelViolation> ServiceModel::check(const std::string& operation, const json::View& body) const {
  return check_shape(inputs_.at(operation), body);
}

std::optional<ModelViolation> ServiceModel::check_structure(const Shape& shape, const json::View& value) const {
  if (!value.is_object()) return mistyped(value, "an object");
  for (const auto& name : shape.required) {
    if (!value.find(name))
      return ModelViolation{"ValidationException", "1 validation error detected: Value null at '" + name +
                                                       "' failed to satisfy constraint: Member must not be null"};
  }
  for (const auto& [name, member] : value.members()) {
    const auto known = shape.members.find(name);
    if (known == shape.members.end())
      return ModelViolation{"ValidationException", "'" + place(member) + "' is not a member of this request"};
    if (member.is_null()) continue;
    if (auto found = check_shape(known->second, member)) return found;
  }
  return {};
}

std::optional<ModelViolation> ServiceModel::check_shape(const std::string& name, const json::View& value) const {
  const Shape& shape = shapes_.at(name);
  if (shape.type == "structure") return check_structure(shape, value);
  if (shape.type == "string") return check_text(shape, value);
  if (shape.type == "boolean") {
    if (!value.is_boolean()) return mistyped(value, "a boolean");
    return {};
  }
  if (shape.type == "integer" || shape.type == "long") {
    if (!value.is_integer()) return mistyped(value, "an integer");
    return check_size(shape, value, static_cast<double>(value.integer()), "value");
  }
  if (shape.type == "blob") {
    if (!value.is_string() || !unbase64(value.string())) return mistyped(value, "base64");
    return {};
  }
  if (shape.type == "list") {
    if (!value.is_array()) return mistyped(value, "a list");
    const auto items = value.items();
    if (auto found = check_size(shape, value, static_cast<double>(items.size()), "length")) return found;
    for (const auto& item : items) {
      if (auto found = check_shape(shape.member, item)) return found;
    }
    return {};
  }
  throw Error(ErrorKind::corrupt, "the model's type " + shape.type + " of " + name + " is not known");
}

}  // namespace supportd::fakes
