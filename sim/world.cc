#include "sim/world.h"

#include <utility>

#include "base/check.h"
#include "env/stack_slab.h"
#include "sim/life.h"

namespace gregor::sim {
namespace {

/// Runs one body on each shard.
class BodyProgram final : public Program {
 public:
  explicit BodyProgram(NodeBody& body) : body_(body) {}
  void run(env::Fiber& self, env::Shard& shard) override { body_(self, shard); }

 private:
  NodeBody& body_;
};

}  // namespace

struct World::State {
  struct Node {
    NodeOptions options;
    NodeClock clock;
    NodeState state = NodeState::stopped;
    std::uint32_t incarnation = 0;
    std::unique_ptr<Life> life;  ///< null when its last one is over
    bool hang_counted = false;
  };

  explicit State(WorldOptions world_options)
      : options(std::move(world_options)),
        engine(options.seed, options.scheduler),
        network(engine, options.network),
        stacks(std::make_shared<env::StackSlab>()) {}

  [[nodiscard]] static bool lives(const Node& node) {
    return node.state == NodeState::running || node.state == NodeState::paused;
  }
  Node& at(NodeIndex node) { return *nodes.at(node); }
  void start(NodeIndex index);
  void end_life(NodeIndex index, NodeState how, EventKind kind);
  void bury(NodeIndex index, NodeState how);

