// quorum-state as Kafka writes it (KIP-595; KIP-853 for version 1).
#include "quorum/quorum_state_file.h"

#include <gtest/gtest.h>

#include "sim/world.h"
#include "tests/quorum/support/metadata_home.h"
#include "tests/storage/support/kafka_files.h"

namespace gregor::quorum {
namespace {

const QuorumState kVoted{.data_version = 0,
                         .election = {LeaderEpoch{4}, std::nullopt, raft::VoterKey{NodeId{1}, {}}},
                         .voters = {{NodeId{1}, {}}, {NodeId{2}, {}}}};
const QuorumState kLed{.data_version = 1, .election = {LeaderEpoch{5}, NodeId{1}, std::nullopt}, .voters = {}};

std::string refusal_of(std::string_view text) {
  const auto state = parse_quorum_state(bytes_of(text));
  EXPECT_FALSE(state) << text;
  return state ? "" : state.error().text;
}

TEST(QuorumStateFile, BothVersionsSurviveTheFile) {
  for (const QuorumState& state : {kVoted, kLed, QuorumState{}}) {
    const auto read = parse_quorum_state(format_quorum_state(state));
    ASSERT_TRUE(read) << why(read);
    EXPECT_EQ(*read, state);
  }
  QuorumState voted = kLed;
  voted.election = {LeaderEpoch{6}, std::nullopt, raft::VoterKey{NodeId{3}, Uuid{1, 2}}};
  EXPECT_EQ(*parse_quorum_state(format_quorum_state(voted)), voted) << "version 1 keeps the directory voted for";
}

TEST(QuorumStateFile, WhatIsWrongIsNamed) {
  EXPECT_NE(refusal_of(R"({"leaderEpoch":1,"votedId":-1,"data_version":0})").find("leaderId"), std::string::npos);
  EXPECT_NE(refusal_of(R"({"leaderId":1,"votedId":-1,"data_version":0})").find("leaderEpoch"), std::string::npos);
  EXPECT_NE(refusal_of(R"({"leaderId":1,"leaderEpoch":1,"data_version":0})").find("votedId"), std::string::npos);
  EXPECT_NE(refusal_of(R"({"leaderId":1,"leaderEpoch":1,"votedId":2,"data_version":1})").find("votedDirectoryId"),
            std::string::npos);
  EXPECT_NE(refusal_of(R"({"leaderId":"1","leaderEpoch":1,"votedId":-1,"data_version":0})").find("leaderId"),
            std::string::npos);
  refusal_of("");
  refusal_of("[]");
  refusal_of(R"({"leaderId":1)");
}

TEST(QuorumStateFile, AVersionThatNobodyKnowsIsUnsupported) {
  const auto state = parse_quorum_state(bytes_of(R"({"leaderId":1,"leaderEpoch":1,"votedId":-1,"data_version":2})"));
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::unsupported);
}

TEST(QuorumStateFile, ErrorsNameTheFile) {
  const auto disk = std::make_shared<sim::DiskImage>();
  disk->put_file("f/quorum-state", bytes_of("not JSON"));
  on_disk(disk, [&](env::Fiber& self, env::Shard& shard) {
    const auto torn = read_quorum_state(self, shard.disk, "f");
    ASSERT_FALSE(torn);
    EXPECT_NE(torn.error().text.find("f/quorum-state"), std::string::npos);
    const auto absent = read_quorum_state(self, shard.disk, "elsewhere");
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().code, Errc::not_found);
  });
}

// INVARIANTS 49: a vote is on disk, whole and under its name, before anyone acts on it.
TEST(QuorumStateFile, APowerLossLeavesTheOldStateOrTheNewAndTheNewOnceItWasWritten) {
  int old = 0;
  for (std::uint64_t events = 1;; ++events) {
    auto disk = std::make_shared<sim::DiskImage>();
    disk->put_file("f/quorum-state", format_quorum_state(kVoted));
    bool is_written = false;
    sim::World world({.seed = events});
    world.add_node({.name = "n",
                    .body =
                        [&](env::Fiber& self, env::Shard& shard) {
                          ASSERT_TRUE(write_quorum_state(self, shard.disk, "f", kLed));
                          is_written = true;
                          while (true) self.park();
                        },
                    .disk = disk});
    world.run_until([&] { return is_written; }, {.events_max = events});
    world.lose_power(0);
    const auto left =
        on_disk(disk, [&](env::Fiber& self, env::Shard& shard) { return read_quorum_state(self, shard.disk, "f"); });
    ASSERT_TRUE(left) << "after " << events << " events: " << why(left);
    EXPECT_TRUE(*left == kVoted || *left == kLed);
    if (is_written) {
      EXPECT_EQ(*left, kLed);
      break;
    }
    if (*left == kVoted) ++old;
  }
  EXPECT_GT(old, 1);
}

using storage::KafkaFiles;

class QuorumStateOfKafka : public KafkaFiles {};

TEST_P(QuorumStateOfKafka, IsReadAndWrittenToTheSameBytes) {
  int seen = 0;
  for (const auto& partition : storage::partitions_of(*found_)) {
    if (partition.name != "__cluster_metadata-0") continue;
    const ByteBuffer content = storage::file_content(partition.path / "quorum-state");
    auto state = parse_quorum_state(content);
    ASSERT_TRUE(state) << why(state);
    EXPECT_GE(state->election.epoch, LeaderEpoch{1});
    EXPECT_EQ(text_of(format_quorum_state(*state)), text_of(content)) << partition.node;
    ++seen;
  }
  EXPECT_GT(seen, 0);
}

INSTANTIATE_TEST_SUITE_P(Cases, QuorumStateOfKafka, testing::ValuesIn(storage::kKafkaCases), storage::case_label);

}  // namespace
}  // namespace gregor::quorum
