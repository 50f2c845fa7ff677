#include "daemon/http/counting_client.hpp"

#include <gmock/gmock.h>

#include "daemon/http/budget_client.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::http {
namespace {

using testing::HasSubstr;

// Answers as told.
class Scripted final : public Client {
 public:
  Response send(const Request&, std::stop_token) override {
    if (const auto* error = std::get_if<Error>(&next)) throw *error;
    return std::get<Response>(next);
  }
  Outcome next = Response{};
};

TEST(CountingClient, SaysWhetherTheLastCallWasAnswered) {
  fakes::SetClock clock{Instant{}};
  observe::Metrics metrics;
  Scripted scripted;
  CountingClient counting(scripted, metrics, clock);
  const auto up_after = [&](Outcome outcome) {
    scripted.next = std::move(outcome);
    try {
      counting.send({.system = "freshdesk", .operation = "list_tickets"});
    } catch (const Error&) {  // as scripted
    }
    const std::string text = metrics.text(), series = "supportd_integration_up{system=\"freshdesk\"} ";
    const auto at = text.find(series);
    return at == text.npos ? '-' : text[at + series.size()];
  };
  EXPECT_EQ(up_after(Error(ErrorKind::stopped, "stopped")), '-') << "nobody knows yet";
  EXPECT_EQ(up_after(Response{200, {}, ""}), '1');
  EXPECT_EQ(up_after(Response{503, {}, ""}), '0');
  EXPECT_EQ(up_after(Response{429, {}, ""}), '1');
  EXPECT_EQ(up_after(Error(ErrorKind::unreachable, "refused")), '0');
  EXPECT_EQ(up_after(Error(ErrorKind::stopped, "stopped")), '0');
  EXPECT_EQ(up_after(Response{404, {}, ""}), '1');
}

TEST(CountingClient, CountsAnswersThatNobodyCouldRead) {
  fakes::SetClock clock{Instant{}};
  observe::Metrics metrics;
  Scripted scripted;
  CountingClient counting(scripted, metrics, clock);
  Budgets budgets(clock);
  BudgetClient client(counting, budgets, clock);
  const std::string series =
      "supportd_integration_unreadable_answers_total{operation=\"list_tickets\",system=\"freshdesk\"} ";
  const Request request{.system = "freshdesk", .operation = "list_tickets"};
  client.send(request);
  EXPECT_THAT(metrics.text(), HasSubstr(series + "0")) << "before the first of them";
  client.unreadable(request);
  EXPECT_THAT(metrics.text(), HasSubstr(series + "1"));
}

}  // namespace
}  // namespace supportd::http
