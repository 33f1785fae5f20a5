#include "tests/broker/support/cluster_world.h"

#include <algorithm>

#include "wire/create_topics.h"

namespace gregor::broker::test {

using std::chrono::seconds;

std::string voters_of(int count) {
  std::string voters;
  for (int i = 1; i <= count; ++i) {
    const std::string id = std::to_string(i);
    voters += (i > 1 ? "," : "") + id + "@n" + id + ":" + std::to_string(kControllerPort);
  }
  return voters;
}

Settings with(Settings settings, const Settings& more) {
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

Settings combined_node(int i, int count) {
  const std::string id = std::to_string(i);
  return {{"node.id", id},
          {"process.roles", "broker,controller"},
          {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
          {"advertised.listeners", "PLAINTEXT://n" + id + ":9092"},
          {"controller.quorum.voters", voters_of(count)},
          {"gregor.initial.cluster", kClusterOfTests}};
}

Settings controller_node(int i, int count) {
  const std::string id = std::to_string(i);
  return {{"node.id", id},
          {"process.roles", "controller"},
          {"listeners", "CONTROLLER://:9093"},
          {"controller.quorum.voters", voters_of(count)},
          {"gregor.initial.cluster", kClusterOfTests}};
}

Settings broker_node(int i, int count) {
  const std::string id = std::to_string(i);
  return {{"node.id", id},
          {"process.roles", "broker"},
          {"listeners", "PLAINTEXT://:9092"},
          {"advertised.listeners", "PLAINTEXT://n" + id + ":9092"},
          {"controller.quorum.voters", voters_of(count)}};
}

void create_topic_on(const ClusterClient& client, const std::string& name, const std::vector<std::int32_t>& replicas,
                     const Settings& configs) {
  Peer peer = client.to_broker(1);
  wire::CreateTopicsRequest request;
  request.timeout_ms = 10'000;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = -1;
  topic.replication_factor = -1;
  topic.assignments.push_back({.partition_index = 0, .broker_ids = {replicas.begin(), replicas.end()}});
  for (const auto& [key, value] : configs) topic.configs.push_back({.name = key, .value = value});
  EXPECT_EQ(peer.ask<wire::CreateTopicsResponse>(request, 7).body.topics.at(0).error_code, 0);
}

/// One life of a node.
class ClusterWorld::Life final : public sim::Program {
 public:
  Life(ClusterWorld& owner, Member& member) : member_(member), node_(member.config, 1, owner.observer_, member.log) {
    node_.when_ready([&owner, &member](std::uint16_t) { member.ready_life = owner.world.incarnation(member.node); });
  }
  void run(env::Fiber& self, env::Shard& shard) override { member_.ended = node_.run(self, shard); }
  void stop() override { node_.stop(); }

 private:
  Member& member_;
  Node node_;
};

ClusterWorld::ClusterWorld(const std::vector<Settings>& nodes, std::uint64_t seed) : world({.seed = seed}) {
  for (const Settings& settings : nodes) {
    members_.push_back(std::make_unique<Member>());
    Member& member = *members_.back();
    member.config = config_of(settings);
    member.node =
        world.add_node({.name = "n" + std::to_string(members_.size()), .shard_count = 1, .program = [this, &member] {
                          return std::make_unique<Life>(*this, member);
                        }});
  }
}

ClusterWorld::~ClusterWorld() = default;

bool ClusterWorld::wait_until(UniqueFunction<bool()> holds, Nanoseconds within) {
  return world.run_until(std::move(holds), {.deadline = world.now() + within}) == sim::RunEnd::satisfied;
}

void ClusterWorld::await_ready() {
  const auto all_ready = [this] {
    return std::all_of(members_.begin(), members_.end(), [this](const auto& member) {
      return !world.is_alive(member->node) || member->ready_life == world.incarnation(member->node);
    });
  };
  ASSERT_TRUE(wait_until(all_ready)) << "not all nodes became ready";
}

void ClusterWorld::on_client(std::function<void(const ClusterClient&)> body) {
  bool done = false;
  world.add_node({.name = "client" + std::to_string(++clients_), .body = [&](env::Fiber& self, env::Shard& shard) {
                    body(ClusterClient{{self, shard}});
                    done = true;
                  }});
  ASSERT_TRUE(wait_until([&] { return done; }, std::chrono::hours(2))) << "the client never came to its end";
  world.run_for(Milliseconds(10));  // what it left behind unwinds
}

void ClusterWorld::run(std::function<void(const ClusterClient&)> body) {
  await_ready();
  if (!testing::Test::HasFatalFailure()) on_client(std::move(body));
}

void ClusterWorld::run_until(const std::string& what, std::function<bool(const ClusterClient&)> body) {
  bool was_seen = false;
  on_client([&](const ClusterClient& client) {
    for (int tries = 0; tries < 300 && !was_seen; ++tries) {
      was_seen = body(client);
      if (!was_seen) client.sleep(Milliseconds(200));
    }
  });
  EXPECT_TRUE(was_seen) << what << " never came true";
}

}  // namespace gregor::broker::test
