// HTTP messages as values, shared by the client, the server, the connectors and the vendor fakes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/time/instant.hpp"

namespace supportd::http {

// Header fields in order; names compare without case (RFC 9110 section 5.1).
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);
  // The first value of that name.
  std::optional<std::string> get(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);

// RFC 3986 percent-encoding of one path segment or query part.
std::string percent_encode(std::string_view text);
std::string percent_decode(std::string_view text, bool plus_is_space = false);
// "a=1&b=2" decoded, in order.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

struct Response {
  int status = 200;
  Headers headers{};
  std::string body{};
};

// One file part of a multipart/form-data body (RFC 7578).
struct Part {
  std::string name{};          // the form field
  std::string file_name{};     // empty: a plain field. Data, never a path.
  std::string content_type{};  // empty: none sent
  std::string data{};
};

// The body and its Content-Type; `boundary` must not occur in any part.
std::pair<std::string, std::string> encode_multipart(const std::vector<Part>& parts, std::string_view boundary);
Parsed<std::vector<Part>> decode_multipart(std::string_view body, std::string_view content_type);

}  // namespace supportd::http
