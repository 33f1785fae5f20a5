#include "quorum/snapshot_transfer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "quorum/snapshot_writer.h"

namespace gregor::quorum {

Result<SnapshotPart> read_snapshot_part(env::Fiber& self, env::Disk& disk, const std::string& folder,
                                        const SnapshotId& id, std::int64_t position, std::size_t bytes_max) {
  TRY_ASSIGN(const auto file, disk.open(self, folder + "/" + id.file_name(), env::OpenMode::read_only));
  TRY_ASSIGN(const FilePosition size, file->size(self));
  if (position < 0 || static_cast<std::uint64_t>(position) >= size.value()) {
    return fail(Errc::invalid, "position " + std::to_string(position) + " is outside of " + id.file_name() + ", of " +
                                   std::to_string(size.value()) + " bytes");
  }
  const FilePosition at{static_cast<std::uint64_t>(position)};
  const std::uint64_t wanted = std::max<std::uint64_t>(bytes_max, 1);
  SnapshotPart part{ByteBuffer(std::min(wanted, size.value() - at.value())), size.value()};
  TRY(env::read_exactly(self, *file, at, part.bytes));
  return part;
}

Result<std::unique_ptr<SnapshotReceiver>> SnapshotReceiver::begin(env::Fiber& self, env::Disk& disk, std::string folder,
                                                                  const SnapshotId& id) {
  std::unique_ptr<SnapshotReceiver> receiver(new SnapshotReceiver(disk, std::move(folder), id));
  const std::string path = receiver->folder_ + "/" + id.file_name() + std::string(kSnapshotPartSuffix);
  TRY_ASSIGN(receiver->file_, disk.open(self, path, env::OpenMode::create));
  TRY(receiver->file_->truncate(self, FilePosition{0}));
  return receiver;
}

Result<void> SnapshotReceiver::append(env::Fiber& self, std::uint64_t at, Bytes piece, std::uint64_t size_bytes) {
  if (at != position_) {
    return fail(Errc::stale, "a piece at " + std::to_string(at) + ", not at " + std::to_string(position_));
  }
  if (size_bytes > kSnapshotBytesMax) {
    return fail(Errc::limit, "a snapshot of " + std::to_string(size_bytes) + " bytes");
  }
  const bool is_other = size_bytes_ != 0 && size_bytes != size_bytes_;
  if (piece.empty() || is_other || position_ > size_bytes || piece.size() > size_bytes - position_) {
    return fail(Errc::malformed, std::to_string(piece.size()) + " bytes at " + std::to_string(at) +
                                     " of a snapshot of " + std::to_string(size_bytes));
  }
  size_bytes_ = size_bytes;
  TRY(env::write_all(self, *file_, FilePosition{at}, piece));
  position_ += piece.size();
  return {};
}

Result<Snapshot> SnapshotReceiver::finish(env::Fiber& self) {
  CHECK(is_complete());
  file_.reset();
  return finish_snapshot(self, disk_, folder_, id_);
}

}  // namespace gregor::quorum
