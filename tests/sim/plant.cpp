#include "tests/sim/plant.hpp"

#include <algorithm>

#include "connectors/freshdesk/position.hpp"
#include "daemon/json.hpp"
#include "daemon/store/session.hpp"

namespace supportd::sim {
namespace {

constexpr std::string_view files_field = "attachments[]";
constexpr const char* later_by_ten_minutes =
    "UPDATE deadline SET fire_at = NEW.fire_at + 600000 WHERE kind = NEW.kind AND key = NEW.key AND version = "
    "NEW.version";

bool is_note(const http::Request& request) { return request.method == "POST" && request.url.ends_with("/notes"); }

// Nothing where the harm is done elsewhere.
std::string triggers_of(Plant plant) {
  const auto trigger = [](const std::string& when, const std::string& what) {
    return "CREATE TRIGGER IF NOT EXISTS planted_" + std::to_string(when.size()) + " AFTER " + when + " BEGIN " + what +
           "; END";
  };
  switch (plant) {
    case Plant::absent_at_once:
      return trigger("UPDATE ON effect WHEN NEW.state = 'unknown' AND OLD.state = 'unknown' AND NEW.due > OLD.due",
                     "UPDATE effect SET state = 'queued', absent_at = NULL, due = OLD.due WHERE id = NEW.id");
    case Plant::lease_unchecked:
      return trigger("UPDATE ON lane WHEN NEW.leased_until > 0",
                     "UPDATE lane SET leased_until = 0 WHERE lane = NEW.lane") +
             ";\n" +
             trigger("UPDATE ON effect WHEN OLD.state = 'leased' AND NEW.state = 'unknown'",
                     "UPDATE effect SET state = 'queued' WHERE id = NEW.id");
    case Plant::echo_forgotten: return trigger("INSERT ON aws_write", "DELETE FROM aws_write WHERE ref = NEW.ref");
    case Plant::agreement_forgotten:
      return trigger("UPDATE ON link WHEN NEW.agreed <> OLD.agreed",
                     "UPDATE link SET agreed = OLD.agreed WHERE system = NEW.system AND remote_id = NEW.remote_id");
    case Plant::key_without_vendor_id:
      // When it was owed stands in for the vendor's id; base32 has no 0, 1, 8 and 9.
      return trigger("INSERT ON effect",
                     "UPDATE effect SET ref = substr(ref, 1, 4) || replace(replace(replace(replace(printf('%06d', "
                     "(created_at / 1000) % 1000000), '0', 'a'), '1', 'b'), '8', 'c'), '9', 'd') WHERE id = NEW.id");
    case Plant::decision_lost:
      return trigger("UPDATE ON run WHEN NEW.outcome IS NOT NULL AND NEW.id % 97 = 0",
                     "DELETE FROM run WHERE id = NEW.id");
    case Plant::lane_split:
      return trigger("INSERT ON effect WHEN NEW.key LIKE 'mirror:%' AND NEW.channel LIKE 'zendesk:%'",
                     "UPDATE effect SET lane = NEW.lane || ':' || (NEW.id % 7) WHERE id = NEW.id; INSERT INTO lane "
                     "(lane, channel, due, leased_until, lease) VALUES (NEW.lane || ':' || (NEW.id % 7), NEW.channel, "
                     "NEW.due + (NEW.id % 7) * 900000, 0, '') ON CONFLICT (lane) DO NOTHING");
    case Plant::words_before_lost:
      return trigger(
          "INSERT ON effect WHEN NEW.key LIKE 'mirror:%' AND NEW.channel LIKE 'zendesk:%' AND NEW.caused_at "
          "< (SELECT min(created_at) FROM effect WHERE subject = NEW.subject AND key LIKE 'counterpart:%')",
          "UPDATE effect SET state = 'done' WHERE id = NEW.id");
    case Plant::quarrel_uncut:
      return trigger("UPDATE ON desk_round WHEN NEW.cut = 1",
                     "UPDATE desk_round SET cut = 0, rounds = 0, slow = 0 WHERE system = NEW.system AND ticket = "
                     "NEW.ticket AND field = NEW.field");
    case Plant::removal_forgotten:
      // A write leaves `seen` as it was, a read does not.
      return trigger("UPDATE ON link WHEN NEW.agreed <> OLD.agreed AND NEW.seen = OLD.seen",
                     "UPDATE link SET agreed = json_set(NEW.agreed, '$.tags', json('[]')) WHERE system = NEW.system "
                     "AND remote_id = NEW.remote_id");
    case Plant::threshold_late:
      return trigger("INSERT ON deadline WHEN NEW.kind = 'sla'", later_by_ten_minutes) + ";\n" +
             trigger("UPDATE ON deadline WHEN NEW.kind = 'sla' AND NEW.version > OLD.version", later_by_ten_minutes);
    case Plant::threshold_lost:
      return trigger("INSERT ON deadline WHEN NEW.kind = 'sla' AND NEW.fire_at % 3 = 0",
                     "DELETE FROM deadline WHERE kind = NEW.kind AND key = NEW.key") +
             ";\n" +
             trigger("UPDATE ON deadline WHEN NEW.kind = 'sla' AND NEW.fire_at % 3 = 0",
                     "DELETE FROM deadline WHERE kind = NEW.kind AND key = NEW.key");
    case Plant::clock_stale:
      return trigger("UPDATE ON sla_clock WHEN NEW.due <> OLD.due",
                     "UPDATE sla_clock SET due = OLD.due WHERE ticket = NEW.ticket AND metric = NEW.metric AND "
                     "instance = NEW.instance");
    case Plant::breach_rewritten:
      return trigger("INSERT ON ticket_event WHEN NEW.kind = 'priority'",
                     "UPDATE sla_threshold SET at = at + 60000 WHERE ticket = NEW.ticket AND state = 'confirmed'");
    case Plant::never_confirmed:
      return trigger("INSERT ON deadline WHEN NEW.kind = 'sla_confirm' AND NEW.fire_at % 5 = 0",
                     "DELETE FROM deadline WHERE kind = NEW.kind AND key = NEW.key");
    case Plant::told_twice:
      return trigger(
          "INSERT ON effect WHEN NEW.channel = 'log' AND NEW.id % 5 = 0",
          "INSERT INTO effect (position, key, ref, channel, lane, kind, state, subject, payload, caused_at, "
          "created_at, "
          "version, attempts, postponed, attempt_at, due, remote_id, error, awaits) SELECT position, key || ':again', "
          "ref, channel, lane, kind, 'done', subject, payload, caused_at, created_at, version, attempts, "
          "postponed, attempt_at, due, remote_id, error, awaits FROM effect WHERE id = NEW.id");
    case Plant::told_never:
      return trigger("INSERT ON effect WHEN NEW.channel = 'log' AND NEW.id % 5 = 0",
                     "DELETE FROM effect WHERE id = NEW.id");
    case Plant::rules_not_applied: return trigger("INSERT ON sla_sweep", "DELETE FROM sla_sweep");
    case Plant::none:
    case Plant::owner_forgotten:
    case Plant::counterpart_public:
    case Plant::limits_ignored:
    case Plant::post_repeated:
    case Plant::look_skipped:
    case Plant::cursor_first:
    case Plant::reaction_apart:
    case Plant::file_dropped:
    case Plant::note_public:
    case Plant::restore_unnoticed: return "";
  }
  return "";
}

}  // namespace

std::string_view to_text(Plant plant) {
  switch (plant) {
    case Plant::none: return "none";
    case Plant::post_repeated: return "post_repeated";
    case Plant::look_skipped: return "look_skipped";
    case Plant::absent_at_once: return "absent_at_once";
    case Plant::cursor_first: return "cursor_first";
    case Plant::reaction_apart: return "reaction_apart";
    case Plant::lease_unchecked: return "lease_unchecked";
    case Plant::echo_forgotten: return "echo_forgotten";
    case Plant::file_dropped: return "file_dropped";
    case Plant::note_public: return "note_public";
    case Plant::agreement_forgotten: return "agreement_forgotten";
    case Plant::key_without_vendor_id: return "key_without_vendor_id";
    case Plant::restore_unnoticed: return "restore_unnoticed";
    case Plant::decision_lost: return "decision_lost";
    case Plant::counterpart_public: return "counterpart_public";
    case Plant::lane_split: return "lane_split";
    case Plant::limits_ignored: return "limits_ignored";
    case Plant::words_before_lost: return "words_before_lost";
    case Plant::quarrel_uncut: return "quarrel_uncut";
    case Plant::removal_forgotten: return "removal_forgotten";
    case Plant::owner_forgotten: return "owner_forgotten";
    case Plant::threshold_late: return "threshold_late";
    case Plant::threshold_lost: return "threshold_lost";
    case Plant::clock_stale: return "clock_stale";
    case Plant::breach_rewritten: return "breach_rewritten";
    case Plant::never_confirmed: return "never_confirmed";
    case Plant::told_twice: return "told_twice";
    case Plant::told_never: return "told_never";
    case Plant::rules_not_applied: return "rules_not_applied";
  }
  return "";
}

std::optional<Plant> parse_plant(std::string_view text) {
  for (int i = 0; i < plants; ++i) {
    if (to_text(static_cast<Plant>(i)) == text) return static_cast<Plant>(i);
  }
  return {};
}

http::Response Saboteur::send(const http::Request& request, std::stop_token stop) {
  switch (plant_) {
    case Plant::post_repeated: return repeat(request, stop);
    case Plant::look_skipped: try { return net_.send(request, stop);
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::unknown_outcome) throw Error(ErrorKind::unreachable, error.what());
        throw;
      }
    case Plant::file_dropped: return is_note(request) ? drop_files(request, stop) : net_.send(request, stop);
    case Plant::note_public: return is_note(request) ? publish(request, stop) : net_.send(request, stop);
    case Plant::counterpart_public: return publish_at_zendesk(request, stop);
    case Plant::limits_ignored: return ask_often(request, stop);
    default: return net_.send(request, stop);
  }
}

