// Zendesk Support's API v2 with the limits, lags and shapes its documents name. Serves its attachments too: the paths
// of the content URLs it hands out. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/fakes/random.hpp"
#include "tests/fakes/vendor.hpp"
#include "tests/fakes/zendesk_limits.hpp"
#include "tests/fakes/zendesk_model.hpp"
#include "tests/fakes/zendesk_webhooks.hpp"

namespace supportd::fakes {

struct ZendeskOptions {
  std::uint64_t seed = 1;
  std::string base = "https://acme.zendesk.com";  // of the URLs in answers; empty: as the caller addressed it
  std::string attachment_base = "https://acme.zdusercontent.example";
  ZendeskQuotas quotas = {};
  Millis clock_skew{0};  // added to every now: the account's clock is not ours
  Millis list_lag{0};    // lists show the state of up to so long ago, drawn anew for every read
  Millis job_time{2000};
  std::uint64_t export_repeats_per_million = 0;      // pages of the export that begin with a ticket told before
  std::uint64_t database_conflicts_per_million = 0;  // updates that collide inside the account
  ZendeskWebhookOptions webhooks = {};
  std::vector<ZendeskStatus> statuses = {
      {1900001, "new", "New"},      {1900002, "open", "Open"},     {1900003, "pending", "Pending"},
      {1900004, "hold", "On-hold"}, {1900005, "solved", "Solved"}, {1900006, "pending", "Waiting on AWS", false}};
  std::vector<ZendeskField> fields = {{.id = 360001, .title = "AWS Support case"}};
  std::map<std::int64_t, std::string> groups = {{370001, "Support"}, {370002, "Network"}};
  // A trigger of the account's: runs within each change of a ticket and may change it further.
  std::function<void(const ZendeskTicket& before, ZendeskTicket& after)> automation = {};
};

class Zendesk final : public Vendor {
 public:
  explicit Zendesk(ZendeskOptions options = {});

  std::int64_t add_agent(const std::string& name, const std::string& mail, const std::string& role = "agent");
  std::int64_t add_organization(const std::string& name, const std::string& domain);
  std::int64_t add_user(const std::string& name, const std::string& mail, std::int64_t organization_id = 0);
  void add_api_token(const std::string& token);  // for `{mail}/token:{token}` of any agent
  void add_oauth_token(const std::string& token, std::int64_t agent);

  http::Response answer(const http::Request& request, Instant now) override;
  http::Response failure(int status, Instant now) override;

  // What people do. Texts are plain; each throws Error{gone} for an unknown ticket, Error{refused} for a closed one.
  struct Opening {
    std::string mail, subject, text;  // an unknown address becomes a user
    std::vector<std::string> tags;
    std::map<std::int64_t, std::string> fields;  // JSON values
    std::string priority;
    std::vector<File> files;
  };
  std::int64_t customer_opens(const Opening& opening, Instant now);
  // A solved, pending or held ticket opens again; for a closed one a follow-up is made, whose comment is returned.
  std::int64_t customer_replies(std::int64_t ticket, const std::string& text, const std::vector<File>& files,
                                Instant now);
  std::int64_t agent_replies(std::int64_t ticket, std::int64_t agent, const std::string& text,
                             const std::vector<File>& files, Instant now);
  std::int64_t agent_notes(std::int64_t ticket, std::int64_t agent, const std::string& text,
                           const std::vector<File>& files, Instant now);
  // A comment as the editor makes it, with a picture in the text: the file is its inline attachment.
  std::int64_t agent_pastes(std::int64_t ticket, std::int64_t agent, const std::string& text, const File& picture,
                            bool is_public, Instant now);
  // A rule of the account's, through the channel "rule" in an agent's name; or Zendesk itself: "system", -1.
  std::int64_t machine_says(std::int64_t ticket, const std::string& channel, std::int64_t author,
                            const std::string& text, bool is_public, Instant now);
  // Any change in the agent's view: tags, fields, status, custom status, priority, assignee.
  void agent_sets(std::int64_t ticket, const std::function<void(ZendeskTicket&)>& change, Instant now);
  void agent_tags(std::int64_t ticket, const std::string& tag, Instant now);
  void set_status(std::int64_t ticket, const std::string& status, Instant now);
  void agent_solves(std::int64_t ticket, Instant now) { set_status(ticket, "solved", now); }
  void closes(std::int64_t ticket, Instant now) { set_status(ticket, "closed", now); }
  void agent_deletes(std::int64_t ticket, Instant now);
  void agent_restores(std::int64_t ticket, Instant now);
  void agent_merges(std::int64_t target, const std::vector<std::int64_t>& sources, Instant now);
  void agent_redacts(std::int64_t comment, const std::string& what, Instant now);
  void agent_makes_private(std::int64_t comment, Instant now);
  void deleted_for_good(std::int64_t ticket, Instant now);
  // A change of the system's own: the ticket is exported again, `updated_at` stays.
  void system_touches(std::int64_t ticket, Instant now);

