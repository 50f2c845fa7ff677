#include "daemon/http/message.hpp"

#include <algorithm>
#include <cctype>

namespace supportd::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool is_unreserved(unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~'; }

// The value of `key="..."` or `key=...` in a structured header value.
std::optional<std::string> parameter(std::string_view header, std::string_view key) {
  std::size_t at = header.find(';');
  while (at != std::string_view::npos) {
    std::size_t from = header.find_first_not_of("; \t", at);
    if (from == std::string_view::npos) return {};
    const std::size_t equals = header.find('=', from);
    if (equals == std::string_view::npos) return {};
    const bool wanted = equal_ignoring_case(header.substr(from, equals - from), key);
    std::string value;
    std::size_t end = equals + 1;
    if (end < header.size() && header[end] == '"') {
      for (++end; end < header.size() && header[end] != '"'; ++end) {
        if (header[end] == '\\' && end + 1 < header.size()) ++end;
        value += header[end];
      }
    } else {
      for (; end < header.size() && header[end] != ';'; ++end) value += header[end];
    }
    if (wanted) return value;
    at = header.find(';', end);
  }
  return {};
}

std::string form_quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    // WHATWG HTML, multipart/form-data: these three are the only escapes.
    if (c == '"') {
      out += "%22";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return equal_ignoring_case(field.first, name); });
  fields_.emplace_back(std::string(name), std::move(value));
}

std::optional<std::string> Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return {};
}

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char c : text) {
    if (is_unreserved(c)) {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += digits[c >> 4];
      out += digits[c & 15];
    }
  }
  return out;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    out.emplace_back(percent_decode(pair.substr(0, equals), true), percent_decode(value, true));
  }
  return out;
}

std::pair<std::string, std::string> encode_multipart(const std::vector<Part>& parts, std::string_view boundary) {
  std::string body;
  for (const Part& part : parts) {
    body += "--" + std::string(boundary) + "\r\nContent-Disposition: form-data; name=" + form_quoted(part.name);
    if (!part.file_name.empty()) body += "; filename=" + form_quoted(part.file_name);
    body += "\r\n";
    if (!part.content_type.empty()) body += "Content-Type: " + part.content_type + "\r\n";
    body += "\r\n" + part.data + "\r\n";
  }
  body += "--" + std::string(boundary) + "--\r\n";
  return {std::move(body), "multipart/form-data; boundary=" + std::string(boundary)};
}

Parsed<std::vector<Part>> decode_multipart(std::string_view body, std::string_view content_type) {
  const auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty()) return Mistake{"the Content-Type names no multipart boundary"};
  const std::string opening = "--" + *boundary;
  const std::string delimiter = "\r\n" + opening;
  if (!body.starts_with(opening)) return Mistake{"the multipart body does not begin with its boundary", 1};
  std::vector<Part> parts;
  std::size_t at = opening.size();
  while (body.substr(at, 2) != "--") {
    if (body.substr(at, 2) != "\r\n") return Mistake{"a multipart boundary is not followed by a line end", at + 1};
    const std::size_t head_end = body.find("\r\n\r\n", at);
    if (head_end == std::string_view::npos) return Mistake{"a multipart part has no end of header", at + 1};
    const std::size_t data = head_end + 4;
    const std::size_t end = body.find(delimiter, data);
    if (end == std::string_view::npos) return Mistake{"the last multipart boundary is missing", data + 1};
    Part part;
    std::string_view head = body.substr(at + 2, head_end - at - 2);
    while (!head.empty()) {
      const std::string_view line = head.substr(0, head.find("\r\n"));
      head.remove_prefix(std::min(head.size(), line.size() + 2));
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      std::string_view value = line.substr(colon + 1);
      value.remove_prefix(std::min(value.size(), value.find_first_not_of(" \t")));
      if (equal_ignoring_case(line.substr(0, colon), "Content-Disposition")) {
        part.name = percent_decode(parameter(value, "name").value_or(""));
        part.file_name = percent_decode(parameter(value, "filename").value_or(""));
      } else if (equal_ignoring_case(line.substr(0, colon), "Content-Type")) {
        part.content_type = std::string(value);
      }
    }
    part.data = std::string(body.substr(data, end - data));
    parts.push_back(std::move(part));
    at = end + delimiter.size();
  }
  return parts;
}

}  // namespace supportd::http
