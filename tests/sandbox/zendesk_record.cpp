#include "tests/sandbox/zendesk_record.hpp"

#include "tests/fakes/codec.hpp"

namespace supportd::sandbox {
namespace {

void write_comment(json::Writer& out, const fakes::Zendesk& desk, const fakes::ZendeskComment& it) {
  out.object([&] {
    out.member("id", it.id).member("author_id", it.author_id).member("public", it.is_public);
    out.member("channel", it.via.channel).member("body", it.text.body).key("metadata").raw(it.metadata);
    out.key("files").array([&] {
      for (const std::int64_t id : it.attachments) {
        const auto file = desk.attachment(id);
        out.object([&] {
          out.member("name", file.file.name).member("sha256", fakes::sha256_hex(file.file.data));
          out.member("inline", file.is_inline);
        });
      }
    });
  });
}

void write_history(json::Writer& out, const fakes::ZendeskAudit& audit) {
  for (const auto& event : audit.events) {
    if (event.type != "Create" && event.type != "Change") continue;
    out.object([&] {
      out.member("at", time::to_text(audit.created)).member("by", audit.author_id).member("field", event.field);
      out.key("from").raw(event.previous).key("to").raw(event.value);
    });
  }
}

}  // namespace

std::string zendesk_record(const fakes::Zendesk& desk) {
  json::Writer out;
  out.object([&] {
    out.key("tickets").array([&] {
      for (const auto& it : desk.tickets()) {
        out.object([&] {
          out.member("id", it.id).member("subject", it.subject).member("status", it.status);
          out.member("custom_status_id", it.custom_status_id).member("priority", it.priority);
          out.member("external_id", it.external_id).member("tags", it.tags).member("deleted", it.deleted);
          out.key("fields").object([&] {
            for (const auto& [id, value] : it.fields) out.key(std::to_string(id)).raw(value);
          });
          out.key("comments").array([&] {
            for (const auto& comment : desk.comments(it.id)) write_comment(out, desk, comment);
          });
          out.key("history").array([&] {
            for (const auto& audit : desk.audits(it.id)) write_history(out, audit);
          });
        });
      }
    });
    const auto limits = {"all", "tickets-update", "ticket-update", "incremental-exports", "tickets-delete"};
    out.key("calls").object([&] {
      for (const auto* limit : limits) out.member(limit, desk.calls(limit));
    });
    out.key("refused").object([&] {
      for (const auto* limit : limits) out.member(limit, desk.refused(limit));
    });
  });
  return out.take();
}

}  // namespace supportd::sandbox
