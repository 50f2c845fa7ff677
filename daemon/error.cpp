#include "daemon/error.hpp"

namespace supportd {

std::string_view to_text(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::config: return "config";
    case ErrorKind::unreachable: return "unreachable";
    case ErrorKind::throttled: return "throttled";
    case ErrorKind::refused: return "refused";
    case ErrorKind::conflict: return "conflict";
    case ErrorKind::gone: return "gone";
    case ErrorKind::corrupt: return "corrupt";
    case ErrorKind::unknown_outcome: return "unknown_outcome";
    case ErrorKind::stopped: return "stopped";
  }
  return "unknown";
}

}  // namespace supportd
