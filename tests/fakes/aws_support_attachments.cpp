// Attachment sets and downloads.
#include <algorithm>

#include "daemon/digest.hpp"
#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

constexpr std::size_t files_a_set = 3;
constexpr std::size_t bytes_a_file = 5 * 1024 * 1024;
constexpr std::chrono::hours life_of_a_set{1};

}  // namespace

std::string AwsSupport::add_attachments_to_set(Call& call) {
  if (!call.account.sets.take(call.now))
    throw AwsFault{"AttachmentLimitExceeded", "The limit for the number of attachment sets has been exceeded."};
  std::string id = call.body.string("attachmentSetId", "");
  const bool fresh = id.empty();
  if (!fresh) {
    const auto found = sets_.find(id);
    if (found == sets_.end() || found->second.account != call.caller.account || found->second.used)
      throw AwsFault{"AttachmentSetIdNotFound", "An attachment set with the specified ID could not be found."};
    if (found->second.expires <= call.now)
      throw AwsFault{"AttachmentSetExpired", "The expiration time of the attachment set has passed."};
  }
  std::vector<File> files = fresh ? std::vector<File>{} : sets_.at(id).files;
  for (const auto& item : call.body.at("attachments").items()) {
    const std::string name = item.string("fileName", "");
    if (name.empty() || !item.find("data")) throw AwsFault{"ValidationException", "An attachment needs name and data"};
    files.push_back({name, unbase64(item.at("data").string()).value_or(""), "application/octet-stream"});
  }
  const bool too_large = std::ranges::any_of(files, [](const File& f) { return f.data.size() > bytes_a_file; });
  if (files.size() > files_a_set || too_large)
    throw AwsFault{"AttachmentSetSizeLimitExceeded",
                   "A limit for the size of an attachment set has been exceeded: 3 attachments, 5 MB each."};
  if (fresh) {
    id = "as-" + fresh_id("set", 32);
    sets_[id] = {.account = call.caller.account, .expires = call.now + life_of_a_set, .used = false, .files = {}};
  }
  AttachmentSet& set = sets_.at(id);
  set.files = std::move(files);
  json::Writer out;
  out.object([&] { out.member("attachmentSetId", id).member("expiryTime", with_millis(set.expires)); });
  return out.take();
}

std::vector<std::string> AwsSupport::consume_set(const Call& call) {
  const std::string id = call.body.string("attachmentSetId", "");
  if (id.empty()) return {};
  const auto found = sets_.find(id);
  if (found == sets_.end() || found->second.account != call.caller.account || found->second.used)
    throw AwsFault{"AttachmentSetIdNotFound", "An attachment set with the specified ID could not be found."};
  if (found->second.expires <= call.now)
    throw AwsFault{"AttachmentSetExpired", "The expiration time of the attachment set has passed."};
  found->second.used = true;
  return keep_files(call.caller.account, std::exchange(found->second.files, {}));
}

std::vector<std::string> AwsSupport::keep_files(const std::string& account, const std::vector<File>& files) {
  std::vector<std::string> ids;
  for (const File& file : files) {
    const std::string id = "attachment-" + fresh_id("attachment", 32);
    attachments_[id] = {id, account, file};
    ids.push_back(id);
  }
  return ids;
}

std::string AwsSupport::describe_attachment(Call& call) {
  if (!call.account.downloads.take(call.now))
    throw AwsFault{"DescribeAttachmentLimitExceeded",
                   "The limit for the number of DescribeAttachment requests in a short time has been exceeded."};
  const auto found = attachments_.find(call.body.at("attachmentId").string());
  if (found == attachments_.end() || found->second.account != call.caller.account)
    throw AwsFault{"AttachmentIdNotFound", "An attachment with the specified ID could not be found."};
  const File& file = found->second.file;
  json::Writer out;
  out.object([&] {
    out.key("attachment").object([&] { out.member("fileName", file.name).member("data", digest::base64(file.data)); });
  });
  return out.take();
}

}  // namespace supportd::fakes
