#include "daemon/json.hpp"

#include <rapidjson/error/en.h>
#include <utf8proc.h>

#include <charconv>
#include <cmath>

namespace supportd::json {
namespace {

// Not kParseFullPrecisionFlag: of a zero with an exponent (0e23) RapidJSON 1.1.0 then makes any number, and of some
// small ones it reads outside its table. Without it, what has up to 15 digits and an exponent up to 22 is still exact.
constexpr unsigned parse_flags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
constexpr int most_levels = 64;

std::string escape_pointer(std::string_view token) {
  std::string out;
  for (char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

// The code unit of "\ud83d" at `at`; nothing when there is none.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  unsigned unit = 0;
  if (at + 6 > text.size() || text.substr(at, 2) != "\\u") return {};
  const char* end = text.data() + at + 6;
  if (std::from_chars(text.data() + at + 2, end, unit, 16).ptr != end) return {};
  return unit;
}

// What RapidJSON cannot be given as it came. One pass, and a copy only where there is something to mend.
class Mender {
 public:
  explicit Mender(std::string_view text) : text_(text) {}

  // RapidJSON parses any depth iteratively, but its own destructor and our readers recurse.
  bool too_deep() {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '"') {
        in_string = !in_string;
      } else if (in_string) {
        if (c == '\\') i += escape(i);
      } else if (c == '[' || c == '{') {
        if (++depth > most_levels) return true;
      } else if (c == ']' || c == '}') {
        --depth;
      }
    }
    return false;
  }
  std::string_view text() const { return mended_.empty() ? text_ : mended_; }

 private:
  // How many characters after the backslash belong to it. Half of a surrogate pair is what remains of a character that
  // somebody cut in two (RFC 8259 section 8.2): RapidJSON refuses a first half and makes invalid UTF-8 of a second one,
  // and neither is worth a page of tickets.
  std::size_t escape(std::size_t at) {
    const auto unit = escaped_unit(text_, at);
    if (!unit || *unit < 0xD800 || *unit >= 0xE000) return 1;
    const auto next = *unit < 0xDC00 ? escaped_unit(text_, at + 6) : std::nullopt;
    if (next && *next >= 0xDC00 && *next < 0xE000) return 11;
    put(at, "\\ufffd");
    return 5;
  }
  void put(std::size_t at, std::string_view what) {
    if (mended_.empty()) mended_ = text_;
    mended_.replace(at, what.size(), what);
  }

  const std::string_view text_;
  std::string mended_;
};

// A number just above the largest double is parsed as infinite, and JSON has no word for that.
struct FiniteWriter : rapidjson::Writer<rapidjson::StringBuffer> {
  using Writer::Writer;
  bool Double(double number) { return std::isfinite(number) ? Writer::Double(number) : Null(); }
};

std::string place(std::string_view text, std::size_t offset) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// How much of the text, from its beginning, is UTF-8 without NUL.
std::size_t valid_length(std::string_view text) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  std::size_t at = 0;
  while (at < text.size()) {
    if (bytes[at] != 0 && bytes[at] < 0x80) {
      ++at;
      continue;
    }
    utf8proc_int32_t point = 0;
    const auto length = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    if (length <= 0 || point == 0) break;
    at += static_cast<std::size_t>(length);
  }
  return at;
}

std::string_view type_name(const rapidjson::Value& value) {
  if (value.IsNull()) return "null";
  if (value.IsBool()) return "a boolean";
  if (value.IsObject()) return "an object";
  if (value.IsArray()) return "an array";
  if (value.IsString()) return "a string";
  return "a number";
}

}  // namespace

Document Document::parse(std::string_view text, std::string_view what) {
  if (text.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::corrupt, std::string(what) + " contains a NUL byte");
  }
  Mender mender(text);
  if (mender.too_deep()) throw Error(ErrorKind::corrupt, std::string(what) + " is nested too deeply");
  text = mender.text();
  Document document;
  document.document_.Parse<parse_flags>(text.data(), text.size());
  if (document.document_.HasParseError()) {
    throw Error(ErrorKind::corrupt,
                std::string(what) + " is not JSON: " + rapidjson::GetParseError_En(document.document_.GetParseError()) +
                    " at " + place(text, document.document_.GetErrorOffset()));
  }
  return document;
}

void View::mistyped(std::string_view expected) const {
  throw Error(ErrorKind::corrupt, (path_.empty() ? std::string("the value") : path_) + ": expected " +
                                      std::string(expected) + ", got " + std::string(type_name(*value_)));
}

