// Merging and deleting: work the account does behind the answer.
#include <algorithm>
#include <set>

#include "daemon/digest.hpp"
#include "tests/fakes/codec.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

constexpr std::size_t most_jobs = 30, most_merged = 100;

}  // namespace

void Zendesk::write_job(json::Writer& out, const Job& it) const {
  const bool done = it.status == "completed" || it.status == "failed";
  out.object([&] {
    out.member("id", it.id).member("job_type", "Bulk Ticket").member("status", it.status);
    out.member("url", url("job_statuses/" + it.id + ".json")).member("total", it.total);
    out.key("progress");
    done ? out.value(it.total) : out.null();
    out.key("message");
    done ? out.value(it.status) : out.null();
    out.key("results");
    done ? out.raw(it.results) : out.null();
  });
}

http::Response Zendesk::start_job(std::size_t total, Instant now, std::function<std::string(Instant)> work) {
  json::Writer running;
  std::size_t count = 0;
  running.array([&] {
    for (const auto& [id, job] : jobs_) {
      if (job.status != "queued" && job.status != "working") continue;
      running.value(id);
      ++count;
    }
  });
  if (count >= most_jobs)
    throw ZendeskFault{
        429,
        R"({"error":"TooManyJobs","current_job_ids":)" + running.take() + "}",
        {{"Retry-After", "10"}, {"zendesk-ratelimit-inflight-jobs", "total=30; remaining=0; resets=10"}}};
  std::string bytes;
  for (int i = 0; i < 16; ++i) bytes += static_cast<char>(random_.below(256));
  const Job job{digest::hex(bytes), "queued", "[]", total};
  jobs_[job.id] = job;
  later_.emplace(now + options_.job_time / 2, [this, id = job.id](Instant) { jobs_.at(id).status = "working"; });
  later_.emplace(now + options_.job_time, [this, id = job.id, work = std::move(work)](Instant at) {
    Job& it = jobs_.at(id);
    try {
      it.results = work(at);
      it.status = "completed";
    } catch (const ZendeskFault& fault) {
      it.results = "[" + fault.body + "]";
      it.status = "failed";
    }
  });
  json::Writer out;
  out.object([&] {
    out.key("job_status");
    write_job(out, job);
  });
  return zendesk_json(200, out.take());
}

http::Response Zendesk::job_statuses(const Call& call) const {
  json::Writer out;
  if (call.path.size() == 2 && call.path[1] != "show_many") {
    const auto found = jobs_.find(call.path[1]);
    if (found == jobs_.end()) throw record_not_found();
    out.object([&] {
      out.key("job_status");
      write_job(out, found->second);
    });
    return zendesk_json(200, out.take());
  }
  out.object([&] {
    out.key("job_statuses").array([&] {
      for (const auto& [id, job] : jobs_) write_job(out, job);
    });
  });
  return zendesk_json(200, out.take());
}

// The sources close with a comment, the target gets one that carries their files.
void Zendesk::merge_into(std::int64_t target, const std::vector<std::int64_t>& sources, NewComment to_target,
                         NewComment to_source, Instant now) {
  const std::int64_t actor = to_target.author;
  Row& into = open_row(target);
  for (const std::int64_t id : sources) {
    for (const std::int64_t comment : open_row(id).comments) {
      for (const std::int64_t file : comments_.at(comment).attachments)
        to_target.attachments.push_back(keep(attachments_.at(file).file, now));
    }
  }
  to_target.via = {"web", "merge", sources.front()};
  to_source.via = {"web", "merge", target};
  commit(into, into.now, {actor, {"web", "merge", sources.front()}, now, "{}", to_target});
  for (const std::int64_t id : sources) {
    Row& it = row(id);
    ZendeskTicket closed = it.now;
    closed.status = "closed";
    closed.tags.push_back("closed_by_merge");
    commit(it, closed, {actor, {"web", "merge", target}, now, "{}", to_source});
    publish_event(it, "ticket.merged", actor, "{\"target_ticket_id\":\"" + std::to_string(target) + "\"}", now);
  }
}

http::Response Zendesk::merge(const Call& call, std::int64_t target) {
  open_row(target);
  const auto document = json::Document::parse(call.request.body);
  const json::View body = document.root();
  std::vector<std::int64_t> sources;
  for (const auto& id : body.at("ids").items()) sources.push_back(id.integer());
  if (sources.empty() || sources.size() > most_merged || std::ranges::find(sources, target) != sources.end())
    throw zendesk_error(400, "BadRequest", "ids must name 1 to 100 other tickets");
  for (const std::int64_t id : sources) open_row(id);
  std::string names;
  for (const std::int64_t id : sources) names += (names.empty() ? "#" : ", #") + std::to_string(id);
  const NewComment to_target{
      call.user->id,
      zendesk_plain(body.string("target_comment", "Requests " + names + " were merged into this request.")),
      body.boolean("target_comment_is_public", false)};
  const NewComment to_source{
      call.user->id,
      zendesk_plain(body.string("source_comment",
                                "This request was closed and merged into request #" + std::to_string(target) + ".")),
      body.boolean("source_comment_is_public", false)};
  return start_job(sources.size(), call.now, [this, target, sources, to_target, to_source](Instant at) {
    merge_into(target, sources, to_target, to_source, at);
    json::Writer out;
    out.array([&] { out.object([&] { out.member("id", target).member("action", "merge").member("success", true); }); });
    return out.take();
  });
}

http::Response Zendesk::deleted_tickets(const Call& call) {
  const std::string& method = call.request.method;
  if (method == "GET" && call.path.size() == 1) {
    std::vector<std::int64_t> ids;
    for (const auto& [id, it] : rows_) {
      if (it.now.deleted && !it.now.scrubbed) ids.push_back(id);
    }
    return page_of(call, "deleted_tickets", ids, [&](json::Writer& out, std::int64_t id) {
      const ZendeskTicket& it = rows_.at(id).now;
      const auto actor = users_.find(it.deleted_by);
      out.object([&] {
        out.member("id", id).member("subject", it.subject).member("description", "");
        out.member("deleted_at", to_second(it.deleted_at)).member("previous_state", it.status);
        out.key("actor").object(
            [&] { out.member("id", it.deleted_by).member("name", actor == users_.end() ? "" : actor->second.name); });
      });
    });
  }
  if (call.path.size() < 2) throw invalid_endpoint();
  const std::int64_t id = zendesk_id(call.path[1]);
  Row& it = row(id);
  if (!it.now.deleted) throw record_not_found();
  if (method == "PUT" && call.path.size() == 3 && call.path[2] == "restore") {
    if (it.now.scrubbed) throw record_not_found();
    restore(it, call.user->id, call.now);
    return zendesk_json(200, "{}");
  }
  if (method != "DELETE" || call.path.size() != 2) throw invalid_endpoint();
  return start_job(1, call.now, [this, id, actor = call.user->id](Instant at) {
    vanish(id, actor, at);
    return "[{\"id\":" + std::to_string(id) + ",\"success\":true}]";
  });
}

}  // namespace supportd::fakes
