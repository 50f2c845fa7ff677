#include "jobs/aws_cases/store.hpp"

namespace supportd::aws_cases {

std::vector<store::Migration> schema() {
  return {{.slice = "aws_cases", .number = 1, .sql = R"(
CREATE TABLE aws_case (id {id}, ticket BIGINT NOT NULL, n BIGINT NOT NULL, key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL, account TEXT NOT NULL, case_id TEXT UNIQUE, display_id TEXT NOT NULL, aws_status TEXT NOT NULL,
  severity TEXT NOT NULL, wanted_severity TEXT NOT NULL, approved_by TEXT NOT NULL, service TEXT NOT NULL,
  category TEXT NOT NULL, language TEXT NOT NULL, matched TEXT NOT NULL, reason TEXT NOT NULL, cc TEXT NOT NULL,
  customer_visible BIGINT NOT NULL, ours BIGINT NOT NULL, message BIGINT, follows BIGINT, seen TEXT NOT NULL,
  changes BIGINT NOT NULL, marked_at BIGINT NOT NULL, decided_at BIGINT NOT NULL, opened_at BIGINT,
  answered_at BIGINT, resolved_at BIGINT, waiting_at BIGINT, status_at BIGINT NOT NULL);
CREATE UNIQUE INDEX aws_case_ticket ON aws_case (ticket, n);
CREATE INDEX aws_case_account ON aws_case (account, id);
CREATE INDEX aws_case_unseen ON aws_case (account, id) WHERE seen = '';
CREATE INDEX aws_case_follows ON aws_case (follows) WHERE follows IS NOT NULL;
CREATE TABLE aws_communication (id {id}, aws_case BIGINT NOT NULL REFERENCES aws_case (id), created_at BIGINT NOT NULL,
  author TEXT NOT NULL, ordinal BIGINT NOT NULL, hash TEXT NOT NULL, message BIGINT);
CREATE UNIQUE INDEX aws_communication_identity ON aws_communication (aws_case, created_at, author, ordinal);
CREATE TABLE aws_write (ref TEXT PRIMARY KEY, aws_case BIGINT NOT NULL REFERENCES aws_case (id),
  message BIGINT NOT NULL, hash TEXT NOT NULL, opens_case BIGINT NOT NULL, seen BIGINT NOT NULL);
CREATE INDEX aws_write_unseen ON aws_write (aws_case) WHERE seen = 0;
CREATE INDEX aws_write_message ON aws_write (message);
CREATE TABLE aws_account (account TEXT PRIMARY KEY, parked_at BIGINT, reason TEXT NOT NULL, probed_at BIGINT NOT NULL,
  catalogue TEXT NOT NULL, catalogue_at BIGINT);
)"}};
}

}  // namespace supportd::aws_cases
