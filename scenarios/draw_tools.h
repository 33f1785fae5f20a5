// What every drawing of a scenario draws with.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {

/// Settings of the brokers other than the usual ones; everything else of the scenario is drawn already.
void draw_cluster_knobs(Scenario& scenario);

/// Snapshots of the metadata log in every second seed, with segments so small and so little kept that it is trimmed.
/// `by_time`: at intervals too, and kept for a time.
void draw_metadata_snapshots(Scenario& scenario, RandomStream random, bool by_time);

/// Two log directories on each node in every fourth seed, between which replicas move; and some faults aimed at the
/// moment when a log changes its place.
void draw_log_directories(Scenario& scenario, RandomStream random, Milliseconds (*draw_lasts)(RandomStream&));

/// One of the kinds that are drawn in a stream of their own, for one broker and for several.
FaultKind draw_small_fault(RandomStream& random);
std::int64_t draw_small_amount(RandomStream& random, FaultKind kind);

/// By their time; those of one time stay as they were drawn. The last thing to do.
void sort_faults(Scenario& scenario);

/// Each part draws from a stream of its own name, so a new draw leaves the others alone.
inline RandomStream stream_of(std::uint64_t seed, std::string_view purpose) {
  return RandomStream(hash_name(purpose, seed));
}

template <class T, std::size_t N>
T pick(RandomStream& random, const std::array<T, N>& choices) {
  return choices[random.below(N)];
}

}  // namespace gregor::scenarios
