#include <algorithm>
#include <ostream>

#include "daemon/builtin.hpp"
#include "daemon/ctl/calendar_month.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/steps.hpp"
#include "daemon/ctl/terminal.hpp"
#include "daemon/run/each.hpp"
#include "daemon/time/clock.hpp"
#include "jobs/calendar/batch.hpp"
#include "jobs/calendar/book.hpp"
#include "jobs/calendar/definition_json.hpp"
#include "jobs/calendar/target.hpp"

namespace supportd::ctl {
namespace {

using calendar::Calendar;
using calendar::Day;
using Calendars = std::map<std::string, std::shared_ptr<const Calendar>>;

constexpr const char* default_file = "/etc/supportd/supportd.toml";
constexpr int most_next = 1'000;

const Option config_option{
    .name = "--config", .value = "FILE", .help = "supportd's; /etc/supportd/supportd.toml unless given"};
const Option file_option{
    .name = "--file", .value = "FILE", .help = "the calendar's own file, in place of the configuration's"};

Error unsound(std::string what, const std::vector<config::Flaw>& flaws) {
  what += ":";
  for (const auto& flaw : flaws) {
    if (!flaw.warning) what += "\n" + config::to_text(flaw);
  }
  return Error(ErrorKind::config, what);
}

// As the daemon would have them; without a configuration those that were installed.
calendar::Section section_of(const Given& given) {
  const std::string file = given.get("--config", default_file);
  if (!given.has("--config") && !std::filesystem::exists(file)) return {};
  const auto loaded = builtin_schema().load(config::read_files(file));
  if (loaded.config) return loaded.config->get<calendar::Section>("calendar");
  throw unsound("the configuration is not sound", loaded.flaws);
}

std::shared_ptr<const Calendar> calendar_of(Context& c, const Given& given) {
  const std::string& name = given.positional.at(0);
  if (!given.has("--file")) return calendar::Book(section_of(given)).get(name);
  const auto read = calendar::read_definition({}, name, given.get("--file"));
  if (!read.definition) throw unsound(given.get("--file") + " is no sound calendar", read.flaws);
  for (const auto& flaw : read.flaws) c.err << config::to_text(flaw) << '\n';
  return std::make_shared<const Calendar>(*read.definition);
}

Parsed<date::year_month> parse_month(const std::string& text) {
  const auto day = calendar::parse_day(text + "-01");
  if (!day) return Mistake{"MONTH is YYYY-MM, as 2026-02"};
  const date::year_month_day date(*day);
  return date.year() / date.month();
}

int list(Context& c, const Given& given) {
  const calendar::Section section = section_of(given);
  const calendar::Book book(section);
  Table table({"name", "zone", "week", "holidays", "known until"});
  json::Writer writer;
  int code = ok;
  writer.array([&] {
    run::each(
        book.names(),
        [&](const std::string& name) {
          const auto it = book.get(name);
          const auto& definition = it->definition();
          const std::string week = week_text(definition);
          const std::string until = definition.valid_to ? calendar::to_text(*definition.valid_to) : "";
          table.add({name, definition.zone.name(), week, std::to_string(definition.holidays.size()),
                     until.empty() ? "-" : until});
          writer.object([&] {
            writer.member("name", name).member("zone", definition.zone.name()).member("week", week);
            writer.member("holidays", definition.holidays.size()).member("valid_to", until);
          });
        },
        [&](const std::string& name, const std::exception& error) {
          code = found_problems;
          table.add({name, Cell(error.what(), Tone::bad)});
          writer.object([&] { writer.member("name", name).member("error", error.what()); });
        });
  });
  if (c.json) {
    c.out << writer.take() << '\n';
  } else if (table.empty()) {
    c.out << "no calendars: there is none in the configuration, nor a file NAME.toml in " << section.directory << '\n';
  } else {
    table.print(c.out, c.colour);
  }
  return code;
}

int show(Context& c, const Given& given) {
  if (given.positional.empty()) return list(c, given);
  const auto it = calendar_of(c, given);
  const Day today = calendar::day_of(it->definition().zone, time::MachineClock().now());
  const date::year_month_day now(today);
  auto month = now.year() / now.month();
  if (given.positional.size() > 1) {
    const auto parsed = parse_month(given.positional[1]);
    if (!parsed) return c.refuse(usage, parsed.error().what);
    month = *parsed;
  }
  if (!c.json) {
    draw_month(c, *it, month);
    return ok;
  }
  json::Writer writer;
  const Day first(month / 1), last(date::year_month_day_last(month.year(), date::month_day_last(month.month())));
  writer.object([&] {
    writer.member("name", it->definition().name).member("zone", it->definition().zone.name()).key("days").array([&] {
      for (Day day = first; day <= last; day += date::days{1}) {
        writer.object([&] {
          writer.member("date", calendar::to_text(day)).member("seconds", open_on(*it, day).count() / 1000);
          writer.member("hours", periods_text(*it, day)).member("remark", remark_on(it->definition(), day));
        });
      }
    });
  });
  c.out << writer.take() << '\n';
  return ok;
}

Parsed<Instant> instant(const std::string& what, const std::string& text) {
  const auto parsed = time::parse_instant(text);
  if (!parsed) return Mistake{what + ": " + parsed.error().what};
  return parsed;
}

int hours(Context& c, const Given& given) {
  const auto it = calendar_of(c, given);
  const auto from = instant("FROM", given.positional.at(1)), to = instant("TO", given.positional.at(2));
  if (!from || !to) return c.refuse(usage, (from ? to : from).error().what);
  if (*to < *from) return c.refuse(usage, "TO is before FROM");
  const Millis total = it->between(*from, *to);
  const auto& zone = it->definition().zone;
  const Day first = calendar::day_of(zone, *from) - date::days{1}, last = calendar::day_of(zone, *to);
  constexpr int most_rows = 400;
  Table table({"date", "from", "to", "open", ""});
  json::Writer writer;
  writer.object([&] {
    writer.member("calendar", it->definition().name).member("seconds", total.count() / 1000).key("periods").array([&] {
      int rows = 0;
      for (Day day = first; day <= last && rows <= most_rows; day += date::days{1}) {
        for (const auto& period : it->periods_on(day)) {
          const Instant begin = std::max(period.begin, *from), end = std::min(period.end, *to);
          if (begin >= end || ++rows > most_rows) continue;
          table.add({date::format("%F %a", day), zone.to_text(begin), zone.to_text(end), time::to_text(end - begin),
                     remark_on(it->definition(), day)});
          writer.object([&] { writer.member("from", time::to_text(begin)).member("to", time::to_text(end)); });
        }
      }
    });
  });
  if (c.json) {
    c.out << writer.take() << '\n';
    return ok;
  }
  if (!table.empty()) table.print(c.out, c.colour);
  c.out << time::to_text(total) << " open of " << time::to_text(*to - *from) << '\n';
  return ok;
}

int next(Context& c, const Given& given) {
  const auto it = calendar_of(c, given);
  const auto& zone = it->definition().zone;
  const auto from =
      given.has("--from") ? instant("--from", given.get("--from")) : Parsed<Instant>(time::MachineClock().now());
  if (!from) return c.refuse(usage, from.error().what);
  int count = 5;
  if (given.has("--count")) {
    const std::string text = given.get("--count");
    const bool digits = !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == text.npos;
    count = digits ? std::stoi(text) : 0;
    if (count < 1 || count > most_next) return c.refuse(usage, "--count takes 1 to " + std::to_string(most_next));
  }
  json::Writer writer;
  writer.object([&] {
    writer.member("calendar", it->definition().name).member("open", it->open_at(*from)).key("periods").array([&] {
      if (!c.json) c.out << (it->open_at(*from) ? "open now\n" : "closed now\n");
      Instant at = *from;
      for (int i = 0; i < count; ++i) {
        const auto open = it->next_open(at);
        if (!open) break;
        const Instant close = it->next_close(*open);
        const bool closes = close < calendar::Calendar::end();
        writer.object([&] {
          writer.member("opens", time::to_text(*open)).key("closes");
          if (closes) {
            writer.value(time::to_text(close));
          } else {
            writer.null();
          }
        });
        if (!c.json) {
          c.out << zone.to_text(*open) << (closes ? " to " + zone.to_text(close) : " to beyond 2037") << '\n';
        }
        if (!closes) break;
        at = close;
      }
    });
  });
  if (c.json) c.out << writer.take() << '\n';
  return ok;
}

int add(Context& c, const Given& given) {
  const auto it = calendar_of(c, given);
  const auto from = instant("FROM", given.positional.at(1));
  if (!from) return c.refuse(usage, from.error().what);
  const auto target = calendar::parse_target(given.positional.at(2));
  if (!target) return c.refuse(usage, "TARGET: " + target.error().what);
  const auto reached = calendar::due(*target, *it, *from);
  if (!reached) return c.refuse(failed, "the calendar has not that much open time until the end of 2037");
  if (c.json) {
    json::Writer writer;
    writer.object([&] {
      writer.member("due", time::to_text(reached->earliest)).member("late_after", time::to_text(reached->latest));
    });
    c.out << writer.take() << '\n';
    return ok;
  }
  const auto& zone = it->definition().zone;
  print_facts(c.out,
              {{"due", zone.to_text(reached->earliest)},
               {"late after", zone.to_text(reached->latest)},
               {"open time", time::to_text(it->between(*from, reached->latest))}},
              c.colour);
  const auto until = it->definition().valid_to;
  if (until && *until < calendar::day_of(zone, reached->latest)) {
    c.out << toned(holidays_end(*until), Tone::warning, c.colour) << '\n';
  }
  return ok;
}

int eval(Context& c, const Given& given) {
  if (!given.has("--batch"))
    return c.refuse(usage, "calendar eval reads its questions from standard input: add --batch");
  Calendars calendars;
  std::optional<calendar::Book> book;
  if (given.has("--calendars")) {
    const std::string file = given.get("--calendars");
    const auto text = read_input(c, file);
    if (!text) return c.refuse(failed, file + " cannot be read: " + text.error().what);
    const auto document = json::Document::parse(*text, file);
    for (const auto& [name, object] : document.root().members()) {
      calendar::Definition definition = calendar::definition_of(object);
      definition.name = name;
      calendars[std::string(name)] = std::make_shared<const Calendar>(std::move(definition));
    }
  } else {
    book.emplace(section_of(given));
  }
  const auto find = [&](const std::string& name) -> const Calendar* {
    if (book) return book->get(name).get();
    const auto at = calendars.find(name);
    return at == calendars.end() ? nullptr : at->second.get();
  };
  return calendar::answer_questions(c.in, c.out, find) ? ok : failed;
}

// Of the daemon: its word on a calendar beats the calendar's file.
calendar::Section section_in(const std::string& daemons_config) {
  auto source = config::read_texts({{"the daemon's configuration", daemons_config}});
  if (auto* const tables = std::get_if<config::Node::Table>(&source.root.value)) {
    std::erase_if(*tables, [](const config::Entry& it) { return it.key != "calendar"; });
  }
  config::Schema schema;
  schema.add<calendar::Section>("calendar");
  const auto loaded = schema.load(source);
  if (!loaded.config) throw unsound("the daemon's configuration is not sound", loaded.flaws);
  return loaded.config->get<calendar::Section>("calendar");
}

// How far a due time moves: "1d later".
std::string shift_text(const json::View& moved) {
  const auto before = time::parse_instant(cell(moved, "before"));
  const auto after = time::parse_instant(cell(moved, "after"));
  if (!before || !after) return before ? "no longer due" : "newly due";
  const Millis by = *after - *before;
  return time::to_text(by < Millis{0} ? -by : by) + (by < Millis{0} ? " earlier" : " later");
}

int diff(Context& c, const Given& given) {
  if (!given.has("--file")) return c.refuse(usage, "calendar diff needs --file FILE: the calendar as it would be");
  const std::string& name = given.positional.at(0);
  const auto answer = c.ask("GET", "/control/config", "");
  if (answer.status != 200) return show_answer(c, answer, [](const json::View&) {});
  const auto read = calendar::read_definition(section_in(answer.body), name, given.get("--file"));
  if (!read.definition) throw unsound(given.get("--file") + " is no sound calendar", read.flaws);
  for (const auto& flaw : read.flaws) c.err << config::to_text(flaw) << '\n';
  const std::string body = calendar::encode(*read.definition);
  const auto& zone = read.definition->zone;
  std::int64_t tickets = 0, moves = 0;
  Table table({"ticket", "metric", "due", "would be", ""});
  json::Writer writer;
  int code = ok;
  const auto in_zone = [&](const json::View& it, const char* member) -> std::string {
    const auto at = time::parse_instant(cell(it, member));
    return at ? zone.to_text(*at) : std::string("-");
  };
  writer.object([&] {
    writer.member("calendar", name).key("moved").array([&] {
      code = in_steps(
          c,
          [&](const std::string& after) {
            return c.ask("POST", "/control/sla/diff/" + http::percent_encode(name) + query_of({{"after", after}}),
                         body);
          },
          [&](const json::View& step) {
            tickets += step.at("tickets").integer();
            for (const json::View& it : step.at("moved").items()) {
              ++moves;
              table.add(
                  {cell(it, "ticket"), clock_name(it), in_zone(it, "before"), in_zone(it, "after"), shift_text(it)});
              writer.object([&] {
                writer.member("ticket", it.at("ticket").integer()).member("metric", it.at("metric").string());
                writer.member("instance", it.at("instance").integer());
                for (const char* side : {"before", "after"}) {
                  const auto at = it.find(side);
                  writer.key(side);
                  at ? writer.value(at->string()) : writer.null();
                }
              });
            }
          });
    });
    writer.member("tickets", tickets);
  });
  if (code != ok) return code;
  if (c.json) {
    c.out << writer.take() << '\n';
    return ok;
  }
  if (!table.empty()) table.print(c.out, c.colour);
  c.out << moves << " due times of " << tickets << " open tickets would move; nothing was changed\n";
  return ok;
}

}  // namespace

std::vector<Command> calendar_commands() {
  return {
      {.name = "calendar show",
       .arguments = "[NAME] [MONTH]",
       .help = "The calendars there are; of one, a month with its hours and what is special about them.",
       .options = {config_option, file_option},
       .examples = {"calendar show", "calendar show kr-business 2026-02"},
       .run = show},
      {.name = "calendar hours",
       .arguments = "NAME FROM TO",
       .help = "The open time between two instants, and of which periods it is made.",
       .options = {config_option, file_option},
       .examples = {"calendar hours kr-business 2026-02-13T08:00:00Z 2026-02-19T03:00:00Z"},
       .run = hours},
      {.name = "calendar next",
       .arguments = "NAME",
       .help = "Whether it is open, and when it opens and closes next.",
       .options = {{.name = "--from", .value = "T", .help = "an RFC 3339 instant; now unless given"},
                   {.name = "--count", .value = "N", .help = "5 unless given"},
                   config_option,
                   file_option},
       .examples = {"calendar next kr-business", "calendar next kr-business --from 2026-02-13T12:00:00Z --count 2"},
       .run = next},
      {.name = "calendar add",
       .arguments = "NAME FROM TARGET",
       .help = "When a target is due: 4h (open time), \"2 business days\", \"next business day\".",
       .options = {config_option, file_option},
       .examples = {"calendar add kr-business 2026-02-13T08:00:00Z 4h",
                    "calendar add us-business 2026-11-25T20:00:00Z 'next business day'"},
       .run = add},
      {.name = "calendar diff",
       .arguments = "NAME",
       .help = "Which open tickets' due times another calendar would move, and by how much; changes nothing.",
       .options = {{.name = "--file", .value = "FILE", .help = "the calendar as it would be"}},
       .examples = {"calendar diff kr-business --file ./kr-business.toml"},
       .run = diff},
      {.name = "calendar eval",
       .arguments = "",
       .help = "Answers many questions: JSON lines in, JSON lines out; no daemon is asked. Exit status 1: one was no "
               "JSON.",
       .options = {{.name = "--batch", .value = "", .help = "from standard input"},
                   {.name = "--calendars",
                    .value = "FILE",
                    .help = "calendars as JSON, by name; the configuration's unless given"},
                   config_option},
       .examples = {"calendar eval --batch --calendars calendars.json < questions.jsonl"},
       .run = eval}};
}

}  // namespace supportd::ctl
