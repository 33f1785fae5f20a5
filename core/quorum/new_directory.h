// Whether a metadata directory was made in this life of its node's disk and has not caught up yet: such a voter of a
// static list may have voted, and acknowledged, in a life that it forgot (DESIGN section 1; raft/fsm.h R7). Kept as a
// key of meta.properties, which is written once the directory is formatted and rewritten when it has caught up.
#pragma once

#include "storage/log_directory.h"

namespace gregor::quorum {

inline constexpr const char* kNewDirectoryKey = "gregor.metadata.directory.is.new";

/// A quorum whose log names its voters is to begin here, with this node as the first of them: until what the log begins
/// with is written. Gone before the node's first vote.
inline constexpr const char* kFirstVoterKey = "gregor.metadata.log.begins.here";

bool is_new_directory(const storage::LogDirectory& directory);
bool has_first_voter(const storage::LogDirectory& directory);
/// Durable when it returns without error.
Result<void> forget_first_voter(env::Fiber& self, storage::LogDirectory& directory);
/// Durable when it returns without error.
Result<void> forget_that_it_is_new(env::Fiber& self, storage::LogDirectory& directory);

}  // namespace gregor::quorum
