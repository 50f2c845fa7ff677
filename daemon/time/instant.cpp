#include "daemon/time/instant.hpp"

#include <array>
#include <cstdlib>
#include <optional>

namespace supportd::time {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads a text from left to right; the column of the first wrong character is where it stands.
struct Scanner {
  std::string_view text;
  std::size_t at = 0;

  bool done() const { return at == text.size(); }
  std::size_t column() const { return at + 1; }
  bool take(std::string_view word) {
    if (text.substr(at, word.size()) != word) return false;
    at += word.size();
    return true;
  }
  bool take_any(std::string_view characters) {
    if (done() || characters.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
  }
  bool at_digit() const { return !done() && text[at] >= '0' && text[at] <= '9'; }
  std::optional<int> digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i, ++at) {
      if (!at_digit()) return {};
      value = value * 10 + (text[at] - '0');
    }
    return value;
  }
  Mistake wrong(std::string what) const { return {std::move(what), column()}; }
};

Mistake bad_instant(const Scanner& in) {
  return in.wrong("not an instant: expected RFC 3339, for example 2026-01-31T09:30:00Z or 2026-01-31T09:30:00+09:00");
}

Parsed<days> scan_date(Scanner& in) {
  const auto year = in.digits(4);
  if (!year || !in.take("-")) return bad_instant(in);
  const auto month = in.digits(2);
  if (!month || !in.take("-")) return bad_instant(in);
  const auto day = in.digits(2);
  if (!day) return bad_instant(in);
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return Mistake{"no such date: " + std::string(in.text.substr(in.at - 10, 10)), in.at - 9};
  return std::chrono::sys_days{date}.time_since_epoch();
}

// Zero-padded; several times faster than printf, and whole listings are written with it.
void append_digits(std::string& text, int width, unsigned value, char then) {
  std::array<char, 12> digits;
  std::size_t at = digits.size();
  digits[--at] = then;
  for (; width > 0 || value > 0; --width, value /= 10) digits[--at] = static_cast<char>('0' + value % 10);
  text.append(digits.data() + at, digits.size() - at);
}

// Second 60 is the leap second of RFC 3339; it is the instant that follows second 59.
Parsed<seconds> scan_clock(Scanner& in) {
  const std::size_t column = in.column();
  const auto hour = in.digits(2);
  if (!hour || !in.take(":")) return bad_instant(in);
  const auto minute = in.digits(2);
  if (!minute || !in.take(":")) return bad_instant(in);
  const auto second = in.digits(2);
  if (!second) return bad_instant(in);
  if (*hour > 23 || *minute > 59 || *second > 60) return Mistake{"no such time of day: 00:00:00 to 23:59:59", column};
  return hours{*hour} + minutes{*minute} + seconds{*second};
}

Parsed<Millis> scan_fraction(Scanner& in) {
  Millis fraction{0};
  if (!in.take(".")) return fraction;
  if (!in.at_digit()) return in.wrong("a digit is expected after the decimal point");
  for (int weight = 100; in.at_digit(); weight /= 10, ++in.at) fraction += Millis{weight * (in.text[in.at] - '0')};
  return fraction;
}

Parsed<minutes> scan_offset(Scanner& in) {
  if (in.take_any("Zz")) return minutes{0};
  if (in.done()) return in.wrong("the offset from UTC is missing: end with Z or an offset such as +09:00");
  const bool behind = in.take("-");
  if (!behind && !in.take("+")) return bad_instant(in);
  const std::size_t column = in.column();
  const auto hour = in.digits(2);
  if (!hour || !in.take(":")) return bad_instant(in);
  const auto minute = in.digits(2);
  if (!minute) return bad_instant(in);
  if (*hour > 23 || *minute > 59) return Mistake{"no such offset: -23:59 to +23:59", column};
  const minutes offset = hours{*hour} + minutes{*minute};
  return behind ? -offset : offset;
}

struct Unit {
  std::string_view name;
  Millis length;
};
constexpr std::array<Unit, 5> units{
    {{"d", days{1}}, {"h", hours{1}}, {"m", minutes{1}}, {"s", seconds{1}}, {"ms", Millis{1}}}};

const Unit* scan_unit(Scanner& in) {
  const std::size_t start = in.at;
  while (!in.done() && in.text[in.at] >= 'a' && in.text[in.at] <= 'z') ++in.at;
  for (const Unit& unit : units) {
    if (unit.name == in.text.substr(start, in.at - start)) return &unit;
  }
  in.at = start;
  return nullptr;
}

constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

template <std::size_t N>
std::optional<unsigned> scan_name(Scanner& in, const std::array<std::string_view, N>& names) {
  for (unsigned i = 0; i < N; ++i) {
    if (in.take(names[i])) return i;
  }
  return {};
}

