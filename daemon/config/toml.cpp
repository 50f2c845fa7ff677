#include "daemon/config/toml.hpp"

#include <toml++/toml.h>

#include <optional>
#include <sstream>

#include "daemon/config/key_measure.hpp"

namespace supportd::config {

namespace {

class Converter {
 public:
  static constexpr unsigned deepest = 64;  // so that whoever walks the tree may recurse

  explicit Converter(std::string file) : file_(std::move(file)) {}

  Node convert(const toml::node& from) {
    Node to;
    to.place = place(from.source());
    if (depth_ > deepest) {
      too_deep_ = to.place;
      return to;
    }
    ++depth_;
    from.visit([&](const auto& typed) { set(to, typed); });
    --depth_;
    return to;
  }

  const std::optional<Place>& too_deep() const { return too_deep_; }

 private:
  Place place(const toml::source_region& region) const { return {file_, region.begin.line, region.begin.column}; }

  void set(Node& to, const toml::table& table) {
    Node::Table entries;
    for (const auto& [key, node] : table) {
      entries.push_back({std::string(key.str()), place(key.source()), convert(node)});
    }
    to.value = std::move(entries);
  }

  void set(Node& to, const toml::array& array) {
    Node::Array list;
    for (const auto& node : array) list.push_back(convert(node));
    to.value = std::move(list);
  }

  template <class T>
  void set(Node& to, const toml::value<T>& value) const {
    if constexpr (std::is_same_v<T, toml::date> || std::is_same_v<T, toml::time>) {
      to.value = local(value);
    } else if constexpr (std::is_same_v<T, toml::date_time>) {
      if (value->offset) {
        to.value = instant(*value);
      } else {
        to.value = local(value);
      }
    } else {
      to.value = *value;
    }
  }

  template <class T>
  static LocalTime local(const toml::value<T>& value) {
    std::ostringstream text;
    text << *value;
    return {text.str()};
  }

  static Instant instant(const toml::date_time& at) {
    const auto day = std::chrono::sys_days{std::chrono::year{at.date.year} / at.date.month / at.date.day};
    const auto second =
        std::chrono::hours{at.time.hour} + std::chrono::minutes{at.time.minute} + std::chrono::seconds{at.time.second};
    // Nanoseconds since 1970 would overflow in the year 2262.
    const auto fraction = std::chrono::floor<Millis>(std::chrono::nanoseconds{at.time.nanosecond});
    return day + second + fraction - std::chrono::minutes{at.offset->minutes};
  }

  std::string file_;
  unsigned depth_ = 0;
  std::optional<Place> too_deep_;
};

Flaw flaw(const Place& place, std::string what) { return {place.file, place.line, place.column, "", std::move(what)}; }

}  // namespace

std::variant<Node, Flaw> parse_toml(std::string_view text, const std::string& file) {
  if (const auto place = endless_key(text, file)) {
    return flaw(*place, "a key has more than " + std::to_string(most_key_parts) + " parts");
  }
  try {
    Converter converter(file);
    Node tree = converter.convert(toml::parse(text, file));
    if (const auto& place = converter.too_deep()) {
      return flaw(*place, "nested deeper than " + std::to_string(Converter::deepest) + " levels");
    }
    return tree;
  } catch (const toml::parse_error& error) {
    std::string what(error.description());
    if (static constexpr std::string_view prefix = "Error while parsing "; what.starts_with(prefix)) {
      what.erase(0, prefix.size());
    }
    const toml::source_position at = error.source().begin;
    return flaw({file, at.line, at.column}, "not valid TOML: " + what);
  }
}

}  // namespace supportd::config
