// Freshdesk as a help desk (API v2, Basic auth by API key). Ids are Freshdesk's numbers as text.
// https://developers.freshdesk.com/api/
#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "connectors/desk.hpp"
#include "connectors/freshdesk/calls.hpp"
#include "connectors/freshdesk/model.hpp"
#include "connectors/freshdesk/position.hpp"

namespace supportd::connectors::freshdesk {

enum class PublicComment {
  reply,  // mails the requester
  note,   // shows in the portal only
};

struct ClientOptions {
  std::string base_url{};  // "https://acme.freshdesk.com"; http only for a sandbox
  std::string budget{};    // as in account()
  PublicComment public_comment = PublicComment::reply;
  Millis read_deadline{30'000};
  Millis write_deadline{60'000};
  Millis transfer_deadline{180'000};               // with files
  std::function<std::string()> webhook_secret{};   // empty: webhooks are not taken
  std::size_t answer_limit = 16 * 1024 * 1024;     // of a page
  std::size_t most_file_bytes = 20 * 1024 * 1024;  // of all files of a message; Freshdesk: 20 MB a ticket
};

class Client final : public Desk {
 public:
  // Borrows both. `clock` ages the cached ticket fields.
  Client(http::Client& http, const time::Clock& clock, ClientOptions options, FetchSecret key);

  // One listing of changed tickets per call, and when that is up to date one of the deleted or, in turn, of the spam
  // tickets; those come without description and files. A row comes again when its content changed, never unchanged
  // while the cursor remembers it. Throws Error{refused, "page_limit"} when one second holds over 30,000 changes.
  DeskPage changes(const std::string& cursor, Instant from, const Call& call) override;
  // Archived tickets too.
  DeskTicket ticket(const std::string& id, const Call& call) override;
  DeskHistory history(const std::string& ticket_id, const Call& call) override;
  DeskPerson person(const std::string& id, bool agent, const Call& call) override;
  DeskOrganisation organisation(const std::string& id, const Call& call) override;
  DeskForm form(const Call& call) override;
  std::vector<DeskChoice> groups(const Call& call) override;
  // The secret stands in the header X-Webhook-Secret, which the automation rule is told to send.
  Heard hear(const http::Headers& headers, std::string_view body, Instant now) const override;
  // None: tickets have no such thing.
  std::vector<DeskTicket> by_external_id(const std::string& id, const Call& call) override;
  std::string own_id(const Call& call) override;
  // Follows three redirects; our key goes to our own host only. Throws Error{refused, "too_large"} over `limit`,
  // gone when the link has expired.
  std::string download(const DeskFile& file, std::size_t limit, const Call& call) override;

  bool keeps_external_ids() const override { return false; }
  Millis list_lag() const override { return std::chrono::seconds{2}; }  // a guess: nothing is documented
  FileRoom file_room() const override { return {options_.most_file_bytes, options_.most_file_bytes}; }
  Allowance list_allowance() const override;
  bool lists_in_full() const override { return false; }  // files of the description are only viewed
  Millis longest_write() const override {
    return 2 * RestClient::most_wait + options_.read_deadline +
           std::max(options_.write_deadline, options_.transfer_deadline);
  }
  bool create_is_keyed() const override { return false; }
  // `external_id`, `follows` and `key` have no place here.
  DeskTicket create(const NewTicket& ticket, std::stop_token stop) override;
  DeskTicket update(const std::string& id, const DeskUpdate& change, std::stop_token stop) override;
  DeskComment comment(const std::string& ticket_id, const NewComment& comment, std::stop_token stop) override;
  void merge(const std::string& from, const std::string& into, std::stop_token stop) override;
  void remove(const std::string& id, std::stop_token stop) override;
  void restore(const std::string& id, std::stop_token stop) override;

 private:
  enum class List { live, deleted, spam };
  Position walk(List list, const Position& from, DeskPage& page, const Call& call);
  RestClient::Options reading(const Call& call, const char* family = "") const;
  RestClient::Options writing(const char* family, const std::vector<NewFile>& files) const;
  // What `read` makes of it; `what` names it in errors.
  template <class Read>
  auto get(const std::string& path, const char* operation, const char* what, const Call& call, Read&& read) {
    return calls_.read(calls_.request("GET", path, operation, reading(call)), call.stop, what,
                       std::forward<Read>(read));
  }
  static void take(const json::View& row, List list, DeskPage& page);
  TicketFields ticket_fields(const Call& call);
  TicketFields ticket_fields_if_used(const std::map<std::string, std::string>& used, const Call& call);
  void check_size(const std::vector<NewFile>& files) const;

  const ClientOptions options_;
  const time::Clock& clock_;
  RestClient calls_;
  const KeptSecret webhook_secret_;

  std::mutex mutex_;
  std::optional<TicketFields> form_;  // guarded, as all below
  std::chrono::nanoseconds form_at_{};
  std::optional<std::pair<std::uint64_t, std::string>> own_id_;  // by key generation
};

}  // namespace supportd::connectors::freshdesk
