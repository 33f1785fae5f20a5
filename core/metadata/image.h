// Image: all that the metadata log says at one offset. A value; a copy costs a few reference counts and shares the
// rest, so that every shard may hold the newest one, and a reader keeps the one it began with.
//
// Promises: the image at an offset is a function of the records up to it and of nothing else; iteration is in the order
// of keys; a record that cannot be applied leaves the image as it was and is an error, never skipped (KAFKA-14275).
// Records of kinds that this version does not use (access control, tokens) are kept as they came, for snapshots. Never
// reads a disk or a clock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "config/setting_map.h"
#include "metadata/broker_registration.h"
#include "metadata/delta.h"
#include "metadata/persistent_map.h"
#include "metadata/quotas_and_scram.h"
#include "metadata/topic.h"

namespace gregor::metadata {

/// Set values of one resource, sorted by name.
using ConfigValues = config::SettingMap;

class Image {
 public:
  /// Null where there is none. Pointers stay good while any copy of this image lives.
  [[nodiscard]] const Topic* find_topic(std::string_view name) const;
  [[nodiscard]] const Topic* find_topic(const TopicId& id) const;
  [[nodiscard]] const Partition* find_partition(const TopicId& id, PartitionIndex partition) const;
  [[nodiscard]] const BrokerRegistration* find_broker(NodeId id) const;
  /// The values set on a resource; empty where nothing is set.
  [[nodiscard]] const ConfigValues& configs_of(const ConfigResource& resource) const;
  [[nodiscard]] const ConfigValues& topic_configs(std::string_view topic) const;
  /// The finalized level, 0 where none was set.
  [[nodiscard]] std::int16_t feature_level(std::string_view name) const;

  using TopicsByName = PersistentMap<std::string, std::shared_ptr<const Topic>>;
  using TopicsById = PersistentMap<TopicId, std::shared_ptr<const Topic>>;
  using Brokers = PersistentMap<NodeId, BrokerRegistration>;
  using Controllers = PersistentMap<NodeId, ControllerRegistration>;
  using Features = PersistentMap<std::string, std::int16_t>;
  using Configs = PersistentMap<ConfigResource, std::shared_ptr<const ConfigValues>>;
  using ClientQuotas = PersistentMap<QuotaEntity, QuotaValues>;
  using ScramCredentials = PersistentMap<ScramKey, ScramCredential>;
  /// `for (const auto& [name, topic] : image.topics())`: in order of names; `topic` is a shared_ptr.
  [[nodiscard]] const TopicsByName& topics() const { return topics_by_name_; }
  [[nodiscard]] const TopicsById& topics_by_id() const { return topics_by_id_; }
  [[nodiscard]] const Brokers& brokers() const { return brokers_; }
  [[nodiscard]] const Controllers& controllers() const { return controllers_; }
  [[nodiscard]] const Features& features() const { return features_; }
  [[nodiscard]] const Configs& configs() const { return configs_; }
  /// Of entities that have a quota, in order of types and names.
  [[nodiscard]] const ClientQuotas& client_quotas() const { return client_quotas_; }
  [[nodiscard]] const ScramCredentials& scram_credentials() const { return scram_credentials_; }
  /// Record values under (record type, key), of kinds that nothing here reads.
  using KeptRecords = PersistentMap<std::pair<std::int16_t, std::string>, std::shared_ptr<const ByteBuffer>>;
  [[nodiscard]] const KeptRecords& kept_records() const { return kept_records_; }
  [[nodiscard]] std::size_t partition_count() const { return partition_count_; }
  /// The first producer id that no block was given out with yet.
  [[nodiscard]] std::int64_t next_producer_id() const { return next_producer_id_; }

  /// Offset of the last record applied, -1 before the first; of the batch's last record once a whole batch is.
  [[nodiscard]] Offset offset() const { return offset_; }
  [[nodiscard]] LeaderEpoch epoch() const { return epoch_; }

  /// Applies one record value as it stands in the log (frame version, type, version, body) and notes in `delta` what
  /// changed. Errors: malformed, unsupported (a type or version nobody knows), corrupt (it speaks of what is not
  /// there); the image is unchanged then.
  Result<void> apply(Bytes record_value, Delta& delta);
  /// Says how far the image reaches. Requires that offsets and epochs never fall.
  void advance(Offset offset, LeaderEpoch epoch);

  /// 128 bits over everything but offset and epoch: equal contents give equal hashes, on every machine.
  [[nodiscard]] Uuid hash() const;
  /// The contents as text, one line a thing in the order of keys: for checkers, tests and people.
  [[nodiscard]] std::string to_text() const;

 private:
  friend class RecordApplier;
  TopicsByName topics_by_name_;
  TopicsById topics_by_id_;
  Brokers brokers_;
  Controllers controllers_;
  Features features_;
  Configs configs_;
  ClientQuotas client_quotas_;
  ScramCredentials scram_credentials_;
  KeptRecords kept_records_;
  std::size_t partition_count_ = 0;
  std::int64_t next_producer_id_ = 0;
  Offset offset_ = kNoOffset;
  LeaderEpoch epoch_ = kNoLeaderEpoch;
};

}  // namespace gregor::metadata