http::Response Saboteur::repeat(const http::Request& request, std::stop_token stop) {
  try {
    return net_.send(request, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unknown_outcome) throw;
    return net_.send(request, stop);
  }
}

http::Response Saboteur::drop_files(http::Request request, std::stop_token stop) {
  const auto type = request.headers.get("Content-Type").value_or("");
  if (const auto parts = http::decode_multipart(request.body, type)) {
    const auto body = std::ranges::find(*parts, "body", &http::Part::name);
    if (body != parts->end() && !notes_seen_.insert(body->data).second) {
      std::vector<http::Part> kept = *parts;
      std::erase_if(kept, [](const http::Part& part) { return part.name == files_field; });
      auto [fields, its_type] = http::encode_multipart(kept, "planted-boundary");
      request.body = std::move(fields);
      request.headers.set("Content-Type", its_type);
    }
  }
  return net_.send(request, stop);
}

http::Response Saboteur::publish(http::Request request, std::stop_token stop) {
  constexpr std::string_view is_private = "\"private\":true";
  if (const auto at = request.body.find(is_private); at != std::string::npos) {
    request.body.replace(at, is_private.size(), "\"private\":false");
  }
  return net_.send(request, stop);
}

http::Response Saboteur::publish_at_zendesk(http::Request request, std::stop_token stop) {
  constexpr std::string_view is_private = "\"public\":false";
  if (const auto at = request.body.find(is_private); at != std::string::npos) {
    request.body.replace(at, is_private.size(), "\"public\":true");
  }
  return net_.send(request, stop);
}

