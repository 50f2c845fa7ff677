// A Zendesk account on its fake, without limits: so many tickets with some twenty custom fields each, as large as real
// rows are (1,000 of them make 3.4 MB of an export), Korean and English. The same number makes the same tickets.
#pragma once

#include <memory>
#include <vector>

#include "connectors/zendesk/client.hpp"
#include "tests/bench/metered.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/set_clock.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::bench {

class ZendeskAccount {
 public:
  // The clock stands hours after the last of them was touched.
  ZendeskAccount(fakes::SetClock& clock, int tickets);

  // One agent's change of each ticket: another priority, another value of a custom field.
  void change_all();
  // A client of its own, without what earlier ones have cached.
  std::shared_ptr<connectors::zendesk::Client> connect(http::Client& http) const;

  fakes::Zendesk zen;
  Metered metered{zen};
  std::vector<std::int64_t> ids;
  std::int64_t agent = 0;

  static constexpr const char* host = "acme.zendesk.com";
  static constexpr const char* system = "zendesk:main";

 private:
  fakes::SetClock& clock_;
  int changes_ = 0;
};

}  // namespace supportd::bench
