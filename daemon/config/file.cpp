#include "daemon/config/file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace supportd::config {

Parsed<std::string> read_file(const std::filesystem::path& path, std::size_t longest) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error) return Mistake{error.message()};
  // A pipe or a device would block or never end.
  if (!std::filesystem::is_regular_file(status)) return Mistake{"not a regular file"};

  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::string text(longest + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) return Mistake{std::strerror(errno)};
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > longest) return Mistake{"longer than " + std::to_string(longest) + " bytes"};
  return {boost::system::in_place_value, std::move(text)};
}

}  // namespace supportd::config
