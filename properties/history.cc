#include "properties/history.h"

namespace gregor::properties {

std::string to_text(const HistoryPartition& partition) {
  return partition.topic + "-" + std::to_string(partition.partition);
}

}  // namespace gregor::properties
