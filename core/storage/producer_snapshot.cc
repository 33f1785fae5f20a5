#include "storage/producer_snapshot.h"

#include "base/crc32c.h"

namespace gregor::storage {
namespace {

constexpr std::int16_t kVersion = 1;
constexpr std::size_t kCrcAt = 2;
constexpr std::size_t kCountAt = 6;
constexpr std::size_t kEntriesAt = 10;
constexpr std::size_t kEntryBytes = 46;

template <class Int>
std::byte* put(std::byte* at, Int value) {
  store_big_endian(at, value);
  return at + sizeof value;
}
template <class Int>
Int take(const std::byte*& at) {
  const Int value = load_big_endian<Int>(at);
  at += sizeof value;
  return value;
}

std::byte* put_entry(std::byte* at, const ProducerEntry& entry) {
  at = put(at, entry.producer_id.value());
  at = put(at, entry.producer_epoch.value());
  at = put(at, entry.last_sequence.value());
  at = put(at, entry.last_offset.value());
  at = put(at, entry.offset_delta);
  at = put(at, entry.timestamp_ms);
  at = put(at, entry.coordinator_epoch);
  return put(at, entry.current_txn_first_offset.value());
}

ProducerEntry take_entry(const std::byte* at) {
  ProducerEntry entry;
  entry.producer_id = ProducerId{take<std::int64_t>(at)};
  entry.producer_epoch = ProducerEpoch{take<std::int16_t>(at)};
  entry.last_sequence = Sequence{take<std::int32_t>(at)};
  entry.last_offset = Offset{take<std::int64_t>(at)};
  entry.offset_delta = take<std::int32_t>(at);
  entry.timestamp_ms = take<std::int64_t>(at);
  entry.coordinator_epoch = take<std::int32_t>(at);
  entry.current_txn_first_offset = Offset{take<std::int64_t>(at)};
  return entry;
}

}  // namespace

ByteBuffer format_producer_snapshot(const std::vector<ProducerEntry>& producers) {
  ByteBuffer content(kEntriesAt + producers.size() * kEntryBytes);
  store_big_endian(content.data(), kVersion);
  store_big_endian(content.data() + kCountAt, static_cast<std::int32_t>(producers.size()));
  std::byte* at = content.data() + kEntriesAt;
  for (const auto& entry : producers) at = put_entry(at, entry);
  store_big_endian(content.data() + kCrcAt, crc32c(Bytes(content).subspan(kCountAt)));
  return content;
}

Result<std::vector<ProducerEntry>> parse_producer_snapshot(Bytes content) {
  if (content.size() < kEntriesAt) return fail(Errc::malformed, "shorter than the header of a producer snapshot");
  if (load_big_endian<std::int16_t>(content.data()) != kVersion) return fail(Errc::unsupported, "version is not 1");
  if (load_big_endian<std::uint32_t>(content.data() + kCrcAt) != crc32c(content.subspan(kCountAt))) {
    return fail(Errc::corrupt, "CRC differs");
  }
  const auto count = load_big_endian<std::int32_t>(content.data() + kCountAt);
  if (count < 0 || content.size() != kEntriesAt + static_cast<std::size_t>(count) * kEntryBytes) {
    return fail(Errc::malformed, "entries do not fill the file");
  }
  std::vector<ProducerEntry> producers;
  for (std::size_t at = kEntriesAt; at < content.size(); at += kEntryBytes) {
    producers.push_back(take_entry(content.data() + at));
  }
  return producers;
}

}  // namespace gregor::storage