std::optional<View> View::find(std::string_view key) const {
  if (!value_->IsObject()) mistyped("an object");
  const auto member = value_->FindMember(
      rapidjson::Value(rapidjson::StringRef(key.data(), static_cast<rapidjson::SizeType>(key.size()))));
  if (member == value_->MemberEnd() || member->value.IsNull()) return {};
  return View(member->value, path_ + "/" + escape_pointer(key));
}

View View::at(std::string_view key) const {
  if (auto found = find(key)) return *found;
  throw Error(ErrorKind::corrupt, path_ + "/" + escape_pointer(key) + ": missing");
}

std::vector<View> View::items() const {
  if (!value_->IsArray()) mistyped("an array");
  std::vector<View> out;
  out.reserve(value_->Size());
  for (rapidjson::SizeType i = 0; i < value_->Size(); ++i)
    out.emplace_back((*value_)[i], path_ + "/" + std::to_string(i));
  return out;
}

std::vector<std::pair<std::string, View>> View::members() const {
  if (!value_->IsObject()) mistyped("an object");
  std::vector<std::pair<std::string, View>> out;
  for (const auto& member : value_->GetObject()) {
    std::string name(member.name.GetString(), member.name.GetStringLength());
    if (name.find('\0') != name.npos) throw Error(ErrorKind::corrupt, path_ + ": a name holds a NUL character");
    View view(member.value, path_ + "/" + escape_pointer(name));
    out.emplace_back(std::move(name), std::move(view));
  }
  return out;
}

std::string View::string() const {
  if (!value_->IsString()) mistyped("a string");
  std::string out(value_->GetString(), value_->GetStringLength());
  // No database keeps it. Only who reads the text is refused: the row, not the page that it stands in.
  if (out.find('\0') != out.npos) throw Error(ErrorKind::corrupt, path_ + ": holds a NUL character");
  return out;
}

std::int64_t View::integer() const {
  if (!value_->IsInt64()) mistyped("an integer");
  return value_->GetInt64();
}

double View::number() const {
  if (!value_->IsNumber() || !std::isfinite(value_->GetDouble())) mistyped("a number in the range of a double");
  return value_->GetDouble();
}

bool View::boolean() const {
  if (!value_->IsBool()) mistyped("a boolean");
  return value_->GetBool();
}

std::string View::string(std::string_view key, std::string_view otherwise) const {
  const auto found = find(key);
  return found ? found->string() : std::string(otherwise);
}

std::int64_t View::integer(std::string_view key, std::int64_t otherwise) const {
  const auto found = find(key);
  return found ? found->integer() : otherwise;
}

bool View::boolean(std::string_view key, bool otherwise) const {
  const auto found = find(key);
  return found ? found->boolean() : otherwise;
}

std::vector<std::string> View::strings(std::string_view key) const {
  std::vector<std::string> out;
  if (const auto found = find(key)) {
    for (const View& item : found->items()) out.push_back(item.string());
  }
  return out;
}

std::string View::scalar_text() const {
  if (value_->IsNull()) return "";
  if (value_->IsString()) return string();
  return dump();
}

std::string View::dump() const {
  rapidjson::StringBuffer buffer;
  FiniteWriter writer(buffer);
  value_->Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

Writer& Writer::object(const std::function<void()>& members) {
  writer_.StartObject();
  members();
  writer_.EndObject();
  return *this;
}

Writer& Writer::array(const std::function<void()>& items) {
  writer_.StartArray();
  items();
  writer_.EndArray();
  return *this;
}

Writer& Writer::key(std::string_view name) {
  writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  return *this;
}

Writer& Writer::value(std::string_view text) {
  if (valid_length(text) < text.size()) return value(valid_utf8(text));
  writer_.String(text.empty() ? "" : text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return *this;
}

Writer& Writer::value(std::int64_t number) {
  writer_.Int64(number);
  return *this;
}

Writer& Writer::value(double number) {
  if (!std::isfinite(number)) return null();
  writer_.Double(number);
  return *this;
}

Writer& Writer::value(bool flag) {
  writer_.Bool(flag);
  return *this;
}

Writer& Writer::null() {
  writer_.Null();
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

Writer& Writer::member(std::string_view name, const std::vector<std::string>& texts) {
  key(name);
  return array([&] {
    for (const auto& text : texts) value(text);
  });
}

std::string Writer::take() {
  std::string out(buffer_.GetString(), buffer_.GetSize());
  buffer_.Clear();
  writer_.Reset(buffer_);
  return out;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (;;) {
    const std::size_t good = valid_length(text);
    out += text.substr(0, good);
    if (good == text.size()) return out;
    out += "\xEF\xBF\xBD";
    text.remove_prefix(good + 1);
  }
}

}  // namespace supportd::json
