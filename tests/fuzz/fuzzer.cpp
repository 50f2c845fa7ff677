// libFuzzer's door to one target, named by SUPPORTD_FUZZ_TARGET.
#include <cstdint>

#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto target = supportd::fuzz::targets().at(SUPPORTD_FUZZ_TARGET);
  target({reinterpret_cast<const char*>(data), size});
  return 0;
}
