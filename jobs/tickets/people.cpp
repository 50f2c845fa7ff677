#include "jobs/tickets/people.hpp"

#include <algorithm>

namespace supportd::tickets {
namespace {

using store::Tx;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return c < 128 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
  });
  return text;
}

std::optional<std::string> or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::string_view to_text(PersonKind kind) { return kind == PersonKind::agent ? "agent" : "customer"; }

std::optional<PersonId> by_mail(Tx& tx, const std::string& mail) {
  if (mail.empty()) return {};
  return tx.one<PersonId>("SELECT id FROM person WHERE mail = :mail", mail);
}

OrganisationId organisation_called(Tx& tx, const std::string& name) {
  return *tx.one<OrganisationId>(
      "INSERT INTO organisation (name, tier, zone, calendar) VALUES (:name, '', '', '') ON CONFLICT (name) DO UPDATE "
      "SET name = excluded.name RETURNING id",
      name);
}

// Its name is the configuration's.
bool is_declared(const Organisation& o) {
  return !o.tier.empty() || !o.zone.empty() || !o.calendar.empty() || !o.aws_accounts.empty();
}

// What the organisation is that a system calls so now.
MetOrganisation renamed(Tx& tx, const Organisation& known, const std::string& name, Instant now) {
  if (known.name == name) return {known.id};
  if (const auto other = find_organisation(tx, name)) return {other->id};
  if (is_declared(known)) return {known.id};
  const auto aliases =
      *tx.one<std::int64_t>("SELECT count(*) FROM organisation_alias WHERE organisation = :id", known.id);
  if (aliases > 1) return {organisation_called(tx, name)};
  tx.exec("UPDATE organisation SET name = :name WHERE id = :id", name, known.id);
  tx.exec(
      "INSERT INTO organisation_name (organisation, name, until) VALUES (:id, :name, :now) ON CONFLICT (organisation, "
      "until) DO NOTHING",
      known.id, known.name, now);
  return {known.id, true};
}

}  // namespace

bool is_customer(Tx& tx, const std::string& mail) {
  return tx.one<PersonId>("SELECT id FROM person WHERE mail = :mail AND kind = 'customer'", lower(mail)).has_value();
}

PersonId meet(Tx& tx, const Sighting& seen, Instant now) {
  const std::string mail = lower(seen.mail);
  const auto known = find_alias(tx, seen.system, seen.remote_id);
  auto id = known ? std::optional(known->person) : by_mail(tx, mail);
  if (!id) {
    id = tx.insert<PersonId>(
        "INSERT INTO person (kind, name, mail, organisation) VALUES (:kind, :name, :mail, :organisation)",
        to_text(seen.kind), seen.name, or_null(mail), seen.organisation);
  } else if (by_mail(tx, mail).value_or(*id) == *id) {
    tx.exec(
        "UPDATE person SET kind = CASE WHEN kind = 'customer' THEN kind ELSE :kind END, name = COALESCE(:name, name), "
        "mail = COALESCE(:mail, mail), organisation = "
        "COALESCE(:organisation, organisation) WHERE id = :id",
        to_text(seen.kind), or_null(seen.name), or_null(mail), seen.organisation, *id);
  }
  tx.exec(
      "INSERT INTO person_alias (system, remote_id, person, met_at) VALUES (:system, :remote_id, :person, :now) ON "
      "CONFLICT (system, remote_id) DO UPDATE SET met_at = excluded.met_at",
      seen.system, seen.remote_id, *id, now);
  return *id;
}

std::optional<Person> find_person(Tx& tx, PersonId id) {
  const auto row = tx.one<std::string, std::string, std::optional<std::string>, std::optional<OrganisationId>>(
      "SELECT kind, name, mail, organisation FROM person WHERE id = :id", id);
  if (!row) return {};
  const auto& [kind, name, mail, organisation] = *row;
  return Person{id, kind == "agent" ? PersonKind::agent : PersonKind::customer, name, mail.value_or(""), organisation};
}

std::optional<Person> find_person(Tx& tx, const std::string& mail) {
  const auto id = by_mail(tx, lower(mail));
  return id ? find_person(tx, *id) : std::nullopt;
}

