// The content lines of an iCalendar file (RFC 5545, 3.1): unfolded, split into name, parameters and value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/result.hpp"

namespace supportd::calendar {

struct IcsLine {
  unsigned number = 0;
  std::string name;                           // upper case
  std::map<std::string, std::string> params;  // upper case
  std::string value;
};

class IcsLines {
 public:
  explicit IcsLines(std::string_view text) : rest_(text) {}
  // Nothing at the end. A mistake ends the reading; its column is the number of the line.
  Parsed<std::optional<IcsLine>> next();

 private:
  std::optional<std::string_view> raw();

  std::string_view rest_;
  unsigned number_ = 0;
};

std::string upper(std::string_view text);
std::string unescaped_text(std::string_view text);  // "a\\, b\\nc" (3.3.11), valid UTF-8
std::vector<std::string_view> split(std::string_view text, char at);

}  // namespace supportd::calendar
