// Checks for the fields of a section: callables that take the value and say what is wrong with it, if anything.
// On a list, an optional or a map they look at each element.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/codec.hpp"
#include "daemon/config/print.hpp"

namespace supportd::config {

template <class T>
struct Range {
  T low;
  T high;

  template <class V>
  Complaint operator()(const V& value) const {
    if (!less(value, low) && !less(high, value)) return {};
    return out_of_range(value_text(to_node(value)), value_text(to_node(low)), value_text(to_node(high)));
  }

 private:
  template <class A, class B>
  static bool less(const A& a, const B& b) {
    if constexpr (std::integral<A> && std::integral<B>) {
      return std::cmp_less(a, b);
    } else {
      return a < b;
    }
  }
};

// Both ends belong to the range. For numbers, and for lengths of time: between(1s, 24h).
template <class A, class B>
auto between(A low, B high) {
  return Range<std::common_type_t<A, B>>{low, high};
}

// One of these texts.
class OneOf {
 public:
  explicit OneOf(std::vector<std::string> texts) : texts_(std::move(texts)) {}
  Complaint operator()(const std::string& text) const;

 private:
  std::vector<std::string> texts_;
};
inline OneOf one_of(std::vector<std::string> texts) { return OneOf(std::move(texts)); }

// A text that `parse` (std::string_view -> Parsed<anything>) understands; the field keeps the text.
template <class Parse>
auto parsed_by(Parse parse) {
  return [parse](const std::string& text) -> Complaint {
    auto parsed = parse(std::string_view(text));
    if (!parsed) return to_text(parsed.error());
    return {};
  };
}

struct NotEmpty {
  Complaint operator()(const std::string& text) const;
};
inline NotEmpty not_empty() { return {}; }

// An absolute http or https address (RFC 3986) without user or password.
struct Url {
  Complaint operator()(const std::string& text) const;
};
inline Url url() { return {}; }

// The same, and https unless it leads to this machine: secrets travel there.
struct SecureUrl {
  Complaint operator()(const std::string& text) const;
};
inline SecureUrl secure_url() { return {}; }

// Letters, digits and "._-": what may stand in labels, lines and paths.
struct PlainName {
  Complaint operator()(const std::string& text) const;
};
inline PlainName plain_name() { return {}; }

struct AbsolutePath {
  Complaint operator()(const std::string& text) const;
};
inline AbsolutePath absolute_path() { return {}; }

// "127.0.0.1:9180", "[::1]:9180", "localhost:0"
struct HostAndPort {
  Complaint operator()(const std::string& text) const;
};
inline HostAndPort host_and_port() { return {}; }

struct MailAddress {
  Complaint operator()(const std::string& text) const;
};
inline MailAddress mail_address() { return {}; }

}  // namespace supportd::config
