// Words in texts of several scripts. Pure.
#pragma once

#include <string>
#include <string_view>

namespace supportd::tickets {

// Lower case (all scripts), NFC, white space folded: what words are looked for in.
std::string fold(std::string_view text);
// Latin letters and digits match as whole words ("ec2에서" holds "ec2", "rds-proxy" holds "rds", "words" does not);
// other scripts match anywhere, since Korean particles cling to the word.
bool contains_word(std::string_view folded, std::string_view word);
// More than a tenth of the letters are Hangul.
bool is_korean(std::string_view text);

}  // namespace supportd::tickets
