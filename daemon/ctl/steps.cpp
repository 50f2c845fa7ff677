#include "daemon/ctl/steps.hpp"

#include <ostream>

#include "daemon/ctl/terminal.hpp"

namespace supportd::ctl {

int in_steps(Context& c, const std::function<http::Response(const std::string& after)>& ask,
             const std::function<void(const json::View& step)>& take) {
  std::int64_t tickets = 0;
  for (std::string after;;) {
    const auto answer = ask(after);
    if (answer.status >= 300) return show_answer(c, answer, [](const json::View&) {});
    const auto document = json::Document::parse(answer.body, "the daemon's answer");
    const auto step = document.root();
    take(step);
    tickets += step.at("tickets").integer();
    const auto next = step.find("next");
    if (c.progress) {
      c.err << '\r';
      if (next) c.err << toned(std::to_string(tickets) + " tickets", Tone::faint, c.colour);
      c.err << "\x1b[K" << std::flush;
    }
    if (!next) return ok;
    after = next->scalar_text();
  }
}

}  // namespace supportd::ctl
