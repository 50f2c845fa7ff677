// The parameters of a request, checked: what is unknown or malformed throws Error{config}, which is answered with 400.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/router.hpp"

namespace supportd::http {

class Query {
 public:
  // Control characters are refused. A name that ends in '.' stands for all that begin so ("arg.").
  Query(const Inbound& request, std::initializer_list<std::string_view> known);

  std::string text(const std::string& name, std::string otherwise = "") const;
  std::string required(const std::string& name) const;
  bool flag(const std::string& name) const;  // absent, "0" and "1"
  std::int64_t number(const std::string& name, std::int64_t otherwise, std::int64_t low, std::int64_t high) const;
  std::optional<Instant> instant(const std::string& name) const;
  std::optional<Millis> length(const std::string& name) const;
  // "arg.": {"desk": "main"} of "arg.desk=main".
  std::map<std::string, std::string> below(std::string_view prefix) const;

 private:
  const std::string* find(const std::string& name) const;
  const Inbound& request_;
};

// A number in the route's template. Throws Error{gone} when it is none.
std::int64_t id_of(const Inbound& request, const std::string& param = "id");

}  // namespace supportd::http
