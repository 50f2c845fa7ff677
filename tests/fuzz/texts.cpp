#include "tests/fuzz/texts.hpp"

#include <sstream>

#include "daemon/json.hpp"
#include "jobs/aws_cases/rules_classify.hpp"
#include "jobs/aws_cases/rules_message.hpp"
#include "jobs/aws_cases/rules_template.hpp"
#include "jobs/calendar/definition_json.hpp"
#include "jobs/calendar/ics.hpp"
#include "jobs/calendar/target.hpp"
#include "jobs/desk_sync/marker.hpp"
#include "jobs/sla/replay.hpp"
#include "jobs/tickets/text.hpp"
#include "tests/fuzz/targets.hpp"

namespace supportd::fuzz {

void html(std::string_view bytes) {
  const std::string text = tickets::html_to_text(bytes);
  tickets::decode_entities(bytes);
  const std::string normal = tickets::normalise(bytes);
  require(tickets::normalise(normal) == normal, "the normal form is its own normal form");
  const std::string shown = tickets::for_terminal(bytes);
  require(shown.find('\x1b') == std::string::npos, "what is printed moves no terminal");
  std::string whole;
  for (const auto& part : tickets::split(bytes, 20)) {
    require(tickets::length(part) <= 20, "a part is no longer than asked");
    whole += part;
  }
  require(tickets::text_to_html(bytes).find("<script") == std::string::npos, "text becomes no markup");
}

void markers(std::string_view bytes) {
  if (const auto marker = aws_cases::find_marker(bytes)) {
    const auto again = aws_cases::find_marker(aws_cases::marker_line(marker->ref, marker->part, marker->parts));
    require(again && again->ref == marker->ref && again->part == marker->part, "a marker reads as it was written");
  }
  if (const auto ref = desk_sync::ref_in(bytes)) require(ref->size() == 10, "a ref has ten characters");
  require(aws_cases::is_marked_with(aws_cases::marked_subject(bytes, "abcdefghij"), "abcdefghij"),
          "a marked subject is known again");
  const aws_cases::AddressRules rules;
  aws_cases::addressed_to_aws(rules, tickets::Visibility::private_note, tickets::Author::agent, bytes);
  for (const auto& part : aws_cases::cut_into_parts(bytes, "the end")) {
    require(tickets::length(part) <= aws_cases::most_part_characters, "a part is no longer than AWS takes");
  }
}

void classification(std::string_view bytes) {
  static const auto classes = aws_cases::default_classify_rules();
  aws_cases::classify(classes, bytes, bytes);
  if (!aws_cases::flaw_of_template(bytes)) aws_cases::render(std::string(bytes), {{"case", "1"}});
}

void icalendar(std::string_view bytes) {
  config::Report report;
  const auto days = calendar::read_ics(bytes, "fuzz.ics", {.only = {}, .except = {"observance"}}, report).days;
  require(days.size() <= 366 * 48, "no more days than there are");
  for (const auto& [day, holiday] : days) {
    require(json::valid_utf8(holiday.name) == holiday.name, "a holiday's name is UTF-8");
  }
}

void hours(std::string_view bytes) {
  if (const auto hours = calendar::parse_hours(bytes)) {
    const auto again = calendar::parse_hours(to_text(*hours));
    require(again && *again == *hours, "hours read as they are written");
  }
  if (const auto target = calendar::parse_target(bytes)) {
    const auto again = calendar::parse_target(to_text(*target));
    require(again && *again == *target, "a target reads as it is written");
  }
  if (const auto day = calendar::parse_day(bytes)) require(calendar::to_text(*day) == bytes, "a date is its own text");
  if (const auto days = calendar::parse_weekdays(bytes))
    require(!days->empty() && days->size() <= 7, "a week has seven days");
}

void scenarios(std::string_view bytes) {
  may_refuse([&] {
    const auto document = json::Document::parse(bytes);
    std::ostringstream out;
    sla::replay_scenarios(document.root(), out, out);
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) json::Document::parse(line);
  });
}

}  // namespace supportd::fuzz
