#include "replica/read_choice.h"

#include <tuple>

namespace gregor::replica {

namespace {

bool is_better(const ReadCandidate& left, const ReadCandidate& right) {
  const auto lag = [](const ReadCandidate& candidate) { return -candidate.since_caught_up.count(); };
  return std::tuple(left.end_offset, lag(left), left.replica) > std::tuple(right.end_offset, lag(right), right.replica);
}

}  // namespace

std::optional<NodeId> preferred_read_replica(std::string_view rack, std::span<const ReadCandidate> candidates) {
  if (rack.empty()) return std::nullopt;
  const ReadCandidate* best = nullptr;
  for (const ReadCandidate& candidate : candidates) {
    if (candidate.rack != rack) continue;
    if (candidate.is_leader) return std::nullopt;
    if (best == nullptr || is_better(candidate, *best)) best = &candidate;
  }
  if (best == nullptr) return std::nullopt;
  return best->replica;
}

}  // namespace gregor::replica
