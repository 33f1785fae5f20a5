// Who plays which part in a cluster at this moment, from the nodes' own events: what a fault is aimed at that strikes
// "the leader of orders-0" or "whoever acknowledges next". Targets, as scenario files name them:
//
//   controller                 the active controller
//   leader:TOPIC:PARTITION     who leads it by the newest metadata
//   follower:TOPIC:PARTITION   the first replica in sync that does not
//   acknowledger               who acknowledged a produce last
//   newcomer                   who was admitted to an ISR last
//   everybody                  every node at once
//   next controller, next leader, next acknowledger, next newcomer
//                              not now: the first node to become it from now on, when it does
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_function.h"
#include "observe/event.h"

namespace gregor::scenarios {

/// Whether a scenario may name it.
bool is_target(std::string_view target);
inline constexpr std::string_view kEverybody = "everybody";

/// Of "next leader" it is "leader"; nullopt where the target is who plays the part now.
std::optional<std::string_view> part_awaited(std::string_view target);

class Roles {
 public:
  /// Called as a node comes to play a part: within its own event, so that it may only be noted.
  using OnPart = UniqueFunction<void(std::string_view part, NodeId node)>;
  explicit Roles(OnPart on_part) : on_part_(std::move(on_part)) {}

  void hear(NodeId node, const observe::Event& event);
  /// Nullopt where nobody plays the part.
  [[nodiscard]] std::optional<NodeId> find(std::string_view target) const;

 private:
  struct Seat {
    std::int32_t partition_epoch = -1;
    NodeId leader{-1};
    std::vector<NodeId> isr;
  };
  void changed(const observe::PartitionChanged& event);
  void plays(std::string_view part, NodeId node);

  OnPart on_part_;
  std::map<std::string, Seat, std::less<>> seats_;   ///< by "TOPIC:PARTITION"
  std::map<std::string, NodeId, std::less<>> last_;  ///< who came to play each part last
  LeaderEpoch controller_epoch_{-1};
};

}  // namespace gregor::scenarios
