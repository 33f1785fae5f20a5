#include "tests/metadata/support/cluster.h"

#include "wire/metadata_records.h"

namespace gregor::metadata {

TestLog::TestLog(int brokers) {
  RecordList features;
  for (const FeatureLevel& feature : features_of_a_new_cluster()) {
    features.add(wire::FeatureLevelRecord{.name = feature.name, .feature_level = feature.level}, 0);
  }
  write(features);
  for (int id = 1; id <= brokers; ++id) register_broker(NodeId{id}, static_cast<std::uint64_t>(id));
}

Delta TestLog::write(const RecordList& records) {
  if (records.empty()) return {};
  const Offset last = next_ + static_cast<std::int64_t>(records.size()) - 1;
  const auto applied = replay_.apply_batch(records.values(), last, LeaderEpoch{1});
  CHECK(applied.has_value());
  next_ = last + 1;
  const auto change = replay_.take_change();
  return change ? *change->delta : Delta{};
}

BrokerEpoch TestLog::register_broker(NodeId id, std::uint64_t incarnation, bool unfenced) {
  const RegisterBroker request{.id = id,
                               .incarnation_id = Uuid{1, incarnation},
                               .cluster_id = kTestCluster,
                               .listeners = {{"PLAINTEXT", "localhost", 9092, 0}},
                               .features = supported_features(),
                               .log_dirs = {Uuid{2, static_cast<std::uint64_t>(id.value())}}};
  const Registration registered =
      decide_register_broker(image(), rules, request, kTestCluster, next_, /*has_session=*/false).value();
  write(registered.records);
  if (unfenced) write(decide_unfence_broker(image(), rules, id, registered.epoch).value());
  return registered.epoch;
}

CreatedTopic TestLog::create(const NewTopic& topic) {
  auto decision = decide_create_topics(image(), {.topics = {topic}}, defaults, random);
  write(decision.records);
  return decision.replies.front();
}

}  // namespace gregor::metadata
