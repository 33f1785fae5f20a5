#include "broker/producer_ids.h"

#include "broker/controller_requests.h"

namespace gregor::broker {

Result<ProducerId> ProducerIds::next(env::Fiber& self) {
  if (next_ == end_) {
    const auto held = asking_.lock(self);
    if (next_ == end_) {
      TRY_ASSIGN(const metadata::ProducerIdBlock block, allocate_producer_ids(self, shard_));
      next_ = block.first;
      end_ = block.first + block.count;
    }
  }
  return ProducerId{next_++};
}

}  // namespace gregor::broker
