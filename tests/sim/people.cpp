#include "tests/sim/people.hpp"

#include <algorithm>
#include <iterator>

#include "tests/fakes/codec.hpp"

namespace supportd::sim {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr Millis patience = 1h;
constexpr int solved = 4, closed = 5;

// What is done while a ticket is under way, and ends nothing.
constexpr Deed talking[] = {Deed::note_to_aws,   Deed::long_note_to_aws, Deed::private_note,
                            Deed::agent_reply,   Deed::customer_reply,   Deed::aws_answers_twice,
                            Deed::desk_priority, Deed::aws_answers,      Deed::aws_takes,
                            Deed::mark,          Deed::edit_note};

constexpr const char* customers[] = {"minjun@hanbit.example", "jiwoo@hanbit.example", "ann@northwind.example",
                                     "new.person@northwind.example"};
constexpr const char* planless_customer = "tom@tailor.example";

constexpr const char* subjects[] = {"EC2 인스턴스에 접속할 수 없습니다", "S3 access denied since this morning",
                                    "RDS 연결이 자주 끊깁니다",          "Lambda timeouts in us-east-1",
                                    "청구서 금액을 확인해 주세요",       "VPN tunnel flaps every ten minutes"};
constexpr const char* sentences[] = {
    "오늘 오전부터 같은 오류가 반복됩니다.",
    "We see this about twice an hour, always from the same subnet.",
    "로그를 첨부하니 확인 부탁드립니다.\n\n  - 리전: ap-northeast-2\n  - 인스턴스: i-0abc",
    "if (a < b && c > d) { return \"<b>bold</b>\"; }",
    "Thanks!\r\nStill the same after the restart 🙂.   ",
    "ref abcdefghij 1/2 is what the last message said",
    "> 이전 답변입니다\n> second line\n확인했습니다.",
    "Path is C:\\temp\\x and 100% of requests fail &amp; retry.",
};

bool says_something(Deed deed) {
  switch (deed) {
    case Deed::customer_reply:
    case Deed::agent_reply:
    case Deed::private_note:
    case Deed::note_to_aws:
    case Deed::long_note_to_aws:
    case Deed::aws_answers:
    case Deed::aws_answers_twice:
    case Deed::ask_again:
    case Deed::customer_reopens: return true;
    default: return false;
  }
}

}  // namespace

People::People(Outside& outside, const Nature& nature)
    : outside_(outside), nature_(nature), random_(fakes::seed_for(nature.seed, "people")) {
  const auto span = static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(days{20}).count());
  // What is planned is not all said: some tickets end early.
  constexpr int least_planned = 560;
  for (int i = 0, words = 0; i < nature.tickets || words < least_planned; ++i) {
    Story story;
    story.plot = make_plot(random_, nature.closing_needs_cause);
    story.mail = story.plot.has_plan ? customers[random_.below(std::size(customers))] : planless_customer;
    due_.push({nature.begin + 1h + Millis{random_.below(span)}, stories_.size()});
    words += 1 + static_cast<int>(std::ranges::count_if(story.plot.deeds, says_something));
    stories_.push_back(std::move(story));
  }
}

std::optional<Instant> People::next() const {
  if (due_.empty()) return {};
  return due_.top().at;
}

std::vector<const People::Story*> People::stories() const {
  std::vector<const Story*> out;
  for (const Story& story : stories_) {
    if (story.ticket != 0) out.push_back(&story);
  }
  return out;
}

void People::act(Instant now) {
  while (!due_.empty() && due_.top().at <= now) {
    const std::size_t index = due_.top().story;
    due_.pop();
    Story& story = stories_[index];
    if (story.ticket == 0) {
      open(story, now);
    } else if (perform(story, story.plot.deeds[story.told], now)) {
      ++deeds_[static_cast<std::size_t>(story.plot.deeds[story.told])];
      ++story.told;
      story.since = now;
    } else {
      due_.push({now + patience, index});
      continue;
    }
    if (story.told < story.plot.deeds.size() && !story.gone) due_.push({now + pause(), index});
  }
}

// Mostly hours, sometimes minutes, rarely days.
Millis People::pause() {
  const Millis most = random_.chance(300'000) ? 20min : random_.chance(900'000) ? 12h : 48h;
  return 1min + Millis{random_.below(static_cast<std::uint64_t>(most.count()))};
}

