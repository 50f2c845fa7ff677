#include "tests/fakes/zendesk.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/digest.hpp"
#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

constexpr std::string_view download_path = "/attachments/token/";

bool is_id(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

http::Response zendesk_json(int status, std::string body) {
  return {status, {{"Content-Type", "application/json; charset=utf-8"}}, std::move(body)};
}

std::int64_t zendesk_id(const std::string& text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    throw invalid_attribute(
        "You passed an invalid value for the id attribute. Invalid parameter: id must be an integer");
  return id;
}

Zendesk::Zendesk(ZendeskOptions options)
    : options_(std::move(options)),
      random_(seed_for(options_.seed, "zendesk")),
      limits_(options_.quotas),
      webhooks_(options_.seed, options_.webhooks),
      base_(options_.base) {}

http::Response Zendesk::answer(const http::Request& request, Instant real) {
  const Instant now = own(real);
  const Target target = split_url(request.url);
  std::lock_guard lock(mutex_);
  settle(now);
  if (options_.base.empty()) base_ = request.url.substr(0, request.url.find("://")) + "://" + target.authority;
  http::Response response;
  try {
    response = target.path.starts_with(download_path) ? download(request, target) : api(request, target, now);
  } catch (const ZendeskFault& fault) {
    response = zendesk_json(fault.status, fault.body);
    for (const auto& [name, value] : fault.headers) response.headers.set(name, value);
  }
  response.headers.set("X-Zendesk-Request-Id", digest::hex(digest::sha256(std::to_string(++answers_))).substr(0, 20));
  response.headers.set("Date", http_date(now));
  return response;
}

http::Response Zendesk::failure(int status, Instant now) {
  http::Response response{status, {{"Content-Type", "text/html"}}, "<html><body>Something went wrong</body></html>"};
  if (status == 429)
    response = zendesk_json(429, R"({"detail":"Rate limited by Zendesk edge protection","status":"429"})");
  if (status == 429 || status == 503) response.headers.set("Retry-After", "30");
  response.headers.set("Date", http_date(own(now)));
  return response;
}

// What the account itself does once its time has come, in order.
void Zendesk::settle(Instant now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    const auto [at, work] = std::pair(later_.begin()->first, std::move(later_.begin()->second));
    later_.erase(later_.begin());
    work(at);
  }
}

const ZendeskUser* Zendesk::authenticate(const http::Request& request) const {
  const std::string header = request.headers.get("Authorization").value_or("");
  if (header.starts_with("Bearer ")) {
    const auto found = oauth_tokens_.find(header.substr(7));
    if (found != oauth_tokens_.end()) return &users_.at(found->second);
  } else if (header.starts_with("Basic ")) {
    const std::string plain = unbase64(header.substr(6)).value_or("");
    const std::size_t split = plain.find("/token:");
    const std::string token = split == std::string::npos ? "" : plain.substr(split + 7);
    const bool known = std::ranges::find(api_tokens_, token) != api_tokens_.end();
    for (const auto& [id, user] : users_) {
      if (known && user.is_staff() && user.mail == plain.substr(0, split)) return &user;
    }
  }
  throw ZendeskFault{401, R"({"error":"Couldn't authenticate you"})"};
}

http::Response Zendesk::api(const http::Request& request, const Target& target, Instant now) {
  constexpr std::string_view root = "/api/v2/";
  if (!target.path.starts_with(root)) throw invalid_endpoint();
  Call call{request, {}, {}, authenticate(request), now};
  std::string_view rest = std::string_view(target.path).substr(root.size());
  if (rest.ends_with(".json")) rest.remove_suffix(5);
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    call.path.push_back(http::percent_decode(part));
  }
  for (auto& [name, value] : http::parse_query(target.query)) call.query[name] = value;

  http::Headers headers;
  http::Response response;
  if (const auto reason = limits_.charge({request.method, call.path, call.user->id}, now, headers)) {
    response = zendesk_json(429, zendesk_error(429, "APIRateLimitExceeded", *reason).body);
  } else {
    try {
      response = run(call);
    } catch (const ZendeskFault& fault) {
      response = zendesk_json(fault.status, fault.body);
      for (const auto& [name, value] : fault.headers) response.headers.set(name, value);
    } catch (const Error& error) {  // a member that is not of its type
      if (error.kind() != ErrorKind::corrupt) throw;
      response = zendesk_json(400, invalid_attribute(error.what()).body);
    }
  }
  for (const auto& [name, value] : headers) response.headers.set(name, value);
  return response;
}

http::Response Zendesk::run(const Call& call) {
  if (!call.path.empty() && call.path[0] == "tickets") return tickets_resource(call);
  return other_resource(call);
}

