#include "scenarios/compaction_client.h"

#include <array>
#include <string>

#include "client/consumer.h"
#include "record/record_view.h"
#include "scenarios/patience.h"

namespace gregor::scenarios {
namespace {

using properties::KeyedRead;
using properties::KeyedWrite;

constexpr std::uint64_t kKeys = 6;
constexpr std::string_view kNumberHeader = "number";
constexpr std::size_t kPaddingMax = 60;

std::string key_name(std::uint64_t key) {
  return "key-" + std::to_string(key);
}

properties::ValueId number_of(const record::RecordView& record) {
  for (const auto& header : record.headers) {
    const bool is_number = header.key == kNumberHeader && header.value && header.value->size() == 8;
    if (is_number) return load_big_endian<properties::ValueId>(header.value->data());
  }
  return 0;
}

}  // namespace

CompactionClient::CompactionClient(client::Cluster& cluster, properties::HistoryPartition partition,
                                   properties::History& history, properties::ValueId& next_value,
                                   UniqueFunction<MonotonicTime()> now)
    : cluster_(cluster),
      partition_(std::move(partition)),
      history_(history),
      next_value_(next_value),
      now_(std::move(now)),
      producer_(cluster, {.linger = Milliseconds(0), .request_timeout = kPatience, .delivery_timeout = kPatience}) {}

void CompactionClient::step(env::Fiber& self, RandomStream& random) {
  if (random.chance(9, 10)) return write(self, random);
  const auto bytes_max = static_cast<std::int32_t>(random.between(1, 4096));
  read_whole(self, cluster_, partition_, bytes_max, history_, now_);
}

void CompactionClient::write(env::Fiber& self, RandomStream& random) {
  const std::string key = key_name(random.below(kKeys));
  const bool is_tombstone = random.chance(1, 8);
  const ByteBuffer padding(random.below(kPaddingMax), std::byte{'x'});
  std::array<std::byte, 8> number{};
  const properties::ValueId value = next_value_++;
  store_big_endian(number.data(), value);
  const record::HeaderView header{kNumberHeader, Bytes(number)};
  const std::size_t place = history_.keyed_writes.size();
  history_.keyed_writes.push_back({.partition = partition_, .key = key, .value = value});
  const client::Delivery delivery =
      producer_.send_and_wait(self, {.topic = partition_.topic,
                                     .partition = PartitionIndex{partition_.partition},
                                     .key = bytes_of(key),
                                     .value = is_tombstone ? std::nullopt : std::optional(Bytes(padding)),
                                     .headers = std::span(&header, 1),
                                     .timestamp = std::nullopt});
  if (!delivery) return;
  KeyedWrite& write = history_.keyed_writes[place];
  write.offset = delivery->offset;
  write.acknowledged = now_();
}

bool CompactionClient::read_whole(env::Fiber& self, client::Cluster& cluster,
                                  const properties::HistoryPartition& partition, std::int32_t bytes_max,
                                  properties::History& history, UniqueFunction<MonotonicTime()>& now) {
  client::Consumer consumer(cluster, {.fetch_wait = Milliseconds(10),
                                      .fetch_bytes_max = bytes_max,
                                      .partition_bytes_max = bytes_max,
                                      .reset = client::OffsetReset::none});
  const PartitionIndex index{partition.partition};
  KeyedRead read{.partition = partition, .begun = now(), .records = {}};
  UniqueFunction<void(const client::ConsumedRecord&)> visit = [&](const client::ConsumedRecord& seen) {
    const std::string key(seen.record.key ? text_of(*seen.record.key) : "");
    read.records.push_back({seen.record.offset, key, number_of(seen.record)});
  };
  consumer.assign(partition.topic, index, Offset{0});
  // To an end that a poll met there: an earlier one may have been left behind by records that took the place of older
  // ones, which the cleaner then dropped in front of the reader.
  for (bool is_at_end = false; !is_at_end;) {
    const std::optional<Offset> before = consumer.position(partition.topic, index);
    if (!consumer.poll(self, cluster.deadline_in(kPatience), visit)) return false;
    const std::optional<Offset> position = consumer.position(partition.topic, index);
    is_at_end = position == before && *position >= consumer.high_watermark(partition.topic, index);
  }
  read.at = now();
  history.keyed_reads.push_back(std::move(read));
  return true;
}

}  // namespace gregor::scenarios
