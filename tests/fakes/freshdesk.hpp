// Freshdesk's API v2 with the limits its documents name. Serves its attachments too: the paths of the signed URLs it
// hands out. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/fakes/freshdesk_input.hpp"
#include "tests/fakes/freshdesk_model.hpp"
#include "tests/fakes/random.hpp"
#include "tests/fakes/rate_limit.hpp"
#include "tests/fakes/vendor.hpp"

namespace supportd::fakes {

struct FreshdeskOptions {
  std::uint64_t seed = 1;
  std::string attachment_base = "https://attachments.freshdesk.example";
  // Calls a minute of the Pro plan; 0: no limit.
  int calls_per_minute = 400, creates_per_minute = 160, updates_per_minute = 160;
  int lists_per_minute = 100, contacts_per_minute = 100;
  Millis list_lag{0};    // lists show the state of up to so long ago, drawn anew for every read
  Millis search_lag{0};  // search always shows the state of so long ago
  bool note_moves_updated_at = true;
  bool customer_reply_reopens = true;
  std::chrono::seconds attachment_url_life{300};
  std::map<int, std::pair<std::string, std::string>> statuses = {{2, {"Open", "Being Processed"}},
                                                                 {3, {"Pending", "Awaiting your Reply"}},
                                                                 {4, {"Resolved", "This ticket has been Resolved"}},
                                                                 {5, {"Closed", "This ticket has been Closed"}},
                                                                 {6, {"Waiting on Customer", "Awaiting your Reply"}},
                                                                 {7, {"Waiting on Third Party", "Being Processed"}}};
  std::vector<FreshdeskField> fields = {{.name = "cf_aws_support_case_id"}};
  std::map<std::int64_t, std::string> groups = {{48001, "Support"}, {48002, "Network"}};
  // A rule of the account's: runs after each change of a ticket and may change it further.
  std::function<void(const FreshdeskTicket& before, FreshdeskTicket& after)> automation = {};
};

class Freshdesk final : public Vendor {
 public:
  explicit Freshdesk(FreshdeskOptions options = {});

  std::int64_t add_agent(const std::string& name, const std::string& mail, const std::string& api_key = "");
  std::int64_t add_company(const std::string& name, const std::string& domain);
  std::int64_t add_contact(const std::string& name, const std::string& mail, std::int64_t company_id = 0);
  void change_contact(const FreshdeskContact& contact);  // by its id
  void rename_company(std::int64_t id, const std::string& name);

  http::Response answer(const http::Request& request, Instant now) override;
  http::Response failure(int status, Instant now) override;

  // What people do. Texts are plain; each throws Error{gone} for an unknown ticket.
  struct Opening {
    std::string mail, subject, text;  // an unknown address becomes a contact
    std::vector<std::string> tags;
    std::map<std::string, std::string> fields;  // JSON values
    int priority = 1;
    std::vector<File> files;
  };
  std::int64_t customer_opens(const Opening& opening, Instant now);
  std::int64_t customer_replies(std::int64_t ticket, const std::string& text, const std::vector<File>& files,
                                Instant now);
  // A picture in the text, which no list of attachments has.
  std::int64_t customer_pastes(std::int64_t ticket, const std::string& text, const File& picture, Instant now);
  std::int64_t agent_replies(std::int64_t ticket, std::int64_t agent, const std::string& text,
                             const std::vector<File>& files, Instant now);
  std::int64_t agent_notes(std::int64_t ticket, std::int64_t agent, const std::string& text,
                           const std::vector<File>& files, Instant now, bool is_private = true);
  void agent_edits_note(std::int64_t conversation, const std::string& text, Instant now);
  void agent_deletes_note(std::int64_t conversation, Instant now);
  // Any change in the agent's view: tags, fields, status, priority, assignee.
  void agent_changes(std::int64_t ticket, const std::function<void(FreshdeskTicket&)>& change, Instant now);
  void agent_tags(std::int64_t ticket, const std::string& tag, Instant now);
  void agent_solves(std::int64_t ticket, Instant now) { set_status(ticket, 4, now); }
  void set_status(std::int64_t ticket, int status, Instant now);
  void agent_deletes(std::int64_t ticket, Instant now);
  void agent_restores(std::int64_t ticket, Instant now);
  // For good: an administrator's clean-up, or a person's right. Nobody can read them any more.
  void purge_ticket(std::int64_t ticket);
  void purge_person(std::int64_t id);
  void agent_merges(std::int64_t primary, const std::vector<std::int64_t>& others, Instant now);