People::Said People::say(std::size_t length) {
  Said out;
  out.token = outside_.witness.new_token();
  out.text = sentences[random_.below(std::size(sentences))];
  out.text += "\n" + out.token + "\n";
  do {
    out.text += sentences[random_.below(std::size(sentences))];
    out.text += "\n";
  } while (out.text.size() < length);
  ++messages_;
  return out;
}

void People::record(const Story& story, const std::string& token, Place place, const std::string& author,
                    bool is_public, const std::vector<fakes::File>& files) {
  words_.push_back({story.ticket, token, place, author, is_public});
  for (const auto& file : files) words_.back().files.push_back(fakes::sha256_hex(file.data));
}

bool People::is_being_talked_about(const Story& story) const {
  if (story.gone || story.told >= story.plot.deeds.size()) return false;
  return std::ranges::find(talking, story.plot.deeds[story.told]) != std::end(talking);
}

void People::said_elsewhere(std::int64_t ticket, const std::string& token, bool to_aws) {
  tokens_[ticket].push_back(token);
  const auto story = std::ranges::find(stories_, ticket, &Story::ticket);
  if (to_aws) story->on_their_way.push_back(token);
}

std::vector<fakes::File> People::some_files() {
  std::vector<fakes::File> out;
  if (!random_.chance(250'000)) return out;
  constexpr const char* names[] = {"app.log", "화면 캡처.png", "../../etc/passwd", "trace \"1\".txt"};
  for (std::uint64_t n = 1 + random_.below(2); n > 0; --n) {
    out.push_back(outside_.witness.new_file(names[random_.below(std::size(names))], 100 + random_.below(2'000)));
  }
  return out;
}

void People::open(Story& story, Instant now) {
  const Said said = say();
  fakes::Freshdesk::Opening opening{.mail = story.mail,
                                    .subject = subjects[random_.below(std::size(subjects))],
                                    .text = said.text,
                                    .tags = {},
                                    .fields = {},
                                    .priority = 1 + static_cast<int>(random_.below(4)),
                                    .files = some_files()};
  if (random_.chance(300'000)) opening.tags.push_back("vip");
  if (story.plot.marked_at_once) opening.tags.push_back("aws-support");
  if (!story.plot.cause_forgotten) opening.fields[Outside::cause_field] = "\"configuration\"";
  story.ticket = outside_.desk.customer_opens(opening, now);
  story.token = said.token;
  story.last_case_token = said.token;
  story.since = now;
  outside_.witness.opened(story.ticket, said.token);
  record(story, said.token, Place::freshdesk, "customer", true, opening.files);
  if (story.plot.marked_at_once && story.plot.has_plan) outside_.witness.marked(story.ticket, said.token);
}

std::optional<fakes::AwsCase> People::case_of(const Story& story) const {
  std::optional<fakes::AwsCase> found;
  for (auto& it : outside_.aws.cases()) {
    const auto has_it = [&](const auto& said) { return said.body.find(story.last_case_token) != std::string::npos; };
    // A follow-up may have begun with what was said before that came too late for the last case.
    if (std::ranges::any_of(it.communications, has_it)) found = std::move(it);
  }
  return found;
}

bool People::perform(Story& story, Deed deed, Instant now) {
  const auto the_case = needs_case(deed) ? case_of(story) : std::nullopt;
  if (needs_case(deed) && !the_case) return false;
  const auto ticket = outside_.desk.ticket(story.ticket);
  const bool ended = ticket.status == solved || ticket.status == closed;
  switch (deed) {
    case Deed::until_resolved:
      if (!ended && the_case->status == "resolved" && was_forgotten(story.since) && now >= story.since + days{2}) {
        at_desk(story, Deed::fill_cause, now);
        at_desk(story, Deed::agent_solves, now);
        return false;
      }
      return ended && the_case->status == "resolved";
    case Deed::until_case_resolved: return the_case->status == "resolved";
    case Deed::agent_solves:
      // The ticket's own case exists before the ticket ends, or nobody could tell whether one was still wanted.
      if (ticket.has_tag("aws-support") && story.plot.has_plan && !case_of(story)) return false;
      // What AWS opened again is solved once it is open here, too.
      if (!story.reopening_token.empty() && (ended || !is_reopening_seen(story)) && !was_forgotten(story.since)) {
        return false;
      }
      at_desk(story, deed, now);
      return true;
    case Deed::delete_ticket:
      if (ticket.has_tag("aws-support") && !case_of(story)) return false;
      at_desk(story, deed, now);
      return true;
    case Deed::customer_reopens:
      if (!ended) return false;
      at_desk(story, deed, now);
      return true;
    case Deed::ask_again: ask_again(story, *the_case, now); return true;
    case Deed::delete_note:
      if (!is_delivered(story, *the_case)) return false;
      at_desk(story, deed, now);
      return true;
    case Deed::aws_resolves:
      // A note that came after it would open the case again, and rightly; and what is opened and resolved again between
      // two looks looks as if nothing had happened.
      if (!is_delivered(story, *the_case) || !is_reopening_seen(story)) return false;
      at_aws(story, deed, *the_case, now);
      return true;
    case Deed::aws_takes:
    case Deed::aws_answers:
    case Deed::aws_answers_twice:
    case Deed::aws_odd_status:
    case Deed::aws_reopens: at_aws(story, deed, *the_case, now); return true;
    case Deed::mark:
    case Deed::note_to_aws:
    case Deed::long_note_to_aws:
    case Deed::private_note:
    case Deed::agent_reply:
    case Deed::customer_reply:
    case Deed::edit_note:
    case Deed::desk_status:
    case Deed::desk_priority:
    case Deed::fill_cause:
    case Deed::merge_ticket: at_desk(story, deed, now); return true;
  }
  return true;
}

bool People::is_delivered(const Story& story, const fakes::AwsCase& the_case) const {
  const auto cases = story.on_their_way.empty() ? std::vector<fakes::AwsCase>{} : outside_.aws.cases();
  const auto has_arrived = [&](const std::string& token) {
    return std::ranges::any_of(cases, [&](const fakes::AwsCase& it) {
      return std::ranges::any_of(it.communications,
                                 [&](const auto& said) { return said.body.find(token) != std::string::npos; });
    });
  };
  if (!std::ranges::all_of(story.on_their_way, has_arrived)) return false;
  if (story.last_note == 0) return true;
  const auto& all = the_case.communications;
  const auto first = std::ranges::find_if(
      all, [&](const auto& said) { return said.body.find(story.last_note_token) != std::string::npos; });
  if (first == all.end()) return false;
  // "ref abcdefghij 1/3": whole when its last part is there.
  const std::string parts = first->body.substr(first->body.rfind('/') + 1);
  const std::string last = " " + parts + "/" + parts;
  return parts.size() > 2 || std::any_of(first, all.end(), [&](const auto& said) { return said.body.ends_with(last); });
}

// A restored ledger cannot know whether what it forgot came before or after what people did: it leaves their ticket to
// them.
bool People::was_forgotten(Instant at) const {
  constexpr Millis sweep = 4h;
  return std::ranges::any_of(nature_.restores,
                             [&](const auto& it) { return at >= it.copied - sweep && at <= it.restored + sweep; });
}

bool People::is_reopening_seen(const Story& story) const {
  const auto said = outside_.desk.conversations(story.ticket);
  return story.reopening_token.empty() || std::ranges::any_of(said, [&](const auto& one) {
           return one.html.find(story.reopening_token) != std::string::npos;
         });
}

void People::note_to_aws(Story& story, std::size_t length, Instant now) {
  const Said said = say(length);
  const auto files = some_files();
  story.last_note = outside_.desk.agent_notes(story.ticket, agent(), "@aws\n" + said.text, files, now);
  story.last_note_token = said.token;
  tokens_[story.ticket].push_back(said.token);
  outside_.witness.said_on_desk(story.ticket, said.token, true, files);
  record(story, said.token, Place::freshdesk, "agent", false, files);
}

// A resolved case takes the message and opens again, or AWS refuses and a new case begins with it.
void People::ask_again(Story& story, const fakes::AwsCase& the_case, Instant now) {
  note_to_aws(story, 0, now);
  if (nature_.aws_refuses_replies && the_case.status == "resolved") {
    outside_.witness.marked(story.ticket, story.last_note_token);
    story.last_case_token = story.last_note_token;
  }
}

void People::at_desk(Story& story, Deed deed, Instant now) {
  auto& desk = outside_.desk;
  const auto not_mirrored = [&](const Said& said, const std::vector<fakes::File>& files, const std::string& author,
                                bool is_public) {
    tokens_[story.ticket].push_back(said.token);
    outside_.witness.said_on_desk(story.ticket, said.token, false, files);
    record(story, said.token, Place::freshdesk, author, is_public, files);
  };
  switch (deed) {
    case Deed::mark:
      desk.agent_tags(story.ticket, "aws-support", now);
      if (story.plot.has_plan) outside_.witness.marked(story.ticket, story.token);
      break;
    case Deed::note_to_aws: note_to_aws(story, 0, now); break;
    case Deed::long_note_to_aws: note_to_aws(story, 8'000 + random_.below(9'000), now); break;
    case Deed::private_note: {
      const Said said = say();
      const auto files = some_files();
      desk.agent_notes(story.ticket, agent(), said.text, files, now);
      not_mirrored(said, files, "agent", false);
      break;
    }
    case Deed::agent_reply: {
      const Said said = say();
      desk.agent_replies(story.ticket, agent(), said.text, {}, now);
      not_mirrored(said, {}, "agent", true);
      break;
    }
    case Deed::customer_reply:
    case Deed::customer_reopens: {
      const Said said = say();
      const auto files = some_files();
      desk.customer_replies(story.ticket, said.text, files, now);
      not_mirrored(said, files, "customer", true);
      break;
    }
    case Deed::edit_note:
      if (story.last_note != 0) {
        desk.agent_edits_note(story.last_note, "@aws\n정정합니다: " + story.last_note_token + " (edited)", now);
      }
      break;
    case Deed::delete_note:
      if (story.last_note != 0) {
        outside_.witness.excuse(story.last_note_token);
        std::ranges::find(words_, story.last_note_token, &Word::token)->fleeting = true;
        desk.agent_deletes_note(story.last_note, now);
        story.last_note = 0;
      }
      break;
    case Deed::desk_status: {
      constexpr int statuses[] = {3, 6, 7, 9, 2};
      desk.set_status(story.ticket, statuses[random_.below(std::size(statuses))], now);
      break;
    }
    case Deed::desk_priority: {
      const int priority = 1 + static_cast<int>(random_.below(4));
      desk.agent_changes(
          story.ticket, [&](fakes::FreshdeskTicket& it) { it.priority = priority; }, now);
      outside_.chosen[story.ticket] = priority;
      break;
    }
    case Deed::fill_cause:
      desk.agent_changes(
          story.ticket, [](fakes::FreshdeskTicket& it) { it.fields[Outside::cause_field] = "\"found\""; }, now);
      break;
    case Deed::agent_solves: desk.agent_solves(story.ticket, now); break;
    case Deed::delete_ticket:
      desk.agent_deletes(story.ticket, now);
      story.deleted = true;
      excuse_all(story);
      break;
    case Deed::merge_ticket: {
      const auto other = std::ranges::find_if(stories_, [&](const Story& it) {
        return it.ticket != 0 && it.ticket != story.ticket && !it.gone && it.mail == story.mail;
      });
      if (other == stories_.end()) break;
      desk.agent_merges(other->ticket, {story.ticket}, now);
      story.merged = true;
      excuse_all(story);
      break;
    }
    default: break;
  }
}

void People::excuse_all(Story& story) {
  story.gone = true;
  for (const auto& token : tokens_[story.ticket]) outside_.witness.excuse(token);
}

void People::answer(Story& story, const std::string& case_id, Instant now) {
  const Said said = say();
  const auto files = some_files();
  outside_.aws.engineer_answers(case_id, said.text, files, now);
  tokens_[story.ticket].push_back(said.token);
  outside_.witness.said_on_aws(story.ticket, said.token, true, files);
  record(story, said.token, Place::aws, "AWS", false, files);
}

void People::at_aws(Story& story, Deed deed, const fakes::AwsCase& the_case, Instant now) {
  auto& aws = outside_.aws;
  switch (deed) {
    case Deed::aws_takes: aws.engineer_takes(the_case.id, now); break;
    case Deed::aws_answers: answer(story, the_case.id, now); break;
    case Deed::aws_answers_twice:
      answer(story, the_case.id, now);
      answer(story, the_case.id, now);
      break;
    case Deed::aws_odd_status: aws.set_status(the_case.id, "awaiting-quantum-review", now); break;
    case Deed::aws_resolves: aws.engineer_resolves(the_case.id, now); break;
    case Deed::aws_reopens: {
      const Said said = say();
      aws.engineer_reopens(the_case.id, said.text, now);
      tokens_[story.ticket].push_back(said.token);
      story.reopening_token = said.token;
      outside_.witness.said_on_aws(story.ticket, said.token, true);
      record(story, said.token, Place::aws, "AWS", false, {});
      break;
    }
    default: break;
  }
}

}  // namespace supportd::sim
