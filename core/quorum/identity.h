// Identity: whose data directories these are. An empty directory formats itself; others must belong to this node and to
// one cluster. Kafka's meta.properties and bootstrap.checkpoint, so that there is no format step.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "env/disk.h"
#include "storage/log_directory.h"

namespace gregor::quorum {

struct Identity {
  NodeId node;
  std::string cluster_id;  ///< 22 characters where we made it; else whatever text Kafka's format step was given
  std::vector<Uuid> directory_ids;  ///< of the log.dirs in use, in that order
  Uuid metadata_directory_id;
};

/// The directories of one node, open and locked. `metadata` may be one of `log_dirs`.
struct Directories {
  std::vector<storage::LogDirectory*> log_dirs;
  storage::LogDirectory* metadata = nullptr;
};

/// An id that is not zero, not reserved, and does not begin with '-' as text.
Uuid draw_id(RandomStream& random);

/// Whether identify() would take `log_dirs` and `metadata`, which may be one of them, without a lock and without
/// touching anything. One that the disk does not let read is passed over, unless it is the metadata's or no other of
/// `log_dirs` is left. Errors: as identify() and storage::LogDirectory::glance().
Result<void> check_directories(env::Fiber& self, env::Disk& disk, const std::vector<std::string>& log_dirs,
                               const std::string& metadata, NodeId node);

/// Reads meta.properties of every directory; writes it, durably, where a directory is empty, the metadata directory
/// first and there `bootstrap` (metadata records) before it: a crash in between leaves directories that format
/// themselves again. Errors: invalid (another node's id, two clusters, partitions without meta.properties, an empty
/// metadata directory beside used ones), unsupported (ZooKeeper's version 0), io, no_space.
Result<Identity> identify(env::Fiber& self, env::Disk& disk, const Directories& directories, NodeId node,
                          const std::vector<ByteBuffer>& bootstrap, RandomStream& random, WallTime now);

}  // namespace gregor::quorum
