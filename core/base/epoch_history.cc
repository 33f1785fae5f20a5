#include "base/epoch_history.h"

#include <algorithm>

namespace gregor {

std::optional<LeaderEpoch> epoch_at(std::span<const EpochEntry> history, Offset offset) {
  const auto starts_beyond = [&](const EpochEntry& entry) { return entry.start_offset > offset; };
  const auto next = std::find_if(history.begin(), history.end(), starts_beyond);
  if (next == history.begin()) return std::nullopt;
  return (next - 1)->epoch;
}

LeaderEpoch latest_epoch(std::span<const EpochEntry> history) {
  return history.empty() ? kNoLeaderEpoch : history.back().epoch;
}

EpochEnd end_of_epoch(std::span<const EpochEntry> history, LeaderEpoch asked, Offset log_end) {
  if (asked == kNoLeaderEpoch || history.empty()) return {};
  if (history.back().epoch == asked) return {asked, log_end};
  const auto is_above = [&](const EpochEntry& entry) { return entry.epoch > asked; };
  const auto higher = std::find_if(history.begin(), history.end(), is_above);
  if (higher == history.end()) return {};
  // Below everything known: the asked epoch can have ended no later than the first known one began.
  if (higher == history.begin()) return {asked, higher->start_offset};
  return {(higher - 1)->epoch, higher->start_offset};
}

}  // namespace gregor
