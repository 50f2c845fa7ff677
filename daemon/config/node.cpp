#include "daemon/config/node.hpp"

#include <algorithm>
#include <array>

namespace supportd::config {

namespace {

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::string escaped(unsigned char c) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  return std::string("\\u00") + digits[c >> 4] + digits[c & 15];
}

}  // namespace

Entry* Node::find(std::string_view key) {
  auto* table = std::get_if<Table>(&value);
  if (table == nullptr) return nullptr;
  auto found = std::find_if(table->begin(), table->end(), [&](const Entry& entry) { return entry.key == key; });
  return found == table->end() ? nullptr : &*found;
}

const Entry* Node::find(std::string_view key) const { return const_cast<Node*>(this)->find(key); }

bool Node::is_list_of_tables() const {
  const auto* list = get<Array>();
  return list != nullptr && !list->empty() &&
         std::all_of(list->begin(), list->end(), [](const Node& node) { return node.get<Table>() != nullptr; });
}

std::string_view kind(const Node& node) {
  static constexpr std::array<std::string_view, 10> names = {"nothing",
                                                             "true or false",
                                                             "a whole number",
                                                             "a decimal number",
                                                             "a text",
                                                             "a date and time",
                                                             "a date or time without an offset",
                                                             "a secret",
                                                             "a list",
                                                             "a table"};
  static_assert(names.size() == std::variant_size_v<decltype(Node::value)>);
  return names[node.value.index()];
}

std::string quote(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    switch (c) {
      case '"': result += "\\\""; break;
      case '\\': result += "\\\\"; break;
      case '\n': result += "\\n"; break;
      case '\t': result += "\\t"; break;
      default:
        if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f) {
          result += escaped(byte);
        } else {
          result += c;
        }
    }
  }
  return result + '"';
}

std::string key_text(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), is_bare);
  return bare ? std::string(key) : quote(key);
}

std::string join(std::string_view path, std::string_view key) {
  if (path.empty()) return key_text(key);
  return std::string(path) + "." + key_text(key);
}

std::string join(std::string_view path, std::size_t index) {
  return std::string(path) + "[" + std::to_string(index) + "]";
}

}  // namespace supportd::config
