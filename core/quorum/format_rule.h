// What becomes of directories that are empty, where the node is one of several: as identify() of quorum/identity.h, by
// a rule.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quorum/identity.h"

namespace gregor::quorum {

struct FormatRule {
  /// They may vote at once: of a quorum that is this node. Else the metadata directory is marked as new
  /// (new_directory.h).
  bool may_vote = true;
  std::optional<std::string> cluster_id = std::nullopt;  ///< none: drawn
  /// This controller is the first voter of a quorum whose log names its voters (new_directory.h).
  bool begins_quorum = false;
};

/// As identify() of quorum/identity.h, which lets them vote and draws a cluster id.
Result<Identity> identify(env::Fiber& self, env::Disk& disk, const Directories& directories, NodeId node,
                          const std::vector<ByteBuffer>& bootstrap, RandomStream& random, WallTime now,
                          const FormatRule& rule);

}  // namespace gregor::quorum
