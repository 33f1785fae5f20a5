// Watches one node's part in the metadata quorum over all of its lives, from its events alone.
//
//   K1   each epoch has one leader in one life: a node that leads again does so in a later epoch
//   K2   what was committed is never lost: a life that becomes ready shows at least what former lives showed
#pragma once

#include "base/ids.h"
#include "base/unique_function.h"
#include "observe/event.h"
#include "properties/violation.h"

namespace gregor::properties {

class MetadataWatch final : public observe::Observer {
 public:
  MetadataWatch(Verdict& verdict, UniqueFunction<MonotonicTime()> now) : verdict_(verdict), now_(std::move(now)) {}

  void on(const observe::Event& event) override;
  /// The node's life ended. `damaged`: its disk lost durable bytes, so that anything may be gone.
  void node_died(bool damaged);

 private:
  Verdict& verdict_;
  UniqueFunction<MonotonicTime()> now_;
  LeaderEpoch led_ = kNoLeaderEpoch;
  Offset shown_ = kNoOffset;      ///< by any life
  Offset shown_now_ = kNoOffset;  ///< by this one
};

}  // namespace gregor::properties
