#include "tests/fakes/witness.hpp"

#include <algorithm>

#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
constexpr std::size_t token_length = 12;

// One text on one side: a communication of a case, or a ticket's description or conversation.
struct Place {
  std::string where;  // case id or ticket id
  int position = 0;
};

bool token_character(char c) { return alphabet.find(c) != std::string_view::npos; }

// "zq" begins every token; whatever follows is drawn.
std::vector<std::string> tokens_in(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = text.find("zq"); at != std::string::npos; at = text.find("zq", at + 1)) {
    const std::string token = text.substr(at, token_length);
    if (token.size() == token_length && std::ranges::all_of(token, token_character)) out.push_back(token);
  }
  return out;
}

bool among(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

// Tokens and file digests, each with all the places that hold it, per side.
struct Witness::Sight {
  std::map<std::string, std::vector<Place>> aws, desk, aws_files, desk_files;
  std::map<std::string, std::vector<std::string>> cases_by_token;  // oldest first
  std::map<std::string, std::string> case_status;
  std::map<std::int64_t, FreshdeskTicket> tickets;
  std::map<std::string, std::vector<Place>> second;  // where: the ticket of the first desk
  std::map<std::string, std::string> second_status;
};

Tally& Tally::operator+=(const Tally& other) {
  expected += other.expected;
  found += other.found;
  lost += other.lost;
  duplicated += other.duplicated;
  leaked += other.leaked;
  disordered += other.disordered;
  return *this;
}

Witness::Witness(const AwsSupport& aws, const Freshdesk& desk, std::uint64_t seed, std::string case_id_field)
    : aws_(aws), desk_(desk), case_id_field_(std::move(case_id_field)), random_(seed_for(seed, "witness")) {}

std::string Witness::new_token() {
  std::lock_guard lock(mutex_);
  std::string token = "zq";
  // No second "zq" inside: 'q' is not drawn.
  while (token.size() < token_length) {
    const char c = alphabet[random_.below(alphabet.size())];
    if (c != 'q') token += c;
  }
  return token;
}

File Witness::new_file(const std::string& name, std::size_t size) {
  std::string data = "file " + new_token() + "\n";
  while (data.size() < size) data += data;
  data.resize(std::max<std::size_t>(size, token_length + 6));
  return {name, data, "text/plain"};
}

void Witness::opened(std::int64_t ticket, const std::string& token) {
  std::lock_guard lock(mutex_);
  tickets_[ticket].opening = messages_.size();
  // The opening message may appear in a case, at its beginning, and is counted as the case.
  messages_.push_back({.token = token, .ticket = ticket, .mirrored = false, .excused = true, .files = {}});
  messages_.back().opening = true;
}

void Witness::marked(std::int64_t ticket, const std::string& token) {
  std::lock_guard lock(mutex_);
  tickets_[ticket].case_tokens.push_back(token);
}

void Witness::said_on_desk(std::int64_t ticket, const std::string& token, bool mirrored, const std::vector<File>& files,
                           const std::string& desk) {
  std::lock_guard lock(mutex_);
  Message message{.token = token, .ticket = ticket, .direction = Direction::to_aws, .mirrored = mirrored, .files = {}};
  message.desk = desk;
  for (const File& file : files) message.files.push_back(sha256_hex(file.data));
  tickets_[ticket].messages.push_back(messages_.size());
  messages_.push_back(std::move(message));
}

void Witness::said_on_aws(std::int64_t ticket, const std::string& token, bool mirrored,
                          const std::vector<File>& files) {
  std::lock_guard lock(mutex_);
  Message message{.token = token, .ticket = ticket, .direction = Direction::to_desk, .mirrored = mirrored, .files = {}};
  for (const File& file : files) message.files.push_back(sha256_hex(file.data));
  tickets_[ticket].messages.push_back(messages_.size());
  messages_.push_back(std::move(message));
}

void Witness::excuse(const std::string& token) {
  std::lock_guard lock(mutex_);
  for (Message& message : messages_) {
    if (message.token == token) message.excused = true;
  }
}

std::string Witness::case_of(std::int64_t ticket) const {
  const Sight sight = look();
  std::lock_guard lock(mutex_);
  const auto tracked = tickets_.find(ticket);
  if (tracked == tickets_.end()) return "";
  for (auto token = tracked->second.case_tokens.rbegin(); token != tracked->second.case_tokens.rend(); ++token) {
    const auto found = sight.cases_by_token.find(*token);
    if (found != sight.cases_by_token.end()) return found->second.back();
  }
  return "";
}

Witness::Sight Witness::look() const {
  Sight sight;
  for (const AwsCase& it : aws_.cases()) {
    sight.case_status[it.id] = it.status;
    int position = 0;
    for (const auto& said : it.communications) {
      for (const auto& token : tokens_in(said.body)) {
        sight.aws[token].push_back({it.id, position});
        auto& cases = sight.cases_by_token[token];
        if (!among(cases, it.id)) cases.push_back(it.id);
      }
      for (const auto& id : said.attachments)
        sight.aws_files[sha256_hex(aws_.attachment(id)->file.data)].push_back({it.id, position});
      ++position;
    }
  }
  for (const FreshdeskTicket& it : desk_.tickets()) {
    const std::string where = std::to_string(it.id);
    sight.tickets[it.id] = it;
    for (const auto& token : tokens_in(it.html)) sight.desk[token].push_back({where, 0});
    for (std::int64_t id : it.attachments)
      sight.desk_files[sha256_hex(desk_.attachment(id).file.data)].push_back({where, 0});
    int position = 1;
    for (const auto& said : desk_.conversations(it.id)) {
      for (const auto& token : tokens_in(said.html)) sight.desk[token].push_back({where, position});
      for (std::int64_t id : said.attachments)
        sight.desk_files[sha256_hex(desk_.attachment(id).file.data)].push_back({where, position});
      ++position;
    }
  }
  if (second_ == nullptr) return sight;
  for (const ZendeskTicket& it : second_->tickets()) {
    constexpr std::string_view prefix = "freshdesk:main:";
    if (it.deleted || !it.external_id.starts_with(prefix)) continue;
    const std::string where = it.external_id.substr(prefix.size());
    sight.second_status[where] = it.status;
    int position = 0;
    for (const auto& said : second_->comments(it.id)) {
      for (const auto& token : tokens_in(said.text.html)) sight.second[token].push_back({where, position});
      ++position;
    }
  }
  return sight;
}

// `there`: at the second desk, of what was said anywhere else; else here, of what was said at the second.
Tally Witness::count_second(const Tracked& tracked, bool there, std::int64_t ticket, const Sight& sight) const {
  const auto& side = there ? sight.second : sight.desk;
  std::vector<std::size_t> indices = tracked.messages;
  if (tracked.opening) indices.insert(indices.begin(), *tracked.opening);
  Tally tally;
  for (const std::size_t index : indices) {
    const Message& message = messages_[index];
    if (message.desk.empty() != there || (message.excused && !message.opening)) continue;
    ++tally.expected;
    int in_place = 0;
    if (const auto seen = side.find(message.token); seen != side.end()) {
      for (const Place& place : seen->second) ++(place.where == std::to_string(ticket) ? in_place : tally.leaked);
    }
    ++(in_place == 0 ? tally.lost : tally.found);
    tally.duplicated += std::max(0, in_place - 1);
  }
  return tally;
}

Tally Witness::count_messages(const Tracked& tracked, Direction direction, const std::vector<std::string>& cases,
                              std::int64_t ticket, const Sight& sight) const {
  const auto& here = direction == Direction::to_aws ? sight.desk : sight.aws;
  const auto& there = direction == Direction::to_aws ? sight.aws : sight.desk;
  const auto right = [&](const Place& place) {
    return direction == Direction::to_aws ? among(cases, place.where) : place.where == std::to_string(ticket);
  };
  Tally tally;
  std::map<std::pair<std::string, std::string>, int> last_position;  // by desk and place
  for (const std::size_t index : tracked.messages) {
    const Message& message = messages_[index];
    if (message.direction != direction) continue;
    const auto seen = there.find(message.token);
    const std::vector<Place> places = seen == there.end() ? std::vector<Place>{} : seen->second;
    const int in_place = static_cast<int>(std::ranges::count_if(places, right));
    tally.leaked += static_cast<int>(places.size()) - in_place;
    if (const auto own = here.find(message.token); own != here.end())
      tally.duplicated += static_cast<int>(own->second.size()) - 1;
    if (message.excused) {
      tally.duplicated += std::max(0, in_place - 1);
      continue;
    }
    if (!message.mirrored) {
      tally.leaked += in_place;
      continue;
    }
    ++tally.expected;
    if (in_place == 0) {
      ++tally.lost;
      continue;
    }
    ++tally.found;
    tally.duplicated += in_place - 1;
    const auto first = std::ranges::find_if(places, right);
    const auto [last, fresh] = last_position.try_emplace({message.desk, first->where}, first->position);
    if (!fresh && first->position < last->second) ++tally.disordered;
    last->second = std::max(last->second, first->position);
  }
  return tally;
}

Tally Witness::count_files(const Tracked& tracked, Direction direction, const std::vector<std::string>& cases,
                           std::int64_t ticket, const Sight& sight) const {
  const auto& there = direction == Direction::to_aws ? sight.aws_files : sight.desk_files;
  const auto& here = direction == Direction::to_aws ? sight.desk_files : sight.aws_files;
  Tally tally;
  for (const std::size_t index : tracked.messages) {
    const Message& message = messages_[index];
    if (message.direction != direction) continue;
    for (const std::string& digest : message.files) {
      const auto seen = there.find(digest);
      int in_place = 0, elsewhere = 0;
      for (const Place& place : seen == there.end() ? std::vector<Place>{} : seen->second) {
        const bool right =
            direction == Direction::to_aws ? among(cases, place.where) : place.where == std::to_string(ticket);
        ++(right ? in_place : elsewhere);
      }
      tally.leaked += elsewhere;
      if (message.excused) continue;
      if (const auto own = here.find(digest); own != here.end())
        tally.duplicated += static_cast<int>(own->second.size()) - 1;
      if (!message.mirrored) {
        tally.leaked += in_place;
        continue;
      }
      ++tally.expected;
      ++(in_place == 0 ? tally.lost : tally.found);
      tally.duplicated += std::max(0, in_place - 1);
    }
  }
  return tally;
}

TicketTally Witness::judge(std::int64_t ticket, const Tracked& tracked, const Sight& sight) const {
  TicketTally out;
  out.ticket = ticket;
  out.cases_expected = static_cast<int>(tracked.case_tokens.size());
  for (const auto& token : tracked.case_tokens) {
    if (const auto found = sight.cases_by_token.find(token); found != sight.cases_by_token.end()) {
      for (const auto& id : found->second) {
        if (!among(out.cases, id)) out.cases.push_back(id);
      }
    }
  }
  out.to_aws = count_messages(tracked, Direction::to_aws, out.cases, ticket, sight);
  out.to_desk = count_messages(tracked, Direction::to_desk, out.cases, ticket, sight);
  out.files_to_aws = count_files(tracked, Direction::to_aws, out.cases, ticket, sight);
  out.files_to_desk = count_files(tracked, Direction::to_desk, out.cases, ticket, sight);
  if (second_ != nullptr) {
    out.to_second = count_second(tracked, true, ticket, sight);
    out.from_second = count_second(tracked, false, ticket, sight);
    const auto status = sight.second_status.find(std::to_string(ticket));
    if (status != sight.second_status.end()) out.second_status = status->second;
  }
  const auto row = sight.tickets.find(ticket);
  if (row != sight.tickets.end()) out.desk_status = row->second.status;
  if (!out.cases.empty()) {
    out.aws_status = sight.case_status.at(out.cases.back());
    out.case_id_noted = row != sight.tickets.end() && row->second.field(case_id_field_) == out.cases.back();
  }
  return out;
}

Report Witness::report() const {
  const Sight sight = look();
  std::lock_guard lock(mutex_);
  Report out;
  std::set<std::string> explained;
  for (const auto& [ticket, tracked] : tickets_) {
    TicketTally it = judge(ticket, tracked, sight);
    const int opened = static_cast<int>(it.cases.size());
    out.cases.expected += it.cases_expected;
    out.cases.found += std::min(opened, it.cases_expected);
    out.cases.lost += std::max(0, it.cases_expected - opened);
    out.cases.duplicated += std::max(0, opened - it.cases_expected);
    explained.insert(it.cases.begin(), it.cases.end());
    out.messages_to_aws += it.to_aws;
    out.messages_to_desk += it.to_desk;
    out.files_to_aws += it.files_to_aws;
    out.files_to_desk += it.files_to_desk;
    out.messages_to_second += it.to_second;
    out.messages_from_second += it.from_second;
    out.tickets.push_back(std::move(it));
  }
  for (const auto& [id, status] : sight.case_status) {
    if (!explained.contains(id)) ++out.cases.leaked;  // a case that nobody asked for
  }
  return out;
}

Tally Report::total() const {
  Tally sum = cases;
  for (const Tally* part : {&messages_to_aws, &messages_to_desk, &files_to_aws, &files_to_desk, &messages_to_second,
                            &messages_from_second}) {
    sum += *part;
  }
  return sum;
}

}  // namespace supportd::fakes