constexpr Instant first_shown = std::chrono::sys_days{std::chrono::year{-9999} / 1 / 1};
constexpr Instant beyond_shown = std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1};

}  // namespace

std::string to_text(Instant at) {
  if (at >= beyond_shown) return "never";
  if (at < first_shown) return "-infinity";
  const auto day = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date{day};
  const auto ms = static_cast<unsigned>((at - day).count());
  const auto year = static_cast<int>(date.year());
  std::string text = year < 0 ? "-" : "";
  append_digits(text, 4, static_cast<unsigned>(std::abs(year)), '-');
  append_digits(text, 2, static_cast<unsigned>(date.month()), '-');
  append_digits(text, 2, static_cast<unsigned>(date.day()), 'T');
  append_digits(text, 2, ms / 3'600'000, ':');
  append_digits(text, 2, ms / 60'000 % 60, ':');
  append_digits(text, 2, ms / 1000 % 60, ms % 1000 == 0 ? 'Z' : '.');
  if (ms % 1000 != 0) append_digits(text, 3, ms % 1000, 'Z');
  return text;
}

Parsed<Instant> parse_instant(std::string_view text) {
  Scanner in{text};
  const auto date = scan_date(in);
  if (!date) return date.error();
  if (!in.take_any("Tt ")) return bad_instant(in);
  const auto clock = scan_clock(in);
  if (!clock) return clock.error();
  const auto fraction = scan_fraction(in);
  if (!fraction) return fraction.error();
  const auto offset = scan_offset(in);
  if (!offset) return offset.error();
  if (!in.done()) return in.wrong("nothing may follow the offset");
  return Instant{*date + *clock + *fraction - *offset};
}

Parsed<Instant> parse_http_date(std::string_view text) {
  Scanner in{text};
  const auto bad = [&] { return in.wrong("not an HTTP date: expected the form Sun, 06 Nov 1994 08:49:37 GMT"); };
  if (!scan_name(in, weekdays) || !in.take(", ")) return bad();
  const auto day = in.digits(2);
  if (!day || !in.take(" ")) return bad();
  const auto month = scan_name(in, months);
  if (!month || !in.take(" ")) return bad();
  const auto year = in.digits(4);
  if (!year || !in.take(" ")) return bad();
  const auto clock = scan_clock(in);
  if (!clock || !in.take(" GMT") || !in.done()) return bad();
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{*month + 1},
                                         std::chrono::day(*day)};
  if (!date.ok()) return Mistake{"no such date", 6};
  return Instant{std::chrono::sys_days{date}.time_since_epoch() + *clock};
}

std::string to_http_date(Instant at) {
  const auto day = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date{day};
  const auto second = std::chrono::floor<seconds>(at - day).count();
  char text[64];
  const int size =
      std::snprintf(text, sizeof text, "%.3s, %02u %.3s %04d %02d:%02d:%02d GMT",
                    weekdays[std::chrono::weekday{day}.c_encoding()].data(), static_cast<unsigned>(date.day()),
                    months[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                    static_cast<int>(second / 3600), static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
  return {text, static_cast<std::size_t>(size)};
}

std::string to_text(Millis length) {
  if (length.count() == 0) return "0s";
  std::string text;
  // Works on the negative side, where even the smallest value has room.
  Millis rest = length.count() < 0 ? length : -length;
  if (length.count() < 0) text = "-";
  for (const Unit& unit : units) {
    const auto count = -(rest / unit.length);
    if (count != 0) text.append(std::to_string(count)).append(unit.name);
    rest %= unit.length;
  }
  return text;
}

Parsed<Millis> parse_length(std::string_view text) {
  Scanner in{text};
  const auto bad = [&] { return in.wrong("not a length of time: expected for example 90s, 15m, 1h30m, 2d or 250ms"); };
  Millis total{0}, previous = Millis::max();
  if (in.done()) return bad();
  while (!in.done()) {
    const std::size_t column = in.column();
    if (!in.at_digit()) return bad();
    std::int64_t count = 0;
    for (; in.at_digit(); ++in.at) {
      if (__builtin_mul_overflow(count, 10, &count) || __builtin_add_overflow(count, in.text[in.at] - '0', &count)) {
        return Mistake{"too long a time", column};
      }
    }
    const std::size_t unit_column = in.column();
    const Unit* unit = scan_unit(in);
    if (unit == nullptr) return in.wrong("a unit is expected: ms, s, m, h or d");
    if (unit->length >= previous) return Mistake{"units go from large to small, each once: 1h30m", unit_column};
    previous = unit->length;
    std::int64_t product = 0, sum = 0;
    if (__builtin_mul_overflow(count, unit->length.count(), &product) ||
        __builtin_add_overflow(total.count(), product, &sum)) {
      return Mistake{"too long a time", column};
    }
    total = Millis{sum};
  }
  return total;
}

}  // namespace supportd::time
