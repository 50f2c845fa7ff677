// How Freshdesk shows its objects.
#include "tests/fakes/codec.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/freshdesk_html.hpp"

namespace supportd::fakes {
namespace {

void id_or_null(json::Writer& out, std::string_view name, std::int64_t id) {
  out.key(name);
  if (id == 0) {
    out.null();
  } else {
    out.value(id);
  }
}

}  // namespace

void Freshdesk::write_attachments(json::Writer& out, const std::vector<std::int64_t>& ids, Instant now) const {
  out.key("attachments").array([&] {
    for (const std::int64_t id : ids) {
      const FreshdeskAttachment& it = attachments_.at(id);
      const std::string path = "/data/helpdesk/attachments/production/" + std::to_string(id) + "/original/" +
                               http::percent_encode(it.file.name);
      const auto expires = std::chrono::floor<std::chrono::seconds>(now) + options_.attachment_url_life;
      const std::string until = std::to_string(expires.time_since_epoch().count());
      out.object([&] {
        out.member("id", id).member("name", it.file.name).member("content_type", it.file.content_type);
        out.member("size", it.file.data.size());
        out.member("created_at", to_second(it.created)).member("updated_at", to_second(it.created));
        out.member("attachment_url",
                   options_.attachment_base + path + "?Expires=" + until + "&Signature=" + signature(path, until));
      });
    }
  });
}

void Freshdesk::write_ticket(json::Writer& out, const FreshdeskTicket& it, Parts parts, Instant now) const {
  const std::vector<std::string> nobody;
  out.object([&] {
    out.member("cc_emails", nobody).member("fwd_emails", nobody).member("reply_cc_emails", nobody);
    out.member("fr_escalated", false).member("spam", it.spam).member("is_escalated", false);
    if (it.deleted) out.member("deleted", true);
    if (archived(it, now)) out.member("archived", true);
    out.key("email_config_id").null().key("product_id").null();
    id_or_null(out, "group_id", it.group_id);
    id_or_null(out, "responder_id", it.responder_id);
    id_or_null(out, "company_id", it.company_id);
    out.member("requester_id", it.requester_id).member("id", it.id);
    out.member("priority", it.priority).member("status", it.status).member("source", it.source);
    out.member("subject", it.subject);
    out.key("type");
    if (it.type.empty()) {
      out.null();
    } else {
      out.value(it.type);
    }
    out.member("due_by", to_second(it.created + std::chrono::days{3}));
    out.member("fr_due_by", to_second(it.created + std::chrono::days{1}));
    out.member("created_at", to_second(it.created)).member("updated_at", to_second(it.updated));
    out.member("tags", it.tags);
    out.key("custom_fields").object([&] {
      for (const auto& field : options_.fields) {
        const auto value = it.fields.find(field.name);
        out.key(field.name);
        if (value == it.fields.end()) {
          out.null();
        } else {
          out.raw(value->second);
        }
      }
    });
    if (parts.description) out.member("description", it.html).member("description_text", text_of(it.html));
    if (parts.files) write_attachments(out, it.attachments, now);
    if (parts.stats) write_stats(out, it);
  });
}

void Freshdesk::write_stats(json::Writer& out, const FreshdeskTicket& it) const {
  const std::string since = to_second(it.status_changed == Instant{} ? it.created : it.status_changed);
  out.key("stats").object([&] {
    out.member("status_updated_at", since);
    for (const auto& [name, status] : {std::pair{"resolved_at", 4}, {"closed_at", 5}, {"pending_since", 3}}) {
      out.key(name);
      if (it.status == status) {
        out.value(since);
      } else {
        out.null();
      }
    }
  });
}

void Freshdesk::write_conversation(json::Writer& out, const FreshdeskConversation& it, Instant now) const {
  out.object([&] {
    out.member("body", it.html).member("body_text", text_of(it.html)).member("id", it.id);
    out.member("incoming", it.incoming).member("private", it.is_private).member("user_id", it.user_id);
    out.key("support_email").null();
    out.member("source", it.source).member("ticket_id", it.ticket_id);
    out.member("created_at", to_second(it.created)).member("updated_at", to_second(it.updated));
    out.key("last_edited_at");
    if (it.edited) {
      out.value(to_second(*it.edited));
    } else {
      out.null();
    }
    write_attachments(out, it.attachments, now);
  });
}

}  // namespace supportd::fakes
