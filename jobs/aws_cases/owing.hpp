// What the slice owes AWS: the outbox's effects and the notes of our writes that go with them.
#pragma once

#include "jobs/aws_cases/context.hpp"

namespace supportd::aws_cases {

// An effect's payload, as JSON. Texts are content ids.
struct Payload {
  enum class What { create, say, resolve } what = What::say;
  CaseRow row;
  tickets::MessageId message;  // create: the one that began the case, 0 when there is none
  store::ContentId subject, body;
  std::size_t part = 1, parts = 1;
};
std::string encode(const Payload& payload);
Payload decode(const std::string& text);

class Owing {
 public:
  explicit Owing(const Context& context) : context_(context) {}

  // CreateCase and, where the problem is longer than AWS takes at once, the parts that follow it.
  void create(store::Tx& tx, const Section& section, const Case& it, const std::string& subject,
              const std::string& body, std::optional<tickets::MessageId> message, Instant caused) const;
  // The message in parts, when it is addressed to AWS; a note says why when it must not go.
  void message(store::Tx& tx, const Section& section, const Case& it, const tickets::Message& message,
               Instant now) const;
  // What was said after `from`, `until` at the latest, and is not owed yet.
  void since(store::Tx& tx, const Section& section, const Case& it, Instant from, Instant until, Instant now) const;
  // The texts that were made of a message that was erased; what has not left does not leave any more.
  void erase(store::Tx& tx, tickets::TicketId ticket, tickets::MessageId message) const;
  void resolve(store::Tx& tx, const Case& it, Instant caused) const;
  void not_sent(store::Tx& tx, const Section& section, const Case& it, const std::string& what,
                const std::string& reason, Instant now) const;

 private:
  void owe(store::Tx& tx, const Case& it, const std::string& key, outbox::Kind kind, const Payload& payload,
           Instant caused) const;
  void say(store::Tx& tx, const Case& it, const tickets::Message& message, const std::vector<std::string>& parts,
           std::size_t first) const;

  const Context context_;
};

}  // namespace supportd::aws_cases