std::optional<Alias> find_alias(Tx& tx, const std::string& system, const std::string& remote_id) {
  auto row = tx.one<PersonId, std::string, Instant>(
      "SELECT p.id, p.name, a.met_at FROM person_alias a JOIN person p ON p.id = a.person WHERE a.system = :system AND "
      "a.remote_id = :remote_id",
      system, remote_id);
  if (!row) return {};
  return Alias{std::get<0>(*row), std::move(std::get<1>(*row)), std::get<2>(*row)};
}

OrganisationId declare(Tx& tx, const Organisation& o) {
  return *tx.one<OrganisationId>(
      "INSERT INTO organisation (name, tier, zone, calendar) VALUES (:name, :tier, :zone, :calendar) ON CONFLICT "
      "(name) "
      "DO UPDATE SET tier = excluded.tier, zone = excluded.zone, calendar = excluded.calendar RETURNING id",
      o.name, o.tier, o.zone, o.calendar);
}

void own_accounts(Tx& tx, const std::map<std::string, std::string>& owners) {
  tx.exec("DELETE FROM organisation_account");
  for (const auto& [account, name] : owners) {
    tx.exec("INSERT INTO organisation_account (account, organisation) VALUES (:account, :id)", account,
            organisation_called(tx, name));
  }
}

std::optional<Organisation> find_organisation(Tx& tx, OrganisationId id) {
  const auto row = tx.one<std::string, std::string, std::string, std::string>(
      "SELECT name, tier, zone, calendar FROM organisation WHERE id = :id", id);
  if (!row) return {};
  const auto& [name, tier, zone, calendar] = *row;
  return Organisation{
      id,
      name,
      tier,
      zone,
      calendar,
      tx.all<std::string>("SELECT account FROM organisation_account WHERE organisation = :id ORDER BY account", id)};
}

std::optional<Organisation> find_organisation(Tx& tx, const std::string& name) {
  const auto id = tx.one<OrganisationId>("SELECT id FROM organisation WHERE name = :name", name);
  return id ? find_organisation(tx, *id) : std::nullopt;
}

std::vector<NameUntil> names_of(Tx& tx, OrganisationId id) {
  const auto name = tx.one<std::string>("SELECT name FROM organisation WHERE id = :id", id);
  if (!name) return {};
  std::vector<NameUntil> out;
  tx.each<std::string, Instant>(
      "SELECT name, until FROM organisation_name WHERE organisation = :id ORDER BY until",
      [&](auto row) {
        out.push_back({std::move(std::get<0>(row)), std::get<1>(row)});
      },
      id);
  out.push_back({*name, time::never});
  return out;
}

std::optional<OrganisationAlias> find_organisation_alias(Tx& tx, const std::string& system,
                                                         const std::string& remote_id) {
  const auto row = tx.one<OrganisationId, Instant>(
      "SELECT organisation, met_at FROM organisation_alias WHERE system = :system AND remote_id = :remote_id", system,
      remote_id);
  if (!row) return {};
  return OrganisationAlias{std::get<0>(*row), std::get<1>(*row)};
}

std::optional<OrganisationId> organisation_of_alias(Tx& tx, const std::string& system, const std::string& remote_id) {
  const auto alias = find_organisation_alias(tx, system, remote_id);
  return alias ? std::optional(alias->organisation) : std::nullopt;
}

MetOrganisation meet_organisation(Tx& tx, const std::string& system, const std::string& remote_id,
                                  const std::string& name, Instant now) {
  const auto known = organisation_of_alias(tx, system, remote_id);
  const auto met = !known         ? MetOrganisation{organisation_called(tx, name)}
                   : name.empty() ? MetOrganisation{*known}
                                  : renamed(tx, *find_organisation(tx, *known), name, now);
  tx.exec(
      "INSERT INTO organisation_alias (system, remote_id, organisation, met_at) VALUES (:system, :remote_id, :id, "
      ":now) "
      "ON CONFLICT (system, remote_id) DO UPDATE SET organisation = excluded.organisation, met_at = excluded.met_at",
      system, remote_id, met.id, now);
  return met;
}

std::optional<OrganisationId> organisation_of_account(Tx& tx, const std::string& aws_account) {
  return tx.one<OrganisationId>("SELECT organisation FROM organisation_account WHERE account = :account", aws_account);
}

}  // namespace supportd::tickets
