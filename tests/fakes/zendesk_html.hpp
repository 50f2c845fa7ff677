// What Zendesk makes of the comments that people and programs send it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace supportd::fakes {

// One comment in its three forms.
struct ZendeskText {
  std::string html;   // html_body: sanitised, wrapped in <div class="zd-comment" dir="auto">
  std::string body;   // the text
  std::string plain;  // plain_body: the text, a second blank in a row as &nbsp;
};

// Of a comment's `html_body`: scripts, handlers and data: images go, links open elsewhere, paragraphs get dir="auto".
ZendeskText zendesk_html(std::string_view html);
// Of a comment's `body`: blank lines end paragraphs, addresses become links.
ZendeskText zendesk_plain(std::string_view text);
// Every occurrence of `what` as one ▇ a character, in all three forms.
void redact(ZendeskText& text, const std::string& what);
// What stands between <redact> and </redact>.
std::vector<std::string> redacted_parts(std::string_view html);

}  // namespace supportd::fakes
