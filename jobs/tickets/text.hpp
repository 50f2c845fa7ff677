// Texts as they cross between systems. Pure. Inputs are UTF-8 (json::valid_utf8); foreign HTML is never trusted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace supportd::tickets {

// What a reader of the HTML sees: blocks and <br> become line ends, scripts and styles vanish, entities are decoded.
std::string html_to_text(std::string_view html);
// The same, and what its links lead to, "this guide (https://example.com/a)", and what its images show, "[image: logs]".
std::string html_to_text_with_links(std::string_view html);
// Without what turns the direction of the text that follows: bidirectional embeddings, overrides and isolates.
std::string without_direction(std::string_view text);
// Safe HTML that shows the text: everything escaped, line ends become <br>.
std::string text_to_html(std::string_view text);
// Five entities and numeric ones, as AWS escapes names and bodies.
std::string decode_entities(std::string_view text);

// Normaliser n1 (rule 12): NFC, every run of white space one blank, none at the ends. Two renderings of one message
// have the same form.
std::string normalise(std::string_view text);
inline constexpr std::string_view normaliser_version = "n1";

// At most `most` code points each, cut at line ends where there are any, else at blanks, else between graphemes
// (UAX #29); never empty, and joined again they are the text.
std::vector<std::string> split(std::string_view text, std::size_t most);
// Code points.
std::size_t length(std::string_view utf8);

// For terminals and logs: control characters and escapes become visible, bidirectional overrides too.
std::string for_terminal(std::string_view text);

}  // namespace supportd::tickets
