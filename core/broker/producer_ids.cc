#include "broker/producer_ids.h"

#include "broker/broker_shard.h"

namespace gregor::broker {

Result<ProducerId> ProducerIds::next(env::Fiber& self) {
  if (next_ == end_) {
    const auto held = asking_.lock(self);
    if (next_ == end_) {
      TRY_ASSIGN(const metadata::ProducerIdBlock block,
                 core_.controller->allocate_producer_ids(self, feed_, core_.config.node_id, core_.broker_epoch));
      next_ = block.first;
      end_ = block.first + block.count;
    }
  }
  return ProducerId{next_++};
}

}  // namespace gregor::broker