  std::string subscribe(const std::string& url, const std::string& secret, std::vector<std::string> types = {});
  std::vector<ZendeskDelivery> due_deliveries(Instant now);
  std::optional<Instant> next_delivery() const;  // by our clock
  void delivery_answered(const ZendeskDelivery& delivery, int status, Instant now);

  // What is there, for counting.
  std::vector<ZendeskTicket> tickets() const;
  ZendeskTicket ticket(std::int64_t id) const;
  std::vector<ZendeskComment> comments(std::int64_t ticket) const;  // oldest first
  std::vector<ZendeskAudit> audits(std::int64_t ticket) const;      // oldest first: the history of its fields
  ZendeskAttachment attachment(std::int64_t id) const;
  ZendeskUser user(std::int64_t id) const;
  int calls(const std::string& limit) const;    // let through, by limit (zendesk_limits.hpp); also "download"
  int refused(const std::string& limit) const;  // answered with 429: calls beyond that limit

 private:
  struct Row {
    ZendeskTicket now;
    std::vector<std::pair<Instant, ZendeskTicket>> versions;  // for the lists that lag
    std::vector<std::int64_t> comments, audits;
  };
  struct Call {
    const http::Request& request;
    std::vector<std::string> path;  // after /api/v2
    std::map<std::string, std::string> query;
    const ZendeskUser* user;
    Instant now;
  };
  struct NewComment {
    std::int64_t author = 0;
    ZendeskText text;
    bool is_public = true;
    std::vector<std::int64_t> attachments = {};
    ZendeskVia via = {};  // beside that of the update
  };
  // Who changes a ticket, and how.
  struct Update {
    std::int64_t actor = 0;
    ZendeskVia via;
    Instant now{};
    std::string metadata = "{}";
    std::optional<NewComment> comment = {};
  };
  struct Upload {
    std::vector<std::int64_t> attachments;
    Instant expires{};
  };
  struct Job {
    std::string id;
    std::string status = "queued";
    std::string results = "[]";  // JSON
    std::size_t total = 0;
  };
  struct Remembered {
    std::string hash;
    http::Response response;
    Instant until{};
  };

  // zendesk.cpp: the door.
  http::Response api(const http::Request& request, const Target& target, Instant now);
  http::Response run(const Call& call);
  http::Response tickets_resource(const Call& call);
  http::Response one_ticket(const Call& call, std::int64_t id);
  http::Response comment_resource(const Call& call, std::int64_t ticket, std::int64_t comment);
  http::Response other_resource(const Call& call);
  const ZendeskUser* authenticate(const http::Request& request) const;
  void settle(Instant now);
  Instant own(Instant now) const { return now + options_.clock_skew; }
  std::string url(const std::string& rest) const { return base_ + "/api/v2/" + rest; }

  // zendesk_lists.cpp
  using Show = std::function<void(json::Writer&, std::int64_t)>;
  http::Response page_of(const Call& call, const std::string& name, const std::vector<std::int64_t>& ids,
                         const Show& show, bool descending = false);
  http::Response list_tickets(const Call& call);
  http::Response show_many(const Call& call);
  http::Response list_comments(const Call& call, std::int64_t id);
  http::Response list_audits(const Call& call, std::int64_t id);
  const ZendeskTicket* shown(const Row& row, Instant as_of) const;
  Instant lagging(Instant now);

  // zendesk_export.cpp
  http::Response export_tickets(const Call& call);

  // zendesk_write.cpp, zendesk_apply.cpp
  http::Response create_ticket(const Call& call);
  http::Response create_once(const Call& call);
  http::Response update_ticket(const Call& call, std::int64_t id);
  http::Response change_tags(const Call& call, std::int64_t id);
  std::int64_t requester_of(const json::View& body, std::int64_t otherwise, Instant now);
  void apply(const json::View& body, ZendeskTicket& ticket) const;
  void apply_status(const json::View& body, ZendeskTicket& ticket) const;
  void apply_fields(const json::View& fields, ZendeskTicket& ticket) const;
  std::optional<NewComment> comment_of(const json::View& body, bool is_public, std::int64_t author, Instant now);
  std::vector<std::int64_t> take_uploads(const json::View& comment, Instant now);
  void check_stamp(const json::View& body, const ZendeskTicket& ticket) const;
  void check_solved(const ZendeskTicket& ticket) const;
  http::Response ticket_answer(int status, const Row& row, std::int64_t audit, Instant now) const;

