// How C++ values cross into SQL and back. Only three shapes exist in a ledger: 64-bit integers, doubles and text;
// instants are milliseconds since the epoch, flags are 0 and 1, ids are integers.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "daemon/time/instant.hpp"

namespace supportd::store {

// A row's number that cannot be mixed up with another table's.
template <class Tag>
struct Id {
  std::int64_t value = 0;
  friend auto operator<=>(const Id&, const Id&) = default;
};

// One value on its way. Its text lies elsewhere: with the caller, or with the database until the next row.
struct Cell {
  enum class Kind : char { integer, real, text };
  Kind kind = Kind::integer;
  bool null = false;
  long long integer = 0;
  double real = 0;
  std::string_view text;
};

template <class T>
struct Column;  // kind, put(Cell&, value), get(const Cell&)

template <class T>
requires std::is_integral_v<T>
struct Column<T> {
  static constexpr Cell::Kind kind = Cell::Kind::integer;
  static void put(Cell& cell, T value) { cell.integer = static_cast<long long>(value); }
  static T get(const Cell& cell) { return static_cast<T>(cell.integer); }
};

template <>
struct Column<double> {
  static constexpr Cell::Kind kind = Cell::Kind::real;
  static void put(Cell& cell, double value) { cell.real = value; }
  static double get(const Cell& cell) { return cell.real; }
};

template <>
struct Column<std::string> {
  static constexpr Cell::Kind kind = Cell::Kind::text;
  static void put(Cell& cell, std::string_view value) { cell.text = value; }
  static std::string get(const Cell& cell) { return std::string(cell.text); }
};
template <>
struct Column<std::string_view> : Column<std::string> {};
template <>
struct Column<const char*> : Column<std::string> {};

template <>
struct Column<Instant> {
  static constexpr Cell::Kind kind = Cell::Kind::integer;
  static void put(Cell& cell, Instant at) { cell.integer = time::to_millis(at); }
  static Instant get(const Cell& cell) { return time::from_millis(cell.integer); }
};

template <>
struct Column<Millis> {
  static constexpr Cell::Kind kind = Cell::Kind::integer;
  static void put(Cell& cell, Millis length) { cell.integer = length.count(); }
  static Millis get(const Cell& cell) { return Millis{cell.integer}; }
};

template <class Tag>
struct Column<Id<Tag>> {
  static constexpr Cell::Kind kind = Cell::Kind::integer;
  static void put(Cell& cell, Id<Tag> id) { cell.integer = id.value; }
  static Id<Tag> get(const Cell& cell) { return {cell.integer}; }
};

template <class T>
struct Column<std::optional<T>> {
  static constexpr Cell::Kind kind = Column<T>::kind;
  static void put(Cell& cell, const std::optional<T>& value) {
    cell.null = !value;
    if (value) Column<T>::put(cell, *value);
  }
  static std::optional<T> get(const Cell& cell) {
    if (cell.null) return {};
    return Column<T>::get(cell);
  }
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

}  // namespace supportd::store

template <class Tag>
struct std::hash<supportd::store::Id<Tag>> {
  std::size_t operator()(supportd::store::Id<Tag> id) const { return std::hash<std::int64_t>{}(id.value); }
};
