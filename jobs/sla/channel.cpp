#include "jobs/sla/channel.hpp"

#include <algorithm>
#include <tuple>

#include "daemon/json.hpp"
#include "jobs/tickets/kernel.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::sla {
namespace {

using outbox::Effect;
using store::Tx;

class Line final : public outbox::Delivery {
 public:
  Line(observe::Log& log, const Effect& effect) : log_(log), payload_(effect.payload) {}

  outbox::Sent send(std::stop_token) override {
    const auto document = json::Document::parse(payload_, "payload");
    const auto root = document.root();
    std::string overtaken;
    for (const auto& text : root.strings("overtaken")) overtaken += (overtaken.empty() ? "" : ", ") + text;
    const bool is_missed = root.at("percent").integer() >= 100;
    const std::vector<observe::Field> fields{{"ticket", root.at("ticket").integer()},
                                             {"threshold", root.at("threshold").string()},
                                             {"at", root.at("at").string()},
                                             {"policy", root.string("policy", "")},
                                             {"overtaken", overtaken},
                                             {"note", root.string("note", "")}};
    if (is_missed) {
      log_.warning("a service level is missed", fields);
    } else {
      log_.info("a service level is at risk", fields);
    }
    return {};
  }
  outbox::Looked find(std::stop_token) override { return {}; }

 private:
  observe::Log& log_;
  const std::string payload_;
};

// Of the ticket, in a way that survives a restore of the ledger.
std::string lasting_name(Tx& tx, tickets::TicketId ticket) {
  const auto links = tickets::links_of(tx, ticket);
  if (links.empty()) return "ticket:" + std::to_string(ticket.value);
  return links.front().system + ":" + links.front().remote_id;
}

}  // namespace

outbox::Traits LogChannel::traits() const {
  outbox::Traits out;
  out.certainty = outbox::Certainty::keyed;  // a line that is written twice does no harm
  return out;
}

outbox::Prepared LogChannel::prepare(Tx&, const Effect& effect) {
  outbox::Prepared out;
  out.delivery = std::make_unique<Line>(log_, effect);
  return out;
}

void LogChannel::finished(Tx&, const Effect&, const outbox::Sent&, Instant) {}

void LogChannel::refused(Tx&, const Effect&, const Error&, Instant) {}

void tell(Tx& tx, outbox::Outbox& outbox, const std::vector<Passed>& confirmed) {
  // The highest speaks for those it overtook: what is missed is not hidden behind what is merely at risk.
  const Passed& worst = *std::ranges::max_element(
      confirmed, {}, [](const Passed& it) { return std::tuple(it.percent, it.at, it.metric); });
  const auto rows = rows_of(tx, worst.ticket, worst.ticket);
  const auto row = std::ranges::find_if(
      rows, [&](const Row& it) { return it.metric == worst.metric && it.instance == worst.instance; });
  json::Writer payload;
  payload.object([&] {
    payload.member("ticket", worst.ticket.value).member("threshold", to_text(worst)).member("percent", worst.percent);
    payload.member("at", time::to_text(worst.at)).member("note", worst.note);
    payload.member("policy", row == rows.end() ? std::string() : row->policy);
    payload.key("overtaken").array([&] {
      for (const Passed& it : confirmed) {
        if (&it != &worst) payload.value(to_text(it) + " at " + time::to_text(it.at));
      }
    });
  });
  const std::string subject = "ticket:" + std::to_string(worst.ticket.value);
  outbox.owe(tx,
             {.key = "sla:" + lasting_name(tx, worst.ticket) + ":" + std::string(to_text(worst.metric)) + ":" +
                     std::to_string(worst.instance) + ":" + lasting_text(worst.target) + ":" + std::to_string(worst.percent),
              .channel = log_channel,
              .lane = std::string(log_channel) + ":" + subject,
              .kind = outbox::Kind::message,
              .subject = subject,
              .payload = payload.take(),
              .caused_at = worst.at});
}

}  // namespace supportd::sla
