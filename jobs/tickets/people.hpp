// Who is who, whatever system they come from: one person by mail address or external id, never by name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/ledger.hpp"
#include "jobs/tickets/values.hpp"

namespace supportd::tickets {

enum class PersonKind { customer, agent };

struct Person {
  PersonId id;
  PersonKind kind = PersonKind::customer;
  std::string name;
  std::string mail;  // lower case; may be empty
  std::optional<OrganisationId> organisation;
};

struct Organisation {
  OrganisationId id;
  std::string name;
  std::string tier;      // "enterprise"
  std::string zone;      // IANA
  std::string calendar;  // by name
  std::vector<std::string> aws_accounts;
};

// What a system says about one of its users.
struct Sighting {
  std::string system, remote_id;
  PersonKind kind = PersonKind::customer;
  std::string name, mail;
  std::optional<OrganisationId> organisation;
};

// The person seen, found by (system, id), else by mail, else new; newer name, mail and organisation are kept, empty
// ones change nothing. Who is a customer anywhere is one.
PersonId meet(store::Tx& tx, const Sighting& sighting, Instant now);
std::optional<Person> find_person(store::Tx& tx, PersonId id);
std::optional<Person> find_person(store::Tx& tx, const std::string& mail);  // in any case of letters
// Whether the address, in any case of letters, is one of a customer that is known.
bool is_customer(store::Tx& tx, const std::string& mail);
struct Alias {
  PersonId person;
  std::string name;
  Instant met{};  // when the system was last asked who it is
};
std::optional<Alias> find_alias(store::Tx& tx, const std::string& system, const std::string& remote_id);

// Organisations come from the configuration, known by name; a vendor's ids are attached as they are met. The AWS
// accounts are left alone.
OrganisationId declare(store::Tx& tx, const Organisation& organisation);
// The whole truth about who owns which AWS account: {account, organisation's name}.
void own_accounts(store::Tx& tx, const std::map<std::string, std::string>& owners);
std::optional<Organisation> find_organisation(store::Tx& tx, OrganisationId id);
std::optional<Organisation> find_organisation(store::Tx& tx, const std::string& name);
struct NameUntil {
  std::string name;
  Instant until{};  // `never` for the one it has
};
// What it was and is called, by time. Empty for one that the ledger does not have.
std::vector<NameUntil> names_of(store::Tx& tx, OrganisationId id);
struct OrganisationAlias {
  OrganisationId organisation;
  Instant met{};  // when the system was last asked what it is called
};
std::optional<OrganisationAlias> find_organisation_alias(store::Tx& tx, const std::string& system,
                                                         const std::string& remote_id);
std::optional<OrganisationId> organisation_of_alias(store::Tx& tx, const std::string& system,
                                                    const std::string& remote_id);
struct MetOrganisation {
  OrganisationId id;
  bool is_renamed = false;  // just now: Kernel::renamed tells who cares
};
// By its name at the vendor: the declared organisation, or a new one of no tier. One that goes by another name now is
// renamed, unless it is declared, or other systems call it as before; a name that another has makes it that one. No
// name: the system has it no more, and it stays what it was. REQUIRES: it is known then.
MetOrganisation meet_organisation(store::Tx& tx, const std::string& system, const std::string& remote_id,
                                  const std::string& name, Instant now);
std::optional<OrganisationId> organisation_of_account(store::Tx& tx, const std::string& aws_account);

}  // namespace supportd::tickets
