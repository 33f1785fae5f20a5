// Any bytes as one of the files of a log directory: index, snapshot, checkpoint, text. They are refused, or what they
// say can be written and read again to the same. Input: one byte chooses the file, the rest is its content.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/crc32c.h"
#include "storage/aborted_transaction.h"
#include "storage/checkpoint_file.h"
#include "storage/clean_shutdown.h"
#include "storage/leader_epoch_cache.h"
#include "storage/meta_properties.h"
#include "storage/partition_metadata.h"
#include "storage/producer_snapshot.h"
#include "storage/segment_index.h"
#include "storage/segment_name.h"
#include "storage/topic_folder.h"

namespace {

using namespace gregor;
using namespace gregor::storage;

template <class Parse, class Format>
void there_and_back(Bytes content, Parse parse, Format format) {
  const auto once = parse(content);
  if (!once) {
    CHECK(!once.error().text.empty());
    return;
  }
  const ByteBuffer written = format(*once);
  const auto again = parse(written);
  CHECK(again.has_value() && format(*again) == written);
}

/// The first bytes say where the segment lies and where the offset index ends.
void indexes(Bytes content) {
  if (content.size() < 20) return;
  const Offset base{load_big_endian<std::int64_t>(content.data()) & INT64_MAX};
  const Offset end{load_big_endian<std::int64_t>(content.data() + 8) & INT64_MAX};
  const std::uint64_t log_bytes = load_big_endian<std::uint16_t>(content.data() + 16) * 64u;
  const std::size_t part = load_big_endian<std::uint16_t>(content.data() + 18);
  const Bytes rest = content.subspan(20);
  const Bytes offsets = rest.first(std::min(part, rest.size()));
  const Bytes times = rest.subspan(offsets.size());
  static_cast<void>(raw_offset_entries(base, rest));
  static_cast<void>(raw_time_entries(base, rest));
  const auto index = SegmentIndex::decode(base, end, log_bytes, offsets, times);
  if (!index) {
    CHECK(index.error().code == Errc::corrupt);
    return;
  }
  CHECK(index->encode_offsets() == ByteBuffer(offsets.begin(), offsets.end()));
  CHECK(index->encode_times() == ByteBuffer(times.begin(), times.end()));
  for (const OffsetEntry& entry : index->offset_entries()) {
    CHECK(entry.offset >= base && entry.offset < end && entry.position.value() < log_bytes);
    CHECK(index->find(entry.offset) == entry);
  }
}

void transactions(Bytes content) {
  there_and_back(content, parse_transaction_index, [](const std::vector<AbortedTransaction>& all) {
    ByteBuffer written;
    for (const auto& transaction : all) append_aborted_transaction(written, transaction);
    return written;
  });
}

void names(std::string_view name) {
  if (const auto file = parse_file_name(name)) CHECK(name.starts_with(file_name(file->base_offset, file->kind)));
  if (const auto folder = parse_folder_name(name))
    CHECK(!folder->topic.empty() && folder->partition >= PartitionIndex{0});
  if (const auto epoch = parse_clean_shutdown(bytes_of(name)))
    CHECK(parse_clean_shutdown(format_clean_shutdown(*epoch)) == epoch);
}

/// With its CRC put right, where there is room for one.
void snapshot(Bytes content) {
  there_and_back(content, parse_producer_snapshot, format_producer_snapshot);
  if (content.size() < 10) return;
  ByteBuffer right(content.begin(), content.end());
  store_big_endian<std::int16_t>(right.data(), 1);
  store_big_endian(right.data() + 2, crc32c(Bytes(right).subspan(6)));
  there_and_back(right, parse_producer_snapshot, format_producer_snapshot);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  if (size == 0) return 0;
  const Bytes content = std::as_bytes(std::span(input, size)).subspan(1);
  switch (input[0] % 8) {
    case 0:
      indexes(content);
      break;
    case 1:
      transactions(content);
      break;
    case 2:
      snapshot(content);
      break;
    case 3:
      there_and_back(content, parse_offsets, format_offsets);
      break;
    case 4:
      there_and_back(content, parse_leader_epochs, format_leader_epochs);
      break;
    case 5:
      there_and_back(content, parse_meta_properties, format_meta_properties);
      break;
    case 6:
      there_and_back(content, parse_partition_metadata, format_partition_metadata);
      break;
    default:
      names(text_of(content));
      break;
  }
  return 0;
}
