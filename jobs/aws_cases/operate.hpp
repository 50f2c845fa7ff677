// What an operator may see and do. Plain functions over a transaction; routes.cpp puts them behind HTTP.
#pragma once

#include "jobs/aws_cases/metrics.hpp"
#include "jobs/aws_cases/opening.hpp"

namespace supportd::aws_cases {

// One case as JSON: its row, the ticket's subject and status, and with `whole` its effects and communications.
std::string case_json(store::Tx& tx, const Context& context, const Case& it, bool whole);
std::string cases_json(store::Tx& tx, const Context& context, const CaseFilter& filter);
// By its number at AWS, its id there, its key here, or its row as "#12". Throws Error{gone}, or {refused} when two
// accounts have the number.
Case pick_case(store::Tx& tx, const std::string& text);

// A case that others opened becomes the ticket's. Throws Error{refused} when the ticket has an open one, when the case
// is linked already or the account is unknown; Error{gone} when there is no such ticket.
Case link_case(store::Tx& tx, const Context& context, tickets::TicketId ticket, const std::string& account,
               const std::string& case_id, const std::string& actor, const std::string& reason, Instant now);
// The case is not followed any more; what is owed to it is for the operator to drop.
Case unlink_case(store::Tx& tx, const Context& context, const std::string& which, const std::string& actor,
                 const std::string& reason, Instant now);
Case approve_case(store::Tx& tx, const Context& context, const std::string& which, const std::string& actor,
                  const std::string& reason, Instant now);

void add_routes(const Context& context, Metrics& metrics);

}  // namespace supportd::aws_cases
