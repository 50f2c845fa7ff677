#include "connectors/zendesk/model.hpp"

#include <algorithm>

#include "connectors/zendesk/field_value.hpp"
#include "connectors/zendesk/row.hpp"

namespace supportd::connectors::zendesk {
namespace {

// "dates" and "metric_set" are side-loads, there when they were asked for.
std::optional<Instant> status_since(const json::View& row) {
  for (const char* name : {"dates", "metric_set"}) {
    const auto below = row.find(name);
    if (!below || !below->is_object()) continue;
    // A custom status may change within its category.
    const auto category = instant_at(*below, "status_updated_at");
    const auto custom = instant_at(*below, "custom_status_updated_at");
    if (category && custom) return std::max(*category, *custom);
    if (category || custom) return category ? category : custom;
  }
  return {};
}

}  // namespace

DeskTicket parse_ticket(const json::View& row, const Form& form, const FieldNames& names) {
  DeskTicket out;
  out.id = required_id(row);
  const std::string category = row.at("status").string();
  out.status = form.status_text(category, scalar(row, "custom_status_id"));
  out.deleted = category == "deleted";
  out.archived = category == "archived" || row.find("archived_at").has_value();
  out.immutable = category == "closed" || out.archived || out.deleted;
  out.subject = row.string("subject", "");
  out.html = html_of(row.string("description", ""));
  out.description_is_private = !row.boolean("is_public", true);
  out.priority = row.string("priority", "");
  out.type = row.string("type", "");
  out.requester_id = scalar(row, "requester_id");
  out.organisation_id = scalar(row, "organization_id");
  out.assignee_id = scalar(row, "assignee_id");
  out.group_id = scalar(row, "group_id");
  out.external_id = scalar(row, "external_id");
  out.tags = row.strings("tags");
  if (const auto fields = row.find("custom_fields")) {
    for (const json::View& field : fields->items()) {
      const auto value = field.find("value");
      std::string text = value ? field_text(*value) : "";
      if (!text.empty()) out.fields[names.name_of(required_id(field))] = std::move(text);
    }
  }
  out.created = instant(row.at("created_at"));
  out.updated = instant(row.at("updated_at"));
  out.stamp = row.at("updated_at").string();
  out.status_since = status_since(row);
  return out;
}

bool is_merged(const DeskTicket& ticket) {
  return ticket.immutable && !ticket.deleted && std::ranges::find(ticket.tags, "closed_by_merge") != ticket.tags.end();
}

DeskPerson parse_user(const json::View& row) {
  return {required_id(row), row.string("email", ""), row.string("name", ""), scalar(row, "organization_id"),
          row.string("role", "end-user") != "end-user"};
}

DeskOrganisation parse_organisation(const json::View& row) {
  return {required_id(row), row.string("name", ""), row.strings("domain_names"), scalar(row, "external_id")};
}

std::vector<DeskFile> parse_attachments(const json::View& row) {
  std::vector<DeskFile> out;
  const auto files = row.find("attachments");
  if (!files) return out;
  for (const json::View& file : files->items()) {
    out.push_back({required_id(file), file.string("file_name", ""), file.string("content_type", ""),
                   file.integer("size", 0), file.string("content_url", ""), file.boolean("inline", false)});
  }
  return out;
}

}  // namespace supportd::connectors::zendesk
