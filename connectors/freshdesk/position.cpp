#include "connectors/freshdesk/position.hpp"

#include <algorithm>

#include "connectors/freshdesk/model.hpp"
#include "daemon/digest.hpp"

namespace supportd::connectors::freshdesk {
namespace {

constexpr std::chrono::seconds young{2};
constexpr int version = 1;

Instant whole_second(Instant at) { return std::chrono::floor<std::chrono::seconds>(at); }

void write(json::Writer& out, std::string_view name, const Position& position) {
  out.key(name).object([&] {
    out.member("since", time::to_millis(position.since));
    out.key("seen").object([&] {
      for (const auto& [key, hash] : position.seen) out.member(key, hash);
    });
  });
}

Position read(const json::View& root, std::string_view name) {
  const json::View value = root.at(name);
  Position out{time::from_millis(value.at("since").integer()), {}};
  for (const auto& [key, hash] : value.at("seen").members()) out.seen[key] = hash.string();
  return out;
}

}  // namespace

ListedRow listed(const json::View& row) {
  ListedRow out;
  out.hash = digest::hex(digest::sha256(row.dump())).substr(0, 16);
  out.key = row_id(row);
  if (out.key.empty()) out.key = out.hash;
  if (!row.is_object()) return out;
  const auto updated = row.find("updated_at");
  if (!updated || !updated->is_string()) return out;
  const auto at = time::parse_instant(updated->string());
  if (at.has_value()) out.updated = *at;
  return out;
}

void Walk::add_page(std::vector<ListedRow> rows, bool whole, std::optional<Instant> date) {
  for (ListedRow& row : rows) {
    if (row.updated) last_ = std::max(last_.value_or(*row.updated), *row.updated);
    rows_.push_back(std::move(row));
  }
  date_ = date;
  whole_ = whole;
  ++pages_;
}

bool Walk::is_new(const ListedRow& row) const {
  const auto at = from_.seen.find(row.key);
  return at == from_.seen.end() || at->second != row.hash;
}

Instant Walk::reached() const {
  if (!last_) return from_.since;
  // Without a Date the newest row itself is taken for the present.
  const Instant settled = date_.value_or(*last_) - young;
  return std::max(from_.since, whole_second(std::min(*last_, settled)));
}

Position Walk::end() const {
  const bool unsettled = pages_ > 1 && std::ranges::any_of(rows_, [this](const ListedRow& row) {
                           return is_new(row) && row.updated && whole_second(*row.updated) <= from_.since;
                         });
  Position out{unsettled ? from_.since : reached(), {}};
  if (out.since == from_.since) out.seen = from_.seen;
  for (const ListedRow& row : rows_) {
    if (!row.updated || *row.updated >= out.since) out.seen[row.key] = row.hash;
  }
  return out;
}

std::string to_text(const Cursor& cursor) {
  json::Writer out;
  out.object([&] {
    out.member("v", version);
    write(out, "live", cursor.live);
    write(out, "deleted", cursor.deleted);
    write(out, "spam", cursor.spam);
    out.member("spam_is_next", cursor.spam_is_next);
  });
  return out.take();
}

Cursor parse_cursor(const std::string& text, Instant from) {
  if (text.empty()) {
    const Position start{whole_second(from), {}};
    return {start, start, start, false};
  }
  const auto document = json::Document::parse(text, "the Freshdesk cursor");
  const json::View root = document.root();
  if (root.at("v").integer() != version) {
    throw Error(ErrorKind::corrupt, "the Freshdesk cursor is of version " + root.at("v").scalar_text());
  }
  return {read(root, "live"), read(root, "deleted"), read(root, "spam"), root.at("spam_is_next").boolean()};
}

}  // namespace supportd::connectors::freshdesk
