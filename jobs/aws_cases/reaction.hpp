// What the slice does about a ticket's events, in their transaction (rule 17).
#pragma once

#include "jobs/aws_cases/opening.hpp"

namespace supportd::aws_cases {

class Reaction {
 public:
  explicit Reaction(const Context& context) : context_(context), opening_(context), owing_(context) {}
  void operator()(store::Tx& tx, const tickets::Happening& happening, Instant now) const;

 private:
  void commented(store::Tx& tx, const Section& section, const tickets::Happening& happening, Instant now) const;
  void ended(store::Tx& tx, const tickets::Happening& happening) const;
  void lost(store::Tx& tx, const tickets::Happening& happening) const;

  const Context context_;
  const Opening opening_;
  const Owing owing_;
};

}  // namespace supportd::aws_cases
