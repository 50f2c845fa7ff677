#include "connectors/zendesk/complaint.hpp"

#include "daemon/json.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr std::size_t longest_text = 500;
constexpr std::size_t longest_code = 100;

std::string text_at(const json::View& object, std::string_view key) {
  const auto found = object.find(key);
  return found && found->is_string() ? found->string() : std::string();
}

void add(std::string& to, const std::string& text) {
  if (!text.empty()) to += (to.empty() ? "" : "; ") + text;
}

// {"base": [{"description": "Type:: is required", "error": "BlankValue"}]}
void add_details(const json::View& details, Complaint& out) {
  if (details.is_string()) return add(out.text, details.string());
  for (const auto& [field, complaints] : details.members()) {
    for (const json::View& one : complaints.items()) {
      const std::string text = one.is_string() ? one.string() : text_at(one, "description");
      add(out.text, field == "base" ? text : field + ": " + text);
      // "Status: closed prevents ticket update"
      if (field == "status" && text.find("closed prevents") != std::string::npos) out.closed = true;
    }
  }
}

void add_errors(const json::View& errors, Complaint& out) {
  for (const json::View& error : errors.items()) {
    if (out.code.empty()) out.code = text_at(error, "code");
    const std::string title = text_at(error, "title");
    const std::string detail = text_at(error, "detail");
    add(out.text, title.empty() || detail.empty() ? title + detail : title + ": " + detail);
  }
}

void read(const json::View& root, Complaint& out) {
  if (const auto error = root.find("error")) {
    if (error->is_object()) {
      out.code = text_at(*error, "title");
      add(out.text, text_at(*error, "message"));
    } else {
      out.code = error->scalar_text();
    }
  }
  for (const char* name : {"description", "message", "detail"}) add(out.text, text_at(root, name));
  if (const auto details = root.find("details")) add_details(*details, out);
  if (const auto errors = root.find("errors")) add_errors(*errors, out);
}

std::string cut(std::string text, std::size_t longest) {
  return text.size() <= longest ? text : json::valid_utf8(text.substr(0, longest)) + "...";
}

}  // namespace

Complaint parse_complaint(const std::string& body) {
  Complaint out;
  try {
    read(json::Document::parse(body, "Zendesk error").root(), out);
  } catch (const Error&) {
    // Not JSON, or not of that shape. What was read before it broke is kept.
  }
  // A sentence in place of a code ("Couldn't authenticate you") is a text.
  if (out.code.find(' ') != std::string::npos) {
    out.text = out.code + (out.text.empty() ? "" : "; ") + out.text;
    out.code.clear();
  }
  out.code = cut(std::move(out.code), longest_code);
  out.text = cut(std::move(out.text), longest_text);
  return out;
}

bool is_page_limit(const Complaint& complaint) {
  return complaint.text.find("Pagination limit reached") != std::string::npos;
}

}  // namespace supportd::connectors::zendesk
