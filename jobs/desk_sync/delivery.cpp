#include "jobs/desk_sync/delivery.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

#include "daemon/json.hpp"
#include "daemon/run/each.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/desk_sync/ingest.hpp"
#include "jobs/desk_sync/marker.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::desk_sync {

using outbox::Looked;
using outbox::Sent;

std::vector<std::string> take_out_unknown(std::map<std::string, std::string>& fields,
                                          const std::vector<connectors::DeskField>& form) {
  const auto is_offered = [&](const std::string& name, const std::string& value) {
    const auto field = std::ranges::find(form, name, &connectors::DeskField::name);
    if (value.empty() || field == form.end() || field->choices.empty()) return true;
    const auto is_choice = [&](const std::string& one) {
      return std::ranges::find(field->choices, one, &connectors::DeskChoice::value) != field->choices.end();
    };
    if (is_choice(value)) return true;
    // Several of them, where the field takes several.
    std::istringstream words(value);
    return std::all_of(std::istream_iterator<std::string>(words), {}, is_choice);
  };
  std::vector<std::string> out;
  std::erase_if(fields, [&](const auto& field) {
    if (is_offered(field.first, field.second)) return false;
    out.push_back(field.first);
    return true;
  });
  return out;
}

std::vector<std::string> leave_to_fields(std::vector<std::string>& tags,
                                         const std::map<std::string, std::string>& fields,
                                         const std::vector<connectors::DeskField>& form) {
  const std::set<std::string> asked(tags.begin(), tags.end());
  std::set<std::string> out = asked;
  for (const connectors::DeskField& field : form) {
    for (const auto& [value, tag] : field.tags) out.erase(tag);
  }
  for (const connectors::DeskField& field : form) {
    const auto value = fields.find(field.name);
    if (value == fields.end()) continue;
    std::istringstream words(value->second);
    for (std::string word; words >> word;) {
      if (const auto made = field.tags.find(word); made != field.tags.end()) out.insert(made->second);
    }
  }
  tags.assign(out.begin(), out.end());
  std::vector<std::string> others;
  std::ranges::set_symmetric_difference(asked, out, std::back_inserter(others));
  return others;
}

std::string encode_answer(const connectors::DeskTicket& ticket, const Snapshot* sent, const Written& written) {
  json::Writer out;
  out.object([&] {
    out.key("snapshot").raw(encode(snapshot_of(ticket)));
    if (sent != nullptr) out.key("sent").raw(encode(*sent));
    out.member("updated", time::to_millis(ticket.updated));
    out.member("fields", written.fields).member("perhaps_lost", written.perhaps_lost);
    out.member("refused", written.refused);
  });
  return out.take();
}

Answer decode_answer(const std::string& text) {
  const auto document = json::Document::parse(text, "answer");
  const auto root = document.root();
  Answer out{decode_snapshot(root.at("snapshot").dump()), time::from_millis(root.at("updated").integer())};
  out.written = {root.strings("fields"), root.strings("perhaps_lost"), root.strings("refused")};
  if (const auto sent = root.find("sent")) out.sent = decode_snapshot(sent->dump());
  return out;
}

namespace {

// One update a field.
std::vector<connectors::DeskUpdate> parts_of(const connectors::DeskUpdate& update) {
  std::vector<connectors::DeskUpdate> out;
  const auto add = [&](auto member) {
    if (!(update.*member)) return;
    out.emplace_back();
    out.back().*member = update.*member;
  };
  using connectors::DeskUpdate;
  for (const auto member : {&DeskUpdate::subject, &DeskUpdate::status, &DeskUpdate::priority, &DeskUpdate::type,
                            &DeskUpdate::assignee_id, &DeskUpdate::group_id}) {
    add(member);
  }
  add(&DeskUpdate::tags);
  for (const auto& field : update.fields) {
    out.emplace_back();
    out.back().fields.insert(field);
  }
  return out;
}

// Whether more changed between our read and the answer to our write than we wrote.
bool was_edited(const Snapshot& fresh, const Snapshot& after, const connectors::DeskUpdate& update) {
  const auto sent = fields_of(update);
  const auto is_sent = [&](const std::string& field) { return std::ranges::find(sent, field) != sent.end(); };
  return std::ranges::any_of(compare(fresh, after, fresh), [&](const Difference& d) { return !is_sent(d.field()); }) ||
         (!is_sent("tags") && fresh.tags != after.tags);
}

}  // namespace

// Takes out what the desk's form has no place for.
void FieldsDelivery::fit(connectors::DeskUpdate& update, const connectors::DeskTicket& fresh,
                         const std::vector<connectors::DeskField>& form, Written& written) const {
  written.refused = take_out_unknown(update.fields, form);
  if (!update.tags) return;
  std::map<std::string, std::string> fields = update.fields;
  fields.insert(fresh.fields.begin(), fresh.fields.end());
  const auto has = [](const Snapshot& side, const std::string& tag) {
    return std::ranges::binary_search(side.tags, tag);
  };
  const auto others = leave_to_fields(*update.tags, fields, form);
  const bool is_refused =
      std::ranges::any_of(others, [&](const auto& tag) { return has(agreed_, tag) != has(wanted_, tag); });
  if (is_refused) written.refused.emplace_back("tags");
  if (*update.tags == snapshot_of(fresh).tags) update.tags.reset();
}

