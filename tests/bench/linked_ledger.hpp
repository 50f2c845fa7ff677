// Makes a large ledger of a small one by bulk SQL: every ticket, with its links, messages, events and effects, so many
// times. The originals stay what they are, evenly spread among their copies; a copy's ids at the desks are nobody's.
#pragma once

#include <filesystem>

namespace supportd::bench {

// Both files are closed; `large` is new. REQUIRES that nothing is owed, noted to be looked at, or in conflict.
void multiply(const std::filesystem::path& small, const std::filesystem::path& large, int times);

}  // namespace supportd::bench
