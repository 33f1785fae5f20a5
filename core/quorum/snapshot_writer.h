// Writes a snapshot of the metadata log (KIP-630): header, who votes, values, footer, as Kafka lays it out. It is
// written under an unfinished name and gets its own once all of it is durable: a crash at any moment leaves the whole
// file or none.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "env/disk.h"
#include "quorum/snapshot_file.h"
#include "raft/voters.h"

namespace gregor::quorum {

/// A batch of values is not larger, as in the log.
inline constexpr std::size_t kSnapshotBatchBytesMax = 8 << 20;
/// Behind the name of a snapshot that is being written or fetched.
inline constexpr std::string_view kSnapshotPartSuffix = ".part";

struct SnapshotContent {
  std::span<const ByteBuffer> values;         ///< metadata records, in order
  std::optional<raft::VoterSet> voters = {};  ///< where kraft.version is 1: in force at the snapshot's end
  WallTime last_contained{-1};                ///< of the last batch that the snapshot covers
};

/// Durable under its name when it returns without error; returns its size in bytes. A file of that name is replaced.
/// After an error nothing new stands under the name, and what is unfinished is removed. Errors: io, no_space.
Result<std::uint64_t> write_snapshot(env::Fiber& self, env::Disk& disk, const std::string& folder, const SnapshotId& id,
                                     const SnapshotContent& content, WallTime now);

/// What is unfinished becomes the snapshot `id`, durably. Errors: io; corrupt, and nothing changes, where it is not
/// whole (snapshots that were fetched).
Result<Snapshot> finish_snapshot(env::Fiber& self, env::Disk& disk, const std::string& folder, const SnapshotId& id);

}  // namespace gregor::quorum
