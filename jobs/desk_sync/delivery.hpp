// The writes to a desk, made ready in the leasing transaction.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "daemon/outbox/channel.hpp"
#include "jobs/desk_sync/mapping.hpp"

namespace supportd::desk_sync {

// Takes out of the custom fields those whose value is none of the desk's choices, and names them.
std::vector<std::string> take_out_unknown(std::map<std::string, std::string>& fields,
                                          const std::vector<connectors::DeskField>& form);

// Tags that fields make go by the fields alone, of which these are what the ticket will have. Sorted; names the tags
// that became others than asked for.
std::vector<std::string> leave_to_fields(std::vector<std::string>& tags,
                                         const std::map<std::string, std::string>& fields,
                                         const std::vector<connectors::DeskField>& form);

// What became of each field.
struct Written {
  std::vector<std::string> fields{};        // the desk took them, though a rule of its own may have made others of them
  std::vector<std::string> perhaps_lost{};  // we wrote them, and somebody edited the ticket between our read and that
  std::vector<std::string> refused{};       // the desk does not take the value
};

// Reads the desk's ticket, sends what differs from what the ledger wants, answers with what the desk then has.
class FieldsDelivery final : public outbox::Delivery {
 public:
  FieldsDelivery(std::shared_ptr<connectors::Desk> desk, std::string remote_id, Snapshot agreed, Snapshot wanted,
                 const Mapping& mapping)
      : desk_(std::move(desk)),
        remote_id_(std::move(remote_id)),
        agreed_(std::move(agreed)),
        wanted_(std::move(wanted)),
        mapping_(mapping) {}

  outbox::Sent send(std::stop_token stop) override;
  outbox::Looked find(std::stop_token stop) override;

 private:
  void fit(connectors::DeskUpdate& update, const connectors::DeskTicket& fresh,
           const std::vector<connectors::DeskField>& form, Written& written) const;
  connectors::DeskTicket write(connectors::DeskUpdate& update, const connectors::DeskTicket& fresh, Written& written,
                               std::stop_token stop) const;
  bool is_left_alone(const std::string& field, const Snapshot& fresh, const Snapshot& after) const;

  const std::shared_ptr<connectors::Desk> desk_;
  const std::string remote_id_;
  const Snapshot agreed_, wanted_;
  const Mapping mapping_;
};

struct CommentToSend {
  std::string remote_id;                 // of the ticket
  std::vector<std::string> may_be_at{};  // of those that were merged into it: looked at, too
  connectors::NewComment comment;
  std::string ref;              // private notes: in the first line
  std::string hash;             // public replies carry no marker: n1 hash
  std::set<std::string> taken;  // ids of comments that are other effects' or people's
  bool may_be_closed = false;   // look before writing
  Instant not_before{};         // public replies: what is older is not ours
};

class CommentDelivery final : public outbox::Delivery {
 public:
  // Sent::answer when the ticket takes nothing any more: nothing was written.
  static constexpr const char* was_closed = "closed";
  CommentDelivery(std::shared_ptr<connectors::Desk> desk, CommentToSend what)
      : desk_(std::move(desk)), what_(std::move(what)) {}

  outbox::Sent send(std::stop_token stop) override;
  outbox::Looked find(std::stop_token stop) override;

 private:
  bool is_it(const connectors::DeskComment& comment, const std::string& own_id) const;

  const std::shared_ptr<connectors::Desk> desk_;
  const CommentToSend what_;
};

// What `finished` needs of the ticket as the desk now has it; `sent`: what it was made with.
std::string encode_answer(const connectors::DeskTicket& ticket, const Snapshot* sent = nullptr,
                          const Written& written = {});
struct Answer {
  Snapshot snapshot;
  Instant updated{};
  std::optional<Snapshot> sent{};
  Written written{};
};
Answer decode_answer(const std::string& json);

}  // namespace supportd::desk_sync
