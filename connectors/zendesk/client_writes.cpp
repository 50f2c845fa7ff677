#include <algorithm>

#include "connectors/zendesk/body.hpp"
#include "connectors/zendesk/client.hpp"
#include "connectors/zendesk/field_value.hpp"
#include "connectors/zendesk/model.hpp"
#include "connectors/zendesk/row.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr std::size_t longest_key = 255;
constexpr std::chrono::minutes token_lasts{50};  // Zendesk: 60 minutes
constexpr std::size_t most_creates_in_doubt = 100;
constexpr Millis first_look{500};
constexpr Millis longest_wait{5'000};

bool is_header_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return c >= ' ' && c < 0x7F; });
}

struct Job {
  std::string id;
  std::string status;  // "queued", "working", "completed", "failed", "killed"
  std::string complaint;
};

// {"job_status": {"id", "status", "message", "results": [{"success", "error", "details"}]}}
Job parse_job(const json::View& root) {
  const json::View row = root.at("job_status");
  Job out{row.at("id").scalar_text(), row.at("status").string(), ""};
  if (out.status == "failed" || out.status == "killed") out.complaint = row.string("message", out.status);
  const auto results = row.find("results");
  if (!results || !results->is_array()) return out;
  for (const json::View& result : results->items()) {
    if (result.is_object() && !result.boolean("success", true)) {
      out.complaint = scalar(result, "error") + " " + scalar(result, "details");
    }
  }
  return out;
}

}  // namespace

RestClient::Options Client::writing(const char* family, const std::vector<NewFile>& files) const {
  RestClient::Options out;
  out.family = family;
  out.deadline = files.empty() ? options_.write_deadline : options_.transfer_deadline;
  out.answer_limit = options_.answer_limit;
  out.priority = http::Priority::live;
  out.max_wait = RestClient::most_wait;
  return out;
}

std::string Client::upload_one(const NewFile& file, std::stop_token stop) {
  RestClient::Options options = writing("", {file});
  options.safe = true;  // a file that no comment names is thrown away by Zendesk
  const std::string name = file.name.empty() ? "file" : json::valid_utf8(file.name);
  auto request = calls_.request("POST", "/uploads?filename=" + http::percent_encode(name), "upload_file", options);
  request.headers.set("Content-Type",
                      is_header_text(file.content_type) ? file.content_type : "application/octet-stream");
  request.body = file.data;
  return calls_.read(request, stop, "Zendesk upload",
                     [](const json::View& root) { return root.at("upload").at("token").string(); });
}

std::vector<std::string> Client::upload(const std::vector<NewFile>& files, std::stop_token stop) {
  for (const NewFile& file : files) {
    if (file.data.size() <= options_.most_file_bytes) continue;
    throw Error(ErrorKind::refused, "too_large",
                json::valid_utf8(file.name) + " has " + std::to_string(file.data.size()) + " bytes, Zendesk takes " +
                    std::to_string(options_.most_file_bytes),
                {});
  }
  std::vector<std::string> tokens;
  for (const NewFile& file : files) tokens.push_back(upload_one(file, stop));
  return tokens;
}

// A repeated create must be the same to the byte, so it names the files uploaded for the first.
std::vector<std::string> Client::uploads_of(const NewTicket& ticket, std::stop_token stop) {
  if (ticket.files.empty() || ticket.key.empty()) return upload(ticket.files, stop);
  const Nanos now = clock_.steady();
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(uploads_, [&](const auto& entry) { return now - entry.second.at > token_lasts; });
    if (const auto at = uploads_.find(ticket.key); at != uploads_.end()) return at->second.tokens;
  }
  auto tokens = upload(ticket.files, stop);
  const std::lock_guard lock(mutex_);
  if (uploads_.size() < most_creates_in_doubt) uploads_[ticket.key] = {tokens, now};
  return tokens;
}

