// Reading and validating what a caller sends to Freshdesk.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/http/client.hpp"
#include "daemon/json.hpp"
#include "tests/fakes/freshdesk_model.hpp"

namespace supportd::fakes {

enum class FreshdeskForm { create_ticket, update_ticket, reply, note, edit_conversation, merge };

struct FreshdeskSchema {
  std::set<int> statuses;
  std::vector<FreshdeskField> fields;
};

struct FreshdeskInput {
  json::Document body;
  std::vector<File> files;
};

// JSON, or multipart with its files. Throws FreshdeskFault: 400 invalid_json, 415.
FreshdeskInput read_input(const http::Request& request, const FreshdeskSchema& schema);

// Unknown members, wrong types, values outside their choices, missing mandatory ones: all at once. Throws
// FreshdeskFault.
void validate(FreshdeskForm form, const json::View& body, const FreshdeskSchema& schema);

}  // namespace supportd::fakes
