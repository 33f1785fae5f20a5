#include "properties/history.h"

#include <algorithm>

namespace gregor::properties {

std::string to_text(const HistoryPartition& partition) {
  return partition.topic + "-" + std::to_string(partition.partition);
}

std::string to_text(const TopicPartition& partition) {
  return to_text(HistoryPartition{.topic = partition.topic, .partition = partition.partition.value()});
}

void note_delivery(Sent& sent, bool is_delivered, Offset offset, bool surely_failed, MonotonicTime now) {
  sent.completed = now;
  sent.outcome = is_delivered ? Outcome::acknowledged : surely_failed ? Outcome::refused : Outcome::unknown;
  if (is_delivered) sent.offset = offset;
}

bool History::lost_between(MonotonicTime from, MonotonicTime until) const {
  return std::ranges::any_of(losses, [&](const Loss& loss) { return loss.at >= from && loss.at <= until; });
}

}  // namespace gregor::properties
