// JSON in and out, over RapidJSON. Foreign bytes are parsed strictly (UTF-8 checked, NUL refused, depth capped) and
// read through View, whose errors name the place by JSON pointer (RFC 6901).
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/error.hpp"

namespace supportd::json {

// A value inside a Document and the path that leads there. Throws Error{corrupt} on what is not as expected.
// Valid as long as its Document.
class View {
 public:
  View(const rapidjson::Value& value, std::string path) : value_(&value), path_(std::move(path)) {}

  View at(std::string_view key) const;                        // REQUIRED member
  std::optional<View> find(std::string_view key) const;       // absent and null are the same
  std::vector<View> items() const;                            // of an array
  std::vector<std::pair<std::string, View>> members() const;  // of an object

  std::string string() const;
  std::int64_t integer() const;
  double number() const;
  bool boolean() const;

  // Members with a default: absent or null gives it, a wrong type still throws.
  std::string string(std::string_view key, std::string_view otherwise) const;
  std::int64_t integer(std::string_view key, std::int64_t otherwise) const;
  bool boolean(std::string_view key, bool otherwise) const;
  std::vector<std::string> strings(std::string_view key) const;  // absent: none

  bool is_string() const { return value_->IsString(); }
  bool is_integer() const { return value_->IsInt64(); }
  bool is_boolean() const { return value_->IsBool(); }
  bool is_object() const { return value_->IsObject(); }
  bool is_array() const { return value_->IsArray(); }
  bool is_null() const { return value_->IsNull(); }
  // A scalar as text, whatever its type: 5 and "5" are both "5"; null is "". Objects and arrays are their JSON.
  std::string scalar_text() const;
  std::string dump() const;
  const std::string& path() const { return path_; }

 private:
  [[noreturn]] void mistyped(std::string_view expected) const;
  const rapidjson::Value* value_;
  std::string path_;
};

class Document {
 public:
  // Throws Error{corrupt} naming `what` ("Freshdesk answer"), line and column.
  static Document parse(std::string_view text, std::string_view what = "JSON");
  // Valid as long as the document: name the document before looping over what it holds.
  View root() const { return View(document_, ""); }

 private:
  Document() = default;
  rapidjson::Document document_;
};

// Writes one JSON text. Calls nest as the text does; strings are checked to be UTF-8 (bad bytes become U+FFFD).
class Writer {
 public:
  Writer& object(const std::function<void()>& members);
  Writer& array(const std::function<void()>& items);
  Writer& key(std::string_view name);
  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(std::int64_t number);
  Writer& value(int number) { return value(static_cast<std::int64_t>(number)); }
  Writer& value(std::size_t number) { return value(static_cast<std::int64_t>(number)); }
  Writer& value(double number);
  Writer& value(bool flag);
  Writer& null();
  Writer& raw(std::string_view json);  // a JSON text made by this class before

  template <class T>
  Writer& member(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  template <class T>
  Writer& member(std::string_view name, const std::optional<T>& v) {
    key(name);
    return v ? value(*v) : null();
  }
  Writer& member(std::string_view name, const std::vector<std::string>& texts);

  std::string take();

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

// The text with every byte that is not UTF-8 and every NUL replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace supportd::json
