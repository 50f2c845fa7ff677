#include "connectors/zendesk/form.hpp"

#include <algorithm>
#include <array>

#include "connectors/zendesk/row.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr std::array categories{"new", "open", "pending", "hold", "solved", "closed"};
constexpr std::array own_types{"subject", "description",   "status",   "tickettype", "priority",
                               "group",   "custom_status", "assignee", "ticket_form"};
constexpr std::size_t most_named = 20;

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string listed(std::vector<std::string> names) {
  std::ranges::sort(names);
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < most_named; ++i) out += (i == 0 ? "" : ", ") + names[i];
  return names.size() > most_named ? out + ", ..." : out;
}

std::map<std::string, std::string> tags_of(const CustomField& field) {
  std::map<std::string, std::string> out;
  for (const DeskChoice& choice : field.choices) out[choice.value] = choice.value;
  if (!field.tag.empty()) out["true"] = field.tag;
  return out;
}

std::vector<DeskChoice> parse_options(const json::View& field, const char* member) {
  std::vector<DeskChoice> out;
  if (const auto options = field.find(member)) {
    for (const json::View& option : options->items()) {
      out.push_back({option.at("value").string(), option.string("name", "")});
    }
  }
  return out;
}

}  // namespace

FieldNames::FieldNames(const std::map<std::string, std::int64_t>& ids) {
  for (const auto& [name, id] : ids) {
    ids_[name] = std::to_string(id);
    names_[std::to_string(id)] = name;
  }
}

std::string FieldNames::name_of(const std::string& id) const {
  const auto at = names_.find(id);
  return at == names_.end() ? id : at->second;
}

std::string FieldNames::id_of(const std::string& name) const {
  const auto at = ids_.find(name);
  return at == ids_.end() ? name : at->second;
}

const CustomField& Form::field(const std::string& name, const FieldNames& names) const {
  const auto at = std::ranges::find(fields_, names.id_of(name), &CustomField::id);
  if (at != fields_.end() && at->active) return *at;
  std::vector<std::string> known;
  for (const DeskField& field : fields(names)) known.push_back(field.name);
  throw Error(ErrorKind::refused, "unknown_field",
              "Zendesk has no ticket field '" + name + "'; there are: " + listed(std::move(known)), {});
}

std::vector<DeskField> Form::fields(const FieldNames& names) const {
  std::vector<DeskField> out;
  for (const CustomField& field : fields_) {
    if (!field.active) continue;
    out.push_back({names.name_of(field.id), field.type, field.choices, field.needed_to_solve, tags_of(field)});
  }
  return out;
}

std::string Form::status_text(const std::string& category, const std::string& custom_id) const {
  if (custom_id.empty()) return category;
  const auto at = std::ranges::find(statuses_, custom_id, &CustomStatus::id);
  // A status made since the form was read is no default: those exist from the beginning.
  const bool is_default = at != statuses_.end() && at->is_default;
  return is_default || statuses_.empty() || category == "closed" || category == "deleted" ? category
                                                                                          : category + ":" + custom_id;
}

std::string Form::default_of_several(const std::string& category) const {
  std::string out;
  std::size_t count = 0;
  for (const CustomStatus& status : statuses_) {
    if (status.category != category) continue;
    ++count;
    if (status.is_default) out = status.id;
  }
  return count > 1 ? out : "";
}

std::vector<DeskChoice> Form::statuses() const {
  std::vector<DeskChoice> out;
  for (const char* category : categories) {
    const std::size_t before = out.size();
    for (const CustomStatus& status : statuses_) {
      if (status.category == category && status.active) {
        out.push_back({status_text(status.category, status.id), status.label});
      }
    }
    if (out.size() == before && (statuses_.empty() || std::string_view(category) == "closed")) {
      out.push_back({category, capitalised(category)});
    }
  }
  return out;
}

DeskForm Form::described(const FieldNames& names) const {
  DeskForm out{statuses(), priorities_, types_, fields(names)};
  for (const auto& [name, id] : names.ids()) {
    if (std::ranges::find(out.fields, name, &DeskField::name) == out.fields.end()) out.absent[name] = id;
  }
  return out;
}

std::vector<CustomField> parse_ticket_fields(const json::View& answer) {
  std::vector<CustomField> out;
  for (const json::View& row : answer.at("ticket_fields").items()) {
    const std::string type = row.at("type").string();
    if (std::ranges::find(own_types, type) != own_types.end()) continue;
    out.push_back({required_id(row), type, row.string("title", ""), row.boolean("active", true),
                   parse_options(row, "custom_field_options"), row.boolean("required", false), row.string("tag", "")});
  }
  return out;
}

std::vector<DeskChoice> parse_own_choices(const json::View& answer, std::string_view type) {
  for (const json::View& row : answer.at("ticket_fields").items()) {
    if (row.at("type").string() == type) return parse_options(row, "system_field_options");
  }
  return {};
}

std::vector<CustomStatus> parse_custom_statuses(const json::View& answer) {
  std::vector<CustomStatus> out;
  for (const json::View& row : answer.at("custom_statuses").items()) {
    out.push_back({required_id(row), row.at("status_category").string(), row.string("agent_label", ""),
                   row.boolean("default", false), row.boolean("active", true)});
  }
  return out;
}

}  // namespace supportd::connectors::zendesk
