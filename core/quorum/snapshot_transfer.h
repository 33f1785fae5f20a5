// The file part of FetchSnapshot (KIP-630): pieces of a snapshot for others, and a snapshot that comes in pieces.
//
// Promises: a piece is what the finished file holds at its position; what was received gets its name only when all of
// it is there, checked against its CRCs, and durable. Knows no leader, epoch or request.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "env/disk.h"
#include "quorum/snapshot_file.h"

namespace gregor::quorum {

/// A snapshot that claims to be larger is not fetched.
inline constexpr std::uint64_t kSnapshotBytesMax = std::uint64_t{4} << 30;

struct SnapshotPart {
  ByteBuffer bytes;              ///< at least one
  std::uint64_t size_bytes = 0;  ///< of the whole snapshot
};

/// At most `bytes_max` bytes, and at least one, of the finished snapshot `id` from `position` on. Errors: not_found
/// (SNAPSHOT_NOT_FOUND), invalid (`position` outside of the file: POSITION_OUT_OF_RANGE), io.
Result<SnapshotPart> read_snapshot_part(env::Fiber& self, env::Disk& disk, const std::string& folder,
                                        const SnapshotId& id, std::int64_t position, std::size_t bytes_max);

/// One snapshot on its way in. Pieces come in order; after an error begin again. Destroyed early it leaves an
/// unfinished file, which the next begin() or the next start of the node removes.
class SnapshotReceiver {
 public:
  /// Errors: io, no_space.
  static Result<std::unique_ptr<SnapshotReceiver>> begin(env::Fiber& self, env::Disk& disk, std::string folder,
                                                         const SnapshotId& id);

  [[nodiscard]] const SnapshotId& id() const { return id_; }
  /// Where the next piece belongs: for the next request.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  /// Of a snapshot of `size_bytes` in all, from `at` on. Errors: stale (`at` is not position(): an answer to an older
  /// request; nothing changed), malformed (an empty piece, one beyond the end, another size than before), limit, io,
  /// no_space.
  Result<void> append(env::Fiber& self, std::uint64_t at, Bytes piece, std::uint64_t size_bytes);
  [[nodiscard]] bool is_complete() const { return size_bytes_ > 0 && position_ == size_bytes_; }
  /// Durable under its name when it returns without error; returns what it says. Requires is_complete(). Errors:
  /// corrupt (nothing stands under the name), io.
  Result<Snapshot> finish(env::Fiber& self);

 private:
  SnapshotReceiver(env::Disk& disk, std::string folder, const SnapshotId& id)
      : disk_(disk), folder_(std::move(folder)), id_(id) {}
  env::Disk& disk_;
  std::string folder_;
  SnapshotId id_;
  std::unique_ptr<env::File> file_;
  std::uint64_t position_ = 0;
  std::uint64_t size_bytes_ = 0;
};

}  // namespace gregor::quorum
