#include "tests/raft/support/chaos.h"

#include <algorithm>

namespace gregor::raft::model {

using namespace std::chrono_literals;

Nanoseconds Chaos::draw(Nanoseconds low, Nanoseconds high) {
  return Nanoseconds(model_.random().between(low.count(), high.count()));
}

/// The leader a third of the time: what happens to it matters most.
Node& Chaos::somebody() {
  Node* leader = model_.newest_leader();
  const bool takes_leader = model_.random().chance(1, 3);
  const std::uint64_t drawn = model_.random().below(model_.nodes().size());
  return takes_leader && leader != nullptr ? *leader : model_.nodes()[drawn];
}

bool Chaos::is_alive(const VoterKey& key) {
  const Node& node = model_.node_of(key.id);
  return is_same_voter(key, node.key());
}

void Chaos::propose_later() {
  const Nanoseconds wait = draw(5ms, 150ms);
  model_.at(model_.now() + wait, [this] {
    if (model_.now() >= until_) return;
    Node& node = somebody();
    model_.propose(node);
    propose_later();
  });
}

void Chaos::break_later() {
  const Nanoseconds wait = draw(50ms, 1500ms);
  model_.at(model_.now() + wait, [this] {
    if (model_.now() >= until_) return;
    break_something();
    break_later();
  });
}

void Chaos::change_later() {
  const Nanoseconds wait = draw(100ms, 2s);
  model_.at(model_.now() + wait, [this] {
    if (model_.now() >= until_) return;
    change_voters();
    change_later();
  });
}

void Chaos::crash(Node& node) {
  const bool is_power_loss = model_.random().chance(2, 3);
  const Nanoseconds down = draw(10ms, 3s);
  const NodeId id = node.id;
  model_.stop(node, is_power_loss);
  model_.at(model_.now() + down, [this, id] { model_.start(model_.node_of(id)); });
}

void Chaos::crash_all() {
  for (Node& node : model_.nodes()) crash(node);
}

void Chaos::cut_something() {
  const std::uint64_t how = model_.random().below(3);
  const Node& node = somebody();
  if (how == 0) {
    model_.isolate(node);
  } else if (how == 1) {
    const std::uint64_t other = model_.random().below(model_.nodes().size());
    model_.cut(node.id, model_.nodes()[other].id);
  } else {
    std::vector<bool> side;
    for (std::size_t i = 0; i < model_.nodes().size(); ++i) side.push_back(model_.random().chance(1, 2));
    for (std::size_t i = 0; i < side.size(); ++i) {
      for (std::size_t j = 0; j < side.size(); ++j) {
        if (side[i] != side[j]) model_.cut(model_.nodes()[i].id, model_.nodes()[j].id);
      }
    }
  }
  const Nanoseconds time = draw(200ms, 6s);
  model_.at(model_.now() + time, [this] { model_.heal(); });
}

/// At most f voters lose their disks before the last one is a voter again, or is out of the set.
void Chaos::wipe_somebody() {
  Node& node = somebody();
  const Node* leader = model_.newest_leader();
  if (!with_wipes_ || leader == nullptr) return;
  const VoterSet& voters = leader->fsm->voters();
  const bool is_committed = leader->fsm->voters_offset() < leader->fsm->high_watermark();
  const bool are_all_alive = std::all_of(voters.begin(), voters.end(), [this](const Voter& voter) {
    return is_alive(voter.key) && !model_.node_of(voter.key.id).disk.is_new;
  });
  if (!is_committed || !are_all_alive || voters.size() < 3) return;
  model_.wipe(node, !model_.law().is_dynamic);
  const Nanoseconds down = draw(10ms, 1s);
  const NodeId id = node.id;
  model_.at(model_.now() + down, [this, id] { model_.start(model_.node_of(id)); });
}

/// Dead voters go first; a set of three or fewer is not made smaller.
void Chaos::change_voters() {
  Node* leader = model_.newest_leader();
  if (!model_.law().is_dynamic || leader == nullptr) return;
  const VoterSet voters = leader->fsm->voters();
  for (const Voter& voter : voters) {
    if (!is_alive(voter.key)) return model_.change_voters(*leader, RemoveVoterRequest{voter.key});
  }
  const Node& node = somebody();
  const Voter* listed = find_voter(voters, node.id);
  if (listed == nullptr) return model_.change_voters(*leader, AddVoterRequest{{node.key()}});
  const bool updates = model_.random().chance(1, 3);
  if (updates) {
    Voter voter = *listed;
    voter.endpoints = {{"CONTROLLER", "host", static_cast<std::uint16_t>(model_.random().below(60000))}};
    model_.change_voters(*leader, UpdateVoterRequest{leader->fsm->epoch(), voter});
  } else if (voters.size() > 3) {
    model_.change_voters(*leader, RemoveVoterRequest{listed->key});
  }
}

void Chaos::break_something() {
  switch (model_.random().below(11)) {
    case 0:
    case 1:
      return crash(somebody());
    case 2:
      return model_.random().chance(1, 3) ? crash_all() : crash(somebody());
    case 3:
    case 4:
      return cut_something();
    case 5: {
      const Nanoseconds time = draw(100ms, 5s);
      return model_.pause(somebody(), time);
    }
    case 6:
      return model_.take_snapshot(somebody());
    case 7:
      return wipe_somebody();
    case 9:
      return model_.suspect_leader(somebody());
    case 8: {
      Node& node = somebody();
      const NodeId id = node.id;
      model_.shut_down(node);
      model_.at(model_.now() + 500ms, [this, id] { crash(model_.node_of(id)); });
      return;
    }
    default:
      for (int i = 0; i < 3; ++i) change_voters();
  }
}

void Chaos::run_for(Nanoseconds time) {
  until_ = model_.now() + time;
  propose_later();
  break_later();
  if (model_.law().is_dynamic) change_later();
  model_.run_until(until_);
}

/// A voter is gone for good, and logs differ about who else votes: whom one of them needs may hold a longer log and not
/// stand. No majority of some set is then both alive and willing; that is offline, not wrong (INVARIANTS C, point 9).
bool Chaos::may_stay_without_leader() {
  bool is_one_gone = false;
  bool do_they_differ = false;
  const VoterSet& first = model_.nodes()[0].fsm->voters();
  for (const Node& node : model_.nodes()) {
    if (node.fsm->voters().empty()) continue;
    do_they_differ = do_they_differ || node.fsm->voters() != first;
    for (const Voter& voter : node.fsm->voters()) is_one_gone = is_one_gone || !is_alive(voter.key);
  }
  return is_one_gone && do_they_differ;
}

void Chaos::settle() {
  model_.run_for(10s);  // what was begun ends: restarts, late messages
  model_.heal();
  Law& law = model_.law();
  law.lose = law.repeat = law.delay = law.slow_disk = 0;
  for (Node& node : model_.nodes()) {
    node.paused_until = {};
    model_.stop(node, true);
    model_.start(node);
  }
  model_.run_for(15s);
  Node* leader = model_.newest_leader();
  if (leader == nullptr && may_stay_without_leader()) return;
  if (leader == nullptr) return model_.judge().note("L3: no leader within 15 s of calm" + model_.describe());
  const NodeId led_by = leader->id;
  model_.propose(*leader);
  model_.run_for(5s);
  leader = model_.newest_leader();
  if (leader == nullptr || leader->id != led_by)
    return model_.judge().note("L3: the leader changes in the calm" + model_.describe());
  if (leader->high_watermark < leader->disk.end()) model_.judge().note("L3: a proposal is not committed");
  for (const Node& node : model_.nodes()) {
    if (node.high_watermark == leader->high_watermark) continue;
    model_.judge().note("L2: node " + std::to_string(node.id.value()) + " does not catch up" + model_.describe());
  }
  if (law.joins) expect_all_vote(*leader);
  model_.judge().compare_logs(model_.nodes());
}

/// As they are, and nobody besides.
void Chaos::expect_all_vote(const Node& leader) {
  for (const Node& node : model_.nodes()) {
    if (find_voter(leader.fsm->voters(), node.key()) != nullptr) continue;
    model_.judge().note("L3: node " + std::to_string(node.id.value()) + " does not join" + model_.describe());
  }
}

std::string run_law(const Law& law, bool with_wipes, std::uint64_t seed, std::size_t* committed) {
  QuorumModel model(law, seed);
  Chaos chaos(model, with_wipes);
  chaos.run_for(40s);
  if (!model.is_over()) chaos.settle();
  if (committed != nullptr) *committed = model.judge().committed().size();
  return model.judge().violation();
}

std::string run_seed(std::uint64_t seed) {
  RandomStream random(hash_name("raft law", seed));
  Law law;
  constexpr int kVoters[] = {1, 2, 3, 3, 3, 5};
  law.voters = kVoters[random.below(std::size(kVoters))];
  law.observers = static_cast<int>(random.below(3));
  law.is_dynamic = random.chance(1, 2);
  law.lose = static_cast<int>(random.below(60));
  law.repeat = static_cast<int>(random.below(60));
  law.delay = static_cast<int>(random.below(60));
  law.slow_disk = static_cast<int>(random.below(60));
  const bool with_wipes = random.chance(1, 2);
  law.joins = law.is_dynamic && random.chance(1, 2);
  return run_law(law, with_wipes, seed);
}

}  // namespace gregor::raft::model
