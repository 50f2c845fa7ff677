#include "daemon/outbox/effect.hpp"

#include "daemon/digest.hpp"

namespace supportd::outbox {

std::string_view to_text(State state) {
  switch (state) {
    case State::queued: return "queued";
    case State::leased: return "leased";
    case State::unknown: return "unknown";
    case State::done: return "done";
    case State::parked: return "parked";
    case State::dead: return "dead";
    case State::dropped: return "dropped";
  }
  return "";
}

std::string_view to_text(Kind kind) { return kind == Kind::message ? "message" : "state"; }

std::optional<State> parse_state(std::string_view text) {
  for (State state : all_states) {
    if (to_text(state) == text) return state;
  }
  return {};
}

std::string ref_of(std::string_view key) {
  static constexpr char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  const std::string hash = digest::sha256(key);
  std::string out;
  unsigned bits = 0, held = 0;
  for (std::size_t i = 0; out.size() < 10; ++i) {
    bits = bits << 8 | static_cast<unsigned char>(hash[i]);
    for (held += 8; held >= 5 && out.size() < 10; held -= 5) out += alphabet[bits >> (held - 5) & 31];
  }
  return out;
}

}  // namespace supportd::outbox
