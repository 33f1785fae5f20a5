// The group machine under random members: they join, sync, beat, leave, restart, commit, fall silent; time passes; the
// broker restarts. Held against it: INVARIANTS.md G1 to G4 as far as one coordinator can break them. Members remember
// what they were told, as clients do, and the model remembers what was acknowledged.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/group/support/group_rig.h"

namespace gregor::group {
namespace {

constexpr int kPeople = 5;

/// A client: what it was told last, and what it waits for.
struct Person {
  std::string member;
  int generation = -1;
  std::string protocol;
  std::vector<JoinedMember> led;
  std::optional<Token> joining;
  std::optional<Token> syncing;
  bool is_static = false;
  bool synced = false;
  [[nodiscard]] bool waits() const { return joining || syncing; }
};

struct Step {
  enum Kind { join, sync, beat, leave, forget, commit, pass, restart } kind;
  int person;
  int amount;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  constexpr std::array<const char*, 8> kNames{"join", "sync", "beat", "leave", "forget", "commit", "pass", "restart"};
  return out << kNames[static_cast<std::size_t>(step.kind)] << ' ' << step.person << ' ' << step.amount;
}

class World {
 public:
  World() {
    people_[3].is_static = true;
    people_[4].is_static = true;
  }

  void run(const Step& step) {
    Person& person = people_[static_cast<std::size_t>(step.person)];
    switch (step.kind) {
      case Step::join:
        return join(person, step);
      case Step::sync:
        return sync(person, step);
      case Step::beat:
        return beat(person);
      case Step::leave:
        return leave(person);
      case Step::forget: {  // the process died; a static one keeps its name
        const bool is_static = person.is_static;
        person = Person{};
        person.is_static = is_static;
        return;
      }
      case Step::commit:
        return commit(person, step);
      case Step::pass:
        rig_.pass(Milliseconds(step.amount * 700));
        return settle();
      case Step::restart:
        rig_.restart();
        // A generation that was not stored yet is forgotten, and its number given out anew.
        newest_generation_ = 0;
        protocols_.clear();
        return settle();
    }
  }

  void judge() {
    RC_ASSERT(rig_.machine.broken_invariant() == "");
    const GroupMachine again = rig_.reloaded();
    RC_ASSERT(rig_.machine.difference_from(again) == "");
    const FetchedOffset fetched = rig_.fetch();
    RC_ASSERT(fetched.offset.value() == committed_);
  }

