#include "tests/fuzz/targets.hpp"

#include <cstdio>
#include <cstdlib>

#include "daemon/error.hpp"
#include "tests/fuzz/machine.hpp"
#include "tests/fuzz/texts.hpp"
#include "tests/fuzz/vendors.hpp"

namespace supportd::fuzz {

const std::map<std::string, Target>& targets() {
  static const std::map<std::string, Target> all{{"aws_cases", aws_cases},
                                                 {"aws_errors", aws_errors},
                                                 {"aws_events", aws_events},
                                                 {"aws_xml", aws_xml},
                                                 {"classify", classification},
                                                 {"config", config_files},
                                                 {"cron", cron},
                                                 {"freshdesk", freshdesk_rows},
                                                 {"freshdesk_errors", freshdesk_errors},
                                                 {"hours", hours},
                                                 {"html", html},
                                                 {"http", http_request},
                                                 {"ics", icalendar},
                                                 {"instant", instants},
                                                 {"json", json_document},
                                                 {"marker", markers},
                                                 {"multipart", multipart},
                                                 {"profile", profiles},
                                                 {"sla", scenarios},
                                                 {"zendesk", zendesk_rows},
                                                 {"zendesk_hooks", zendesk_hooks},
                                                 {"zone", zone}};
  return all;
}

void may_refuse(const std::function<void()>& parse) {
  try {
    parse();
  } catch (const Error&) {
  }
}

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace supportd::fuzz
