#include "tests/raft/support/stories.h"

namespace gregor::raft::model {

using namespace std::chrono_literals;

namespace {

constexpr Law kQuiet{.voters = 3, .lose = 0, .repeat = 0, .delay = 0, .slow_disk = 0};

/// The leader after a calm start, its commits known.
Node* led(QuorumModel& model) {
  model.run_for(10s);
  Node* leader = model.newest_leader();
  if (leader == nullptr) model.judge().note("L3: no leader within 10 s");
  return leader;
}

void expect_same_leader(QuorumModel& model, LeaderEpoch epoch) {
  const Node* leader = model.newest_leader();
  if (leader != nullptr && leader->fsm->epoch() == epoch) return;
  model.judge().note("L3: a healthy leader was deposed" + model.describe());
}

}  // namespace

std::string flapping_link(std::uint64_t seed) {
  QuorumModel model(kQuiet, seed);
  const Node* leader = led(model);
  if (leader == nullptr) return model.judge().violation();
  const LeaderEpoch epoch = leader->fsm->epoch();
  const NodeId flapping{leader->id.value() % 3 + 1};
  for (int i = 0; i < 8 && !model.is_over(); ++i) {
    model.isolate(model.node_of(flapping));
    model.run_for(6s);
    model.heal();
    model.run_for(4s);
    expect_same_leader(model, epoch);
  }
  return model.judge().violation();
}

std::string one_cut_link(std::uint64_t seed) {
  QuorumModel model(kQuiet, seed);
  const Node* leader = led(model);
  if (leader == nullptr) return model.judge().violation();
  const LeaderEpoch epoch = leader->fsm->epoch();
  const NodeId other{leader->id.value() % 3 + 1};
  model.cut(leader->id, other);
  model.cut(other, leader->id);
  model.run_for(40s);
  expect_same_leader(model, epoch);
  return model.judge().violation();
}

std::string leader_without_quorum(std::uint64_t seed) {
  QuorumModel model(kQuiet, seed);
  Node* leader = led(model);
  if (leader == nullptr) return model.judge().violation();
  model.isolate(*leader);
  model.run_for(Timing{}.check_quorum_time() + 100ms);
  if (leader->leads()) model.judge().note("L3: a leader without a quorum goes on" + model.describe());
  return model.judge().violation();
}

std::string two_changes_at_once(std::uint64_t seed) {
  Law law = kQuiet;
  law.observers = 2;
  law.is_dynamic = true;
  QuorumModel model(law, seed);
  Node* leader = led(model);
  if (leader == nullptr) return model.judge().violation();
  // The leader and the joiners on one side, the other two voters on the other: both could be a majority of something.
  for (const Node& joiner : {model.nodes()[3], model.nodes()[4]}) {
    for (const Node& voter : model.nodes()) {
      if (voter.id == leader->id || voter.id.value() > 3) continue;
      for (const NodeId side : {leader->id, joiner.id}) {
        model.cut(side, voter.id);
        model.cut(voter.id, side);
      }
    }
  }
  model.change_voters(*leader, AddVoterRequest{{model.nodes()[3].key()}});
  model.run_for(50ms);
  model.change_voters(*leader, AddVoterRequest{{model.nodes()[4].key()}});
  for (int i = 0; i < 100 && !model.is_over(); ++i) {
    for (Node& node : model.nodes()) model.propose(node);
    model.run_for(100ms);
  }
  model.heal();
  model.run_for(10s);
  return model.judge().violation();
}

}  // namespace gregor::raft::model
