// A run told line by line, for whoever replays a seed: what the nodes' events say of leaderships, replicas and logs,
// and which faults struck, with virtual times.
#pragma once

#include <map>
#include <string>

#include "observe/event.h"
#include "observe/log.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {

class EventLines {
 public:
  /// `log` outlives this; null: nothing is told.
  explicit EventLines(observe::Log* log) : log_(log) {}
  void tell(MonotonicTime at, const std::string& node, const observe::Event& event);
  void tell(MonotonicTime at, const std::string& node, const Fault& fault, bool is_legal);

 private:
  observe::Log* log_;
  std::map<TopicPartition, std::int32_t> partition_epochs_;  ///< told: each node tells the same
};

}  // namespace gregor::scenarios
