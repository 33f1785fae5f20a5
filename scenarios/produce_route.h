// ProduceRoute: the way to the leader of one partition, for clients that send a single batch at a time and want each
// answer as it stands. Retries nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "client/cluster.h"
#include "properties/history.h"
#include "wire/produce.h"

namespace gregor::scenarios {

/// What a broker said of one batch.
struct BatchAnswer {
  wire::ErrorCode code = wire::ErrorCode::none;
  Offset base_offset = kNoOffset;
  std::int64_t log_append_time_ms = -1;
};

class ProduceRoute {
 public:
  /// By whom `partition` is led, spoken to in no later version of Produce than `version_max`. None: nobody is known to
  /// lead it. Suspends.
  static std::optional<ProduceRoute> find(env::Fiber& self, client::Cluster& cluster,
                                          const properties::HistoryPartition& partition,
                                          std::int16_t version_max = wire::ProduceRequest::kVersionMax);

  /// With acks=all. Borrows from `batch` and `partition`.
  [[nodiscard]] wire::ProduceRequest request(const properties::HistoryPartition& partition, Bytes batch) const;
  /// Null: it cannot be sent.
  [[nodiscard]] std::shared_ptr<client::Call> start(env::Fiber& self, const wire::ProduceRequest& request) const;
  /// None: no answer came. Suspends.
  std::optional<BatchAnswer> await(env::Fiber& self, client::Call& call) const;

 private:
  client::Cluster::Leader leader_;
  std::int16_t version_ = 0;
};

}  // namespace gregor::scenarios
