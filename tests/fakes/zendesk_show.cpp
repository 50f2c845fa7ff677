// How Zendesk shows its objects.
#include <algorithm>

#include "tests/fakes/codec.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

void number(json::Writer& out, std::string_view name, std::int64_t id) {
  out.key(name);
  if (id == 0) {
    out.null();
  } else {
    out.value(id);
  }
}

void text(json::Writer& out, std::string_view name, const std::string& value) {
  out.key(name);
  if (value.empty()) {
    out.null();
  } else {
    out.value(value);
  }
}

void numbers(json::Writer& out, std::string_view name, const std::vector<std::int64_t>& ids) {
  out.key(name).array([&] {
    for (const std::int64_t id : ids) out.value(id);
  });
}

void write_via(json::Writer& out, const ZendeskVia& it) {
  out.key("via").object([&] {
    out.member("channel", it.channel);
    out.key("source").object([&] {
      out.key("from").object([&] {
        if (it.from_ticket != 0) out.member("ticket_id", it.from_ticket);
      });
      out.key("to").object([] {});
      text(out, "rel", it.rel);
    });
  });
}

void write_metadata(json::Writer& out, const std::string& custom) {
  out.key("metadata").object([&] {
    out.key("system").object([&] { out.member("client", "supportd").member("ip_address", "203.0.113.7"); });
    out.key("custom").raw(custom);
  });
}

}  // namespace

void Zendesk::write_ticket(json::Writer& out, const ZendeskTicket& it, bool exported) const {
  const std::vector<std::int64_t> nobody;
  const auto fields = [&] {
    for (const auto& field : options_.fields) {
      const auto value = it.fields.find(field.id);
      out.object([&] {
        out.member("id", field.id).key("value");
        if (value == it.fields.end()) {
          field.type == "checkbox" ? out.value(false) : out.null();
        } else {
          out.raw(value->second);
        }
      });
    }
  };
  const auto& comments = rows_.at(it.id).comments;
  const ZendeskComment* first = comments.empty() ? nullptr : &comments_.at(comments.front());
  out.object([&] {
    out.member("url", url("tickets/" + std::to_string(it.id) + ".json")).member("id", it.id);
    text(out, "external_id", it.external_id);
    write_via(out, it.via);
    out.member("created_at", to_second(it.created)).member("updated_at", to_second(it.updated));
    out.member("generated_timestamp",
               std::chrono::floor<std::chrono::seconds>(it.generated).time_since_epoch().count());
    text(out, "type", it.type);
    out.member("subject", it.subject).member("raw_subject", it.subject);
    out.member("description", first ? first->text.body : "");
    text(out, "priority", it.priority);
    out.member("status", it.deleted && exported ? "deleted" : it.status);
    out.key("recipient").null();
    number(out, "requester_id", it.requester_id);
    number(out, "submitter_id", it.submitter_id);
    number(out, "assignee_id", it.assignee_id);
    number(out, "organization_id", it.organization_id);
    number(out, "group_id", it.group_id);
    numbers(out, "collaborator_ids", nobody);
    numbers(out, "follower_ids", nobody);
    numbers(out, "email_cc_ids", nobody);
    out.key("forum_topic_id").null().key("problem_id").null();
    out.member("has_incidents", false).member("is_public", it.is_public).key("due_at").null();
    out.member("tags", it.tags);
    out.key("custom_fields").array(fields);
    out.key("satisfaction_rating").object([&] { out.member("score", "unoffered"); });
    numbers(out, "sharing_agreement_ids", nobody);
    out.member("custom_status_id", it.custom_status_id);
    out.key("fields").array(fields);
    numbers(out, "followup_ids", it.followups);
    out.member("ticket_form_id", std::int64_t{8'646'151'517'822}).member("brand_id", std::int64_t{8'447'346'621'310});
    out.member("allow_channelback", false).member("allow_attachments", true).member("from_messaging_channel", false);
  });
}