  // zendesk_change.cpp
  Row& row(std::int64_t id);
  Row& living(std::int64_t id);
  Row& open_row(std::int64_t id);
  ZendeskTicket fresh(Instant now);
  std::int64_t insert(ZendeskTicket ticket, Update update);
  std::int64_t commit(Row& row, ZendeskTicket after, const Update& update, bool created = false);
  std::int64_t note_event(Row& row, const std::string& type, std::int64_t comment, const Update& update);
  void touch(Row& row, Instant now);
  void link_fields(const ZendeskTicket& before, ZendeskTicket& after) const;
  std::int64_t default_status(const std::string& category) const;
  std::int64_t agent_says(std::int64_t id, NewComment comment, const std::vector<File>& files, Instant real);
  std::int64_t append(Row& row, const Update& update, std::int64_t audit);
  std::int64_t last_comment(std::int64_t ticket) const;
  std::int64_t user_for(const std::string& mail, const std::string& name, Instant now);
  void remove(Row& row, std::int64_t actor, Instant now);
  void restore(Row& row, std::int64_t actor, Instant now);
  void vanish(std::int64_t id, std::int64_t actor, Instant now);
  void scrub(std::int64_t id, Instant now);

  // zendesk_jobs.cpp
  http::Response merge(const Call& call, std::int64_t target);
  void merge_into(std::int64_t target, const std::vector<std::int64_t>& sources, NewComment to_target,
                  NewComment to_source, Instant now);
  http::Response deleted_tickets(const Call& call);
  http::Response job_statuses(const Call& call) const;
  http::Response start_job(std::size_t total, Instant now, std::function<std::string(Instant)> work);
  void write_job(json::Writer& out, const Job& job) const;

  // zendesk_files.cpp
  http::Response download(const http::Request& request, const Target& target);
  http::Response upload(const Call& call);
  http::Response attachment_resource(const Call& call) const;
  http::Response redact_comment(const Call& call, ZendeskComment& comment, const std::vector<std::string>& parts);
  http::Response redact_attachment(const Call& call, ZendeskComment& comment, std::int64_t attachment);
  http::Response make_private(const Call& call, ZendeskComment& comment);
  std::int64_t keep(const File& file, Instant now);
  std::string content_url(const ZendeskAttachment& it) const;

  // zendesk_lookup.cpp
  http::Response users(const Call& call);
  http::Response organizations(const Call& call);
  http::Response ticket_fields(const Call& call) const;
  http::Response groups(const Call& call);
  http::Response custom_statuses(const Call& call) const;
  const ZendeskField* field(std::int64_t id) const;
  const ZendeskStatus* status(std::int64_t id) const;

  // zendesk_show.cpp
  void write_ticket(json::Writer& out, const ZendeskTicket& it, bool exported = false) const;
  void write_comment(json::Writer& out, const ZendeskComment& it, bool inline_images) const;
  void write_audit(json::Writer& out, const ZendeskAudit& it) const;
  void write_attachment(json::Writer& out, std::int64_t id) const;
  void write_attachments(json::Writer& out, const ZendeskComment& it, bool inline_images) const;
  void write_user(json::Writer& out, const ZendeskUser& it) const;
  void write_field(json::Writer& out, const ZendeskField& it) const;

  // zendesk_events.cpp
  void publish(const Row& row, const ZendeskAudit& audit, bool created, Instant now);
  void publish_event(const Row& row, const std::string& type, std::int64_t actor, const std::string& event,
                     Instant now);
  std::string detail_of(const ZendeskTicket& it, std::int64_t actor) const;

  const ZendeskOptions options_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Random random_;
  ZendeskLimits limits_;
  ZendeskWebhooks webhooks_;
  std::string base_;
  std::int64_t last_id_ = 8'447'000'000'000;  // beyond 32 bits, as real ones are
  std::int64_t last_ticket_ = 0;
  int downloads_ = 0, answers_ = 0;
  std::vector<std::string> api_tokens_;
  std::map<std::string, std::int64_t> oauth_tokens_;
  std::map<std::int64_t, ZendeskUser> users_;
  std::map<std::int64_t, ZendeskOrganization> organizations_;
  std::map<std::int64_t, Row> rows_;
  std::map<std::int64_t, ZendeskComment> comments_;
  std::map<std::int64_t, ZendeskAudit> audits_;
  std::map<std::int64_t, ZendeskAttachment> attachments_;
  std::map<std::string, Upload> uploads_;
  std::map<std::string, Job> jobs_;
  std::map<std::string, Remembered> idempotency_;
  std::multimap<Instant, std::function<void(Instant)>> later_;  // the account's own clock
};

// Answers of every handler.
http::Response zendesk_json(int status, std::string body);
// A number in a path. Throws ZendeskFault.
std::int64_t zendesk_id(const std::string& text);

}  // namespace supportd::fakes
