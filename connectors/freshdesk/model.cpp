#include "connectors/freshdesk/model.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "daemon/digest.hpp"

namespace supportd::connectors::freshdesk {
namespace {

// A text, number or flag; absent and null are "".
std::string scalar(const json::View& row, std::string_view key) {
  const auto value = row.find(key);
  if (!value) return "";
  if (value->is_object() || value->is_array()) throw Error(ErrorKind::corrupt, value->path() + ": expected a scalar");
  return value->scalar_text();
}

std::string required_id(const json::View& row) {
  const json::View id = row.at("id");
  if (id.is_string() && !id.string().empty()) return id.string();
  return std::to_string(id.integer());
}

Instant instant(const json::View& value) {
  const auto at = time::parse_instant(value.string());
  if (at.has_error()) throw Error(ErrorKind::corrupt, value.path() + ": " + at.error().what);
  return *at;
}

std::vector<DeskFile> parse_files(const json::View& row) {
  std::vector<DeskFile> out;
  const auto files = row.find("attachments");
  if (!files) return out;
  for (const json::View& file : files->items()) {
    out.push_back({required_id(file), file.string("name", ""), file.string("content_type", ""), file.integer("size", 0),
                   file.string("attachment_url", "")});
  }
  return out;
}

// Pictures that people pasted into a text stand nowhere but in it: <img src="https://.../inline/attachment?token=...">.
// The token has no end and is the picture's only name.
std::vector<DeskFile> inline_files(const std::string& html) {
  constexpr std::string_view image = "<img", source = "src=\"", path = "/inline/attachment?token=";
  std::vector<DeskFile> out;
  for (std::size_t at = html.find(image); at != html.npos; at = html.find(image, at + 1)) {
    const std::size_t end = std::min(html.find('>', at), html.size());
    const std::size_t from = html.find(source, at);
    if (from >= end) continue;
    const std::size_t to = html.find('"', from + source.size());
    if (to >= end) continue;
    std::string url = html.substr(from + source.size(), to - from - source.size());
    if (url.find(path) == url.npos) continue;
    for (std::size_t amp = url.find("&amp;"); amp != url.npos; amp = url.find("&amp;", amp + 1)) url.erase(amp + 1, 4);
    const std::string token = url.substr(url.find(path) + path.size());
    const std::string name = "image-" + std::to_string(out.size() + 1);
    out.push_back({"inline-" + digest::hex(digest::sha256(token)).substr(0, 16), name, "", 0, std::move(url), true});
  }
  return out;
}

std::vector<DeskFile> all_files(const json::View& row, const std::string& html) {
  std::vector<DeskFile> out = parse_files(row);
  std::ranges::move(inline_files(html), std::back_inserter(out));
  return out;
}

// {"6": ["agents see", "customers see"]}, on some accounts {"6": "label"}; in the admin form [{"value": 6, "label"}].
std::vector<DeskChoice> parse_choices(const json::View& choices) {
  std::vector<DeskChoice> out;
  if (choices.is_array()) {
    for (const json::View& choice : choices.items())
      out.push_back({scalar(choice, "value"), choice.string("label", "")});
  } else {
    for (const auto& [value, labels] : choices.members()) {
      if (!labels.is_array()) {
        out.push_back({value, labels.string()});
        continue;
      }
      const auto texts = labels.items();
      out.push_back({value, texts.empty() ? value : texts.front().string()});
    }
  }
  std::ranges::stable_sort(out, [](const DeskChoice& a, const DeskChoice& b) {
    return std::pair(a.value.size(), a.value) < std::pair(b.value.size(), b.value);
  });
  return out;
}

// ["a", "b"]; of nested fields {"a": {...}}, in the admin form [{"value": "a"}]. Other fields have none.
std::vector<DeskChoice> parse_texts(const json::View& field) {
  std::vector<DeskChoice> out;
  const auto choices = field.find("choices");
  if (!choices) return out;
  if (choices->is_object()) {
    for (const auto& [text, below] : choices->members()) out.push_back({text, text});
  } else if (choices->is_array()) {
    for (const json::View& choice : choices->items()) {
      const std::string text = choice.is_object() ? scalar(choice, "value") : choice.scalar_text();
      out.push_back({text, text});
    }
  }
  return out;
}

// {"Low": 1}; in the admin form [{"label": "Low", "value": 1}].
std::vector<DeskChoice> parse_named(const json::View& field) {
  std::vector<DeskChoice> out;
  const auto choices = field.find("choices");
  if (!choices) return out;
  if (choices->is_array()) return parse_choices(*choices);
  for (const auto& [label, value] : choices->members()) out.push_back({value.scalar_text(), label});
  return out;
}

[[noreturn]] void refuse_text(std::string_view field, std::string_view text, const char* expected) {
  throw Error(ErrorKind::refused, "datatype_mismatch",
              std::string(field) + ": '" + std::string(text) + "' is not " + expected, {});
}

// `status_updated_at` stands in answers, but not in the vendor's pages.
std::optional<Instant> status_since(const json::View& stats) {
  const auto since = stats.find("status_updated_at");
  return since ? std::optional(instant(*since)) : std::nullopt;
}

// Text between tags, without the blanks around it.
std::string bare(const std::string& html) {
  std::string out;
  bool in_tag = false;
  for (const char c : html) {
    if (c == '<') in_tag = true;
    if (!in_tag && c != '\n' && c != '\r') out += c;
    if (c == '>') in_tag = false;
  }
  const auto first = out.find_first_not_of(' ');
  return first == out.npos ? "" : out.substr(first, out.find_last_not_of(' ') - first + 1);
}

// Freshdesk's notes on a merge, all that tells of one. Nothing else may stand in them: people speak of merges, too.
bool is_note_on_source(const std::string& text, std::string& into) {
  static const re2::RE2 sentence(R"(This ticket is closed and merged into ticket #?(\d+)\.?)");
  return re2::RE2::FullMatch(text, sentence, &into);
}

// "Ticket #4, #5 merged into this ticket", "Tickets with ids 4 and 5 are merged into this ticket.".
bool is_note_on_target(const std::string& text) {
  static const re2::RE2 sentence(
      R"(Tickets?(?: with (?:id|ID)s?)? #?\d+(?:(?:, and|,| and) #?\d+)*(?: is| are)? merged into this ticket\.?)");
  return re2::RE2::FullMatch(text, sentence);
}

// Conversations carry this, though no documentation names it.
bool is_by_machine(const json::View& row) {
  return !scalar(row, "automation_id").empty() || row.boolean("auto_response", false);
}

}  // namespace

std::string row_id(const json::View& row) {
  if (!row.is_object()) return "";
  const auto id = row.find("id");
  if (!id || !(id->is_integer() || id->is_string())) return "";
  return id->scalar_text();
}

DeskTicket parse_ticket(const json::View& row) {
  DeskTicket out;
  out.id = required_id(row);
  out.subject = row.string("subject", "");
  out.html = row.string("description", "");
  out.status = scalar(row, "status");
  out.priority = scalar(row, "priority");
  out.type = row.string("type", "");
  out.requester_id = scalar(row, "requester_id");
  out.organisation_id = scalar(row, "company_id");
  out.assignee_id = scalar(row, "responder_id");
  out.group_id = scalar(row, "group_id");
  out.tags = row.strings("tags");
  if (const auto fields = row.find("custom_fields")) {
    for (const auto& [name, value] : fields->members()) {
      if (!value.is_null()) out.fields[name] = value.scalar_text();
    }
  }
  out.files = all_files(row, out.html);
  out.created = instant(row.at("created_at"));
  out.updated = instant(row.at("updated_at"));
  if (const auto stats = row.find("stats"); stats) out.status_since = status_since(*stats);
  out.deleted = row.boolean("deleted", false);
  out.spam = row.boolean("spam", false);
  return out;
}

DeskComment parse_comment(const json::View& row, bool is_public) {
  DeskComment out;
  out.id = required_id(row);
  out.author_id = scalar(row, "user_id");
  out.by_machine = is_by_machine(row);
  out.from_customer = row.boolean("incoming", false) && !out.by_machine;
  out.is_public = !row.boolean("private", !is_public);
  out.created = instant(row.at("created_at"));
  if (const auto edited = row.find("last_edited_at")) out.edited = instant(*edited);
  out.html = row.string("body", "");
  out.files = all_files(row, out.html);
  if (!out.is_public && !out.from_customer) {
    const std::string text = bare(out.html);
    out.of_a_merge = is_note_on_source(text, out.merged_into) || is_note_on_target(text);
  }
  return out;
}

DeskPerson parse_contact(const json::View& row) {
  return {required_id(row), row.string("email", ""), row.string("name", ""), scalar(row, "company_id"), false};
}

DeskPerson parse_agent(const json::View& row) {
  const json::View contact = row.at("contact");
  return {required_id(row), contact.string("email", ""), contact.string("name", ""), "", true};
}

DeskOrganisation parse_company(const json::View& row) {
  return {required_id(row), row.string("name", ""), row.strings("domains"), ""};
}

TicketFields parse_ticket_fields(const json::View& answer) {
  TicketFields out;
  for (const json::View& field : answer.items()) {
    const std::string type = field.string("type", "");
    const std::string name = field.string("name", "");
    if (type == "default_status") {
      out.form.statuses = parse_choices(field.at("choices"));
    } else if (type == "default_priority") {
      out.form.priorities = parse_named(field);
    } else if (type == "default_ticket_type") {
      out.form.types = parse_texts(field);
    } else if (type.starts_with("custom_") || name.starts_with("cf_")) {
      out.types[name] = type;
      out.form.fields.push_back({name, type, parse_texts(field), field.boolean("required_for_closure", false)});
    }
  }
  if (out.form.statuses.empty()) throw Error(ErrorKind::corrupt, "the ticket fields name no statuses");
  return out;
}

std::int64_t number_of(std::string_view text, std::string_view field) {
  std::int64_t out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc{} || end != text.data() + text.size()) refuse_text(field, text, "a whole number");
  return out;
}

void write_field(json::Writer& out, const std::string& name, const std::string& value, const TicketFields& fields) {
  const auto at = fields.types.find(name);
  const std::string type = at == fields.types.end() ? "" : at->second;
  out.key(name);
  if (value.empty()) {
    out.null();
  } else if (type == "custom_number") {
    out.value(number_of(value, name));
  } else if (type == "custom_decimal") {
    double number = 0;
    const auto [end, wrong] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (wrong != std::errc{} || end != value.data() + value.size() || !std::isfinite(number)) {
      refuse_text(name, value, "a number");
    }
    out.value(number);
  } else if (type == "custom_checkbox") {
    if (value != "true" && value != "false") refuse_text(name, value, "true or false");
    out.value(value == "true");
  } else {
    out.value(value);
  }
}

}  // namespace supportd::connectors::freshdesk