http::Response Saboteur::ask_often(const http::Request& request, std::stop_token stop) {
  if (request.url.find("/incremental/") != std::string::npos) {
    for (int i = 0; i < 11; ++i) net_.send(request, stop);
  }
  return net_.send(request, stop);
}

void plant_in_ledger(Plant plant, const std::filesystem::path& ledger) {
  const std::string triggers = triggers_of(plant);
  if (!triggers.empty()) store::Session(store::Engine::sqlite, ledger.string(), false).script(triggers);
}

void crash_in_ledger(Plant plant, const std::filesystem::path& ledger, Instant now) {
  using namespace std::chrono_literals;
  if (plant != Plant::cursor_first && plant != Plant::reaction_apart) return;
  store::Session session(store::Engine::sqlite, ledger.string(), false);
  if (plant == Plant::cursor_first) {
    const std::string value = connectors::freshdesk::to_text(connectors::freshdesk::parse_cursor("", now));
    const store::Cell cursor{.kind = store::Cell::Kind::text, .text = value};
    session.run("UPDATE cursor SET value = :value WHERE name NOT LIKE '%:from' AND value LIKE '{%'", {&cursor, 1}, {},
                {});
  } else {
    const store::Cell since{.integer = time::to_millis(now - 1s), .text = ""};
    session.run("DELETE FROM effect WHERE attempts = 0 AND created_at >= :since", {&since, 1}, {}, {});
  }
}

}  // namespace supportd::sim
