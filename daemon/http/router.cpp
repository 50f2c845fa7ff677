#include "daemon/http/router.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "daemon/json.hpp"

namespace supportd::http {
namespace {

bool is_param(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  for (const char c : path) {
    if (c == '/') {
      segments.emplace_back();
    } else {
      if (segments.empty()) segments.emplace_back();
      segments.back() += c;
    }
  }
  return segments;
}

// Calls `on_param(name, value)` for each param. False when the path is not of this template.
template <class OnParam>
bool matches(const std::vector<std::string>& segments, std::string_view path, OnParam on_param) {
  for (const std::string& segment : segments) {
    if (path.empty() || path.front() != '/') return false;
    path.remove_prefix(1);
    const std::string_view value = path.substr(0, path.find('/'));
    if (is_param(segment)) {
      if (value.empty()) return false;
      on_param(std::string_view(segment).substr(1, segment.size() - 2), value);
    } else if (value != segment) {
      return false;
    }
    path.remove_prefix(value.size());
  }
  return path.empty();
}

bool answers(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

std::string joined(const std::set<std::string>& methods) {
  std::string out;
  for (const auto& method : methods) out += (out.empty() ? "" : ", ") + method;
  return out;
}

}  // namespace

void Router::add(Route route) {
  Entry entry{std::move(route), {}, 0};
  entry.segments = split(entry.route.path);
  entry.params = static_cast<int>(std::ranges::count_if(entry.segments, is_param));
  for (const Entry& other : entries_) {
    if (other.route.method == entry.route.method && other.route.path == entry.route.path) {
      throw std::logic_error("two routes for " + entry.route.method + " " + entry.route.path);
    }
  }
  const auto at = std::ranges::upper_bound(entries_, entry.params, {}, &Entry::params);
  entries_.insert(at, std::move(entry));
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  const auto ignore = [](std::string_view, std::string_view) {};
  for (const Entry& entry : entries_) {
    if (!answers(entry.route, method) || !matches(entry.segments, path, ignore)) continue;
    Match match{&entry.route};
    matches(entry.segments, path,
            [&](std::string_view name, std::string_view value) { match.params.emplace(name, percent_decode(value)); });
    return match;
  }
  std::set<std::string> allowed;
  for (const Entry& entry : entries_) {
    if (!matches(entry.segments, path, ignore)) continue;
    allowed.insert(entry.route.method);
    if (entry.route.method == "GET") allowed.insert("HEAD");
  }
  return {.allowed = joined(allowed)};
}

std::string actor_of(const Inbound& request) {
  return request.peer.local ? request.peer.name : "token from " + request.peer.name;
}

Response problem(int status, std::string_view title, std::string_view detail) {
  json::Writer writer;
  writer.object([&] {
    writer.member("type", "about:blank");
    writer.member("title", title);
    writer.member("status", status);
    writer.member("detail", detail);
  });
  return {status, {{"Content-Type", "application/problem+json"}}, writer.take()};
}

Response json(std::string body, int status) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

}  // namespace supportd::http
