// Texts with {{places}}, in the languages of the cases (product.md decision 3). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace supportd::aws_cases {

using Values = std::map<std::string, std::string>;

// What the texts of one language say. Defaults are those of etc/templates/aws_cases/.
struct Texts {
  std::string subject;        // of the case
  std::string body;           // its first communication
  std::string follow_up;      // the same, of a case that follows a resolved one
  std::string opened;         // the ticket's note once the case is open
  std::string not_opened;     // ... when there is none
  std::string waits;          // ... while an approval is waited for
  std::string update_prefix;  // first line above what AWS wrote
  std::string not_sent;       // the ticket's note when a message did not go to AWS
};
std::map<std::string, Texts> default_texts();  // "en", "ko"

// The places a text may name.
const std::vector<std::string>& known_places();
// What is wrong with the text, in words; nothing when every place is known and closed.
std::optional<std::string> flaw_of_template(std::string_view text);
// Unknown places become empty. Values are never looked at again: a customer's {{x}} stays as it is.
std::string render(std::string_view text, const Values& values);

}  // namespace supportd::aws_cases
