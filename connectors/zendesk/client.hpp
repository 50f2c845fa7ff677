// Zendesk Support as a help desk (API v2). Ids are Zendesk's numbers as text; a status is "open" or, where a custom one
// is not its category's default, "open:1900001".
// https://developer.zendesk.com/api-reference/ticketing/introduction/
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "connectors/desk.hpp"
#include "connectors/zendesk/audits.hpp"
#include "connectors/zendesk/calls.hpp"
#include "connectors/zendesk/form.hpp"
#include "connectors/zendesk/rate.hpp"
#include "connectors/zendesk/webhook.hpp"

namespace supportd::connectors::zendesk {

struct ClientOptions {
  std::string base_url{};                        // "https://acme.zendesk.com"; http only for a sandbox
  std::string email{};                           // as in account()
  std::string budget{};                          // as in account()
  std::map<std::string, std::int64_t> fields{};  // custom fields: what they are called here
  Millis read_deadline{30'000};
  Millis write_deadline{60'000};
  Millis transfer_deadline{180'000};               // with files
  Millis job_deadline{60'000};                     // of a merge, from its request to the job's end
  std::function<std::string()> webhook_secret{};   // empty: webhooks are not taken
  Millis webhook_skew = webhook_window;            // how old a delivery may be
  std::size_t answer_limit = 32 * 1024 * 1024;     // of a page
  std::size_t most_file_bytes = 50 * 1024 * 1024;  // of a file; Zendesk: 50 MB
};

class Client final : public Desk {
 public:
  // Borrows both. `clock` ages what is cached and counts updates.
  Client(http::Client& http, time::Clock& clock, ClientOptions options, FetchSecret token);

  // One page of the incremental export, which leaves out the last minute and may show a ticket again. A merged ticket
  // costs a call more when it is first seen. Throws Error{config, "not_admin"} when the token's user is no
  // administrator.
  DeskPage changes(const std::string& cursor, Instant from, const Call& call) override;
  // Archived tickets too; gone when it is deleted.
  DeskTicket ticket(const std::string& id, const Call& call) override;
  // From the ticket's audits; the first comment is the opening one. An unknown author is taken for a
  // customer where the comment is public.
  DeskHistory history(const std::string& ticket_id, const Call& call) override;
  // `agent` is not asked: users of all roles are one list. "-1" is Zendesk itself.
  DeskPerson person(const std::string& id, bool agent, const Call& call) override;
  DeskOrganisation organisation(const std::string& id, const Call& call) override;
  DeskForm form(const Call& call) override;
  std::vector<DeskChoice> groups(const Call& call) override;
  // Signed by Zendesk, over timestamp and body.
  Heard hear(const http::Headers& headers, std::string_view body, Instant now) const override;
  // Archived ones are not listed. Throws Error{corrupt} when a row cannot be read: it might be the one.
  std::vector<DeskTicket> by_external_id(const std::string& id, const Call& call) override;
  std::string own_id(const Call& call) override;
  // Follows three redirects; our token goes to our own host only. Throws Error{refused, "too_large"} over `limit`,
  // gone when the link has expired.
  std::string download(const DeskFile& file, std::size_t limit, const Call& call) override;

  bool keeps_external_ids() const override { return true; }
  Millis list_lag() const override { return Millis{0}; }  // of audits none is known
  FileRoom file_room() const override { return {options_.most_file_bytes}; }
  Allowance list_allowance() const override;
  bool lists_in_full() const override { return true; }
  Millis longest_write() const override {
    // Files go up in calls of their own.
    return 4 * RestClient::most_wait + options_.read_deadline + options_.write_deadline +
           2 * options_.transfer_deadline;
  }
  bool create_is_keyed() const override { return true; }
  // A value that Zendesk drops in silence is missing from the answer's fields; the ticket is there all the same. With
  // files a repeated create is known only while this object lives (their tokens are part of the request); afterwards it
  // throws Error{unknown_outcome, "IdempotentRequestError"}: look for the ticket.
  DeskTicket create(const NewTicket& ticket, std::stop_token stop) override;
  // Throws Error{refused, "dropped"} when a custom field did not take its value; the rest is done then.
  DeskTicket update(const std::string& id, const DeskUpdate& change, std::stop_token stop) override;
  DeskComment comment(const std::string& ticket_id, const NewComment& comment, std::stop_token stop) override;
  void merge(const std::string& from, const std::string& into, std::stop_token stop) override;
  void remove(const std::string& id, std::stop_token stop) override;
  void restore(const std::string& id, std::stop_token stop) override;

 private:
  using Nanos = std::chrono::nanoseconds;
  struct Uploads {
    std::vector<std::string> tokens;
    Nanos at{};
  };

  RestClient::Options reading(const Call& call, const char* family = "") const;
  RestClient::Options writing(const char* family, const std::vector<NewFile>& files) const;
  // What `read` makes of it; `what` names it in errors.
  template <class Read>
  auto get(const std::string& path, const char* operation, const char* what, const Call& call, Read&& read) {
    return calls_.read(calls_.request("GET", path, operation, reading(call)), call.stop, what,
                       std::forward<Read>(read));
  }
  // Page after page of `path` (which has a query) until the last; throws Error{refused, "page_limit"} over a thousand.
  // When the last one was answered, by Zendesk's clock.
  std::optional<Instant> each_page(const std::string& path, const char* operation,
                                   const std::function<void(const json::View&)>& take, const Call& call);
  // Read anew when it is older than that.
  Form account_form(Nanos most_age, const Call& call);
  Form form_for(const std::map<std::string, std::string>& fields, const Call& call);
  struct ReadAudits {
    Audits audits{};
    std::optional<Instant> at{};
  };
  ReadAudits audits(const std::string& id, const Call& call);
  // Images in the texts, which audits leave out; one call more, and only where there are any.
  void add_inline_images(const std::string& ticket_id, std::vector<DeskComment>& comments, std::vector<BadRow>& bad,
                         const Call& call);
  // The ticket that a merged one went into; empty: nothing says.
  std::string target_of(const std::string& id, const Call& call);
  void set_directions(std::vector<DeskComment>& comments, const std::map<std::string, bool>& seen, const Call& call);
  std::map<std::string, bool> roles_of(const std::vector<std::string>& ids, const Call& call);
  void learn_roles(const std::map<std::string, bool>& seen);

  std::vector<std::string> upload(const std::vector<NewFile>& files, std::stop_token stop);
  std::vector<std::string> uploads_of(const NewTicket& ticket, std::stop_token stop);
  std::string upload_one(const NewFile& file, std::stop_token stop);
  void pause(Millis length, std::stop_token stop);

  const ClientOptions options_;
  const FieldNames names_;
  time::Clock& clock_;
  RestClient calls_;
  const KeptSecret webhook_secret_;
  TicketUpdates updates_;

  std::mutex mutex_;
  std::optional<Form> form_;  // guarded, as all below
  Nanos form_at_{};
  std::map<std::string, bool> agents_;  // by user id
  Nanos agents_since_{};
  std::map<std::string, std::string> targets_;                   // of merged tickets
  std::optional<std::pair<std::uint64_t, std::string>> own_id_;  // by token generation
  std::map<std::string, Uploads> uploads_;                       // of creates in doubt, by their key
};

}  // namespace supportd::connectors::zendesk
