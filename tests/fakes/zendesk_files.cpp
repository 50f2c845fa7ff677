// Uploads, attachments, redaction.
#include <algorithm>

#include "daemon/digest.hpp"
#include "tests/fakes/codec.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

constexpr std::size_t largest_upload = 50 * 1024 * 1024;
constexpr std::chrono::minutes upload_kept{60};

}  // namespace

std::int64_t Zendesk::keep(const File& file, Instant now) {
  const std::int64_t id = ++last_id_;
  const std::string seal = "zendesk attachments/" + std::to_string(options_.seed);
  const std::string token = digest::hex(digest::hmac_sha256(seal, std::to_string(id))).substr(0, 25);
  attachments_[id] = {id, file, token, false, false, now};
  return id;
}

std::string Zendesk::content_url(const ZendeskAttachment& it) const {
  return options_.attachment_base + "/attachments/token/" + it.token + "/?name=" + http::percent_encode(it.file.name);
}

// The storage behind the content URLs: another host, no credentials of ours.
http::Response Zendesk::download(const http::Request& request, const Target& target) {
  ++downloads_;
  if (request.headers.has("Authorization"))
    return {400, {{"Content-Type", "text/plain"}}, "Only one auth mechanism allowed"};
  const std::string rest = target.path.substr(std::string_view("/attachments/token/").size());
  const std::string token = rest.substr(0, rest.find('/'));
  for (const auto& [id, it] : attachments_) {
    if (it.token == token) return {200, {{"Content-Type", it.file.content_type}}, it.file.data};
  }
  return {404, {{"Content-Type", "text/html"}}, "<html><body>Not found</body></html>"};
}

http::Response Zendesk::upload(const Call& call) {
  if (call.path.size() == 2 && call.request.method == "DELETE") {
    if (uploads_.erase(call.path[1]) == 0) throw record_not_found();
    return {204, {}, ""};
  }
  if (call.path.size() != 1 || call.request.method != "POST") throw invalid_endpoint();
  const auto name = call.query.find("filename");
  if (name == call.query.end() || name->second.empty())
    throw zendesk_error(400, "ParameterMissing", "Parameter filename is required");
  if (call.request.body.size() > largest_upload)
    throw zendesk_error(413, "AttachmentTooLarge", "The file is larger than 50 MB");
  const auto given = call.query.find("token");
  std::string token = given == call.query.end() ? "" : given->second;
  if (!token.empty() && (!uploads_.contains(token) || uploads_.at(token).expires <= call.now))
    throw record_invalid({{"token", "Token: is invalid"}});
  const std::string type = call.request.headers.get("Content-Type").value_or("application/binary");
  const std::int64_t id = keep({name->second, call.request.body, type}, call.now);
  if (token.empty()) token = "up" + attachments_.at(id).token;
  Upload& it = uploads_[token];
  it.attachments.push_back(id);
  it.expires = call.now + upload_kept;
  json::Writer out;
  out.object([&] {
    out.key("upload").object([&] {
      out.member("token", token).member("expires_at", to_second(it.expires));
      out.key("attachments").array([&] {
        for (const std::int64_t one : it.attachments) write_attachment(out, one);
      });
      out.key("attachment");
      write_attachment(out, id);
    });
  });
  return zendesk_json(201, out.take());
}

http::Response Zendesk::attachment_resource(const Call& call) const {
  if (call.path.size() != 2) throw invalid_endpoint();
  const std::int64_t id = zendesk_id(call.path[1]);
  if (!attachments_.contains(id)) throw record_not_found();
  json::Writer out;
  out.object([&] {
    out.key("attachment");
    write_attachment(out, id);
  });
  return zendesk_json(200, out.take());
}

http::Response Zendesk::redact_comment(const Call& call, ZendeskComment& comment,
                                       const std::vector<std::string>& parts) {
  for (const auto& part : parts) redact(comment.text, part);
  Row& it = row(comment.ticket_id);
  note_event(it, "CommentRedactionEvent", comment.id, {call.user->id, {"api"}, call.now});
  publish_event(it, "ticket.comment_redacted", call.user->id,
                "{\"comment\":{\"id\":\"" + std::to_string(comment.id) + "\"}}", call.now);
  json::Writer out;
  out.object([&] {
    out.key("comment");
    write_comment(out, comment, false);
  });
  return zendesk_json(200, out.take());
}

http::Response Zendesk::redact_attachment(const Call& call, ZendeskComment& comment, std::int64_t id) {
  if (std::ranges::find(comment.attachments, id) == comment.attachments.end()) throw record_not_found();
  ZendeskAttachment& file = attachments_.at(id);
  file.file = {"redacted.txt", "", "text/plain"};
  file.redacted = true;
  Row& it = row(comment.ticket_id);
  note_event(it, "AttachmentRedactionEvent", comment.id, {call.user->id, {"api"}, call.now});
  publish_event(it, "ticket.attachment_redacted_from_comment", call.user->id,
                "{\"comment\":{\"id\":\"" + std::to_string(comment.id) + "\"},\"attachment\":{\"id\":\"" +
                    std::to_string(id) + "\"}}",
                call.now);
  json::Writer out;
  out.object([&] {
    out.key("attachment");
    write_attachment(out, id);
  });
  return zendesk_json(200, out.take());
}

http::Response Zendesk::make_private(const Call& call, ZendeskComment& comment) {
  comment.is_public = false;
  Row& it = row(comment.ticket_id);
  note_event(it, "CommentPrivacyChange", comment.id, {call.user->id, {"api"}, call.now});
  publish_event(it, "ticket.comment_made_private", call.user->id,
                "{\"comment\":{\"id\":\"" + std::to_string(comment.id) + "\"}}", call.now);
  return zendesk_json(200, "{}");
}

}  // namespace supportd::fakes
