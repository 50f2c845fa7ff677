// What the event webhooks say of a change: ids are texts, statuses and priorities in upper case.
#include <algorithm>
#include <cctype>

#include "tests/fakes/codec.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string id_or_null(std::int64_t id) { return id == 0 ? "null" : json_text(std::to_string(id)); }
std::string upper_or_null(const std::string& text) { return text.empty() ? "null" : json_text(upper(text)); }

const std::map<std::string, std::string>& types_of_fields() {
  static const std::map<std::string, std::string> types = {{"status", "ticket.status_changed"},
                                                           {"custom_status_id", "ticket.custom_status_changed"},
                                                           {"priority", "ticket.priority_changed"},
                                                           {"type", "ticket.type_changed"},
                                                           {"subject", "ticket.subject_changed"},
                                                           {"external_id", "ticket.external_id_changed"},
                                                           {"assignee_id", "ticket.agent_assignment_changed"},
                                                           {"group_id", "ticket.group_assignment_changed"},
                                                           {"organization_id", "ticket.organization_changed"},
                                                           {"requester_id", "ticket.requester_changed"},
                                                           {"tags", "ticket.tags_changed"}};
  return types;
}

// A property's JSON as events write it.
std::string event_value(const std::string& field, const std::string& value) {
  if (value == "null") return value;
  if (field == "status" || field == "priority" || field == "type") return upper(value);
  if (field.ends_with("_id") && value.front() != '"') return json_text(value);
  return value;
}

std::string tags_event(const ZendeskAuditEvent& change) {
  const auto now = json::Document::parse("{\"t\":" + change.value + "}");
  const auto was = json::Document::parse("{\"t\":" + (change.previous == "null" ? "[]" : change.previous) + "}");
  const auto tags = now.root().strings("t"), before = was.root().strings("t");
  const auto beyond = [](const std::vector<std::string>& all, const std::vector<std::string>& known) {
    std::vector<std::string> out;
    std::ranges::set_difference(all, known, std::back_inserter(out));
    return out;
  };
  json::Writer out;
  out.object([&] { out.member("tags_added", beyond(tags, before)).member("tags_removed", beyond(before, tags)); });
  return out.take();
}

}  // namespace

std::string Zendesk::detail_of(const ZendeskTicket& it, std::int64_t actor) const {
  const auto& comments = rows_.at(it.id).comments;
  json::Writer out;
  out.object([&] {
    out.key("actor_id").raw(id_or_null(actor)).key("assignee_id").raw(id_or_null(it.assignee_id));
    out.member("brand_id", "8447346621310").member("created_at", to_second(it.created));
    out.key("custom_status").raw(id_or_null(it.custom_status_id));
    out.member("description", comments.empty() ? "" : comments_.at(comments.front()).text.body);
    out.key("external_id").raw(it.external_id.empty() ? "null" : json_text(it.external_id));
    out.member("form_id", "8646151517822").key("group_id").raw(id_or_null(it.group_id));
    out.member("id", std::to_string(it.id)).member("is_public", it.is_public);
    out.key("organization_id").raw(id_or_null(it.organization_id)).key("priority").raw(upper_or_null(it.priority));
    out.key("requester_id").raw(id_or_null(it.requester_id));
    out.member("status", it.scrubbed ? "SCRUBBED" : it.deleted ? "DELETED" : upper(it.status));
    out.member("subject", it.subject).key("submitter_id").raw(id_or_null(it.submitter_id)).member("tags", it.tags);
    out.key("type").raw(upper_or_null(it.type)).member("updated_at", to_second(it.updated));
    out.key("via").object([&] { out.member("channel", it.via.channel == "api" ? "web_service" : it.via.channel); });
  });
  return out.take();
}

void Zendesk::publish_event(const Row& it, const std::string& type, std::int64_t actor, const std::string& event,
                            Instant now) {
  if (webhooks_.subscriptions().empty()) return;
  webhooks_.publish(type, it.now.id, detail_of(it.now, actor), event, now);
}

void Zendesk::publish(const Row& it, const ZendeskAudit& audit, bool created, Instant now) {
  if (webhooks_.subscriptions().empty()) return;
  if (created) publish_event(it, "ticket.created", audit.author_id, "{}", now);
  for (const auto& change : audit.events) {
    json::Writer out;
    std::string type;
    if (change.type == "Comment") {
      const ZendeskComment& comment = comments_.at(change.comment_id);
      const ZendeskUser author = users_.contains(comment.author_id) ? users_.at(comment.author_id) : ZendeskUser{};
      type = "ticket.comment_added";
      out.object([&] {
        out.key("comment").object([&] {
          out.member("id", std::to_string(comment.id)).member("body", comment.text.body);
          out.member("is_public", comment.is_public).key("author").object([&] {
            out.member("id", std::to_string(author.id)).member("is_staff", author.is_staff());
            out.member("name", author.name);
          });
        });
      });
    } else if (created) {
      continue;
    } else if (change.field == "tags") {
      publish_event(it, "ticket.tags_changed", audit.author_id, tags_event(change), now);
      continue;
    } else {
      const auto known = types_of_fields().find(change.field);
      type = known == types_of_fields().end() ? "ticket.custom_field_changed" : known->second;
      out.object([&] {
        out.key("current").raw(event_value(change.field, change.value));
        out.key("previous").raw(event_value(change.field, change.previous));
        if (known != types_of_fields().end()) return;
        const ZendeskField* changed = field(zendesk_id(change.field));
        out.key("field").object([&] {
          out.member("id", change.field).member("title", changed ? changed->title : "");
          out.member("type", changed ? changed->type : "");
        });
      });
    }
    publish_event(it, type, audit.author_id, out.take(), now);
  }
}

}  // namespace supportd::fakes
