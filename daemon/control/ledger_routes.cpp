// The ledger's own health, copies of it, and the audit trail.
#include <filesystem>

#include "daemon/control/control.hpp"
#include "daemon/control/views.hpp"
#include "daemon/http/query.hpp"
#include "daemon/store/cursor.hpp"
#include "daemon/store/facts.hpp"

namespace supportd::control {
namespace {

using http::Inbound, http::Query;

http::Response audit_rows(const Parts& parts, const Inbound& in) {
  const Query query(in, {"after", "limit"});
  const auto most = static_cast<int>(query.number("limit", 50, 1, 1000));
  const auto after = query.number("after", -1, -1, std::numeric_limits<std::int64_t>::max());
  const auto rows = parts.ledger.read(
      [&](store::Tx& tx) { return after < 0 ? store::audit_tail(tx, most) : store::audit_rows(tx, after, most); });
  return http::json(list_json("audit", rows));
}

http::Response verify(const Parts& parts, const Inbound& in) {
  const Query none(in, {});
  const auto verdict = parts.ledger.read([](store::Tx& tx) { return store::audit_verify(tx); });
  json::Writer writer;
  writer.object([&] {
    writer.member("sealed_rows", verdict.sealed_rows).member("unsealed_rows", verdict.unsealed_rows);
    writer.member("head", verdict.head).member("broken", verdict.broken);
  });
  return http::json(writer.take());
}

http::Response backup(const Parts& parts, const Inbound& in) {
  const Query query(in, {"file"});
  const std::filesystem::path file = query.required("file");
  if (!file.is_absolute()) throw Error(ErrorKind::config, "parameter 'file': expected an absolute path");
  parts.ledger.backup(file);
  parts.ledger.write([&, told = audit(parts, in, "ledger.backup", file.string())](store::Tx& tx) {
    told(tx);
    store::move_cursor(tx, store::backup_cursor, file.string(), parts.clock.now());
  });
  json::Writer writer;
  writer.object([&] { writer.member("file", file.string()); });
  return http::json(writer.take());
}

http::Response check(const Parts& parts, const Inbound& in) {
  const Query none(in, {});
  json::Writer writer;
  writer.object([&] { writer.member("problems", parts.ledger.check()); });
  return http::json(writer.take());
}

}  // namespace

void add_ledger_routes(http::Router& router, const Parts& parts) {
  const auto add = [&](std::string method, std::string path, http::Response (*handler)(const Parts&, const Inbound&)) {
    router.add({std::move(method), std::move(path), http::Access::operate,
                [&parts, handler](const Inbound& in) { return handler(parts, in); }});
  };
  add("GET", "/api/v1/audit", audit_rows);
  add("GET", "/control/audit/verify", verify);
  add("POST", "/control/ledger/backup", backup);
  add("GET", "/control/ledger/check", check);
}

}  // namespace supportd::control
