#include "connectors/zendesk/webhook.hpp"

#include <openssl/crypto.h>

#include "connectors/zendesk/row.hpp"
#include "daemon/digest.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr std::string_view type_prefix = "zen:event-type:";
constexpr std::string_view ticket_prefix = "zen:ticket:";
constexpr std::size_t longest_id = 19;
constexpr std::size_t longest_text = 200;

bool is_equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string id_or_nothing(const std::string& text) {
  const bool id = !text.empty() && text.size() <= longest_id &&
                  text.find_first_not_of("0123456789") == std::string::npos && text.front() != '0';
  return id ? text : "";
}

std::string text_at(const json::View& row, std::string_view key) {
  const auto value = row.find(key);
  return value && value->is_string() ? json::valid_utf8(value->string().substr(0, longest_text)) : "";
}

std::string id_at(const json::View& row, std::string_view key) {
  const auto value = row.find(key);
  return value && (value->is_string() || value->is_integer()) ? id_or_nothing(value->scalar_text()) : "";
}

std::string without(std::string_view prefix, const std::string& text) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

Notice parse_event(const json::View& root) {
  Notice out;
  out.event = text_at(root, "id");
  out.type = without(type_prefix, text_at(root, "type"));
  const std::string subject = text_at(root, "subject");
  const bool other = !subject.empty() && !subject.starts_with(ticket_prefix);
  if (subject.starts_with(ticket_prefix)) out.ticket = id_or_nothing(subject.substr(ticket_prefix.size()));
  if (const auto detail = root.find("detail"); detail && detail->is_object()) {
    if (out.ticket.empty() && !other && out.type.starts_with("ticket.")) out.ticket = id_at(*detail, "id");
    out.actor = id_at(*detail, "actor_id");
  }
  return out;
}

std::string ticket_of(const json::View& row) {
  const std::string id = id_at(row, "ticket_id");
  return id.empty() ? id_at(row, "id") : id;
}

}  // namespace

Verdict verify(std::string_view signature, std::string_view timestamp, std::string_view body, std::string_view secret,
               Instant now, Millis window) {
  if (secret.empty() || body.size() > most_webhook_bytes || timestamp.size() > longest_text) return Verdict::forged;
  std::string signed_text(timestamp);
  signed_text += body;
  if (!is_equal_in_constant_time(signature, digest::base64(digest::hmac_sha256(secret, signed_text)))) {
    return Verdict::forged;
  }
  const auto at = time::parse_instant(timestamp);
  if (!at.has_value()) return Verdict::stale;
  return *at < now - window || *at > now + window ? Verdict::stale : Verdict::genuine;
}

Notice parse_notice(std::string_view body, std::string_view invocation) {
  if (body.size() > most_webhook_bytes) throw Error(ErrorKind::corrupt, "Zendesk webhook: the body is too long");
  const auto document = json::Document::parse(body, "Zendesk webhook");
  const json::View root = document.root();
  if (!root.is_object()) throw Error(ErrorKind::corrupt, "Zendesk webhook: the body is no object");
  Notice out;
  if (text_at(root, "type").starts_with(type_prefix)) {
    out = parse_event(root);
  } else {
    out.ticket = ticket_of(root);
    if (const auto ticket = root.find("ticket"); ticket && ticket->is_object()) {
      if (std::string inner = ticket_of(*ticket); !inner.empty()) out.ticket = std::move(inner);
    }
    if (out.ticket.empty()) throw Error(ErrorKind::corrupt, "Zendesk webhook: the body names no ticket");
  }
  out.invocation = json::valid_utf8(invocation.substr(0, longest_text));
  return out;
}

}  // namespace supportd::connectors::zendesk
