#include "tests/fuzz/machine.hpp"

#include "connectors/aws_support/section.hpp"
#include "connectors/freshdesk/section.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/query.hpp"
#include "daemon/http/retry_after.hpp"
#include "daemon/http/router.hpp"
#include "daemon/json.hpp"
#include "daemon/observe/printable.hpp"
#include "daemon/run/job.hpp"
#include "daemon/run/schedule.hpp"
#include "daemon/sections.hpp"
#include "daemon/time/instant.hpp"
#include "jobs/aws_cases/section.hpp"
#include "jobs/desk_sync/section.hpp"
#include "jobs/tickets/section.hpp"
#include "tests/fuzz/targets.hpp"

namespace supportd::fuzz {
namespace {

const Instant some_day = time::parse_instant("2026-03-28T12:00:00Z").value();

// The sections, without what looks at all of them together: that would need the whole daemon.
config::Schema sections() {
  config::Schema out;
  add_daemon_sections(out);
  out.add_named<run::JobConfig>("jobs");
  out.add_list<run::RunOnce>("run_once");
  out.add<connectors::aws::Section>("aws");
  out.add<connectors::aws_support::Section>("aws_support");
  out.add_named<connectors::freshdesk::Section>("freshdesk");
  out.add<tickets::Section>("tickets");
  out.add<desk_sync::Section>("desk_sync");
  out.add<aws_cases::Section>("aws_cases");
  return out;
}

void walk(const json::View& view) {
  if (view.is_string()) {
    require(json::valid_utf8(view.string()) == view.string(), "a parsed text is UTF-8");
    return;
  }
  may_refuse([&] {
    for (const auto& [name, member] : view.members()) walk(member);
  });
  may_refuse([&] {
    for (const auto& item : view.items()) walk(item);
  });
}

}  // namespace

void config_files(std::string_view bytes) {
  static const config::Schema schema = sections();
  const auto loaded = schema.load(config::read_texts({{"one.toml", std::string(bytes)}}));
  bool flawed = false;
  for (const auto& flaw : loaded.flaws) {
    flawed = flawed || !flaw.warning;
    require(!config::to_text(flaw).empty(), "a flaw has words");
  }
  require(flawed == !loaded.config, "no configuration with a flaw, and none without");
  if (!loaded.config) return;
  const std::string printed = config::print(loaded.config->effective());
  require(!printed.empty(), "what is in force can be printed");
}

void cron(std::string_view bytes) {
  static const time::Zone berlin = time::Zone::find("Europe/Berlin").value();
  const auto schedule = run::Schedule::parse(bytes, berlin);
  if (!schedule) {
    require(!schedule.error().what.empty() && schedule.error().column <= bytes.size() + 1, "a mistake has its place");
    return;
  }
  require(!schedule->in_words().empty(), "a schedule has words");
  schedule->lint();
  Instant at = some_day;
  for (int i = 0; i < 3; ++i) {
    const auto slot = schedule->next(at);
    if (!slot) return;
    require(slot->at > at, "the next slot is later");
    at = slot->at;
  }
}

void http_request(std::string_view bytes) {
  static const http::Router router = [] {
    http::Router out;
    const auto nothing = [](const http::Inbound&) { return http::Response{}; };
    for (const char* path : {"/", "/api/v1/runs/{id}", "/control/jobs/{job}/run", "/api/v1/runs/latest"}) {
      out.add({"GET", path, http::Access::open, nothing});
    }
    return out;
  }();
  const auto mark = bytes.find('?');
  const auto match = router.find("GET", bytes.substr(0, mark));
  http::Inbound in;
  in.params = match.params;
  const std::string_view text = mark == std::string_view::npos ? bytes : bytes.substr(mark + 1);
  for (const auto& [name, value] : http::parse_query(text)) in.query[name] = value;
  may_refuse([&] {
    const http::Query query(in, {"a", "n", "at", "for", "flag", "arg."});
    query.below("arg.");
    may_refuse([&] { query.flag("flag"); });
    may_refuse([&] { query.number("n", 0, -5, 5); });
    may_refuse([&] { query.instant("at"); });
    may_refuse([&] { query.length("for"); });
  });
  if (in.params.contains("id")) may_refuse([&] { http::id_of(in); });
  require(http::percent_decode(http::percent_encode(bytes)) == bytes, "percent encoding is undone by decoding");
  const std::string value(bytes);
  const auto wait = http::retry_after({{"Retry-After", value}, {"Date", value}}, some_day);
  require(!wait || *wait >= Millis{0}, "nobody waits less than nothing");
}

void multipart(std::string_view bytes) {
  const auto line = bytes.find('\n');
  if (line == std::string_view::npos) return;
  const auto parts = http::decode_multipart(bytes.substr(line + 1), bytes.substr(0, line));
  if (parts) require(parts->size() <= bytes.size(), "no more parts than bytes");
}

void instants(std::string_view bytes) {
  if (const auto at = time::parse_instant(bytes)) {
    require(time::parse_instant(time::to_text(*at)).value() == *at, "an instant reads as it was written");
  }
  if (const auto length = time::parse_length(bytes)) {
    require(time::parse_length(time::to_text(*length)).value() == *length, "a length reads as it was written");
  }
  if (const auto at = time::parse_http_date(bytes)) time::to_text(*at);
}

// Apart from the instants: a name that is not known is compared with all that are, which is slow.
void zone(std::string_view bytes) {
  if (const auto found = time::Zone::find(bytes)) require(!found->name().empty(), "a zone has a name");
}

void json_document(std::string_view bytes) {
  may_refuse([&] {
    const auto document = json::Document::parse(bytes);
    walk(document.root());
    bool reads = false;
    const std::string written = document.root().dump();
    may_refuse([&] { reads = !json::Document::parse(written).root().dump().empty(); });
    require(reads, "what is written can be read");  // numbers of over 15 digits but for their last place
  });
  require(json::valid_utf8(json::valid_utf8(bytes)) == json::valid_utf8(bytes), "mending UTF-8 is done once");
  const std::string shown = observe::printable(bytes);
  for (const char c : shown) require(c != '\n' && c != '\x1b' && c != '\0', "what is printed moves no terminal");
}

}  // namespace supportd::fuzz
