// The files of a desk's tickets that effects wait for.
#pragma once

#include <map>
#include <string>

#include "daemon/registry.hpp"
#include "daemon/run/job.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/desk_sync/reading.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::desk_sync {

class Files {
 public:
  // Borrows all.
  Files(Registry& registry, const Spoke& spoke, const Section& section)
      : registry_(registry), spoke_(spoke), section_(section) {}

  // Whose URLs a read has just told; they last some minutes.
  void listed(const Reading& reading);
  // Into the ledger; how many. One that cannot be had is marked, and holds nobody up.
  int fetch(run::JobContext& context, const connectors::Call& call);

 private:
  void fetch_one(const tickets::Attachment& file, run::JobContext& context, const connectors::Call& call);
  // Throws Error{corrupt} when the bytes are not as many as the desk listed.
  std::string download(const connectors::DeskFile& file, std::int64_t listed, const connectors::Call& call);
  connectors::DeskFile find_again(const std::string& remote_id, const connectors::Call& call);

  Registry& registry_;
  const Spoke& spoke_;
  const Section& section_;
  std::map<std::string, connectors::DeskFile> fresh_;  // by attachment id
};

}  // namespace supportd::desk_sync
