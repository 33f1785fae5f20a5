// RecordApplier: what each metadata record does to an image. One overload a record; records of kinds that nothing reads
// are kept as they came, or change nothing. Each checks first and changes then, so that a refused record leaves the
// image as it was.
#pragma once

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "metadata/image.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

class RecordApplier {
 public:
  RecordApplier(Image& image, Delta& delta) : image_(image), delta_(delta) {}
  /// Errors: as Image::apply().
  Result<void> apply(Bytes record_value);

 private:
  Result<void> on(const wire::TopicRecord& record);
  Result<void> on(const wire::RemoveTopicRecord& record);
  Result<void> on(const wire::PartitionRecord& record);
  Result<void> on(const wire::PartitionChangeRecord& record);
  Result<void> on(const wire::ClearElrRecord& record);
  Result<void> on(const wire::ConfigRecord& record);
  Result<void> on(const wire::FeatureLevelRecord& record);
  Result<void> on(const wire::ProducerIdsRecord& record);
  Result<void> on(const wire::RegisterBrokerRecord& record);
  Result<void> on(const wire::UnregisterBrokerRecord& record);
  Result<void> on(const wire::BrokerRegistrationChangeRecord& record);
  Result<void> on(const wire::FenceBrokerRecord& record);
  Result<void> on(const wire::UnfenceBrokerRecord& record);
  Result<void> on(const wire::RegisterControllerRecord& record);
  Result<void> on(const wire::ClientQuotaRecord& record);
  Result<void> on(const wire::UserScramCredentialRecord& record);
  Result<void> on(const wire::RemoveUserScramCredentialRecord& record);
  Result<void> on(const wire::AccessControlEntryRecord& record);
  Result<void> on(const wire::RemoveAccessControlEntryRecord& record);
  Result<void> on(const wire::DelegationTokenRecord& record);
  Result<void> on(const wire::RemoveDelegationTokenRecord& record);
  template <class Unused>
  Result<void> on(const Unused&) {
    return {};
  }

  Result<std::shared_ptr<const Topic>> topic_of(const TopicId& id, const char* record) const;
  /// Puts a changed copy of the topic in place of the old one.
  void set_partition(const Topic& topic, PartitionIndex index, Partition partition);
  void clear_eligible_replicas(const Topic& topic);
  Result<BrokerRegistration> broker_of(std::int32_t id, std::int64_t epoch, const char* record) const;
  void set_broker(BrokerRegistration broker);

  /// For records that nothing here reads: the newest under its key.
  template <class Record>
  Result<void> keep(std::string key, const Record& record);

  Image& image_;
  Delta& delta_;
};

}  // namespace gregor::metadata
