// Parsed<T>: a text that may be wrong, turned into a T or into what is wrong with it and where.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <string>

#include "daemon/error.hpp"

namespace supportd {

struct Mistake {
  std::string what;        // "minute 61 is out of range 0-59"
  std::size_t column = 0;  // 1-based position in the text; 0 when the whole text is meant
};

template <class T>
using Parsed = boost::system::result<T, Mistake>;

// Called by Parsed<T>::value() on a mistake.
[[noreturn]] inline void throw_exception_from_error(const Mistake& mistake, const boost::source_location&) {
  throw Error(ErrorKind::config, mistake.what);
}

}  // namespace supportd
