#include "tests/broker/support/image_bench.h"

#include "base/check.h"
#include "wire/metadata_records.h"

namespace gregor::broker::test {
namespace {

std::vector<std::int32_t> numbers(const std::vector<NodeId>& nodes) {
  std::vector<std::int32_t> plain;
  for (const NodeId node : nodes) plain.push_back(node.value());
  return plain;
}

}  // namespace

void ImageMaker::apply(const metadata::RecordList& records) {
  const Offset last{next_offset_ + static_cast<std::int64_t>(records.size()) - 1};
  const auto applied = replay_.apply_batch(records.values(), last, LeaderEpoch{1});
  CHECK(applied.has_value());
  next_offset_ = last.value() + 1;
}

TopicId ImageMaker::add_topic(const std::string& name, const std::vector<Placed>& partitions) {
  const TopicId id{3, next_topic_++};
  write(wire::TopicRecord{.name = name, .topic_id = id}, 0);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    wire::PartitionRecord record;
    record.partition_id = static_cast<std::int32_t>(i);
    record.topic_id = id;
    record.replicas = numbers(partitions[i].replicas);
    record.isr = record.replicas;
    record.leader = partitions[i].leader.value();
    record.leader_epoch = partitions[i].leader_epoch.value();
    record.partition_epoch = 0;
    write(record, 0);
  }
  return id;
}

void ImageMaker::remove_topic(const std::string& name) {
  write(wire::RemoveTopicRecord{.topic_id = image().find_topic(name)->id}, 0);
}

void ImageMaker::change(const std::string& name, std::int32_t partition, NodeId leader,
                        const std::vector<NodeId>& replicas) {
  wire::PartitionChangeRecord record;
  record.partition_id = partition;
  record.topic_id = image().find_topic(name)->id;
  record.leader = leader.value();
  record.replicas = numbers(replicas);
  record.isr = record.replicas;
  write(record, 0);
}

void ImageMaker::configure(const std::string& topic, const std::string& key, const std::string& value) {
  write(
      wire::ConfigRecord{
          .resource_type = metadata::ConfigResource::kTopic, .resource_name = topic, .name = key, .value = value},
      0);
}

void ImageMaker::add_broker(NodeId id, const std::string& host, std::uint16_t port, bool is_fenced) {
  wire::RegisterBrokerRecord record;
  record.broker_id = id.value();
  record.incarnation_id = Uuid{4, static_cast<std::uint64_t>(id.value())};
  record.broker_epoch = next_offset_;
  record.end_points.push_back({.name = "PLAINTEXT", .host = host, .port = port, .security_protocol = 0});
  const std::string rack = "r" + std::to_string(id.value());
  record.rack = rack;
  record.fenced = is_fenced;
  write(record, 1);
}

void ImageMaker::begin_shutdown(NodeId id) {
  wire::BrokerRegistrationChangeRecord record;
  record.broker_id = id.value();
  record.broker_epoch = replay_.image().find_broker(id)->epoch.value();
  record.in_controlled_shutdown = 1;
  write(record, 1);
}

void ImageMaker::show(controller::ImageFeed& feed) {
  const auto change = replay_.take_change();
  CHECK(change.has_value());
  feed.show(change->image, change->delta);
}

}  // namespace gregor::broker::test
