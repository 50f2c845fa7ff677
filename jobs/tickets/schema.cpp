#include "jobs/tickets/kernel.hpp"

namespace supportd::tickets {

std::vector<store::Migration> schema() {
  return {{.slice = "tickets", .number = 1, .sql = R"(
CREATE TABLE organisation (id {id}, name TEXT NOT NULL UNIQUE, tier TEXT NOT NULL, zone TEXT NOT NULL,
  calendar TEXT NOT NULL);
CREATE TABLE organisation_account (account TEXT PRIMARY KEY, organisation BIGINT NOT NULL REFERENCES organisation (id));
CREATE TABLE organisation_alias (system TEXT NOT NULL, remote_id TEXT NOT NULL,
  organisation BIGINT NOT NULL REFERENCES organisation (id), PRIMARY KEY (system, remote_id));
CREATE TABLE person (id {id}, kind TEXT NOT NULL, name TEXT NOT NULL, mail TEXT UNIQUE, organisation BIGINT
  REFERENCES organisation (id));
CREATE TABLE person_alias (system TEXT NOT NULL, remote_id TEXT NOT NULL, person BIGINT NOT NULL REFERENCES person (id),
  PRIMARY KEY (system, remote_id));
CREATE INDEX person_alias_person ON person_alias (person, system, remote_id);
CREATE TABLE ticket (id {id}, seq BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  origin TEXT NOT NULL, subject TEXT NOT NULL, type TEXT NOT NULL, team TEXT NOT NULL, category TEXT NOT NULL,
  product_area TEXT NOT NULL, severity TEXT NOT NULL, status TEXT NOT NULL, priority TEXT, requester BIGINT,
  assignee BIGINT, organisation BIGINT, tags TEXT NOT NULL, fields TEXT NOT NULL, solved_at BIGINT, merged_into BIGINT,
  deleted BIGINT NOT NULL);
CREATE INDEX ticket_status ON ticket (status, id);
CREATE TABLE ticket_event (id {id}, ticket BIGINT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL,
  effective BIGINT NOT NULL, recorded BIGINT NOT NULL, clamped BIGINT NOT NULL, origin TEXT NOT NULL,
  actor TEXT NOT NULL, identity TEXT NOT NULL UNIQUE, data TEXT NOT NULL);
CREATE UNIQUE INDEX ticket_event_order ON ticket_event (ticket, seq);
CREATE TABLE message (id {id}, ticket BIGINT NOT NULL, identity TEXT NOT NULL UNIQUE, origin TEXT NOT NULL,
  author TEXT NOT NULL, author_name TEXT NOT NULL, author_id TEXT NOT NULL, visibility TEXT NOT NULL,
  created_at BIGINT NOT NULL, content BIGINT NOT NULL, html BIGINT, hash TEXT NOT NULL, normaliser TEXT NOT NULL,
  edits BIGINT NOT NULL, ours BIGINT NOT NULL);
CREATE INDEX message_ticket ON message (ticket, id);
CREATE TABLE attachment (id {id}, message BIGINT NOT NULL REFERENCES message (id), remote_id TEXT NOT NULL,
  name TEXT NOT NULL, content_type TEXT NOT NULL, size BIGINT NOT NULL, state TEXT NOT NULL, sha256 TEXT NOT NULL,
  content BIGINT, tries BIGINT NOT NULL, note TEXT NOT NULL);
CREATE INDEX attachment_message ON attachment (message, id);
CREATE INDEX attachment_wanted ON attachment (id) WHERE state = 'wanted';
CREATE INDEX attachment_held ON attachment (message) WHERE state = 'held';
CREATE TABLE link (system TEXT NOT NULL, remote_id TEXT NOT NULL, ticket BIGINT NOT NULL, agreed TEXT NOT NULL,
  seen TEXT NOT NULL, remote_updated BIGINT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (system, remote_id));
CREATE INDEX link_ticket ON link (ticket);
CREATE TABLE aside (id {id}, source TEXT NOT NULL, remote_id TEXT NOT NULL, raw TEXT NOT NULL, error TEXT NOT NULL,
  first_at BIGINT NOT NULL, last_at BIGINT NOT NULL, next_at BIGINT NOT NULL, tries BIGINT NOT NULL);
CREATE UNIQUE INDEX aside_row ON aside (source, remote_id);
CREATE INDEX aside_next ON aside (next_at);
)"},
          // Earlier texts of edited messages, which an erasure must reach too.
          {.slice = "tickets", .number = 2, .sql = R"(
CREATE TABLE message_version (message BIGINT NOT NULL REFERENCES message (id), content BIGINT NOT NULL,
  PRIMARY KEY (message, content));
)"},
          // Which events a slice was not there to see: those up to `missed`, of tickets after `replayed`. The first
          // slices saw all there are.
          {.slice = "tickets", .number = 3, .sql = R"(
CREATE TABLE reaction (slice TEXT PRIMARY KEY, missed BIGINT NOT NULL, replayed BIGINT NOT NULL);
INSERT INTO reaction (slice, missed, replayed) VALUES ('lifecycle', 0, 0), ('desk_sync', 0, 0), ('aws_cases', 0, 0);
)"},
          // When the system was last asked who somebody is.
          {.slice = "tickets", .number = 4, .sql = R"(
ALTER TABLE person_alias ADD COLUMN met_at BIGINT NOT NULL DEFAULT 0;
)"},
          // The same of organisations.
          {.slice = "tickets", .number = 5, .sql = R"(
ALTER TABLE organisation_alias ADD COLUMN met_at BIGINT NOT NULL DEFAULT 0;
)"},
          // What an organisation was called until then: time that has passed keeps the name.
          {.slice = "tickets", .number = 6, .sql = R"(
CREATE TABLE organisation_name (organisation BIGINT NOT NULL REFERENCES organisation (id), name TEXT NOT NULL,
  until BIGINT NOT NULL, PRIMARY KEY (organisation, until));
)"}};
}

}  // namespace supportd::tickets
