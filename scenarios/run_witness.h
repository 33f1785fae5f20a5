// Who notes what happens in a run beside those that judge it: the counts of its report, and the timeline where somebody
// asked for one. Tells nothing to the run and takes nothing from its randomness.
#pragma once

#include "observe/event.h"
#include "scenarios/run.h"
#include "sim/world.h"

namespace gregor::scenarios {

class RunWitness {
 public:
  /// Both outlive this.
  RunWitness(RunReport& report, const RunOptions& options) : report_(report), timeline_(options.timeline) {}

  /// The scenario's faults may strike from now on, or no more.
  void chaos_begins(sim::World& world);
  void chaos_ends(sim::World& world);
  /// `number`: of the node, from 1.
  void heard(sim::World& world, std::int32_t number, const observe::Event& event);
  /// What was decided of a fault that strikes `node`, before it does.
  void struck(sim::World& world, sim::NodeIndex node, std::int32_t number, const Fault& fault, bool is_legal);
  void run_ended(sim::World& world);

 private:
  RunReport& report_;
  RunTimeline* timeline_;
};

}  // namespace gregor::scenarios