  // What is there, for counting.
  std::vector<FreshdeskTicket> tickets() const;
  FreshdeskTicket ticket(std::int64_t id) const;
  std::vector<FreshdeskConversation> conversations(std::int64_t ticket) const;  // oldest first
  std::vector<FreshdeskChange> updates(std::int64_t ticket) const;              // by the API, oldest first
  FreshdeskAttachment attachment(std::int64_t id) const;
  int calls(const std::string& family) const;  // "list", "create", "update", "contacts", "other", "download"
  int throttled() const;                       // answered with 429: calls beyond a limit

 private:
  struct Row {
    FreshdeskTicket now;
    std::vector<std::pair<Instant, FreshdeskTicket>> versions;  // for the lists that lag
    std::vector<std::int64_t> conversations;
    std::vector<FreshdeskChange> updates;
  };
  struct Call {
    const http::Request& request;
    std::vector<std::string> path;  // after /api/v2
    std::map<std::string, std::string> query;
    const FreshdeskAgent* agent;
    Instant now;
  };
  struct Page {
    std::size_t number = 1, size = 30;
  };

  http::Response download(const http::Request& request, const Target& target, Instant now);
  http::Response download_inline(const Target& target);
  std::string inline_url(std::int64_t attachment) const;
  http::Response api(const http::Request& request, const Target& target, Instant now);
  http::Response run(const Call& call);
  http::Response tickets_resource(const Call& call);
  http::Response other_resource(const Call& call);
  const FreshdeskAgent* authenticate(const http::Request& request) const;
  int charge(const Call& call, http::Headers& headers);

  http::Response list_tickets(const Call& call);
  http::Response view_ticket(const Call& call, std::int64_t id);
  http::Response create_ticket(const Call& call);
  http::Response update_ticket(const Call& call, std::int64_t id);
  http::Response list_conversations(const Call& call, std::int64_t id);
  http::Response add_conversation(const Call& call, std::int64_t id, bool reply);
  http::Response edit_conversation(const Call& call, std::int64_t id);
  http::Response delete_conversation(const Call& call, std::int64_t id);
  http::Response merge(const Call& call);
  http::Response search(const Call& call);
  http::Response ticket_fields(const Call& call) const;
  http::Response groups(const Call& call) const;
  http::Response people(const Call& call) const;

  Page page_of(const Call& call) const;
  std::string next_link(const Call& call, const Page& page) const;
  FreshdeskSchema schema() const;
  void apply(const json::View& body, FreshdeskTicket& ticket, Instant now);
  void check_closure(const FreshdeskTicket& ticket) const;
  void check_room(std::int64_t ticket, const std::vector<File>& files) const;

  Row& row(std::int64_t id);
  bool archived(const FreshdeskTicket& ticket, Instant now) const;
  const FreshdeskTicket* shown(const Row& row, Instant as_of) const;
  void remember(Row& row, Instant now);
  static void note_update(Row& row, const FreshdeskTicket& asked, Instant now);
  void change(Row& row, Instant now, const std::function<void(FreshdeskTicket&)>& how);
  FreshdeskConversation& append(Row& row, FreshdeskConversation conversation, const std::vector<File>& files,
                                Instant now);
  std::vector<std::int64_t> keep_files(const std::vector<File>& files, Instant now);
  std::int64_t contact_for(const std::string& mail);
  void merge_into(std::int64_t primary, const std::vector<std::int64_t>& others, std::int64_t agent, Instant now);

  struct Parts {
    bool description = false, files = false, stats = false;
  };
  void write_stats(json::Writer& out, const FreshdeskTicket& ticket) const;
  void write_ticket(json::Writer& out, const FreshdeskTicket& ticket, Parts parts, Instant now) const;
  void write_conversation(json::Writer& out, const FreshdeskConversation& it, Instant now) const;
  void write_attachments(json::Writer& out, const std::vector<std::int64_t>& ids, Instant now) const;
  std::string signature(const std::string& path, const std::string& expires) const;

  const FreshdeskOptions options_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Random random_;
  MinuteWindow all_calls_;
  std::map<std::string, MinuteWindow> families_;
  std::map<std::string, int> calls_;
  int refused_ = 0;
  std::int64_t last_id_ = 43'000'000'000;  // beyond 32 bits, as real ones are
  std::int64_t last_ticket_ = 0;
  std::map<std::int64_t, FreshdeskAgent> agents_;
  std::map<std::int64_t, FreshdeskCompany> companies_;
  std::map<std::int64_t, FreshdeskContact> contacts_;
  std::map<std::int64_t, Row> rows_;
  std::map<std::int64_t, FreshdeskConversation> conversations_;
  std::map<std::int64_t, FreshdeskAttachment> attachments_;
};

}  // namespace supportd::fakes
