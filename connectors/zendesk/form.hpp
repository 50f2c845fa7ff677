// The account's ticket form: custom fields by name, and custom statuses. Pure.
// https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/ and .../custom_ticket_statuses/
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "daemon/json.hpp"

namespace supportd::connectors::zendesk {

// What the configuration calls custom fields: {"aws_case": 360001234}. A field without a name goes by its id as text.
class FieldNames {
 public:
  FieldNames() = default;
  explicit FieldNames(const std::map<std::string, std::int64_t>& ids);

  std::string name_of(const std::string& id) const;
  const std::map<std::string, std::string>& ids() const { return ids_; }  // by name
  std::string id_of(const std::string& name) const;                       // a name that is none is taken for an id

 private:
  std::map<std::string, std::string> ids_;    // by name
  std::map<std::string, std::string> names_;  // by id
};

struct CustomField {
  std::string id;
  std::string type;  // "text", "integer", "tagger", "multiselect", ...
  std::string title;
  bool active = true;
  std::vector<DeskChoice> choices;  // by tag, of "tagger" and "multiselect"
  bool needed_to_solve = false;
  std::string tag{};  // of a ticked "checkbox"; empty: it has none
};

struct CustomStatus {
  std::string id;
  std::string category;  // "new", "open", "pending", "hold", "solved"
  std::string label;     // as agents see it
  bool is_default = false;
  bool active = true;
};

class Form {
 public:
  Form() = default;
  Form(std::vector<CustomField> fields, std::vector<CustomStatus> statuses, std::vector<DeskChoice> priorities = {},
       std::vector<DeskChoice> types = {})
      : fields_(std::move(fields)),
        statuses_(std::move(statuses)),
        priorities_(std::move(priorities)),
        types_(std::move(types)) {}

  // Throws Error{refused, "unknown_field"} naming the known ones.
  const CustomField& field(const std::string& name, const FieldNames& names) const;
  DeskForm described(const FieldNames& names) const;  // the active fields and statuses

  // "open", or "open:1900001" when that is not the category's default.
  std::string status_text(const std::string& category, const std::string& custom_id) const;
  // The id of the category's default, where it has other statuses besides; else empty.
  std::string default_of_several(const std::string& category) const;

 private:
  std::vector<DeskField> fields(const FieldNames& names) const;
  std::vector<DeskChoice> statuses() const;  // by category; "closed" always

  std::vector<CustomField> fields_;
  std::vector<CustomStatus> statuses_;
  std::vector<DeskChoice> priorities_, types_;
};

// Fields of Zendesk's own (subject, priority, ...) are left out. All throw Error{corrupt}.
std::vector<CustomField> parse_ticket_fields(const json::View& answer);
// Of such a field, by its type: "priority", "tickettype".
std::vector<DeskChoice> parse_own_choices(const json::View& answer, std::string_view type);
std::vector<CustomStatus> parse_custom_statuses(const json::View& answer);

}  // namespace supportd::connectors::zendesk
