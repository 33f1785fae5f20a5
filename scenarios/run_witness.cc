#include "scenarios/run_witness.h"

#include "scenarios/fault_traits.h"
#include "scenarios/run_timeline.h"

namespace gregor::scenarios {
namespace {

MonotonicTime moment_of(const sim::World& world) {
  return MonotonicTime{world.now().time_since_epoch()};
}

FaultOutcome outcome_of(sim::World& world, sim::NodeIndex node, FaultKind kind, bool is_legal) {
  if (!is_legal) return FaultOutcome::over_budget;
  const sim::NodeState state = world.state(node);
  const bool is_up = state == sim::NodeState::running || state == sim::NodeState::paused;
  return is_up || !traits_of(kind).needs_a_life ? FaultOutcome::carried_out : FaultOutcome::node_was_down;
}

}  // namespace

void RunWitness::chaos_begins(sim::World& world) {
  report_.counts.begin();
  if (timeline_ != nullptr) timeline_->begin(moment_of(world));
}

void RunWitness::chaos_ends(sim::World& world) {
  report_.counts.end();
  if (timeline_ != nullptr) timeline_->heal(moment_of(world));
}

void RunWitness::heard(sim::World& world, std::int32_t number, const observe::Event& event) {
  report_.counts.hear(event);
  if (timeline_ != nullptr) timeline_->hear(moment_of(world), number, event, report_.verdict);
}

void RunWitness::struck(sim::World& world, sim::NodeIndex node, std::int32_t number, const Fault& fault,
                        bool is_legal) {
  const FaultOutcome outcome = outcome_of(world, node, fault.kind, is_legal);
  report_.counts.struck(fault.kind, outcome);
  if (timeline_ != nullptr) timeline_->struck(moment_of(world), number, fault, outcome);
}

void RunWitness::run_ended(sim::World& world) {
  if (timeline_ == nullptr) return;
  timeline_->look_at(world);
  timeline_->end(moment_of(world));
}

}  // namespace gregor::scenarios
