#include "jobs/desk_sync/files.hpp"

#include <algorithm>

#include "daemon/run/each.hpp"

namespace supportd::desk_sync {
namespace {

using connectors::Call;
using connectors::DeskFile;
using store::Tx;

constexpr int most_a_run = 50;
constexpr std::int64_t most_tries = 10;

// "<ticket>/<conversation>/<file>"; the description's files have no conversation.
struct FileName {
  std::string ticket, conversation, file;
};
FileName parse_file_name(const std::string& id) {
  const auto first = id.find('/');
  const auto second = id.find('/', first + 1);
  if (first == std::string::npos || second == std::string::npos) {
    throw Error(ErrorKind::corrupt, "ledger: attachment with the id " + id);
  }
  return {id.substr(0, first), id.substr(first + 1, second - first - 1), id.substr(second + 1)};
}

// What the bytes of a picture say it is: its type, and how such files' names end. Others are not told apart.
std::optional<std::pair<std::string, std::string>> picture_type(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return {{"image/png", ".png"}};
  if (bytes.starts_with("\xff\xd8\xff"sv)) return {{"image/jpeg", ".jpg"}};
  if (bytes.starts_with("GIF8"sv)) return {{"image/gif", ".gif"}};
  if (bytes.starts_with("RIFF"sv) && bytes.substr(0, 12).ends_with("WEBP"sv)) return {{"image/webp", ".webp"}};
  return {};
}

}  // namespace

void Files::listed(const Reading& reading) {
  const std::string& id = reading.row.id;
  for (const auto& comment : reading.comments) {
    for (const DeskFile& file : comment.files) fresh_[id + "/" + comment.id + "/" + file.id] = file;
  }
  for (const DeskFile& file : reading.opening.files) fresh_[id + "//" + file.id] = file;
}

int Files::fetch(run::JobContext& context, const Call& call) {
  const auto wanted =
      context.ledger.read([&](Tx& tx) { return tickets::wanted_attachments(tx, spoke_.system, most_a_run); });
  int fetched = 0;
  run::each(
      wanted,
      [&](const tickets::Attachment& file) {
        fetch_one(file, context, call);
        ++fetched;
      },
      [&](const tickets::Attachment& file, const std::exception& error) {
        const auto* known = dynamic_cast<const Error*>(&error);
        using tickets::FileState;
        FileState state = FileState::wanted;
        if (known != nullptr && known->kind() == ErrorKind::gone) state = FileState::gone;
        if (known != nullptr && known->code() == "too_large") state = FileState::oversize;
        // The store of files is down, or an operator must act: that is no fault of the file's.
        const bool of_the_file = is_of_the_row(error);
        if (of_the_file && state == FileState::wanted && file.tries + 1 >= most_tries) state = FileState::gone;
        context.write([&](Tx& tx) {
          tickets::mark_attachment(tx, file.id, state, error.what(), of_the_file);
          registry_.outbox.wake_subject(tx, subject_of(tickets::find_message(tx, file.message)->ticket));
        });
      });
  return fetched;
}

void Files::fetch_one(const tickets::Attachment& file, run::JobContext& context, const Call& call) {
  if (file.size > section_.most_file_bytes) throw Error(ErrorKind::refused, "too_large", "over the size limit", {});
  const auto known = fresh_.find(file.remote_id);
  std::optional<std::string> bytes;
  if (known != fresh_.end()) {
    run::each(
        std::initializer_list<const DeskFile*>{&known->second},
        [&](const DeskFile* one) { bytes = download(*one, file.size, call); },
        [&](const DeskFile*, const std::exception& error) {
          const auto* why = dynamic_cast<const Error*>(&error);
          if (why == nullptr || why->kind() != ErrorKind::gone) throw;
        });
  }
  // The URL of an earlier read has expired: the ticket is read again for a new one.
  if (!bytes) bytes = download(find_again(file.remote_id, call), file.size, call);
  context.write([&](Tx& tx) {
    tickets::hold_attachment(tx, file.id, *bytes);
    const auto type = file.content_type.empty() ? picture_type(*bytes) : std::nullopt;
    if (type) tickets::name_attachment(tx, file.id, file.name + type->second, type->first);
    registry_.outbox.wake_subject(tx, subject_of(tickets::find_message(tx, file.message)->ticket));
  });
}

std::string Files::download(const DeskFile& file, std::int64_t listed, const Call& call) {
  std::string bytes = spoke_.desk.download(file, static_cast<std::size_t>(section_.most_file_bytes), call);
  // A proxy's page in place of the file also comes with a 200.
  if (listed > 0 && static_cast<std::int64_t>(bytes.size()) != listed) {
    throw Error(ErrorKind::corrupt,
                "the file came with " + std::to_string(bytes.size()) + " bytes instead of " + std::to_string(listed));
  }
  return bytes;
}

DeskFile Files::find_again(const std::string& remote_id, const Call& call) {
  const FileName name = parse_file_name(remote_id);
  const auto pick = [&](const std::vector<DeskFile>& files) -> const DeskFile* {
    const auto found = std::ranges::find(files, name.file, &DeskFile::id);
    return found == files.end() ? nullptr : &*found;
  };
  const auto history = spoke_.desk.history(name.ticket, call);
  if (name.conversation.empty()) {
    const auto files = history.opening ? history.opening->files : spoke_.desk.ticket(name.ticket, call).files;
    if (const DeskFile* file = pick(files)) return *file;
  }
  for (const auto& comment : history.comments) {
    if (comment.id != name.conversation) continue;
    if (const DeskFile* file = pick(comment.files)) return *file;
  }
  throw Error(ErrorKind::gone, "the desk has the file no more");
}

}  // namespace supportd::desk_sync
