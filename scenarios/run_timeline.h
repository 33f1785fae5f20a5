// A run as people look at it: which nodes lived when, who led what, what struck whom, and what happened last before a
// property was violated. Only recorded where somebody asks for it; recording changes nothing of the run.
//
// Bounded: of each kind the first kTimelineMax are kept, and dropped() says how many are missing. Of the events of all
// nodes the last kLastEventsMax before the first violation are kept.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "observe/event.h"
#include "properties/violation.h"
#include "scenarios/run_counts.h"
#include "scenarios/scenario.h"
#include "sim/world.h"

namespace gregor::scenarios {

inline constexpr std::size_t kTimelineMax = 4000;
inline constexpr std::size_t kLastEventsMax = 60;

class RunTimeline {
 public:
  /// A node in one state; nodes are numbered as in the scenario, from 1.
  struct Span {
    std::int32_t node = 0;
    sim::NodeState state = sim::NodeState::running;
    std::uint32_t life = 0;
    MonotonicTime from{};
    MonotonicTime to{};
  };
  /// What the metadata says of a partition from then on; without replicas: it is gone.
  struct Change {
    MonotonicTime at{};
    TopicPartition partition{};
    std::int32_t partition_epoch = 0;
    std::int32_t leader = -1;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> replicas{};
    std::vector<std::int32_t> isr{};
    std::vector<std::int32_t> eligible{};
  };
  /// Something that a node told: "controller", "leads", "opened", "truncated", "failed", "ready".
  struct Mark {
    MonotonicTime at;
    std::int32_t node = 0;
    std::string kind;
    std::string text;
  };
  /// A fault of the scenario whose time came.
  struct Strike {
    std::size_t fault = 0;  ///< its place in Scenario::faults
    MonotonicTime at;
    std::int32_t node = 0;
    FaultOutcome outcome = FaultOutcome::carried_out;
  };
  struct LastEvent {
    MonotonicTime at;
    std::int32_t node = 0;
    std::string text;
  };

  explicit RunTimeline(const Scenario& scenario);

  void begin(MonotonicTime at) { begun_ = at; }
  void heal(MonotonicTime at) { healed_ = at; }
  void hear(MonotonicTime at, std::int32_t node, const observe::Event& event, const properties::Verdict& verdict);
  void struck(MonotonicTime at, std::int32_t node, const Fault& fault, FaultOutcome outcome);
  /// To be asked after each event of the world: notes which nodes changed their state.
  void look_at(sim::World& world);
  /// Ends what still lasts.
  void end(MonotonicTime at);

  /// Faults may strike in [begun, healed); kForever where it never came to that.
  [[nodiscard]] MonotonicTime begun() const { return begun_; }
  [[nodiscard]] MonotonicTime healed() const { return healed_; }
  [[nodiscard]] MonotonicTime ended() const { return ended_; }
  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }
  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }
  [[nodiscard]] const std::vector<Mark>& marks() const { return marks_; }
  [[nodiscard]] const std::vector<Strike>& strikes() const { return strikes_; }
  [[nodiscard]] const std::deque<LastEvent>& last_events() const { return last_; }
  /// By violation: the node whose event showed it; 0 where it was no single event.
  [[nodiscard]] const std::vector<std::int32_t>& accused() const { return accused_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  void mark(MonotonicTime at, std::int32_t node, const char* kind, std::string text);
  void change(MonotonicTime at, const observe::PartitionChanged& event);
  void remove(MonotonicTime at, const TopicPartition& partition);
  template <class Kept>
  void keep(std::vector<Kept>& all, Kept one);

  const Scenario& scenario_;
  MonotonicTime begun_ = kForever;
  MonotonicTime healed_ = kForever;
  MonotonicTime ended_{};
  std::vector<Span> now_;  ///< by node
  std::vector<Span> spans_;
  std::vector<Change> changes_;
  std::vector<Mark> marks_;
  std::vector<Strike> strikes_;
  std::deque<LastEvent> last_;
  std::vector<std::int32_t> accused_;
  std::map<TopicPartition, std::int32_t> partition_epochs_;  ///< told: each node tells the same
  std::uint64_t dropped_ = 0;
};

}  // namespace gregor::scenarios
