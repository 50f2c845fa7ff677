#include "jobs/desk_sync/ingest.hpp"

namespace supportd::desk_sync {

std::vector<store::Migration> schema() {
  return {{.slice = "desk_sync", .number = 1, .sql = R"(
CREATE TABLE desk_conflict (id {id}, ticket BIGINT NOT NULL, system TEXT NOT NULL, field TEXT NOT NULL,
  agreed TEXT NOT NULL, desk TEXT NOT NULL, ledger TEXT NOT NULL, winner TEXT NOT NULL, at BIGINT NOT NULL);
)"},
          {.slice = "desk_sync", .number = 2, .sql = R"(
CREATE TABLE desk_counterpart (system TEXT NOT NULL, marker TEXT NOT NULL, ticket BIGINT NOT NULL,
  PRIMARY KEY (system, marker));
)"},
          {.slice = "desk_sync", .number = 3, .sql = R"(
CREATE TABLE desk_look (system TEXT NOT NULL, remote_id TEXT NOT NULL, asked_at BIGINT NOT NULL, actor TEXT NOT NULL,
  tries BIGINT NOT NULL, due BIGINT NOT NULL, PRIMARY KEY (system, remote_id));
CREATE INDEX desk_look_due ON desk_look (system, due);
CREATE TABLE desk_delivery (system TEXT NOT NULL, delivery TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (system, delivery));
CREATE INDEX desk_delivery_at ON desk_delivery (at);
)"},
          // Who looked at a conflict and decided.
          {.slice = "desk_sync",
           .number = 4,
           .sql = "ALTER TABLE desk_conflict ADD COLUMN resolved TEXT NOT NULL DEFAULT ''"},
          // Tickets that people linked by hand to one that has not been read yet; what a verification found.
          {.slice = "desk_sync", .number = 5, .sql = R"(
CREATE INDEX desk_conflict_open ON desk_conflict (system) WHERE resolved = '';
CREATE TABLE desk_claim (system TEXT NOT NULL, name TEXT NOT NULL, certain BIGINT NOT NULL, ticket BIGINT NOT NULL,
  PRIMARY KEY (system, name));
CREATE INDEX desk_claim_name ON desk_claim (name);
CREATE TABLE desk_drift (id {id}, system TEXT NOT NULL, remote_id TEXT NOT NULL, ticket BIGINT NOT NULL,
  kind TEXT NOT NULL, field TEXT NOT NULL, desk TEXT NOT NULL, ledger TEXT NOT NULL, found_at BIGINT NOT NULL);
CREATE INDEX desk_drift_system ON desk_drift (system);
)"},
          // With which message a follow-up goes on (0: a counterpart), the values that the desk was asked for, and what
          // it became there: follow-ups inherit tags, our marker among them.
          {.slice = "desk_sync", .number = 6, .sql = R"(
ALTER TABLE desk_counterpart ADD COLUMN message BIGINT NOT NULL DEFAULT 0;
ALTER TABLE desk_counterpart ADD COLUMN asked TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_counterpart ADD COLUMN remote_id TEXT NOT NULL DEFAULT '';
)"},
          // How often a desk has set a field back after our write, and what the ledger said when that was cut off.
          {.slice = "desk_sync", .number = 7, .sql = R"(
CREATE TABLE desk_round (system TEXT NOT NULL, ticket BIGINT NOT NULL, field TEXT NOT NULL, agreed TEXT NOT NULL,
  desk TEXT NOT NULL, rounds BIGINT NOT NULL, at BIGINT NOT NULL, cut BIGINT NOT NULL, ledger TEXT NOT NULL,
  PRIMARY KEY (system, ticket, field));
)"},
          // Rounds that come late, and not right after our write.
          {.slice = "desk_sync", .number = 8, .sql = R"(
ALTER TABLE desk_round ADD COLUMN slow BIGINT NOT NULL DEFAULT 0;
)"},
          // By which rule a conflict was settled.
          {.slice = "desk_sync", .number = 9, .sql = R"(
ALTER TABLE desk_conflict ADD COLUMN rule TEXT NOT NULL DEFAULT '';
)"}};
}

}  // namespace supportd::desk_sync
