#include "connectors/freshdesk/webhook.hpp"

#include <openssl/crypto.h>

#include <optional>

#include "daemon/digest.hpp"
#include "daemon/json.hpp"

namespace supportd::connectors::freshdesk {
namespace {

constexpr std::size_t longest_id = 19;
constexpr std::string_view spaces = " \t\r\n";

std::string checked_id(std::string_view text) {
  const bool id = !text.empty() && text.size() <= longest_id &&
                  text.find_first_not_of("0123456789") == std::string_view::npos && text.front() != '0';
  return id ? std::string(text) : "";
}

std::string id_in(const json::View& object) {
  for (const char* name : {"ticket_id", "id"}) {
    const auto value = object.find(name);
    if (value && (value->is_integer() || value->is_string())) return checked_id(value->scalar_text());
  }
  return "";
}

std::string id_in_json(std::string_view body) {
  try {
    const auto document = json::Document::parse(body, "Freshdesk webhook");
    const json::View root = document.root();
    if (!root.is_object()) return checked_id(root.scalar_text());
    for (const char* name : {"freshdesk_webhook", "ticket"}) {
      const auto inner = root.find(name);
      if (!inner || !inner->is_object()) continue;
      if (std::string id = id_in(*inner); !id.empty()) return id;
    }
    return id_in(root);
  } catch (const Error&) {
    return "";  // a quotation mark in a subject is enough; the text is searched next
  }
}

std::string_view after_spaces(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
  return text;
}

std::string id_in_text(std::string_view body) {
  constexpr std::string_view name = "\"ticket_id\"";
  const std::size_t at = body.find(name);
  if (at == std::string_view::npos) {
    const std::string_view bare = after_spaces(body);
    return checked_id(bare.substr(0, bare.find_last_not_of(spaces) + 1));
  }
  std::string_view rest = after_spaces(body.substr(at + name.size()));
  if (!rest.starts_with(':')) return "";
  rest = after_spaces(rest.substr(1));
  if (rest.starts_with('"')) rest.remove_prefix(1);
  const std::size_t end = std::min(rest.find_first_not_of("0123456789"), rest.size());
  const bool ends = end == rest.size() || std::string_view("\",}] \t\r\n").find(rest[end]) != std::string_view::npos;
  return ends ? checked_id(rest.substr(0, end)) : "";
}

}  // namespace

bool is_webhook_secret(std::string_view given, std::string_view secret) {
  if (secret.empty()) return false;
  // Hashes are of one length, so that the secret's is not told either.
  const std::string a = digest::sha256(given);
  const std::string b = digest::sha256(secret);
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string webhook_ticket(std::string_view body) {
  if (body.size() > most_webhook_bytes) throw Error(ErrorKind::corrupt, "Freshdesk webhook: the body is too long");
  std::string id = id_in_json(body);
  if (id.empty()) id = id_in_text(body);
  if (id.empty()) throw Error(ErrorKind::corrupt, "Freshdesk webhook: the body names no ticket");
  return id;
}

}  // namespace supportd::connectors::freshdesk
