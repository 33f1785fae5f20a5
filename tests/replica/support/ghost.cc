#include "tests/replica/support/ghost.h"

#include <algorithm>

namespace gregor::replica {

void Ghost::expose(const ModelLog& log, Offset to) {
  for (Offset at = end(); at < to; ++at) records_.push_back(log.at(at));
}

void Ghost::note_deletion(Offset below) {
  deleted_below_ = std::max(deleted_below_, below);
}

void Ghost::note_deleted(Offset below) {
  acknowledged_below_ = std::max(acknowledged_below_, below);
}

bool Ghost::is_whole_in(const ModelLog& log, Offset held) const {
  return held >= end() && agrees(log, end());
}

bool Ghost::agrees(const ModelLog& log, Offset to) const {
  if (to > end() || to > log.end() || log.start() > deleted_below_) return false;
  for (Offset at = log.start(); at < to; ++at) {
    if (!holds(at, log.at(at))) return false;
  }
  return true;
}

bool Ghost::holds(Offset offset, const ModelRecord& record) const {
  return offset >= Offset{0} && offset < end() && records_[static_cast<std::size_t>(offset.value())] == record;
}

bool Ghost::note_latest(LeaderEpoch epoch, Offset answer) {
  const auto later = latest_.upper_bound(epoch);
  const bool is_lower = std::any_of(latest_.begin(), later, [&](const auto& noted) { return noted.second > answer; });
  auto& greatest = latest_.try_emplace(epoch, answer).first->second;
  greatest = std::max(greatest, answer);
  return !is_lower;
}

bool Ghost::note_leader(LeaderEpoch epoch, NodeId node) {
  return leaders_.try_emplace(epoch, node).first->second == node;
}

bool Ghost::note_high_watermark(NodeId node, int life, LeaderEpoch epoch, Offset high_watermark) {
  const auto [noted, is_new] = high_watermarks_.try_emplace({node, life, epoch}, high_watermark);
  if (high_watermark < noted->second) return false;
  noted->second = high_watermark;
  return true;
}

}  // namespace gregor::replica