  /// Everyone comes back and is heard: then the group is stable and each has its share.
  void come_to_rest() {
    for (int round = 0; round < 40; ++round) {
      for (int index = 0; index < kPeople; ++index) {
        Person& person = people_[static_cast<std::size_t>(index)];
        settle();
        if (person.waits()) continue;
        if (person.generation < 0) join(person, {Step::join, index, 1});
        settle();
        if (!person.waits() && person.generation >= 0 && !person.synced) sync(person, {Step::sync, index, 0});
        settle();
        if (!person.waits() && person.synced) beat(person);
      }
      rig_.pass(Milliseconds(1'500));
      settle();
    }
    const DescribedGroup group = rig_.describe();
    RC_ASSERT(group.state == "Stable");
    RC_ASSERT(group.members.size() == std::size_t{kPeople});
    std::set<std::string> shares;
    for (const DescribedMember& member : group.members) shares.emplace(text_of(member.assignment));
    RC_ASSERT(shares.size() == std::size_t{kPeople});
    judge();
  }

  [[nodiscard]] std::uint64_t rebalances() const { return rig_.machine.counts().rebalances; }

 private:
  [[nodiscard]] std::optional<std::string> instance_of(const Person& person) const {
    if (!person.is_static) return std::nullopt;
    return &person == &people_[3] ? "i3" : "i4";
  }

  void join(Person& person, const Step& step) {
    if (person.waits()) return;
    JoinWords words{
        .member = person.member, .instance = instance_of(person), .metadata = "m" + std::to_string(step.amount % 2)};
    words.version = step.amount % 3 == 0 ? 3 : 9;
    if (step.amount % 2 == 1) words.protocols = {"sticky", "range"};
    person.joining = rig_.join(words);
    person.synced = false;
    settle();
  }

  void sync(Person& person, const Step&) {
    if (person.waits() || person.generation < 0) return;
    std::vector<std::pair<std::string, std::string>> assignments;
    for (const JoinedMember& member : person.led)
      assignments.emplace_back(member.member_id, "share of " + member.member_id);
    person.syncing = rig_.sync(person.member, person.generation, assignments, instance_of(person));
    settle();
  }

  void beat(Person& person) {
    if (person.waits() || person.generation < 0) return;
    obey(person, rig_.heartbeat(person.member, person.generation, instance_of(person)));
  }

  void leave(Person& person) {
    if (person.waits() || person.member.empty()) return;
    rig_.leave({{person.member, instance_of(person)}});
    person.member.clear();
    person.generation = -1;
    settle();
  }

  void commit(Person& person, const Step& step) {
    if (person.waits() || person.generation < 0) return;
    const ErrorCode error = rig_.commit(step.amount, person.member, person.generation);
    if (error == ErrorCode::none) {
      // A fenced generation commits nothing; 0: the newest is not known after a restart.
      RC_ASSERT(newest_generation_ == 0 || person.generation == newest_generation_);
      committed_ = step.amount;
    }
    obey(person, error);
  }

  void obey(Person& person, ErrorCode error) {
    if (error == ErrorCode::none) return;
    if (error == ErrorCode::unknown_member_id || error == ErrorCode::fenced_instance_id) person.member.clear();
    if (error != ErrorCode::rebalance_in_progress || person.synced) person.generation = -1;
    person.synced = false;
  }

  /// Reads the answers that have come.
  void settle() {
    for (Person& person : people_) {
      if (person.joining && !rig_.waits(*person.joining))
        take_join(person, rig_.joined(*std::exchange(person.joining, std::nullopt)));
      if (person.syncing && !rig_.waits(*person.syncing)) {
        const SyncReply& reply = rig_.synced(*std::exchange(person.syncing, std::nullopt));
        if (reply.error == ErrorCode::none) {
          person.synced = true;
          RC_ASSERT(reply.protocol_name == person.protocol);
        } else {
          obey(person, reply.error);
          person.generation = -1;
        }
      }
    }
  }

  void take_join(Person& person, const JoinReply& reply) {
    if (reply.error == ErrorCode::member_id_required) {
      person.member = reply.member_id;
      return;
    }
    if (reply.error != ErrorCode::none) {
      if (reply.error != ErrorCode::rebalance_in_progress) person.member.clear();
      person.generation = -1;
      return;
    }
    person.member = reply.member_id;
    person.generation = reply.generation;
    person.protocol = *reply.protocol_name;
    person.led = reply.members;
    person.synced = false;
    note_generation(reply);
  }

  /// One generation: one protocol, one list of members with each id once, the leader among them.
  void note_generation(const JoinReply& reply) {
    newest_generation_ = std::max(newest_generation_, reply.generation);
    const auto [protocol, is_first] = protocols_.emplace(reply.generation, *reply.protocol_name);
    RC_ASSERT(protocol->second == *reply.protocol_name);
    if (reply.members.empty()) return;
    std::set<std::string> ids;
    for (const JoinedMember& member : reply.members) RC_ASSERT(ids.insert(member.member_id).second);
    RC_ASSERT(ids.contains(reply.leader));
    RC_ASSERT(reply.leader == reply.member_id);
  }

  GroupRig rig_;
  std::array<Person, kPeople> people_{};
  std::map<int, std::string> protocols_;
  int newest_generation_ = 0;
  std::int64_t committed_ = -1;
};

rc::Gen<Step> any_step() {
  return rc::gen::apply(
      [](Step::Kind kind, int person, int amount) {
        return Step{kind, person, amount};
      },
      rc::gen::weightedElement<Step::Kind>({{8, Step::join},
                                            {8, Step::sync},
                                            {3, Step::beat},
                                            {2, Step::leave},
                                            {2, Step::forget},
                                            {4, Step::commit},
                                            {6, Step::pass},
                                            {1, Step::restart}}),
      rc::gen::inRange(0, kPeople), rc::gen::inRange(0, 12));
}

RC_GTEST_PROP(GroupMachineProperty, RandomMembersNeverSeeTwoTruthsAndComeToRest, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  World world;
  for (const Step& step : steps) {
    world.run(step);
    world.judge();
  }
  world.come_to_rest();
  RC_CLASSIFY(world.rebalances() > 2, "several rebalances");
}

}  // namespace

}  // namespace gregor::group
