// Any bytes as what a crash left of a segment: the log opens, holds a beginning of these bytes that reads back whole,
// takes more, and opens to the same again. Input: one byte of options, one for how much of the rest is the offset
// index; then index and log. With an option batches get a right length, magic, offset and CRC where they stand, so that
// long logs come about.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/check.h"
#include "base/crc32c.h"
#include "record/batch_builder.h"
#include "storage/partition_log.h"
#include "tests/fuzz/support/memory_disk.h"

namespace {

using namespace gregor;

const std::string kFolder = "d/t-0";
constexpr std::size_t kBatchBytesMax = 160;

/// Cuts the bytes into batches, each next in line.
void put_right(ByteBuffer& log) {
  std::int64_t next = 0;
  for (std::size_t at = 0; log.size() - at >= record::kBatchHeaderBytes;) {
    std::byte* batch = log.data() + at;
    const std::size_t size = std::min(
        log.size() - at, record::kBatchHeaderBytes + std::to_integer<std::size_t>(batch[record::kBatchLengthAt + 3]) %
                                                         (kBatchBytesMax - record::kBatchHeaderBytes));
    store_big_endian(batch + record::kBaseOffsetAt, next);
    store_big_endian(batch + record::kBatchLengthAt, static_cast<std::int32_t>(size - record::kBatchPrefixBytes));
    batch[record::kMagicAt] = std::byte{2};
    const std::int32_t delta = std::to_integer<std::int32_t>(batch[record::kLastOffsetDeltaAt + 3]);
    store_big_endian(batch + record::kLastOffsetDeltaAt, delta);
    store_big_endian(batch + record::kCrcAt,
                     crc32c(Bytes(log).subspan(at + record::kAttributesAt, size - record::kAttributesAt)));
    next += delta + 1;
    at += size;
  }
}

struct Life {
  env::Fiber& self;
  env::Disk& disk;
  storage::LogConfig config;

  std::unique_ptr<storage::PartitionLog> open(bool is_clean) {
    static fuzz::StillClock clock;
    static observe::NullObserver observer;
    static observe::NullLog lines;
    storage::LogSeat seat{.disk = disk,
                          .clock = clock,
                          .observer = observer,
                          .log = lines,
                          .partition = {"t", Uuid{1, 2}, PartitionIndex{0}},
                          .folder = kFolder,
                          .recovery_points = nullptr};
    auto log = storage::PartitionLog::open(self, std::move(seat), config, {.clean_shutdown = is_clean});
    CHECK(log.has_value());
    return std::move(*log);
  }
  /// Reads whole batches to the end. False where a batch is found damaged.
  bool read_all(storage::PartitionLog& log, ByteBuffer& onto) {
    for (Offset from = log.log_start(); from < log.log_end();) {
      const auto read = log.read(self, from, {.bytes_max = 300});
      if (!read) {
        CHECK(read.error().code == Errc::corrupt);
        return false;
      }
      CHECK(read->next_offset > from || read->batches.empty());
      if (read->batches.empty()) return true;
      append_bytes(onto, read->batches.bytes());
      from = read->next_offset;
    }
    return true;
  }
};

void live(env::Fiber& self, env::Disk& disk, std::uint8_t options, Bytes log_bytes) {
  Life life{self, disk, {.index_interval_bytes = 100, .dense_offsets = (options & 1) != 0}};
  const bool is_clean = (options & 2) != 0;
  auto log = life.open(is_clean);
  ByteBuffer held;
  const bool is_readable = life.read_all(*log, held);
  CHECK(is_readable || is_clean);  // what recovery has read through holds no damage
  CHECK(held.size() <= log_bytes.size() && std::equal(held.begin(), held.end(), log_bytes.begin()));
  CHECK(!is_readable || held.size() == log->size_bytes());
  record::CodecScratch scratch;
  static_cast<void>(log->find_max_timestamp(self, log->log_end(), scratch).has_value());
  record::BatchBuilder builder({.base_offset = log->log_end(), .leader_epoch = LeaderEpoch{INT32_MAX}});
  builder.add(WallTime{5}, std::nullopt, Bytes{});
  const ByteBuffer more = builder.encode(scratch).value();
  const bool is_appended = log->append(self, more).has_value();
  const Offset end = log->log_end();
  CHECK(log->close(self).has_value());
  const auto again = life.open(true);
  CHECK(again->log_end() == end);
  ByteBuffer held_again;
  if (is_readable && life.read_all(*again, held_again)) {
    if (is_appended) append_bytes(held, more);
    CHECK(held_again == held);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  if (size < 2) return 0;
  const Bytes rest = std::as_bytes(std::span(input, size)).subspan(2);
  const Bytes index = rest.first(std::min<std::size_t>(rest.size(), input[1] % 4 * 8u));
  ByteBuffer log_bytes(rest.begin() + static_cast<std::ptrdiff_t>(index.size()), rest.end());
  if ((input[0] & 4) != 0) put_right(log_bytes);
  fuzz::MemoryDisk disk;
  disk.put(kFolder + "/00000000000000000000.log", log_bytes);
  disk.put(kFolder + "/00000000000000000000.index", index);
  disk.put(kFolder + "/00000000000000000000.timeindex", {});
  if ((input[0] & 8) != 0) disk.put(kFolder + "/leader-epoch-checkpoint", bytes_of("0\n1\n3 2\n"));
  fuzz::on_fiber([&](env::Fiber& self) { live(self, disk, input[0], log_bytes); });
  return 0;
}
