// The fixture's body; its tests stand beside it.
#include "tests/jobs/aws_cases/room.hpp"

namespace supportd::aws_cases {
namespace {

using store::Tx;
using tickets::EventKind;

std::shared_ptr<const config::Config> load(const std::string& text) {
  config::Schema schema;
  schema.add<Section>(slice_name);
  const auto loaded = schema.load(config::read_texts({{"test.toml", text}}));
  for (const auto& flaw : loaded.flaws) ADD_FAILURE() << flaw.what;
  return loaded.config;
}

connectors::aws::Section keys_of(const std::string& role) {
  connectors::aws::Section out;
  out.accounts.push_back({account, "Hanbit", "", "", ""});
  out.accounts.push_back({roled_account, "Northwind", role, "external-7", ""});
  return out;
}

connectors::aws_support::Section endpoint() {
  connectors::aws_support::Section out;
  out.endpoint = "https://support.test";
  return out;
}

tickets::Change change_of(EventKind kind, const std::string& value, const std::string& name = "") {
  tickets::Change change;
  change.kind = kind;
  change.value = value;
  change.name = name;
  return change;
}

}  // namespace

Room::Daemon::Daemon(Room& room, const std::string& text, Instant certain_since)
    : config(load(text)),
      log(room.clock, [](const observe::Record&) {}),
      outbox(room.clock, certain_since, outbox::Mode::live),
      budgets(room.clock),
      deadlines(*room.ledger, log, metrics),
      registry{room.clock, config, *room.ledger, outbox, *room.net, budgets, log, metrics, deadlines, jobs, routes},
      keys(room.key),
      sts_endpoint("https://sts.test", {"us-east-1", "sts"}),
      sts(*room.net, room.clock, sts_endpoint),
      roles(sts, room.clock, keys),
      accounts(*room.net, room.clock),
      slice(registry, kernel, accounts),
      context{registry, kernel, accounts},
      numbers(context) {
  configure(room.role);
}

void Room::Daemon::configure(const std::string& role) {
  accounts.configure(endpoint(), keys_of(role), {{std::shared_ptr<void>(), &keys}, {std::shared_ptr<void>(), &roles}});
}

void Room::SetUp() {
  if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
  options.calls_per_minute = options.payer_calls_per_minute = options.cases_per_day = 0;
  key = iam.add_user(account, "SupportdUser");
  role = iam.add_role(roled_account, "SupportdRole", "external-7", {key.arn});
  aws = std::make_unique<fakes::AwsSupport>(iam, fakes::ServiceModel::aws_support(SUPPORTD_SHARED), options);
  aws->add_account(account, fakes::SupportPlan::business);
  aws->add_account(roled_account, fakes::SupportPlan::enterprise);
  sts = std::make_unique<fakes::Sts>(iam);
  net = std::make_unique<fakes::Net>(clock, faults);
  net->route("support.test", *aws);
  net->route("sts.test", *sts);
  open_ledger(scratch.ledger(GetParam()));
  start();
  ledger->write([&](Tx& tx) {
    tickets::declare(tx, {{}, "Hanbit", "enterprise", "Asia/Seoul", "", {}});
    tickets::declare(tx, {{}, "Northwind", "enterprise", "", "", {}});
    tickets::declare(tx, {{}, "Tailor", "community", "", "", {}});
    tickets::own_accounts(tx, {{account, "Hanbit"}, {roled_account, "Northwind"}});
  });
}

void Room::open_ledger(const store::LedgerOptions& where) {
  auto steps = store::records_schema();
  for (const auto& more : {outbox::schema(), tickets::schema(), run::Deadlines::migrations(), schema()}) {
    steps.insert(steps.end(), more.begin(), more.end());
  }
  daemon.reset();
  ledger.reset();
  ledger = std::make_unique<store::Ledger>(where, clock, steps);
}

void Room::start(const std::string& config, Instant certain_since) {
  daemon.reset();
  daemon = std::make_unique<Daemon>(*this, config, certain_since);
  ledger->write([](Tx& tx) { outbox::void_leases(tx); });
}

bool Room::turn() {
  auto lease = ledger->write(
      [&](Tx& tx) { return outbox::lease_next(tx, daemon->outbox, "token-" + std::to_string(++serial), clock.at); });
  if (!lease) return false;
  const auto outcome = outbox::act(*lease, clock, {});
  ledger->write([&](Tx& tx) { outbox::end(tx, daemon->outbox, *lease, outcome, clock.at); });
  return true;
}

void Room::lose_outcome() {
  while (daemon->deadlines.fire(clock.at) > 0) {
  }
  auto lease = ledger->write(
      [&](Tx& tx) { return outbox::lease_next(tx, daemon->outbox, "token-" + std::to_string(++serial), clock.at); });
  ASSERT_TRUE(lease);
  outbox::act(*lease, clock, {});
}

void Room::pump() {
  for (int turns = 0; turns < 1'000; ++turns) {
    const bool fired = daemon->deadlines.fire(clock.at) > 0;
    if (!turn() && !fired) return;
  }
  FAIL() << "it never comes to rest";
}

Swept Room::sweep(bool dry_run) {
  Sweep::Terms terms;
  terms.dry_run = dry_run;
  return Sweep(daemon->context, daemon->numbers, std::move(terms)).full();
}

Swept Room::recent() { return Sweep(daemon->context, daemon->numbers, {}).recent(); }

void Room::event(tickets::TicketId id, EventKind kind, const std::string& value, const std::string& name) {
  ledger->write([&](Tx& tx) {
    daemon->kernel.append(
        tx, {id, change_of(kind, value, name), clock.at, desk, "", "desk-event-" + std::to_string(++serial)}, clock.at);
  });
}

tickets::TicketId Room::ticket(const std::string& remote_id, const std::string& subject, const std::string& body,
                               const std::string& organisation) {
  const auto id = ledger->write([&](Tx& tx) {
    const auto made = *daemon->kernel.create(
        tx, {{}, change_of(EventKind::created, subject), clock.at, desk, "", "created-" + remote_id}, clock.at);
    tickets::save_link(tx, {desk, remote_id, made, "{}", "", clock.at, "live"});
    const auto person = tickets::meet(
        tx, {desk, "u" + remote_id, tickets::PersonKind::customer, "Minjun Kim", remote_id + "@hanbit.example", {}},
        clock.at);
    daemon->kernel.append(tx,
                          {made, change_of(EventKind::requester, std::to_string(person.value)), clock.at, desk, "",
                           "requester-" + remote_id},
                          clock.at);
    return made;
  });
  says(id, tickets::Author::customer, tickets::Visibility::public_reply, body);
  const auto known = ledger->read([&](Tx& tx) { return tickets::find_organisation(tx, organisation); });
  if (known) event(id, EventKind::organisation, std::to_string(known->id.value));
  return id;
}

void Room::desk_was_read() {
  ledger->write([&](store::Tx& tx) { tickets::note_read(tx, desk, clock.at); });
}

void Room::mark(tickets::TicketId id) {
  ledger->write([&](Tx& tx) {
    tickets::Change change;
    change.kind = EventKind::tags;
    change.added = {"aws-support"};
    daemon->kernel.append(tx, {id, change, clock.at, desk, "", "mark-" + std::to_string(++serial)}, clock.at);
  });
}

void Room::unmark(tickets::TicketId id) {
  ledger->write([&](Tx& tx) {
    tickets::Change change;
    change.kind = EventKind::tags;
    change.removed = {"aws-support"};
    daemon->kernel.append(tx, {id, change, clock.at, desk, "", "unmark-" + std::to_string(++serial)}, clock.at);
  });
}

tickets::MessageId Room::says(tickets::TicketId id, tickets::Author author, tickets::Visibility visibility,
                              const std::string& body, std::vector<tickets::NewAttachment> files) {
  return ledger->write([&](Tx& tx) {
    tickets::NewMessage message;
    message.ticket = id;
    message.identity = std::string(desk) + ":conversation:" + std::to_string(++serial);
    message.origin = desk;
    message.author = author;
    message.author_name = "somebody";
    message.visibility = visibility;
    message.created = clock.at;
    message.text = body;
    message.attachments = std::move(files);
    return *tickets::add_message(tx, daemon->kernel, message, clock.at);
  });
}

tickets::TicketId Room::opened(const std::string& remote_id) {
  const auto id = ticket(remote_id, "VPC peering drops", "The VPC peering drops every five minutes.");
  mark(id);
  pump();
  return id;
}

bool Room::keep_yesterday() {
  if (GetParam() != store::Engine::sqlite) return false;
  ledger->backup(scratch / "yesterday.db");
  return true;
}

void Room::restore_yesterday() {
  store::LedgerOptions copy = scratch.ledger(GetParam());
  copy.where = (scratch / "yesterday.db").string();
  open_ledger(copy);
  start("", clock.at);
}

tickets::TicketId Room::brought_again(Instant when, const std::string& case_id) {
  clock.at = when;
  const auto id = ticket("7", "VPC peering drops", "The VPC peering drops every five minutes.");
  event(id, tickets::EventKind::field, case_id, "cf_aws_support_case_id");
  mark(id);
  return id;
}

tickets::Ticket Room::at(tickets::TicketId id) {
  return ledger->read([&](Tx& tx) { return tickets::load(tx, id); });
}

Case Room::case_of(tickets::TicketId id) {
  return ledger->read([&](Tx& tx) { return newest_case(tx, id).value(); });
}

std::vector<tickets::Message> Room::messages(tickets::TicketId id, const std::string& origin) {
  auto all = ledger->read([&](Tx& tx) { return tickets::messages_of(tx, id); });
  std::erase_if(all, [&](const auto& message) { return message.origin != origin; });
  return all;
}

std::string Room::text(const tickets::Message& message) {
  return ledger->read([&](Tx& tx) { return tickets::text_of(tx, message); });
}

std::vector<std::string> Room::notes_of(tickets::TicketId id) {
  std::vector<std::string> out;
  for (const auto& message : messages(id, slice_name)) out.push_back(text(message));
  return out;
}

std::vector<std::string> Room::bodies(const std::string& case_id) {
  std::vector<std::string> out;
  const auto found = aws->find_case(case_id).value();
  for (const auto& said : found.communications) out.push_back(said.body);
  return out;
}

outbox::State Room::state_of(const std::string& effect) {
  return ledger->read([&](Tx& tx) { return daemon->outbox.find_by_key(tx, effect).value().state; });
}

}  // namespace supportd::aws_cases
