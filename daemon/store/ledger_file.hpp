// An SQLite ledger as a file: whether it is sound, copies of it, and putting one back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/store/ledger.hpp"

namespace supportd::store {

// What the database finds wrong with itself.
std::vector<std::string> problems_of(Tx& tx);

// Problems of an SQLite ledger that no daemon has open, or of a backup; empty when sound. Changes nothing and leaves
// nothing beside it. Throws Error{gone} when there is no such file.
std::vector<std::string> check_file(const std::filesystem::path& file);

// Copies the session's ledger, which lies at `ledger`, into `file`, checks the copy and puts it in its place only then,
// on the disk. An earlier backup is replaced. Throws Error{refused} when `file` is the ledger itself or no place for a
// file, {unreachable} when it cannot be written, {corrupt} when the copy is not sound.
void write_backup(Session& session, const std::filesystem::path& ledger, const std::filesystem::path& file);

// Puts `backup`, once checked, in the place of an SQLite ledger that no daemon has open, owned as that was (or as its
// directory is), and notes that what happened between the backup and now is not certain (rule 8). Where the ledger that
// was there is kept; empty: there was none. Throws as above, and Error{config} when a newer program wrote the backup.
std::filesystem::path restore(const std::filesystem::path& backup, const std::filesystem::path& ledger, Instant now);

}  // namespace supportd::store
