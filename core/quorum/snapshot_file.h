// Snapshots of the metadata log (KIP-630): files END_OFFSET-EPOCH.checkpoint beside the segments, and
// bootstrap.checkpoint of a freshly formatted directory. The same batches as in the log: a header, records, a footer.
// Read here; snapshots proper are written by snapshot_writer.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "env/disk.h"
#include "raft/voters.h"

namespace gregor::quorum {

inline constexpr std::string_view kBootstrapFile = "bootstrap.checkpoint";

/// A snapshot holds everything below `end_offset`; `epoch` is that of its last record.
struct SnapshotId {
  Offset end_offset;
  LeaderEpoch epoch;
  auto operator<=>(const SnapshotId&) const = default;
  [[nodiscard]] std::string file_name() const;
  /// None for other names, unfinished (.part) and deleted ones too.
  static std::optional<SnapshotId> from_file_name(std::string_view name);
};

struct Snapshot {
  std::vector<ByteBuffer> values;             ///< metadata records, in order
  std::optional<raft::VoterSet> voters = {};  ///< set by its control records
  WallTime last_contained{-1};                ///< of the last batch that it covers, as its header says
  std::uint64_t size_bytes = 0;
  bool is_whole = false;  ///< it begins with a header and ends with a footer
};

/// Every batch is checked against its CRC. Errors: not_found, corrupt (naming the file), io.
Result<Snapshot> read_snapshot(env::Fiber& self, env::Disk& disk, const std::string& path);

struct SnapshotHeader {
  WallTime last_contained{-1};   ///< of the last batch that the snapshot covers
  std::uint64_t size_bytes = 0;  ///< of the whole file
};
/// Reads the first batch alone. Errors: as read_snapshot(); corrupt, where it is not a snapshot's header.
Result<SnapshotHeader> read_snapshot_header(env::Fiber& self, env::Disk& disk, const std::string& path);

/// Header, values, footer, as the format step writes bootstrap.checkpoint. Durable when it returns without error.
Result<void> write_bootstrap(env::Fiber& self, env::Disk& disk, const std::string& directory,
                             const std::vector<ByteBuffer>& values, WallTime now);

}  // namespace gregor::quorum