// A rule of the desk's may make another value of ours, but one that it left as it was it did not take. A tag is there
// or not, and a rule can do no more than leave it so: one of those that the ledger changed.
bool FieldsDelivery::is_left_alone(const std::string& field, const Snapshot& fresh, const Snapshot& after) const {
  const std::string is = value_of(after, field);
  if (field != "tags") return is != value_of(wanted_, field) && is == value_of(fresh, field);
  std::vector<std::string> changed, others;
  std::ranges::set_symmetric_difference(agreed_.tags, wanted_.tags, std::back_inserter(changed));
  std::ranges::set_symmetric_difference(after.tags, wanted_.tags, std::back_inserter(others));
  return std::ranges::any_of(changed, [&](const auto& tag) { return std::ranges::binary_search(others, tag); });
}

Sent FieldsDelivery::send(std::stop_token stop) {
  const auto fresh = desk_->ticket(remote_id_, stop);
  if (fresh.deleted || fresh.spam) throw Error(ErrorKind::gone, "ticket " + remote_id_ + " is deleted at the desk");
  auto update = update_for(agreed_, snapshot_of(fresh), wanted_, mapping_);
  Written written;
  if (fresh.immutable) {
    written.refused = fields_of(update);
    return {"", encode_answer(fresh, &wanted_, written)};
  }
  if (update.tags || !update.fields.empty()) fit(update, fresh, desk_->form(stop).fields, written);
  // It has it already, perhaps of a write whose answer was lost: that is agreed now.
  if (update.empty()) return {"", encode_answer(fresh, &wanted_, written)};
  // The whole set is sent, and our marker is in no snapshot.
  if (update.tags) std::ranges::copy_if(fresh.tags, std::back_inserter(*update.tags), is_marker_tag);
  const auto after = write(update, fresh, written, stop);
  // Where the desk has versions it would have refused.
  const Snapshot was = snapshot_of(fresh), is = snapshot_of(after);
  if (fresh.stamp.empty() && was_edited(was, is, update)) written.perhaps_lost = written.fields;
  const auto left =
      std::ranges::stable_partition(written.fields, [&](const auto& field) { return !is_left_alone(field, was, is); });
  written.refused.insert(written.refused.end(), left.begin(), left.end());
  written.fields.erase(left.begin(), left.end());
  return {"", encode_answer(after, &wanted_, written)};
}

// All at once. Where the desk refuses a value, each field by itself, so that one does not hold back the others.
connectors::DeskTicket FieldsDelivery::write(connectors::DeskUpdate& update, const connectors::DeskTicket& fresh,
                                             Written& written, std::stop_token stop) const {
  connectors::DeskTicket after = fresh;
  const auto send = [&](connectors::DeskUpdate& part) {
    part.unless_changed_since = after.stamp;
    after = desk_->update(remote_id_, part, stop);
    std::ranges::copy(fields_of(part), std::back_inserter(written.fields));
  };
  std::optional<Error> refusal;
  const auto attempt = [&](std::vector<connectors::DeskUpdate> parts) {
    run::each(parts, send, [&](const connectors::DeskUpdate& part, const std::exception& error) {
      const auto* known = dynamic_cast<const Error*>(&error);
      const bool of_a_value = known != nullptr && known->kind() == ErrorKind::refused &&
                              known->code() != "missing_field" && known->code() != "closed";
      if (!of_a_value) throw;
      if (!refusal) refusal = *known;
      std::ranges::copy(fields_of(part), std::back_inserter(written.refused));
    });
  };
  const auto refused_before = written.refused;
  attempt({update});
  if (!refusal) return after;
  written.refused = refused_before;
  auto parts = parts_of(update);
  if (parts.size() > 1) attempt(std::move(parts));
  if (written.fields.empty()) throw *refusal;
  return after;
}

// Fields are sent again rather than looked for (rule 5).
Looked FieldsDelivery::find(std::stop_token) { return {}; }

Sent CommentDelivery::send(std::stop_token stop) {
  if (what_.may_be_closed && desk_->ticket(what_.remote_id, stop).immutable) return {"", was_closed};
  return {desk_->comment(what_.remote_id, what_.comment, stop).id, ""};
}

bool CommentDelivery::is_it(const connectors::DeskComment& comment, const std::string& own_id) const {
  if (comment.author_id != own_id || what_.taken.contains(comment.id)) return false;
  if (!comment.ref.empty()) return comment.ref == what_.ref;
  const std::string text = tickets::html_to_text(comment.html);
  if (!what_.comment.is_public) return !comment.is_public && ref_in(text) == what_.ref;
  return comment.is_public && comment.created >= what_.not_before &&
         tickets::message_hash(without_missing_files(text)) == what_.hash;
}

Looked CommentDelivery::find(std::stop_token stop) {
  const std::string own_id = desk_->own_id(stop);
  std::vector<connectors::BadRow> bad;
  const auto among = [&](const std::vector<connectors::DeskComment>& comments) -> std::optional<Looked> {
    for (const auto& comment : comments) {
      if (is_it(comment, own_id)) return Looked{Looked::Answer::found, {comment.id, ""}};
    }
    return {};
  };
  if (auto found = among(desk_->comments(what_.remote_id, bad, stop))) return std::move(*found);
  for (const auto& ticket : what_.may_be_at) {
    const auto comments = unless_gone([&] { return desk_->comments(ticket, bad, stop); });
    if (auto found = comments ? among(*comments) : std::nullopt) return std::move(*found);
  }
  // A row that cannot be read might be the one.
  return {bad.empty() ? Looked::Answer::absent : Looked::Answer::cannot_tell, {}};
}

}  // namespace supportd::desk_sync
