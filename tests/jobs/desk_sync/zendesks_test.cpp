// Zendesk alone with the ledger, and two of them.
#include "tests/jobs/desk_sync/two_desks.hpp"

namespace supportd::desk_sync {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Zendesks : public TwoDesks {
 protected:
  static constexpr const char* far_system = "zendesk:emea";

  Zendesks() {
    far.add_api_token("token");
    far.add_agent("supportd", "bot@desk.example", "admin");
    far_agent = far.add_agent("Amélie Roux", "amelie@desk.example");
    net.route("emea.zendesk.com", far);
    net.route("emea.zdusercontent.example", far);
  }
  connectors::Desks::All desks_now() override { return {{zen_system, zendesk("acme")}, {far_system, zendesk("emea")}}; }
  std::int64_t opens_at_zendesk() {
    return zen.customer_opens({.mail = "kim@acme.example",
                               .subject = "VPN",
                               .text = "The tunnel flaps.",
                               .tags = {"vip"},
                               .fields = {},
                               .priority = "",
                               .files = {}},
                              clock.at);
  }
  static fakes::ZendeskOptions far_options() {
    auto out = zen_options();
    out.seed = 2;
    out.base = "https://emea.zendesk.com";
    out.attachment_base = "https://emea.zdusercontent.example";
    return out;
  }
  fakes::Zendesk far{far_options()};
  std::int64_t far_agent = 0;
};

class ThreeDesks : public Zendesks {
 protected:
  ThreeDesks() {
    settings = "[desk_sync]\nbaseline = \"2020-01-01T00:00:00Z\"\n[desk_sync.zendesk.emea]\nlink_field = \"360001\"\n";
  }
  connectors::Desks::All desks_now() override {
    auto out = TwoDesks::desks_now();
    out.emplace(far_system, zendesk("emea"));
    return out;
  }
  void opens_far(const std::string& names) {
    far.customer_opens({.mail = "kim@acme.example",
                        .subject = "VPN",
                        .text = "Same here.",
                        .tags = {},
                        .fields = {{360001, "\"" + names + "\""}},
                        .priority = "",
                        .files = {}},
                       clock.at);
  }
};

// Whichever is read first, and though the other has no such ticket yet.
TEST_P(ThreeDesks, ABareNumberMayBeAnyonesAndAFullNameIsOnes) {
  ASSERT_EQ(opens_at_zendesk(), 1);
  settle();
  opens_far("1");
  opens_far(std::string(zen_system) + ":1");
  opens_far("2");
  settle();
  ASSERT_EQ(opens(), 1);
  ASSERT_EQ(opens(), 2);
  settle();
  EXPECT_THAT(links(far_system, 1), SizeIs(1));
  EXPECT_THAT(links(far_system, 2), SizeIs(2));
  EXPECT_THAT(links(far_system, 3), SizeIs(1));
  EXPECT_THAT(links(zen_system, 1), SizeIs(2));
}

class TwoZendesks : public Zendesks {
 protected:
  TwoZendesks() { settings += "[desk_sync.zendesk.emea]\ncounterpart = \"all\"\n"; }
};

TEST_P(TwoZendesks, AreKeptInStepWithOneAnother) {
  const auto id = opens_at_zendesk();
  settle();
  ASSERT_THAT(far.tickets(), SizeIs(1));
  const auto twin = far.tickets().front().id;
  EXPECT_EQ(far.ticket(twin).subject, "VPN");
  EXPECT_TRUE(far.ticket(twin).has_tag("vip"));
  far.agent_replies(twin, far_agent, "Which one?", {}, clock.at);
  far.agent_notes(twin, far_agent, "Ask Paris.", {}, clock.at);
  zen.customer_replies(id, "The second.", {}, clock.at);
  far.agent_sets(
      twin, [](fakes::ZendeskTicket& it) { it.priority = "high"; }, clock.at);
  settle();
  settle();
  EXPECT_EQ(zen.ticket(id).priority, "high");
  const auto here = said_at_zendesk(id);
  ASSERT_THAT(here, SizeIs(4));
  EXPECT_THAT(here, testing::Contains(HasSubstr("public: Amélie Roux:\nWhich one?")));
  EXPECT_THAT(here, testing::Contains(testing::AllOf(HasSubstr("private: "), HasSubstr("Ask Paris."))));
  EXPECT_THAT(far.comments(twin), SizeIs(4));
  far.agent_solves(twin, clock.at);
  settle();
  EXPECT_EQ(zen.ticket(id).status, "solved");
  const auto audits = zen.audits(id).size() + far.audits(twin).size();
  settle();
  EXPECT_EQ(zen.audits(id).size() + far.audits(twin).size(), audits);
  EXPECT_THAT(zen.tickets(), SizeIs(1));
}

// Both name the same ticket of the other desk: the first is it, the other is one of its own.
TEST_P(TwoZendesks, ATicketNamedTwiceIsJoinedOnce) {
  const auto id = opens_at_zendesk();
  pull();
  for (const char* subject : {"one", "two"}) {
    const auto it = far.customer_opens({.mail = "kim@acme.example",
                                        .subject = subject,
                                        .text = "x",
                                        .tags = {},
                                        .fields = {},
                                        .priority = "",
                                        .files = {}},
                                       clock.at);
    far.agent_sets(
        it, [&](fakes::ZendeskTicket& ticket) { ticket.external_id = "zendesk:main:" + std::to_string(id); }, clock.at);
  }
  pull();
  EXPECT_THAT(ledger->read([](Tx& tx) { return tickets::list(tx, {}); }), SizeIs(2));
  EXPECT_THAT(links(zen_system, id), SizeIs(2));
}

class ZendeskAlone : public Zendesks {
 protected:
  connectors::Desks::All desks_now() override { return {{zen_system, zendesk("acme")}}; }
};

TEST_P(ZendeskAlone, IsKeptInStepWithTheLedger) {
  const auto id = opens_at_zendesk();
  settle();
  EXPECT_THAT(links(zen_system, id), SizeIs(1));
  const auto ticket = [&] {
    return ledger->read(
        [&](Tx& tx) { return tickets::load(tx, tickets::find_link(tx, zen_system, std::to_string(id))->ticket); });
  };
  EXPECT_EQ(ticket().status, tickets::Status::fresh);
  tickets::Change change;
  change.kind = tickets::EventKind::status;
  change.value = "hold";
  ledger->write([&](Tx& tx) { kernel.append(tx, {ticket().id, change, clock.at, "rule", "", "decision"}, clock.at); });
  settle();
  EXPECT_EQ(zen.ticket(id).status, "hold");
  zen.agent_solves(id, clock.at);
  settle();
  EXPECT_EQ(ticket().status, tickets::Status::solved);
  EXPECT_THAT(zen.tickets(), SizeIs(1));
  EXPECT_THAT(fresh.tickets(), IsEmpty());
}

// An agent opens a ticket for a customer with a note among agents.
TEST_P(TwoZendesks, AnAgentsOpeningIsTheAgentsAndAPrivateOneStaysPrivate) {
  const auto id = opens_at_zendesk();
  const auto opening = zen.comments(id).front().id;
  zen.agent_makes_private(opening, clock.at);
  settle();
  ASSERT_THAT(far.tickets(), SizeIs(1));
  for (const auto& comment : far.comments(far.tickets().front().id)) {
    if (comment.text.plain.find("tunnel") != std::string::npos) {
      EXPECT_FALSE(comment.is_public);
    }
  }
}

TEST_P(TwoZendesks, AnOpeningThatIsRedactedLaterIsEditedHereToo) {
  const auto id = opens_at_zendesk();
  settle();
  zen.agent_redacts(zen.comments(id).front().id, "tunnel", clock.at);
  settle();
  const auto said = ledger->read([&](Tx& tx) {
    const auto ticket = tickets::find_link(tx, zen_system, std::to_string(id))->ticket;
    return tickets::text_of(tx, tickets::messages_of(tx, ticket).front());
  });
  EXPECT_THAT(said, testing::Not(HasSubstr("tunnel")));
}

const auto engines = testing::Values(store::Engine::sqlite, store::Engine::postgresql);
const auto name = [](const auto& engine) { return fakes::name_of(engine.param); };
INSTANTIATE_TEST_SUITE_P(, ThreeDesks, engines, name);
INSTANTIATE_TEST_SUITE_P(, TwoZendesks, engines, name);
INSTANTIATE_TEST_SUITE_P(, ZendeskAlone, engines, name);

}  // namespace
}  // namespace supportd::desk_sync
