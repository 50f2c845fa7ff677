#include "tests/fakes/freshdesk_input.hpp"

#include <algorithm>

namespace supportd::fakes {
namespace {

enum class Type { text, integer, boolean, list, object };

using Members = std::map<std::string, Type>;

const Members ticket_members = {{"subject", Type::text},
                                {"description", Type::text},
                                {"status", Type::integer},
                                {"priority", Type::integer},
                                {"source", Type::integer},
                                {"type", Type::text},
                                {"requester_id", Type::integer},
                                {"email", Type::text},
                                {"phone", Type::text},
                                {"name", Type::text},
                                {"unique_external_id", Type::text},
                                {"responder_id", Type::integer},
                                {"group_id", Type::integer},
                                {"company_id", Type::integer},
                                {"product_id", Type::integer},
                                {"email_config_id", Type::integer},
                                {"tags", Type::list},
                                {"custom_fields", Type::object},
                                {"due_by", Type::text},
                                {"fr_due_by", Type::text}};

Members members_of(FreshdeskForm form) {
  switch (form) {
    case FreshdeskForm::create_ticket: {
      Members members = ticket_members;
      members["cc_emails"] = Type::list;
      return members;
    }
    case FreshdeskForm::update_ticket: return ticket_members;
    case FreshdeskForm::reply:
      return {{"body", Type::text},
              {"from_email", Type::text},
              {"user_id", Type::integer},
              {"cc_emails", Type::list},
              {"bcc_emails", Type::list}};
    case FreshdeskForm::note:
      return {{"body", Type::text},
              {"private", Type::boolean},
              {"incoming", Type::boolean},
              {"user_id", Type::integer},
              {"notify_emails", Type::list}};
    case FreshdeskForm::edit_conversation: return {{"body", Type::text}};
    case FreshdeskForm::merge:
      return {{"primary_id", Type::integer},
              {"ticket_ids", Type::list},
              {"note_in_primary", Type::object},
              {"note_in_secondary", Type::object},
              {"convert_recepients_to_cc", Type::boolean}};
  }
  return {};
}

std::vector<std::string> mandatory(FreshdeskForm form) {
  switch (form) {
    case FreshdeskForm::create_ticket: return {"subject", "description"};
    case FreshdeskForm::update_ticket: return {};
    case FreshdeskForm::reply: return {"body"};
    case FreshdeskForm::note: return {"body"};
    case FreshdeskForm::edit_conversation: return {"body"};
    case FreshdeskForm::merge: return {"primary_id", "ticket_ids"};
  }
  return {};
}

std::string type_name(const json::View& value) {
  if (value.is_string()) return "String";
  if (value.is_integer()) return "Integer";
  if (value.is_boolean()) return "Boolean";
  if (value.is_array()) return "Array";
  if (value.is_object()) return "Hash";
  return "Float";
}

bool is(const json::View& value, Type type) {
  switch (type) {
    case Type::text: return value.is_string();
    case Type::integer: return value.is_integer();
    case Type::boolean: return value.is_boolean();
    case Type::list: return value.is_array();
    case Type::object: return value.is_object();
  }
  return false;
}

std::string wanted(Type type) {
  switch (type) {
    case Type::text: return "String";
    case Type::integer: return "Integer";
    case Type::boolean: return "Boolean";
    case Type::list: return "Array";
    case Type::object: return "key/value pair";
  }
  return "";
}

FreshdeskProblem mismatch(const std::string& field, const json::View& value, const std::string& expected) {
  return {field, "Value set is of type " + type_name(value) + ". It should be a/an " + expected + ".",
          "datatype_mismatch"};
}

FreshdeskProblem out_of_choices(const std::string& field, const std::set<std::string>& choices) {
  std::string all;
  for (const auto& choice : choices) all += (all.empty() ? "" : ",") + choice;
  return {field, "It should be one of these values: '" + all + "'", "invalid_value"};
}

void check_choices(const json::View& body, const FreshdeskSchema& schema, std::vector<FreshdeskProblem>& problems) {
  std::set<std::string> statuses;
  for (int status : schema.statuses) statuses.insert(std::to_string(status));
  const std::map<std::string, std::set<std::string>> choices = {
      {"status", statuses}, {"priority", {"1", "2", "3", "4"}}, {"source", {"1", "2", "3", "5", "6", "7", "9", "10"}}};
  for (const auto& [name, allowed] : choices) {
    const auto value = body.find(name);
    if (value && value->is_integer() && !allowed.contains(value->scalar_text()))
      problems.push_back(out_of_choices(name, allowed));
  }
}

void check_custom_fields(const json::View& fields, const FreshdeskSchema& schema,
                         std::vector<FreshdeskProblem>& problems) {
  for (const auto& [name, value] : fields.members()) {
    const auto field = std::ranges::find(schema.fields, name, &FreshdeskField::name);
    if (field == schema.fields.end()) {
      problems.push_back({name, "Unexpected/invalid field in request", "invalid_field"});
    } else if (value.is_null()) {
      continue;
    } else if (field->type == "custom_number" && !value.is_integer()) {
      problems.push_back(mismatch(name, value, "Integer"));
    } else if (field->type == "custom_checkbox" && !value.is_boolean()) {
      problems.push_back(mismatch(name, value, "Boolean"));
    } else if (field->type != "custom_number" && field->type != "custom_checkbox" && !value.is_string()) {
      problems.push_back(mismatch(name, value, "String"));
    } else if (field->type == "custom_dropdown" &&
               std::ranges::find(field->choices, value.scalar_text()) == field->choices.end()) {
      problems.push_back(out_of_choices(name, {field->choices.begin(), field->choices.end()}));
    }
  }
}

bool all_digits(const std::string& text) {
  return !text.empty() && text.size() < 19 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// A form field has no type of its own: what reads as the member's type is taken as such.
void write_form_value(json::Writer& out, const std::string& text, bool integer, bool boolean) {
  if (integer && all_digits(text)) {
    out.value(static_cast<std::int64_t>(std::stoll(text)));
  } else if (boolean && (text == "true" || text == "false")) {
    out.value(text == "true");
  } else {
    out.value(text);
  }
}

bool integer_member(const std::string& name) {
  const auto found = ticket_members.find(name);
  return name == "user_id" || (found != ticket_members.end() && found->second == Type::integer);
}

std::string json_of_form(const std::vector<http::Part>& parts, const FreshdeskSchema& schema,
                         std::vector<File>& files) {
  std::map<std::string, std::vector<std::string>> lists;
  std::map<std::string, std::string> scalars, fields;
  for (const auto& part : parts) {
    if (part.name == "attachments[]") {
      files.push_back(
          {part.file_name, part.data, part.content_type.empty() ? "application/octet-stream" : part.content_type});
    } else if (part.name.starts_with("custom_fields[") && part.name.ends_with("]")) {
      fields[part.name.substr(14, part.name.size() - 15)] = part.data;
    } else if (part.name.ends_with("[]")) {
      lists[part.name.substr(0, part.name.size() - 2)].push_back(part.data);
    } else {
      scalars[part.name] = part.data;
    }
  }
  json::Writer out;
  out.object([&] {
    for (const auto& [name, value] : scalars) {
      out.key(name);
      write_form_value(out, value, integer_member(name), name == "private" || name == "incoming");
    }
    for (const auto& [name, values] : lists) out.member(name, values);
    if (fields.empty()) return;
    out.key("custom_fields").object([&] {
      for (const auto& [name, value] : fields) {
        const auto field = std::ranges::find(schema.fields, name, &FreshdeskField::name);
        const std::string type = field == schema.fields.end() ? "" : field->type;
        out.key(name);
        write_form_value(out, value, type == "custom_number", type == "custom_checkbox");
      }
    });
  });
  return out.take();
}

}  // namespace

FreshdeskInput read_input(const http::Request& request, const FreshdeskSchema& schema) {
  const std::string type = request.headers.get("Content-Type").value_or("");
  std::vector<File> files;
  std::string text = request.body;
  if (type.starts_with("multipart/form-data")) {
    const auto parts = http::decode_multipart(request.body, type);
    if (!parts) throw refused(400, "invalid_multipart", parts.error().what);
    text = json_of_form(*parts, schema, files);
  } else if (!type.starts_with("application/json")) {
    throw refused(415, "invalid_content_type",
                  "Content-Type header is set to " + type + ". It should be application/json");
  }
  try {
    FreshdeskInput input{json::Document::parse(text), std::move(files)};
    if (!input.body.root().is_object()) throw refused(400, "invalid_json", "Request body is not an object");
    return input;
  } catch (const Error&) {
    throw refused(400, "invalid_json", "Request body has invalid json format");
  }
}

void validate(FreshdeskForm form, const json::View& body, const FreshdeskSchema& schema) {
  std::vector<FreshdeskProblem> problems;
  const Members known = members_of(form);
  for (const auto& [name, value] : body.members()) {
    const auto member = known.find(name);
    if (member == known.end()) {
      problems.push_back({name, "Unexpected/invalid field in request", "invalid_field"});
    } else if (!value.is_null() && !is(value, member->second)) {
      problems.push_back(mismatch(name, value, wanted(member->second)));
    }
  }
  for (const auto& name : mandatory(form)) {
    const auto value = body.find(name);
    if (!value || (value->is_string() && value->string().empty()))
      problems.push_back({name, "Mandatory attribute missing", "missing_field"});
  }
  if (form == FreshdeskForm::create_ticket) {
    const bool somebody =
        std::ranges::any_of(std::vector<std::string>{"requester_id", "email", "phone", "unique_external_id"},
                            [&](const std::string& name) { return body.find(name).has_value(); });
    if (!somebody) problems.push_back({"email", "Mandatory attribute missing", "missing_field"});
  }
  if (form == FreshdeskForm::create_ticket || form == FreshdeskForm::update_ticket) {
    check_choices(body, schema, problems);
    if (const auto fields = body.find("custom_fields"); fields && fields->is_object())
      check_custom_fields(*fields, schema, problems);
  }
  if (!problems.empty()) throw validation_failed(problems);
}

}  // namespace supportd::fakes