void Zendesk::write_attachment(json::Writer& out, std::int64_t id) const {
  const ZendeskAttachment& it = attachments_.at(id);
  out.object([&] {
    out.member("url", url("attachments/" + std::to_string(id) + ".json")).member("id", id);
    out.member("file_name", it.file.name).member("content_url", content_url(it));
    out.member("mapped_content_url", content_url(it)).member("content_type", it.file.content_type);
    out.member("size", it.file.data.size()).key("width").null().key("height").null();
    out.member("inline", it.is_inline).member("deleted", it.redacted);
    out.member("malware_access_override", false).member("malware_scan_result", "malware_not_found");
    out.key("thumbnails").array([] {});
  });
}

void Zendesk::write_attachments(json::Writer& out, const ZendeskComment& it, bool inline_images) const {
  out.key("attachments").array([&] {
    for (const std::int64_t id : it.attachments) {
      if (inline_images || !attachments_.at(id).is_inline) write_attachment(out, id);
    }
  });
}

void Zendesk::write_comment(json::Writer& out, const ZendeskComment& it, bool inline_images) const {
  out.object([&] {
    out.member("id", it.id).member("type", "Comment").member("author_id", it.author_id);
    out.member("body", it.text.body).member("html_body", it.text.html).member("plain_body", it.text.plain);
    out.member("public", it.is_public);
    write_attachments(out, it, inline_images);
    out.member("audit_id", it.audit_id);
    write_via(out, it.via);
    out.member("created_at", to_second(it.created));
    write_metadata(out, it.metadata);
  });
}

void Zendesk::write_audit(json::Writer& out, const ZendeskAudit& it) const {
  out.object([&] {
    out.member("id", it.id).member("ticket_id", it.ticket_id).member("created_at", to_second(it.created));
    out.member("author_id", it.author_id);
    write_metadata(out, it.metadata);
    out.key("events").array([&] {
      for (const auto& event : it.events) {
        const auto comment = comments_.find(event.comment_id);
        out.object([&] {
          out.member("id", event.id).member("type", event.type);
          if (event.type == "Comment" && comment != comments_.end()) {
            const ZendeskComment& said = comment->second;
            out.member("author_id", said.author_id).member("body", said.text.body);
            out.member("html_body", said.text.html).member("plain_body", said.text.plain);
            out.member("public", said.is_public);
            write_attachments(out, said, false);
            out.member("audit_id", it.id);
          } else if (event.comment_id != 0) {
            out.member("comment_id", event.comment_id);
          } else {
            out.member("field_name", event.field).key("value").raw(event.value);
            if (event.type == "Change") out.key("previous_value").raw(event.previous);
          }
        });
      }
    });
    write_via(out, it.via);
  });
}

void Zendesk::write_user(json::Writer& out, const ZendeskUser& it) const {
  out.object([&] {
    out.member("id", it.id).member("url", url("users/" + std::to_string(it.id) + ".json")).member("name", it.name);
    text(out, "email", it.mail);
    out.member("created_at", to_second(it.created)).member("updated_at", to_second(it.created));
    out.member("time_zone", "UTC").member("iana_time_zone", "Etc/UTC").key("phone").null();
    out.member("locale", "en-US").member("role", it.role).member("verified", true).member("active", true);
    out.member("suspended", false).member("tags", std::vector<std::string>{});
    number(out, "organization_id", it.organization_id);
    out.key("photo").null().key("external_id").null();
  });
}

void Zendesk::write_field(json::Writer& out, const ZendeskField& it) const {
  out.object([&] {
    out.member("url", url("ticket_fields/" + std::to_string(it.id) + ".json")).member("id", it.id);
    out.member("type", it.type).member("title", it.title).member("raw_title", it.title).member("description", "");
    out.member("active", true).member("required", it.required_to_solve).member("removable", it.id >= 360000);
    out.member("agent_description", "").key("regexp_for_validation").null();
    text(out, "tag", it.tag);
    if (it.type == "priority" || it.type == "tickettype") {
      out.key("system_field_options").array([&] {
        for (const auto& option : it.options)
          out.object([&] { out.member("name", option.name).member("value", option.tag); });
      });
    }
    if (it.type != "tagger") return;
    out.key("custom_field_options").array([&] {
      for (const auto& option : it.options) {
        out.object([&] {
          out.member("id", option.id).member("name", option.name).member("raw_name", option.name);
          out.member("value", option.tag).member("default", false);
        });
      }
    });
  });
}

}  // namespace supportd::fakes
