#include "daemon/json.hpp"
#include "tests/fakes/witness.hpp"

namespace supportd::fakes {
namespace {

void write(json::Writer& out, std::string_view name, const Tally& tally) {
  out.key(name).object([&] {
    out.member("expected", tally.expected).member("found", tally.found).member("lost", tally.lost);
    out.member("duplicated", tally.duplicated).member("leaked", tally.leaked);
    out.member("disordered", tally.disordered);
  });
}

}  // namespace

std::string Report::to_json() const {
  json::Writer out;
  out.object([&] {
    out.key("tickets").array([&] {
      for (const TicketTally& it : tickets) {
        out.object([&] {
          out.member("ticket", it.ticket).member("cases", it.cases).member("cases_expected", it.cases_expected);
          out.member("desk_status", it.desk_status).member("aws_status", it.aws_status);
          out.member("case_id_noted", it.case_id_noted);
          write(out, "messages_to_aws", it.to_aws);
          write(out, "messages_to_desk", it.to_desk);
          write(out, "files_to_aws", it.files_to_aws);
          write(out, "files_to_desk", it.files_to_desk);
          out.member("second_status", it.second_status);
          write(out, "messages_to_second", it.to_second);
          write(out, "messages_from_second", it.from_second);
        });
      }
    });
    write(out, "cases", cases);
    write(out, "messages_to_aws", messages_to_aws);
    write(out, "messages_to_desk", messages_to_desk);
    write(out, "files_to_aws", files_to_aws);
    write(out, "files_to_desk", files_to_desk);
    write(out, "messages_to_second", messages_to_second);
    write(out, "messages_from_second", messages_from_second);
    write(out, "total", total());
  });
  return out.take();
}

}  // namespace supportd::fakes