  WorldOptions options;
  Engine engine;
  SimNetwork network;
  std::shared_ptr<env::StackSlab> stacks;
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::unique_ptr<Life>> graveyard;
  std::vector<std::string> halts;
  Losses last_losses;
};

void World::State::start(NodeIndex index) {
  Node& node = at(index);
  CHECK(!lives(node) && node.life == nullptr);
  node.state = NodeState::running;
  ++node.incarnation;
  engine.record(index, 0, EventKind::node_started, node.incarnation);
  network.set_up(index, true);
  std::unique_ptr<Program> program =
      node.options.program ? node.options.program() : std::make_unique<BodyProgram>(node.options.body);
  Life::Events events;
  events.on_ended = [this, index] { end_life(index, NodeState::stopped, EventKind::node_stopped); };
  events.on_halt = [this, index](std::string_view reason) {
    if (!lives(at(index))) return;
    halts.push_back(at(index).options.name + ": " + std::string(reason));
    engine.record(index, 0, EventKind::halted, 0);
    end_life(index, NodeState::crashed, EventKind::node_crashed);
  };
  node.life = std::make_unique<Life>(engine, options.mail, std::move(program), std::move(events));
  node.life->begin({engine, network, node.clock, node.options.disk, stacks}, index, node.incarnation,
                   node.options.shard_count);
}

void World::State::end_life(NodeIndex index, NodeState how, EventKind kind) {
  Node& node = at(index);
  CHECK(lives(node));
  node.state = how;
  engine.record(index, 0, kind, node.incarnation);
  node.life->die();
  if (how == NodeState::powered_off) network.set_up(index, false);
  engine.when_off_lane([this, index, how] { bury(index, how); });
}

void World::State::bury(NodeIndex index, NodeState how) {
  Node& node = at(index);
  RandomStream stream = engine.stream({"death", index, node.incarnation, 0});
  for (const auto& seat : node.life->seats()) {
    seat->disk().abandon_in_flight(stream);
    if (how == NodeState::powered_off) {
      network.vanish_all_of(seat->lane());
    } else {
      network.close_all_of(seat->lane());
    }
  }
  node.life->bury();
  graveyard.push_back(std::move(node.life));
  node.options.disk->unlock_all();
  if (how != NodeState::powered_off) return;
  last_losses = node.options.disk->lose_power(stream);
  engine.record(index, 0, EventKind::disk_survived, node.options.disk->checksum());
  Faults& faults = engine.faults();
  if (last_losses.writes_lost + last_losses.writes_torn + last_losses.names_lost > 0)
    faults.had_effect(FaultKind::power_loss);
  if (last_losses.writes_torn > 0) faults.fired_with_effect(FaultKind::torn_write);
  if (last_losses.names_lost > 0) faults.fired_with_effect(FaultKind::lost_name);
}

World::World(WorldOptions options) : state_(std::make_unique<State>(std::move(options))) {}

World::~World() {
  CHECK(!state_->engine.is_on_lane());
  for (NodeIndex node = 0; node < state_->nodes.size(); ++node) {
    if (State::lives(state_->at(node))) state_->end_life(node, NodeState::crashed, EventKind::node_crashed);
  }
}

NodeIndex World::add_node(NodeOptions options) {
  CHECK(static_cast<bool>(options.program) != static_cast<bool>(options.body));
  if (options.disk == nullptr) options.disk = std::make_shared<DiskImage>(state_->options.disk);
  const NodeIndex index = state_->network.add_host(options.name);
  CHECK(index == state_->nodes.size());
  auto node = std::make_unique<State::Node>();
  node->options = std::move(options);
  state_->nodes.push_back(std::move(node));
  state_->start(index);
  return index;
}

std::size_t World::node_count() const {
  return state_->nodes.size();
}
NodeState World::state(NodeIndex node) const {
  return state_->at(node).state;
}
std::uint32_t World::incarnation(NodeIndex node) const {
  return state_->at(node).incarnation;
}
bool World::is_alive(NodeIndex node) const {
  return State::lives(state_->at(node));
}
const std::string& World::name(NodeIndex node) const {
  return state_->at(node).options.name;
}

void World::crash(NodeIndex node) {
  state_->engine.faults().fired(FaultKind::crash);
  if (!is_alive(node)) return;
  state_->engine.faults().had_effect(FaultKind::crash);
  state_->end_life(node, NodeState::crashed, EventKind::node_crashed);
}

Losses World::lose_power(NodeIndex node) {
  state_->engine.faults().fired(FaultKind::power_loss);
  state_->last_losses = {};
  if (is_alive(node)) {
    state_->end_life(node, NodeState::powered_off, EventKind::node_lost_power);
  } else if (state(node) != NodeState::powered_off) {
    // The process was gone already; the machine follows.
    state_->at(node).state = NodeState::powered_off;
    state_->network.set_up(node, false);
    state_->engine.when_off_lane([state = state_.get(), node] {
      RandomStream stream = state->engine.stream({"machine-death", node, state->at(node).incarnation, 0});
      state->last_losses = state->at(node).options.disk->lose_power(stream);
      state->engine.record(node, 0, EventKind::disk_survived, state->at(node).options.disk->checksum());
    });
  }
  return state_->engine.is_on_lane() ? Losses{} : state_->last_losses;
}

void World::pause(NodeIndex node) {
  state_->engine.faults().fired(FaultKind::pause);
  if (state(node) != NodeState::running) return;
  state_->engine.faults().had_effect(FaultKind::pause);
  state_->at(node).state = NodeState::paused;
  state_->engine.record(node, 0, EventKind::node_paused, incarnation(node));
  state_->at(node).life->freeze(true);
}

void World::resume(NodeIndex node) {
  if (state(node) != NodeState::paused) return;
  state_->at(node).state = NodeState::running;
  state_->engine.record(node, 0, EventKind::node_resumed, incarnation(node));
  state_->at(node).life->freeze(false);
}

void World::restart(NodeIndex node) {
  CHECK(!is_alive(node));
  state_->engine.when_off_lane([state = state_.get(), node] {
    if (!State::lives(state->at(node))) state->start(node);
  });
}

void World::restart_after(NodeIndex node, Nanoseconds wait) {
  after(wait, [this, node] {
    if (!is_alive(node)) restart(node);
  });
}

void World::stop(NodeIndex node) {
  if (is_alive(node)) state_->at(node).life->ask_to_stop();
}

void World::wipe_disk(NodeIndex node) {
  CHECK(!is_alive(node));
  state_->engine.faults().fired(FaultKind::wiped_disk);
  state_->engine.when_off_lane([state = state_.get(), node] {
    DiskImage& image = *state->at(node).options.disk;
    if (!image.file_paths().empty()) state->engine.faults().had_effect(FaultKind::wiped_disk);
    image.wipe();
  });
}

void World::jump_wall_clock(NodeIndex node, Milliseconds by) {
  state_->engine.faults().fired_with_effect(FaultKind::clock_jump);
  state_->engine.record(node, 0, EventKind::clock_changed, static_cast<std::uint64_t>(by.count()));
  state_->at(node).clock.jump_wall(by);
}

void World::set_drift(NodeIndex node, std::int64_t nanoseconds_per_millisecond) {
  state_->engine.faults().fired_with_effect(FaultKind::clock_drift);
  state_->engine.record(node, 0, EventKind::clock_changed, static_cast<std::uint64_t>(nanoseconds_per_millisecond));
  state_->at(node).clock.set_drift(now(), nanoseconds_per_millisecond);
}

DiskImage& World::disk(NodeIndex node) {
  return *state_->at(node).options.disk;
}
std::shared_ptr<DiskImage> World::share_disk(NodeIndex node) {
  return state_->at(node).options.disk;
}

void World::hang_disk(NodeIndex node, Nanoseconds wait) {
  state_->engine.faults().fired(FaultKind::hung_disk);
  SimTime& until = disk(node).law().hung_until;
  until = std::max(until, now() + wait);
}

SimNetwork& World::network() {
  return state_->network;
}
Faults& World::faults() {
  return state_->engine.faults();
}
Trace& World::trace() {
  return state_->engine.trace();
}
Engine& World::engine() {
  return state_->engine;
}
SimTime World::now() const {
  return state_->engine.now();
}

void World::at(SimTime when, UniqueFunction<void()> call) {
  state_->engine.at(when, [engine = &state_->engine, call = std::move(call)]() mutable {
    engine->record(kNoNode, 0, EventKind::scheduled_call, 0);
    call();
  });
}

void World::after(Nanoseconds wait, UniqueFunction<void()> call) {
  at(now() + wait, std::move(call));
}

RandomStream World::stream(std::string_view purpose, std::uint64_t object) const {
  return state_->engine.stream({.purpose = purpose, .node = kNoNode, .object = object});
}

RunEnd World::run_until(UniqueFunction<bool()> satisfied, const RunLimit& limit) {
  Engine& engine = state_->engine;
  for (std::uint64_t events = 0;; ++events) {
    if (satisfied && satisfied()) return RunEnd::satisfied;
    if (events >= limit.events_max) return RunEnd::events_max;
    const SimTime next = engine.next_time();
    if (next == kNever) return RunEnd::idle;
    if (next > limit.deadline) {
      engine.advance_to(limit.deadline);
      return RunEnd::deadline;
    }
    engine.step();
  }
}

RunEnd World::run_for(Nanoseconds wait) {
  const SimTime deadline = now() + wait;
  const RunEnd end = run_until({}, {.deadline = deadline});
  if (end == RunEnd::idle) state_->engine.advance_to(deadline);
  return end;
}

RunEnd World::run_until_idle(std::uint64_t events_max) {
  return run_until({}, {.events_max = events_max});
}

std::vector<std::string> World::live_fibers() const {
  std::vector<std::string> lines;
  for (const auto& node : state_->nodes) {
    if (node->life == nullptr) continue;
    for (const auto& seat : node->life->seats()) {
      const std::string place = node->options.name + "/" + std::to_string(seat->lane().shard) + " fiber ";
      seat->fibers().for_each([&](env::Fiber& fiber) {
        lines.push_back(place + std::to_string(fiber.id()) + " " + std::string(fiber.name()) +
                        (fiber.is_parked() ? ", parked" : ""));
      });
    }
  }
  return lines;
}

const std::vector<std::string>& World::halts() const {
  return state_->halts;
}

}  // namespace gregor::sim
