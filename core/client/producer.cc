#include "client/producer.h"

#include <utility>

#include "client/partitioner.h"
#include "client/producer_lane.h"

namespace gregor::client {

Producer::Producer(Cluster& cluster, ProducerSettings settings)
    : shared_(std::make_shared<Shared>(cluster, std::move(settings))) {}

Producer::~Producer() {
  shared_->is_closed = true;
  for (const auto& [topic, lanes] : lanes_) {
    for (const auto& [partition, lane] : lanes) lane->abandon();
  }
  shared_->room.wake_all();
  shared_->drained.wake_all();
}

std::size_t Producer::unreported() const {
  return shared_->unreported;
}

Producer::Lane& Producer::lane_of(std::string_view topic, PartitionIndex partition) {
  auto lanes = lanes_.find(topic);
  if (lanes == lanes_.end()) lanes = lanes_.try_emplace(std::string(topic)).first;
  auto found = lanes->second.find(partition);
  if (found == lanes->second.end()) {
    found = lanes->second.emplace(partition, std::make_shared<Lane>(shared_, std::string(topic), partition)).first;
    Lane::begin(found->second);
  }
  return *found->second;
}

Outcome<PartitionIndex> Producer::choose_partition(env::Fiber& self, const OutgoingRecord& record, std::size_t size) {
  if (record.partition) return *record.partition;
  const MonotonicTime deadline = shared_->cluster.deadline_in(shared_->settings.delivery_timeout);
  CLIENT_TRY_ASSIGN(const TopicMetadata topic, shared_->cluster.topic(self, std::string(record.topic), deadline,
                                                                      shared_->settings.auto_create_topics));
  const auto count = static_cast<std::int32_t>(topic.partitions.size());
  if (count == 0) return answered(wire::ErrorCode::leader_not_available, "topic " + topic.name + " has no partitions");
  if (record.key) return partition_of_key(*record.key, count);

  const auto stuck = sticky_.find(record.topic);  // KIP-480: one partition until its batch is full
  if (stuck != sticky_.end() && stuck->second.value() < count &&
      lane_of(record.topic, stuck->second).has_room_for(size)) {
    return stuck->second;
  }
  const auto drawn = static_cast<std::int32_t>(shared_->random.below(static_cast<std::uint64_t>(count)));
  sticky_.insert_or_assign(topic.name, PartitionIndex{drawn});
  return PartitionIndex{drawn};
}

void Producer::send(env::Fiber& self, const OutgoingRecord& record, UniqueFunction<void(const Delivery&)> done) {
  const ProducerSettings& settings = shared_->settings;
  const std::size_t size = record::BatchBuilder::record_size_max(record.key, record.value, record.headers);
  if (size > settings.record_bytes_max || size > settings.buffer_bytes_max) {
    const Delivery refused = failed(Errc::limit, "a record of " + std::to_string(size) + " bytes is too large");
    return done(refused);
  }
  const auto partition = choose_partition(self, record, size);
  if (!partition) return done(Delivery(passed_on(partition.error())));
  while (shared_->buffered_bytes + size > settings.buffer_bytes_max) shared_->room.wait(self);

  shared_->buffered_bytes += size;
  ++shared_->unreported;
  const WallTime timestamp = record.timestamp.value_or(shared_->cluster.shard().clock.wall_now());
  lane_of(record.topic, *partition).add(record, timestamp, size, std::move(done));
}

Delivery Producer::send_and_wait(env::Fiber& self, const OutgoingRecord& record) {
  auto promise = std::make_shared<env::Promise<Delivery>>();
  send(self, record, [promise](const Delivery& delivery) { promise->set(delivery); });
  return promise->await(self);
}

void Producer::flush(env::Fiber& self) {
  const std::shared_ptr<Shared> shared = shared_;
  struct Flushing {
    std::size_t& callers;
    explicit Flushing(std::size_t& c) : callers(c) { ++callers; }
    ~Flushing() { --callers; }
  };
  const Flushing flushing(shared->flushing);
  for (const auto& [topic, lanes] : lanes_) {
    for (const auto& [partition, lane] : lanes) lane->ring();
  }
  while (shared->unreported > 0 && !shared->is_closed) shared->drained.wait(self);
}

}  // namespace gregor::client
