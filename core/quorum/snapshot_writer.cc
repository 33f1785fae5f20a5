#include "quorum/snapshot_writer.h"

#include <array>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "quorum/metadata_batch.h"
#include "record/batch_builder.h"
#include "wire/control_records.h"
#include "wire/message.h"

namespace gregor::quorum {

namespace {

std::string part_path(const std::string& folder, const SnapshotId& id) {
  return folder + "/" + id.file_name() + std::string(kSnapshotPartSuffix);
}

wire::VotersRecord record_of(const raft::VoterSet& voters) {
  wire::VotersRecord record;
  for (const raft::Voter& voter : voters) {
    wire::VotersRecord::Voter listed{.voter_id = voter.key.id.value(), .voter_directory_id = voter.key.directory_id};
    for (const raft::Endpoint& at : voter.endpoints) {
      listed.endpoints.push_back({.name = at.listener, .host = at.host, .port = at.port});
    }
    listed.kraft_version_feature = {.min_supported_version = voter.kraft_version_min,
                                    .max_supported_version = voter.kraft_version_max};
    record.voters.push_back(std::move(listed));
  }
  return record;
}

/// The control records of a snapshot share one batch, as Kafka's do.
class ControlBatch {
 public:
  ControlBatch(Offset base, LeaderEpoch epoch, WallTime now)
      : now_(now), builder_({.base_offset = base, .leader_epoch = epoch, .is_control = true}) {}
  template <class Record>
  void add(record::ControlType type, const Record& record) {
    std::array<std::byte, 4> key{};  // version 0, then the type
    store_big_endian(key.data() + 2, static_cast<std::int16_t>(type));
    const auto body = wire::encode_body(record, 0);
    CHECK(body.has_value());
    builder_.add(now_, Bytes(key), Bytes(*body));
  }
  [[nodiscard]] std::int32_t record_count() const { return builder_.record_count(); }
  ByteBuffer encode() {
    record::CodecScratch scratch;
    auto batch = builder_.encode(scratch);
    CHECK(batch.has_value());  // nothing can fail without a codec
    return std::move(*batch);
  }

 private:
  WallTime now_;
  record::BatchBuilder builder_;
};

/// Batches at rising positions and offsets of one file.
class SnapshotFile {
 public:
  SnapshotFile(env::File& file, LeaderEpoch epoch, WallTime now) : file_(file), epoch_(epoch), now_(now) {}

  Result<void> begin(env::Fiber& self, const SnapshotContent& content) {
    ControlBatch head(next_, epoch_, now_);
    head.add(record::ControlType::snapshot_header,
             wire::SnapshotHeaderRecord{.last_contained_log_timestamp = content.last_contained.ms});
    if (content.voters) {
      head.add(record::ControlType::kraft_version, wire::KRaftVersionRecord{.kraft_version = 1});
      head.add(record::ControlType::kraft_voters, record_of(*content.voters));
    }
    return write(self, head.encode(), head.record_count());
  }
  Result<void> add(env::Fiber& self, std::span<const ByteBuffer> values) {
    while (!values.empty()) {
      std::size_t bytes = 0;
      std::size_t count = 0;
      while (count < values.size()) {
        bytes += values[count].size() + kRecordOverheadBytesMax;
        if (count > 0 && bytes > kSnapshotBatchBytesMax) break;
        ++count;
      }
      TRY(write(self, encode_values(values.first(count), next_, epoch_, now_), static_cast<std::int64_t>(count)));
      values = values.subspan(count);
    }
    return {};
  }
  Result<void> end(env::Fiber& self) {
    ControlBatch foot(next_, epoch_, now_);
    foot.add(record::ControlType::snapshot_footer, wire::SnapshotFooterRecord{});
    return write(self, foot.encode(), foot.record_count());
  }
  [[nodiscard]] std::uint64_t size_bytes() const { return position_.value(); }

 private:
  Result<void> write(env::Fiber& self, const ByteBuffer& batch, std::int64_t records) {
    TRY(env::write_all(self, file_, position_, batch));
    position_ = position_ + batch.size();
    next_ = next_ + records;
    return {};
  }
  env::File& file_;
  LeaderEpoch epoch_;
  WallTime now_;
  FilePosition position_{0};
  Offset next_{0};
};

Result<std::uint64_t> write_part(env::Fiber& self, env::Disk& disk, const std::string& path, const SnapshotId& id,
                                 const SnapshotContent& content, WallTime now) {
  TRY_ASSIGN(const auto file, disk.open(self, path, env::OpenMode::create));
  TRY(file->truncate(self, FilePosition{0}));
  SnapshotFile snapshot(*file, id.epoch, now);
  TRY(snapshot.begin(self, content));
  TRY(snapshot.add(self, content.values));
  TRY(snapshot.end(self));
  if (!MUTANT(snapshot_not_synced)) TRY(file->fdatasync(self));
  return snapshot.size_bytes();
}

Result<void> take_its_name(env::Fiber& self, env::Disk& disk, const std::string& folder, const SnapshotId& id) {
  TRY(disk.rename(self, part_path(folder, id), folder + "/" + id.file_name()));
  if (MUTANT(snapshot_not_synced)) return {};
  return disk.sync_directory(self, folder);
}

}  // namespace

Result<std::uint64_t> write_snapshot(env::Fiber& self, env::Disk& disk, const std::string& folder, const SnapshotId& id,
                                     const SnapshotContent& content, WallTime now) {
  const std::string path = part_path(folder, id);
  auto written = write_part(self, disk, path, id, content, now);
  if (!written) {
    static_cast<void>(disk.unlink(self, path));  // else the next start does
    return fail(std::move(written.error()));
  }
  TRY(take_its_name(self, disk, folder, id));
  return *written;
}

Result<Snapshot> finish_snapshot(env::Fiber& self, env::Disk& disk, const std::string& folder, const SnapshotId& id) {
  const std::string path = part_path(folder, id);
  TRY_ASSIGN(const auto file, disk.open(self, path, env::OpenMode::read_write));
  TRY(file->fdatasync(self));
  TRY_ASSIGN(Snapshot snapshot, read_snapshot(self, disk, path));
  if (!snapshot.is_whole) return fail(Errc::corrupt, path + " lacks its header or its footer");
  TRY(take_its_name(self, disk, folder, id));
  return snapshot;
}

}  // namespace gregor::quorum
