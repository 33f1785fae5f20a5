#include "metadata/producer_ids.h"

#include <limits>

#include "base/mutant.h"
#include "metadata/broker_epoch.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

Result<ProducerIdGrant> decide_allocate_producer_ids(const Image& image, NodeId broker, BrokerEpoch epoch) {
  TRY(registered_broker(image, broker, epoch));
  const std::int64_t first = image.next_producer_id();
  if (first > std::numeric_limits<std::int64_t>::max() - kProducerIdBlockSize) {
    return fail(Errc::limit, "all producer ids are used up");
  }
  std::int64_t next = first + kProducerIdBlockSize;
  if (MUTANT(producer_id_block_given_twice)) next = first;
  ProducerIdGrant grant;
  grant.records.add(
      wire::ProducerIdsRecord{.broker_id = broker.value(), .broker_epoch = epoch.value(), .next_producer_id = next}, 0);
  grant.block = {.first = first, .count = kProducerIdBlockSize};
  return grant;
}

}  // namespace gregor::metadata
