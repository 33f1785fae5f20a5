// Kafka's checkpoint files: a version line (0), a line with the count, then one line an entry. Written whole and
// replaced atomically; a crash leaves the old or the new.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "env/disk.h"

namespace gregor::storage {

inline constexpr std::string_view kRecoveryPointFile = "recovery-point-offset-checkpoint";
inline constexpr std::string_view kLogStartFile = "log-start-offset-checkpoint";
inline constexpr std::string_view kHighWatermarkFile = "replication-offset-checkpoint";
inline constexpr std::string_view kCleanerFile = "cleaner-offset-checkpoint";
inline constexpr std::string_view kLeaderEpochFile = "leader-epoch-checkpoint";
/// Larger files are refused.
inline constexpr std::size_t kCheckpointBytesMax = std::size_t{64} << 20;

ByteBuffer format_checkpoint(const std::vector<std::string>& lines);
/// The entries' lines. An empty file has none (Kafka leaves one so). Errors: malformed, naming the line.
Result<std::vector<std::string>> parse_checkpoint(Bytes content);

/// Topic name and partition index: checkpoints know no topic ids.
struct CheckpointKey {
  std::string topic;
  PartitionIndex partition;
  auto operator<=>(const CheckpointKey&) const = default;
};
using OffsetCheckpoint = std::map<CheckpointKey, Offset>;

/// One "TOPIC PARTITION OFFSET" line an entry.
ByteBuffer format_offsets(const OffsetCheckpoint& offsets);
/// Errors: malformed, naming the line.
Result<OffsetCheckpoint> parse_offsets(Bytes content);

/// An absent file is an empty checkpoint. Errors: io, malformed (naming the file).
Result<OffsetCheckpoint> read_offsets(env::Fiber& self, env::Disk& disk, const std::string& path);
/// Durable when it returns without error.
Result<void> write_offsets(env::Fiber& self, env::Disk& disk, const std::string& path, const OffsetCheckpoint& offsets);

}  // namespace gregor::storage
