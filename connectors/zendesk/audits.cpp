#include "connectors/zendesk/audits.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "connectors/zendesk/model.hpp"
#include "connectors/zendesk/row.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr std::array comment_types{"Comment", "VoiceComment", "FacebookComment", "Tweet"};

bool is_comment(const json::View& event) {
  const std::string type = event.string("type", "");
  return std::ranges::find(comment_types, type) != comment_types.end();
}

std::string ref_of(const json::View& audit) {
  const auto metadata = audit.find("metadata");
  if (!metadata || !metadata->is_object()) return "";
  const auto custom = metadata->find("custom");
  if (!custom || !custom->is_object()) return "";
  const auto ref = custom->find(ref_name);
  return ref && ref->is_string() ? ref->string() : "";
}

// Triggers and automations are "rule".
// https://developer.zendesk.com/documentation/ticketing/reference-guides/via-object-reference/
std::string channel_of(const json::View& row) {
  const auto via = row.find("via");
  return via && via->is_object() ? scalar(*via, "channel") : "";
}

bool is_by_machine(const json::View& audit, const json::View& event, const std::string& author) {
  std::string channel = channel_of(event);
  if (channel.empty()) channel = channel_of(audit);
  return author == system_user || channel == "rule" || channel == "system";
}

DeskComment parse_comment(const json::View& audit, const json::View& event) {
  DeskComment out;
  out.id = required_id(event);
  out.author_id = scalar(event, "author_id");
  if (out.author_id.empty()) out.author_id = scalar(audit, "author_id");
  out.by_machine = is_by_machine(audit, event, out.author_id);
  // Shown to nobody that should not see it when the row does not say.
  out.is_public = event.boolean("public", false);
  out.created = instant(audit.at("created_at"));
  out.html = event.string("html_body", "");
  if (out.html.empty()) out.html = html_of(event.string("body", ""));
  out.files = parse_attachments(event);
  out.ref = ref_of(audit);
  return out;
}

// Of what came about by a merge, {"via": {"source": {"rel": "merge", "from": {"ticket_id"}, "to": {"ticket_id"}}}}: the
// far ticket, empty where it is not named.
std::optional<std::string> merge_partner(const json::View& row, const std::string& own_id) {
  const auto via = row.find("via");
  if (!via || !via->is_object()) return {};
  const auto source = via->find("source");
  if (!source || !source->is_object() || source->string("rel", "") != "merge") return {};
  for (const char* end : {"to", "from"}) {
    const auto side = source->find(end);
    if (!side || !side->is_object()) continue;
    const std::string id = scalar(*side, "ticket_id");
    if (!id.empty() && id != own_id) return id;
  }
  return "";
}

// What Zendesk puts on a merged ticket unless its agent writes something else. Nothing more may stand there: people
// speak of merges, too.
std::optional<std::string> merge_target_in(const std::string& text) {
  static const re2::RE2 sentence(R"re(\s*This request was closed and merged into request #(\d+)(?: ".*")?\.?\s*)re");
  std::string id;
  return re2::RE2::FullMatch(text, sentence, &id) ? std::optional(id) : std::nullopt;
}

std::string field_of(const std::string& audited) {
  if (audited == "custom_status_id") return "status";
  if (audited == "assignee_id") return "assignee";
  return audited == "group_id" ? "group" : audited;
}

}  // namespace

DeskComment parse_made_comment(const json::View& audit) {
  for (const json::View& event : audit.at("events").items()) {
    if (is_comment(event)) return parse_comment(audit, event);
  }
  throw Error(ErrorKind::corrupt, audit.path() + ": holds no comment");
}

void Audits::add(const json::View& audit) {
  try {
    newest_ = std::max(newest_, instant(audit.at("created_at")));
    for (const json::View& event : audit.at("events").items()) add_event(audit, event);
  } catch (const Error& error) {
    bad_.push_back({row_id(audit), audit.dump(), error.what()});
  }
}

void Audits::add_event(const json::View& audit, const json::View& event) {
  if (!is_comment(event)) return change(event, instant(audit.at("created_at")));
  DeskComment comment = parse_comment(audit, event);
  auto partner = merge_partner(event, scalar(audit, "ticket_id"));
  if (!partner) partner = merge_partner(audit, scalar(audit, "ticket_id"));
  if (!partner) partner = merge_target_in(event.string("body", comment.html));
  comment.of_a_merge = partner.has_value();
  if (partner && !partner->empty()) merged_into_ = std::move(*partner);
  has_opening_ = has_opening_ || (comments_.empty() && bad_.empty());
  comments_.push_back(std::move(comment));
}

// A changed field, or what befell a comment later, whose text comes as it is now: redacted.
void Audits::change(const json::View& event, Instant at) {
  const std::string type = event.string("type", "");
  if (type == "Create" || type == "Change") {
    const std::string name = field_of(scalar(event, "field_name"));
    if (!name.empty()) changed_[name] = std::max(changed_[name], at);
    return;
  }
  const bool privacy = type == "CommentPrivacyChange";
  if (!privacy && type != "CommentRedactionEvent" && type != "AttachmentRedactionEvent") return;
  DeskComment* comment = find(scalar(event, "comment_id"));
  if (comment == nullptr) return;
  comment->edited = at;
  if (privacy) comment->is_public = event.boolean("public", false);
}

DeskComment* Audits::find(const std::string& id) {
  const auto at = std::ranges::find(comments_, id, &DeskComment::id);
  return at == comments_.end() ? nullptr : &*at;
}

void Audits::add_users(const json::View& answer) {
  const auto users = answer.find("users");
  if (!users || !users->is_array()) return;
  for (const json::View& row : users->items()) {
    const std::string id = row_id(row);
    const auto role = id.empty() ? std::nullopt : row.find("role");
    if (role && role->is_string()) agents_[id] = role->string() != "end-user";
  }
}

std::vector<DeskComment> Audits::replies() const {
  std::vector<DeskComment> out(comments_.begin() + (has_opening_ ? 1 : 0), comments_.end());
  std::ranges::stable_sort(out, {}, &DeskComment::created);
  return out;
}

}  // namespace supportd::connectors::zendesk
