#include "tests/fakes/freshdesk.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/digest.hpp"
#include "tests/fakes/codec.hpp"
#include "tests/fakes/freshdesk_html.hpp"

namespace supportd::fakes {
namespace {

constexpr std::string_view download_path = "/data/helpdesk/attachments/production/";
constexpr std::string_view inline_path = "/inline/attachment";

std::int64_t id_of(const std::string& text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) throw FreshdeskFault{404, ""};
  return id;
}

// Which of the limits per endpoint a call falls under.
std::string family_of(const std::string& method, const std::vector<std::string>& path) {
  if (path.empty()) return "other";
  if (path[0] == "contacts" && path.size() == 1 && method == "GET") return "contacts";
  if (path[0] != "tickets") return "other";
  if (path.size() == 1) return method == "POST" ? "create" : "list";
  if (path.size() == 2 && method == "PUT") return "update";
  return "other";
}

http::Response answer_to(const FreshdeskFault& fault) {
  return {fault.status, {{"Content-Type", "application/json; charset=utf-8"}}, fault.body};
}

}  // namespace

Freshdesk::Freshdesk(FreshdeskOptions options)
    : options_(std::move(options)),
      random_(seed_for(options_.seed, "freshdesk")),
      all_calls_(options_.calls_per_minute) {
  families_ = {{"create", MinuteWindow(options_.creates_per_minute)},
               {"update", MinuteWindow(options_.updates_per_minute)},
               {"list", MinuteWindow(options_.lists_per_minute)},
               {"contacts", MinuteWindow(options_.contacts_per_minute)}};
}

http::Response Freshdesk::answer(const http::Request& request, Instant now) {
  const Target target = split_url(request.url);
  http::Response response;
  try {
    response = target.path == inline_path               ? download_inline(target)
               : target.path.starts_with(download_path) ? download(request, target, now)
                                                        : api(request, target, now);
  } catch (const FreshdeskFault& fault) {
    response = answer_to(fault);
  } catch (const Error& error) {  // a member that is not of its type, or holds a NUL
    if (error.kind() != ErrorKind::corrupt) throw;
    response = answer_to(refused(400, "invalid_json", error.what()));
  }
  response.headers.set("Date", http_date(now));
  return response;
}

http::Response Freshdesk::failure(int status, Instant now) {
  http::Response response{
      status, {{"Content-Type", "text/html"}}, "<html><body>We're sorry, but something went wrong.</body></html>"};
  if (status == 429) {
    response = {429,
                {{"Content-Type", "application/json"}, {"Retry-After", "30"}},
                R"({"message":"You have exceeded the limit of requests per minute","code":"rate_limit"})"};
  }
  response.headers.set("Date", http_date(now));
  return response;
}

// The storage behind the signed URLs: another host, no credentials of ours.
http::Response Freshdesk::download(const http::Request& request, const Target& target, Instant now) {
  std::lock_guard lock(mutex_);
  ++calls_["download"];
  if (request.headers.has("Authorization"))
    return {400,
            {{"Content-Type", "application/xml"}},
            "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>"};
  std::map<std::string, std::string> query;
  for (auto& [name, value] : http::parse_query(target.query)) query[name] = value;
  const std::string expires = query["Expires"];
  const std::string rest = target.path.substr(download_path.size());
  const auto found = attachments_.find(id_of(rest.substr(0, rest.find('/'))));
  const bool valid = query["Signature"] == signature(target.path, expires) &&
                     id_of(expires) > std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (!valid || found == attachments_.end())
    return {403, {{"Content-Type", "application/xml"}}, "<Error><Code>AccessDenied</Code></Error>"};
  return {200, {{"Content-Type", found->second.file.content_type}}, found->second.file.data};
}

// Whoever has the token may see the picture, for ever.
http::Response Freshdesk::download_inline(const Target& target) {
  std::lock_guard lock(mutex_);
  for (const auto& [id, attachment] : attachments_) {
    const std::string url = inline_url(id);
    if (url.ends_with(target.path + "?" + target.query)) {
      return {200, {{"Content-Type", attachment.file.content_type}}, attachment.file.data};
    }
  }
  return {404, {}, ""};
}

std::string Freshdesk::inline_url(std::int64_t id) const {
  return options_.attachment_base + std::string(inline_path) + "?token=" + std::to_string(id) + "." +
         signature("inline", std::to_string(id));
}

std::string Freshdesk::signature(const std::string& path, const std::string& expires) const {
  return digest::hex(digest::hmac_sha256("attachments/" + std::to_string(options_.seed), path + "?" + expires))
      .substr(0, 40);
}

const FreshdeskAgent* Freshdesk::authenticate(const http::Request& request) const {
  const std::string header = request.headers.get("Authorization").value_or("");
  if (header.starts_with("Basic ")) {
    const std::string plain = unbase64(header.substr(6)).value_or("");
    const std::string key = plain.substr(0, plain.find(':'));
    for (const auto& [id, agent] : agents_) {
      if (!key.empty() && agent.api_key == key) return &agent;
    }
  }
  throw refused(401, "invalid_credentials", "You have to be logged in to perform this action.");
}

