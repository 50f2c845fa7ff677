// Communications, writes and accounts.
#include <tuple>

#include "daemon/json.hpp"
#include "jobs/aws_cases/store.hpp"

namespace supportd::aws_cases {
namespace {

using store::Tx;
using tickets::MessageId;

std::string encode_catalogue(const Account& account) {
  json::Writer out;
  out.object([&] {
    out.member("severities", account.severities);
    out.key("services").array([&] {
      for (const Offering& service : account.services) {
        out.object([&] { out.member("code", service.code).member("categories", service.categories); });
      }
    });
  });
  return out.take();
}

void decode_catalogue(const std::string& text, Account& account) {
  if (text.empty()) return;
  const auto document = json::Document::parse(text, "catalogue");
  account.severities = document.root().strings("severities");
  for (const auto& service : document.root().at("services").items()) {
    account.services.push_back({service.at("code").string(), service.strings("categories")});
  }
}

}  // namespace

std::vector<Known> known_communications(Tx& tx, CaseRow id) {
  std::vector<Known> out;
  tx.each<std::int64_t, Instant, std::string, std::int64_t, std::string, std::optional<MessageId>>(
      "SELECT id, created_at, author, ordinal, hash, message FROM aws_communication WHERE aws_case = :id ORDER BY "
      "created_at, author, ordinal",
      [&](auto row) {
        auto& [number, created, author, ordinal, hash, message] = row;
        out.push_back({number, created, std::move(author), ordinal, std::move(hash), message.has_value()});
      },
      id);
  return out;
}

void add_communication(Tx& tx, CaseRow id, const Told& told, std::optional<MessageId> message) {
  tx.exec(
      "INSERT INTO aws_communication (aws_case, created_at, author, ordinal, hash, message) VALUES (:id, :created, "
      ":author, :ordinal, :hash, :message)",
      id, told.created, told.author, told.ordinal, told.hash, message);
}

void rerender_communication(Tx& tx, std::int64_t row, const std::string& hash) {
  tx.exec("UPDATE aws_communication SET hash = :hash WHERE id = :row", hash, row);
}

std::optional<MessageId> message_of_communication(Tx& tx, std::int64_t row) {
  return tx.one<std::optional<MessageId>>("SELECT message FROM aws_communication WHERE id = :row", row)
      .value_or(std::nullopt);
}

// One that was seen at AWS before the ledger knew again whose it is stays seen.
void add_write(Tx& tx, CaseRow id, MessageId message, const Write& write) {
  tx.exec(
      "INSERT INTO aws_write (ref, aws_case, message, hash, opens_case, seen) VALUES (:ref, :id, :message, :hash, "
      ":opens, 0) ON CONFLICT (ref) DO UPDATE SET message = excluded.message, hash = excluded.hash",
      write.ref, id, message, write.hash, write.opens_case);
}

std::vector<Write> unseen_writes(Tx& tx, CaseRow id) {
  std::vector<Write> out;
  tx.each<std::string, std::string, bool>(
      "SELECT ref, hash, opens_case FROM aws_write WHERE aws_case = :id AND seen = 0 ORDER BY ref",
      [&](auto row) {
        out.push_back({std::get<0>(row), std::get<1>(row), std::get<2>(row)});
      },
      id);
  return out;
}

std::set<std::string> claimed_refs(Tx& tx, CaseRow id) {
  std::set<std::string> out;
  tx.each<std::string>(
      "SELECT ref FROM aws_write WHERE aws_case = :id AND seen = 1 ORDER BY ref",
      [&](std::string ref) { out.insert(std::move(ref)); }, id);
  return out;
}

// A write that this ledger has forgotten, by a restore, is known from now on.
void claim_write(Tx& tx, CaseRow id, const std::string& ref) {
  tx.exec(
      "INSERT INTO aws_write (ref, aws_case, message, hash, opens_case, seen) VALUES (:ref, :id, 0, '', 0, 1) ON "
      "CONFLICT (ref) DO UPDATE SET seen = 1",
      ref, id);
}

void forget_writes(Tx& tx, CaseRow id, MessageId message) {
  tx.exec("DELETE FROM aws_write WHERE aws_case = :id AND message = :message AND seen = 0", id, message);
}

bool was_owed(Tx& tx, MessageId message) {
  return *tx.one<std::int64_t>("SELECT count(*) FROM aws_write WHERE message = :message", message) > 0;
}

Account load_account(Tx& tx, const std::string& id) {
  Account out;
  out.id = id;
  const auto row = tx.one<std::optional<Instant>, std::string, Instant, std::string, std::optional<Instant>>(
      "SELECT parked_at, reason, probed_at, catalogue, catalogue_at FROM aws_account WHERE account = :id", id);
  if (!row) return out;
  std::string catalogue;
  std::tie(out.parked, out.reason, out.probed, catalogue, out.catalogue) = *row;
  decode_catalogue(catalogue, out);
  return out;
}

std::vector<Account> parked_accounts(Tx& tx) {
  std::vector<Account> out;
  for (const auto& id :
       tx.all<std::string>("SELECT account FROM aws_account WHERE parked_at IS NOT NULL ORDER BY account")) {
    out.push_back(load_account(tx, id));
  }
  return out;
}

void park_account(Tx& tx, const std::string& id, const std::string& reason, Instant now) {
  tx.exec(
      "INSERT INTO aws_account (account, parked_at, reason, probed_at, catalogue) VALUES (:id, :parked, :reason, "
      ":probed, '') ON CONFLICT (account) DO UPDATE SET parked_at = COALESCE(aws_account.parked_at, "
      "excluded.parked_at), reason = excluded.reason, probed_at = excluded.probed_at",
      id, now, reason, now);
}

void unpark_account(Tx& tx, const std::string& id) {
  tx.exec("UPDATE aws_account SET parked_at = NULL, reason = '' WHERE account = :id", id);
}

void save_catalogue(Tx& tx, const Account& account, Instant now) {
  tx.exec(
      "INSERT INTO aws_account (account, reason, probed_at, catalogue, catalogue_at) VALUES (:id, '', 0, :catalogue, "
      ":at) ON CONFLICT (account) DO UPDATE SET catalogue = excluded.catalogue, catalogue_at = excluded.catalogue_at",
      account.id, encode_catalogue(account), now);
}

}  // namespace supportd::aws_cases
