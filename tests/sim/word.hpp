// What somebody said somewhere, and whom it must reach. For the judge of two desks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace supportd::sim {

enum class Place { freshdesk, zendesk, aws };

struct Word {
  std::int64_t ticket = 0;  // Freshdesk's, where every story begins
  std::string token;
  Place place = Place::freshdesk;
  std::string author;
  bool is_public = false;
  std::vector<std::string> files{};  // sha256
  bool fleeting = false;             // may have been deleted before anybody read it
};

}  // namespace supportd::sim
