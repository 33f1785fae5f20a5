// quorum-state: the election state that a voter may never forget (KIP-595; KIP-853 for version 1). Kafka's JSON text.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "env/disk.h"
#include "raft/voters.h"

namespace gregor::quorum {

inline constexpr std::string_view kQuorumStateFile = "quorum-state";

struct QuorumState {
  /// 0 where the voters are a static list (kraft.version 0), 1 where the log holds them.
  int data_version = 0;
  raft::ElectionState election = {};
  raft::VoterSet voters = {};  ///< in version 0 alone; ids without directories
  bool operator==(const QuorumState&) const = default;
};

ByteBuffer format_quorum_state(const QuorumState& state);
/// Errors: malformed, naming the member; unsupported (data_version).
Result<QuorumState> parse_quorum_state(Bytes content);

/// `folder` is that of __cluster_metadata-0. Errors: not_found, io, malformed, unsupported, each naming the file.
Result<QuorumState> read_quorum_state(env::Fiber& self, env::Disk& disk, const std::string& folder);
/// Durable when it returns without error.
Result<void> write_quorum_state(env::Fiber& self, env::Disk& disk, const std::string& folder, const QuorumState& state);

}  // namespace gregor::quorum