http::Response Zendesk::tickets_resource(const Call& call) {
  const std::string& method = call.request.method;
  if (call.path.size() == 1 && method == "GET") return list_tickets(call);
  if (call.path.size() == 1 && method == "POST") return create_once(call);
  if (call.path.size() == 2 && call.path[1] == "show_many" && method == "GET") return show_many(call);
  if (call.path.size() >= 2 && (is_id(call.path[1]) || call.path.size() == 2))
    return one_ticket(call, zendesk_id(call.path[1]));
  throw invalid_endpoint();
}

http::Response Zendesk::one_ticket(const Call& call, std::int64_t id) {
  const std::string& method = call.request.method;
  const std::string part = call.path.size() > 2 ? call.path[2] : "";
  if (call.path.size() == 2 && method == "GET") {
    json::Writer out;
    out.object([&] {
      out.key("ticket");
      write_ticket(out, living(id).now);
    });
    return zendesk_json(200, out.take());
  }
  if (call.path.size() == 2 && method == "PUT") return update_ticket(call, id);
  if (call.path.size() == 2 && method == "DELETE") {
    remove(living(id), call.user->id, call.now);
    return {204, {}, ""};
  }
  if (call.path.size() == 3 && part == "comments" && method == "GET") return list_comments(call, id);
  if (call.path.size() == 3 && part == "audits" && method == "GET") return list_audits(call, id);
  if (call.path.size() == 3 && part == "tags") return change_tags(call, id);
  if (call.path.size() == 3 && part == "merge" && method == "POST") return merge(call, id);
  if (call.path.size() == 4 && part == "audits" && method == "GET") {
    const auto found = audits_.find(zendesk_id(call.path[3]));
    if (found == audits_.end() || found->second.ticket_id != living(id).now.id) throw record_not_found();
    json::Writer out;
    out.object([&] {
      out.key("audit");
      write_audit(out, found->second);
    });
    return zendesk_json(200, out.take());
  }
  if (call.path.size() >= 5 && part == "comments" && method == "PUT")
    return comment_resource(call, id, zendesk_id(call.path[3]));
  throw invalid_endpoint();
}

http::Response Zendesk::comment_resource(const Call& call, std::int64_t ticket, std::int64_t id) {
  const auto found = comments_.find(id);
  if (found == comments_.end() || found->second.ticket_id != living(ticket).now.id) throw record_not_found();
  const std::string& action = call.path[4];
  if (call.path.size() == 5 && action == "make_private") return make_private(call, found->second);
  if (call.path.size() == 5 && action == "redact") {
    open_row(ticket);
    const auto body = json::Document::parse(call.request.body);
    return redact_comment(call, found->second, {body.root().at("text").string()});
  }
  if (call.path.size() == 7 && action == "attachments" && call.path[6] == "redact") {
    open_row(ticket);
    return redact_attachment(call, found->second, zendesk_id(call.path[5]));
  }
  throw invalid_endpoint();
}

http::Response Zendesk::other_resource(const Call& call) {
  const std::string& method = call.request.method;
  const std::string resource = call.path.empty() ? "" : call.path[0];
  if (resource == "uploads") return upload(call);
  if (resource == "deleted_tickets") return deleted_tickets(call);
  if (resource == "comment_redactions" && call.path.size() == 2 && method == "PUT") {
    const auto body = json::Document::parse(call.request.body);
    const auto found = comments_.find(zendesk_id(call.path[1]));
    const std::int64_t ticket = living(body.root().at("ticket_id").integer()).now.id;
    if (found == comments_.end() || found->second.ticket_id != ticket) throw record_not_found();
    return redact_comment(call, found->second, redacted_parts(body.root().at("html_body").string()));
  }
  if (method != "GET") throw invalid_endpoint();
  if (resource == "incremental") return export_tickets(call);
  if (resource == "users") return users(call);
  if (resource == "organizations") return organizations(call);
  if (resource == "ticket_fields") return ticket_fields(call);
  if (resource == "groups") return groups(call);
  if (resource == "custom_statuses") return custom_statuses(call);
  if (resource == "attachments") return attachment_resource(call);
  if (resource == "job_statuses") return job_statuses(call);
  throw invalid_endpoint();
}

int Zendesk::calls(const std::string& limit) const {
  std::lock_guard lock(mutex_);
  return limit == "download" ? downloads_ : limits_.made(limit);
}

int Zendesk::refused(const std::string& limit) const {
  std::lock_guard lock(mutex_);
  return limits_.refused(limit);
}

}  // namespace supportd::fakes