int Freshdesk::charge(const Call& call, http::Headers& headers) {
  const std::string family = family_of(call.request.method, call.path);
  const auto include = call.query.find("include");
  int credits = 1;
  if (include != call.query.end() && !include->second.empty()) {
    const int parts = 1 + static_cast<int>(std::ranges::count(include->second, ','));
    credits += parts * (family == "list" ? 2 : 1);
  }
  const auto limit = families_.find(family);
  const bool allowed = (limit == families_.end() || limit->second.take(call.now)) && all_calls_.take(call.now, credits);
  headers.set("X-RateLimit-Total", std::to_string(all_calls_.most()));
  headers.set("X-RateLimit-Remaining", std::to_string(all_calls_.left()));
  headers.set("X-RateLimit-Used-CurrentRequest", std::to_string(allowed ? credits : 0));
  if (!allowed) headers.set("Retry-After", std::to_string(MinuteWindow::wait(call.now).count()));
  if (allowed) ++calls_[family];
  if (!allowed) ++refused_;
  return allowed ? credits : 0;
}

http::Response Freshdesk::api(const http::Request& request, const Target& target, Instant now) {
  constexpr std::string_view root = "/api/v2/";
  if (!target.path.starts_with(root)) throw FreshdeskFault{404, ""};
  std::lock_guard lock(mutex_);
  Call call{request, {}, {}, authenticate(request), now};
  std::string_view rest = std::string_view(target.path).substr(root.size());
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    call.path.push_back(http::percent_decode(part));
  }
  for (auto& [name, value] : http::parse_query(target.query)) call.query[name] = value;

  http::Headers headers;
  http::Response response;
  if (charge(call, headers) == 0) {
    response = failure(429, now);
  } else {
    try {
      response = run(call);
    } catch (const FreshdeskFault& fault) {
      response = {fault.status, {{"Content-Type", "application/json; charset=utf-8"}}, fault.body};
    }
  }
  for (const auto& [name, value] : headers) response.headers.set(name, value);
  return response;
}

http::Response Freshdesk::run(const Call& call) {
  if (!call.path.empty() && call.path[0] == "tickets") return tickets_resource(call);
  return other_resource(call);
}

http::Response Freshdesk::tickets_resource(const Call& call) {
  const std::string& method = call.request.method;
  const auto& path = call.path;
  if (path.size() == 1 && method == "GET") return list_tickets(call);
  if (path.size() == 1 && method == "POST") return create_ticket(call);
  if (path.size() == 2 && path[1] == "merge" && method == "PUT") return merge(call);
  if (path.size() == 2 && method == "GET") return view_ticket(call, id_of(path[1]));
  if (path.size() == 2 && method == "PUT") return update_ticket(call, id_of(path[1]));
  if (path.size() == 2 && method == "DELETE") {
    Row& it = row(id_of(path[1]));
    if (it.now.deleted) throw FreshdeskFault{405, ""};
    change(it, call.now, [](FreshdeskTicket& ticket) { ticket.deleted = true; });
    return {204, {}, ""};
  }
  if (path.size() == 3 && path[1] == "archived" && method == "GET") return view_ticket(call, id_of(path[2]));
  if (path.size() == 3 && path[2] == "conversations" && method == "GET")
    return list_conversations(call, id_of(path[1]));
  if (path.size() == 3 && path[2] == "reply" && method == "POST") return add_conversation(call, id_of(path[1]), true);
  if (path.size() == 3 && path[2] == "notes" && method == "POST") return add_conversation(call, id_of(path[1]), false);
  if (path.size() == 3 && path[2] == "restore" && method == "PUT") {
    change(row(id_of(path[1])), call.now, [](FreshdeskTicket& ticket) { ticket.deleted = false; });
    return {204, {}, ""};
  }
  throw FreshdeskFault{path.size() <= 2 ? 405 : 404, ""};
}

http::Response Freshdesk::other_resource(const Call& call) {
  const std::string& method = call.request.method;
  const std::string resource = call.path.empty() ? "" : call.path[0];
  if (resource == "conversations" && call.path.size() == 2) {
    if (method == "PUT") return edit_conversation(call, id_of(call.path[1]));
    if (method == "DELETE") return delete_conversation(call, id_of(call.path[1]));
  }
  if (method != "GET") throw FreshdeskFault{405, ""};
  if (resource == "ticket_fields") return ticket_fields(call);
  if (resource == "groups") return groups(call);
  if (resource == "search" && call.path.size() == 2 && call.path[1] == "tickets") return search(call);
  if (resource == "agents" || resource == "contacts" || resource == "companies") return people(call);
  throw FreshdeskFault{404, ""};
}

FreshdeskSchema Freshdesk::schema() const {
  FreshdeskSchema out{{}, options_.fields};
  for (const auto& [status, labels] : options_.statuses) out.statuses.insert(status);
  return out;
}

int Freshdesk::throttled() const {
  std::lock_guard lock(mutex_);
  return refused_;
}

int Freshdesk::calls(const std::string& family) const {
  std::lock_guard lock(mutex_);
  const auto found = calls_.find(family);
  return found == calls_.end() ? 0 : found->second;
}

}  // namespace supportd::fakes
