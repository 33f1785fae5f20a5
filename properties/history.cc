#include "properties/history.h"

namespace gregor::properties {

std::string to_text(const HistoryPartition& partition) {
  return partition.topic + "-" + std::to_string(partition.partition);
}

void note_delivery(Sent& sent, bool is_delivered, Offset offset, bool surely_failed, MonotonicTime now) {
  sent.completed = now;
  sent.outcome = is_delivered ? Outcome::acknowledged : surely_failed ? Outcome::refused : Outcome::unknown;
  if (is_delivered) sent.offset = offset;
}

}  // namespace gregor::properties
