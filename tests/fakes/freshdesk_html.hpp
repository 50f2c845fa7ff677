// What Freshdesk makes of HTML that people and programs send it.
#pragma once

#include <string>
#include <string_view>

namespace supportd::fakes {

// Scripts, styles, comments, event handlers and javascript: links go; attributes are quoted again; a bare & becomes an
// entity; CR LF becomes LF, <br/> becomes <br>; blanks around it go.
std::string safe_html(std::string_view html);
// The same, the whole wrapped in a <div>.
std::string sanitized(std::string_view html);
// The *_text members: tags away, block ends as line ends, entities decoded, trimmed.
std::string text_of(std::string_view html);
// A plain text as the mail gateway turns it into HTML.
std::string html_of(std::string_view text);

}  // namespace supportd::fakes
