// How often what makes a failure story happened in a run: elections, moves of ISRs, truncations, and the faults that
// were really carried out, by kind. Counted while the scenario's faults may strike, since what a run does before and
// after (it restarts every broker) happens in each; never part of the trace, so counting changes no hash.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "observe/event.h"
#include "scenarios/scenario.h"

namespace gregor::scenarios {

/// X(name, what is counted)
#define GREGOR_RUN_COUNTS(X)                                                              \
  X(controller_elections, "a node came to lead the metadata quorum")                      \
  X(voter_changes, "the metadata log named other voters")                                 \
  X(leader_elections, "a partition got another leader")                                   \
  X(times_without_leader, "a partition was left without a leader")                        \
  X(isr_shrinks, "a replica left an ISR")                                                 \
  X(isr_growths, "a replica came back into an ISR")                                       \
  X(eligible_replicas, "a replica that left the ISR stayed an eligible leader (KIP-966)") \
  X(truncations, "a replica cut its log, or dropped it")                                  \
  X(recoveries_that_cut, "a log lost bytes when it was opened")                           \
  X(log_moves, "a log came to lie in another directory")                                  \
  X(directory_failures, "a log directory failed")                                         \
  X(copies_damaged, "a replica found its copy damaged")                                   \
  X(duplicates_answered, "a batch that stood in the log already was acknowledged again")  \
  X(starts, "a node became ready")                                                        \
  X(faults_left_out, "a fault was left out, because the fault budget did not allow it")   \
  X(faults_without_effect, "a fault struck a node that was down, and did nothing")

enum class Counted : std::uint8_t {
#define GREGOR_RUN_ENUMERATOR(name, text) name,
  GREGOR_RUN_COUNTS(GREGOR_RUN_ENUMERATOR)
#undef GREGOR_RUN_ENUMERATOR
};
struct CountRow {
  std::string_view name;
  std::string_view text;
};
inline constexpr auto kCountRows = std::to_array<CountRow>({
#define GREGOR_RUN_ROW(name, text) {#name, text},
    GREGOR_RUN_COUNTS(GREGOR_RUN_ROW)
#undef GREGOR_RUN_ROW
});

/// What became of a fault whose time had come.
enum class FaultOutcome : std::uint8_t {
  carried_out,
  node_was_down,  ///< it wants a living process
  over_budget,    ///< it could have cost the last good copy of what nobody flushed
};

class RunCounts {
 public:
  /// What comes before begin(), and behind end(), does not count.
  void begin() { is_counting_ = true; }
  void end() { is_counting_ = false; }
  void hear(const observe::Event& event);
  void struck(FaultKind kind, FaultOutcome outcome);

  [[nodiscard]] std::uint64_t of(Counted what) const { return counts_[static_cast<std::size_t>(what)]; }
  /// That were carried out.
  [[nodiscard]] std::uint64_t of(FaultKind kind) const { return faults_[static_cast<std::size_t>(kind)]; }
  /// By the name of a row above or of a fault kind; nullopt where there is no such name.
  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view name) const;

 private:
  struct Seat {
    std::int32_t partition_epoch = -1;
    NodeId leader{-1};
    std::vector<NodeId> isr;
    std::size_t eligible = 0;
  };
  void changed(const observe::PartitionChanged& event);
  void add(Counted what, std::uint64_t count = 1);

  bool is_counting_ = false;
  std::array<std::uint64_t, kCountRows.size()> counts_{};
  std::array<std::uint64_t, kFaultKindCount> faults_{};
  std::map<TopicPartition, Seat> seats_;  ///< by the newest metadata: each node tells the same
  LeaderEpoch controller_epoch_{-1};
  Offset voters_offset_ = kNoOffset;
  std::vector<observe::NamedVoter> voters_;
};

/// Of what the scenario expects: "leader_elections: 0 of at least 1". Empty where its story happened.
std::vector<std::string> unmet(const Scenario& scenario, const RunCounts& counts);

}  // namespace gregor::scenarios
