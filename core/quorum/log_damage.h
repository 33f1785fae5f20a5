// log_damage: looks through the metadata log before it is opened for writing, and tells a torn end from damage.
//
// Why: opening a log cuts it at its first bad batch, which is right for bytes that were never flushed. Every batch of
// the metadata log is flushed before the next is written, so at most the last one may be torn; a bad batch with a good
// one behind it, or any bad batch after a clean end, was committed, and cutting there would silently undo what was
// acknowledged (KAFKA-14104). Reads only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "env/disk.h"
#include "raft/voters.h"

namespace gregor::quorum {

struct LogSurvey {
  bool is_empty = true;  ///< no good batch at all
  /// What its control records say of voters, oldest first, by the base offset of their batch.
  std::vector<std::pair<Offset, raft::VoterSet>> voters = {};
};

/// Errors: corrupt (naming file and position), io.
Result<LogSurvey> survey_log(env::Fiber& self, env::Disk& disk, const std::string& folder, bool clean_shutdown);

}  // namespace gregor::quorum