DeskTicket Client::create(const NewTicket& ticket, std::stop_token stop) {
  if (ticket.key.size() > longest_key || (!ticket.key.empty() && !is_header_text(ticket.key))) {
    throw Error(ErrorKind::refused, "invalid_value", "a key has at most 255 plain characters", {});
  }
  const Form form = form_for(ticket.fields, stop);
  auto request = calls_.request("POST", "/tickets", "create_ticket", writing("", {}));
  put_ticket(request, ticket, form, names_, {});  // what is wrong with it shows before anything is uploaded
  if (!ticket.files.empty()) put_ticket(request, ticket, form, names_, uploads_of(ticket, stop));
  if (!ticket.key.empty()) request.headers.set("Idempotency-Key", ticket.key);
  DeskTicket made = calls_.read(request, stop, "created Zendesk ticket",
                                [&](const json::View& root) { return parse_ticket(root.at("ticket"), form, names_); });
  const std::lock_guard lock(mutex_);
  uploads_.erase(ticket.key);
  return made;
}

DeskTicket Client::update(const std::string& id, const DeskUpdate& change, std::stop_token stop) {
  if (change.empty()) {
    throw Error(ErrorKind::refused, "missing_field", "an update of ticket " + id + " says nothing", {});
  }
  const Form form = form_for(change.fields, stop);
  auto request = calls_.request("PUT", "/tickets/" + checked_id(id), "update_ticket", writing(family::update, {}));
  put_update(request, change, form, names_);
  updates_.take(id, clock_.steady());
  DeskTicket after = calls_.read(request, stop, "updated Zendesk ticket",
                                 [&](const json::View& root) { return parse_ticket(root.at("ticket"), form, names_); });
  expect_shown(form, names_, change.fields, after.fields);
  return after;
}

DeskComment Client::comment(const std::string& ticket_id, const NewComment& comment, std::stop_token stop) {
  const std::string path = "/tickets/" + checked_id(ticket_id);
  const std::string author = own_id(stop);
  updates_.take(ticket_id, clock_.steady());
  const auto tokens = upload(comment.files, stop);
  auto request = calls_.request("PUT", path, "add_comment", writing(family::update, {}));
  put_comment(request, comment, author, tokens);
  return calls_.read(request, stop, "commented Zendesk ticket",
                     [](const json::View& root) { return parse_made_comment(root.at("audit")); });
}

void Client::merge(const std::string& from, const std::string& into, std::stop_token stop) {
  auto request = calls_.request("POST", "/tickets/" + checked_id(into) + "/merge", "merge_tickets", writing("", {}));
  put_merge(request, checked_id(from), into);
  const Nanos end = clock_.steady() + options_.job_deadline;
  Job job = calls_.read(request, stop, "Zendesk merge", parse_job);
  const std::string path = "/job_statuses/" + http::percent_encode(job.id);
  for (Millis wait = first_look; job.status == "queued" || job.status == "working";
       wait = std::min(wait * 2, longest_wait)) {
    if (clock_.steady() >= end) {
      throw Error(ErrorKind::unknown_outcome, "merge_tickets: the job is " + job.status + " and the time is over");
    }
    pause(wait, stop);
    try {
      job = get(path, "get_job", "Zendesk job", stop, parse_job);
    } catch (const Error& error) {
      throw Error(ErrorKind::unknown_outcome, std::string("merge_tickets: ") + error.what());
    }
  }
  if (!job.complaint.empty()) throw Error(ErrorKind::refused, "merge_failed", "merge_tickets: " + job.complaint, {});
  if (job.status != "completed") throw Error(ErrorKind::unknown_outcome, "merge_tickets: the job is " + job.status);
}

void Client::pause(Millis length, std::stop_token stop) {
  std::mutex mutex;
  time::Bell bell;
  const Nanos until = clock_.steady() + length;
  const std::stop_callback ring(stop, [&] {
    const std::lock_guard lock(mutex);
    clock_.ring(bell);
  });
  std::unique_lock lock(mutex);
  while (!stop.stop_requested() && clock_.steady() < until) {
    clock_.wait(lock, bell, clock_.now() + std::chrono::ceil<Millis>(until - clock_.steady()));
  }
}

void Client::remove(const std::string& id, std::stop_token stop) {
  calls_.send(calls_.request("DELETE", "/tickets/" + checked_id(id), "delete_ticket", writing("", {})), stop);
}

void Client::restore(const std::string& id, std::stop_token stop) {
  calls_.send(
      calls_.request("PUT", "/deleted_tickets/" + checked_id(id) + "/restore", "restore_ticket", writing("", {})),
      stop);
}

}  // namespace supportd::connectors::zendesk
