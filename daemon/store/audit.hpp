// What people and rules decided, written in the transaction of the decision; sealed by a chain of hashes, so that a
// later change of any row shows (rule 20).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/ledger.hpp"

namespace supportd::store {

struct AuditEntry {
  std::string actor;   // "uid 1000 (alice)", "rule aws_cases.open", "signal"
  std::string action;  // "outbox.drop", "config.reload"
  std::string object;  // "effect 17", "ticket 7"
  std::string reason;
  std::string detail;  // JSON, may be empty
};

struct AuditRow {
  std::int64_t id = 0;
  Instant at{};
  AuditEntry entry;
};

void audit(Tx& tx, Instant now, const AuditEntry& entry);

// Rows with an id above `after`, oldest first.
std::vector<AuditRow> audit_rows(Tx& tx, std::int64_t after, int most);
// The newest rows, oldest of them first.
std::vector<AuditRow> audit_tail(Tx& tx, int most);

struct AuditHead {
  std::int64_t last_id = 0;
  std::string hash;
};
// Seals what is not sealed yet. Nothing when there is nothing new.
std::optional<AuditHead> audit_seal(Tx& tx, Instant now);

struct AuditVerdict {
  std::int64_t sealed_rows = 0, unsealed_rows = 0;
  std::vector<std::string> broken;  // "rows 17 to 21 do not match their seal"
  std::string head;
};
AuditVerdict audit_verify(Tx& tx);

}  // namespace supportd::store
