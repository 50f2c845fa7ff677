// IANA time zones, through Howard Hinnant's date and the system's tzdata.
#pragma once

#include <date/tz.h>

#include <string>
#include <string_view>

#include "daemon/time/instant.hpp"

namespace supportd::time {

// A wall-clock reading in some zone.
using Local = date::local_time<Millis>;

class Zone {
 public:
  static Zone utc();
  // The mistake names near misses ("Asia/Seul": did you mean Asia/Seoul).
  static Parsed<Zone> find(std::string_view name);

  const std::string& name() const { return zone_->name(); }
  const date::time_zone& tz() const { return *zone_; }
  Local local(Instant at) const { return Local{(at + zone_->get_info(at).offset).time_since_epoch()}; }
  // "2026-01-01 09:00:00 KST"
  std::string to_text(Instant at) const;

  friend bool operator==(const Zone&, const Zone&) = default;

 private:
  explicit Zone(const date::time_zone* zone) : zone_(zone) {}
  const date::time_zone* zone_;
};

// Of the zones' rules: "2025b".
std::string tzdata_version();

}  // namespace supportd::time
