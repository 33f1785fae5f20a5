// The machine's words survive the wire: said by one node, encoded, decoded and heard by another.
#include "quorum/peer_messages.h"

#include <gtest/gtest.h>

#include "tests/quorum/support/metadata_home.h"
#include "wire/message.h"

namespace gregor::quorum {
namespace {

const Context kContext{.cluster_id = "cluster", .listeners = {{"CONTROLLER", "one", 9093}}};
const raft::VoterKey kOne{NodeId{1}, Uuid{1, 1}};
const raft::VoterKey kTwo{NodeId{2}, Uuid{2, 2}};

/// `message` as it is after a journey; the bytes are in `frame`.
template <class Message>
Message sent(const Message& message, std::int16_t version, ByteBuffer& frame) {
  auto body = wire::encode_body(message, version);
  EXPECT_TRUE(body) << why(body);
  frame = body ? std::move(*body) : ByteBuffer();
  Message read;
  const auto decoded = wire::decode_body(frame, read, version);
  EXPECT_TRUE(decoded) << why(decoded);
  return read;
}

TEST(PeerMessages, AVoteRequestIsHeardAsItWasSaid) {
  const raft::VoteRequest said{kOne, LeaderEpoch{7}, kTwo, {Offset{40}, LeaderEpoch{6}}, true};
  ByteBuffer frame;
  const auto read = sent(to_wire(said, kContext), 2, frame);
  EXPECT_EQ(read.cluster_id, "cluster");
  const raft::VoteRequest heard = from_wire(read, kOne);
  EXPECT_EQ(heard.candidate, said.candidate);
  EXPECT_EQ(heard.epoch, said.epoch);
  EXPECT_EQ(heard.voter, said.voter);
  EXPECT_EQ(heard.log_end, said.log_end);
  EXPECT_TRUE(heard.is_pre_vote);
}

TEST(PeerMessages, APreVoteCannotBeAskedOfWhoDoesNotKnowIt) {
  const raft::VoteRequest asked{kOne, LeaderEpoch{7}, kTwo, {}, true};
  EXPECT_FALSE(wire::encode_body(to_wire(asked, kContext), 1));
}

TEST(PeerMessages, AFetchIsHeardAsItWasSaid) {
  const raft::FetchRequest said{kTwo, LeaderEpoch{7}, Offset{40}, LeaderEpoch{6}, Offset{38}};
  ByteBuffer frame;
  const raft::FetchRequest heard = from_wire(sent(to_wire(said, kContext), 18, frame));
  EXPECT_EQ(heard.replica, said.replica);
  EXPECT_EQ(heard.leader_epoch, said.leader_epoch);
  EXPECT_EQ(heard.fetch_offset, said.fetch_offset);
  EXPECT_EQ(heard.last_fetched_epoch, said.last_fetched_epoch);
  EXPECT_EQ(heard.high_watermark, said.high_watermark);
  const raft::FetchRequest reader{std::nullopt, LeaderEpoch{7}, Offset{40}, LeaderEpoch{6}, Offset{38}};
  EXPECT_FALSE(from_wire(sent(to_wire(reader, kContext), 18, frame)).replica);
}

TEST(PeerMessages, EpochsBeginAndEndAsTheyWereSaid) {
  ByteBuffer frame;
  const raft::BeginQuorumEpochRequest said{NodeId{1}, LeaderEpoch{7}, kTwo};
  const auto begun = sent(to_wire(said, kContext), 1, frame);
  ASSERT_EQ(begun.leader_endpoints.size(), 1U);
  EXPECT_EQ(begun.leader_endpoints[0].host, "one");
  EXPECT_EQ(from_wire(begun, kOne).voter, kTwo);
  EXPECT_EQ(from_wire(begun, kOne).epoch, LeaderEpoch{7});
  const raft::EndQuorumEpochRequest farewell{NodeId{1}, LeaderEpoch{7}, {kTwo, kOne}};
  EXPECT_EQ(from_wire(sent(to_wire(farewell, kContext), 1, frame)).preferred_successors,
            (std::vector<raft::VoterKey>{kTwo, kOne}));
}

TEST(PeerMessages, AnswersComeBackAsTheyWereGiven) {
  ByteBuffer frame;
  const raft::Standing standing{raft::Verdict::fenced_leader_epoch, LeaderEpoch{9}, NodeId{2}};
  const auto vote = from_wire(sent(to_wire(raft::VoteReply{standing, true}), 2, frame));
  ASSERT_TRUE(vote) << why(vote);
  EXPECT_EQ(std::get<raft::VoteReply>(*vote).standing, standing);
  EXPECT_TRUE(std::get<raft::VoteReply>(*vote).is_granted);
  const raft::Standing nobody{raft::Verdict::none, LeaderEpoch{9}, std::nullopt};
  const auto ended = from_wire(sent(to_wire(raft::EndQuorumEpochReply{nobody}), 1, frame));
  ASSERT_TRUE(ended) << why(ended);
  EXPECT_EQ(std::get<raft::EndQuorumEpochReply>(*ended).standing, nobody);
}

TEST(PeerMessages, AFetchReplyTellsOfDivergenceOrOfASnapshot) {
  ByteBuffer frame;
  raft::FetchReply said{.standing = {raft::Verdict::none, LeaderEpoch{9}, NodeId{2}}, .high_watermark = Offset{30}};
  said.diverging = {Offset{12}, LeaderEpoch{4}};
  auto heard = from_wire(sent(to_wire(said, 18), 18, frame));
  ASSERT_TRUE(heard) << why(heard);
  EXPECT_EQ(std::get<raft::FetchReply>(*heard).diverging, said.diverging);
  EXPECT_FALSE(std::get<raft::FetchReply>(*heard).snapshot);
  EXPECT_EQ(std::get<raft::FetchReply>(*heard).high_watermark, Offset{30});
  said.diverging.reset();
  said.snapshot = {Offset{20}, LeaderEpoch{5}};
  heard = from_wire(sent(to_wire(said, 17), 17, frame));
  ASSERT_TRUE(heard) << why(heard);
  EXPECT_EQ(std::get<raft::FetchReply>(*heard).snapshot, said.snapshot);
  EXPECT_EQ(std::get<raft::FetchReply>(*heard).standing, said.standing);
}

TEST(PeerMessages, ErrorsThatAreNoVerdictAreNoReply) {
  auto response = to_wire(raft::VoteReply{{raft::Verdict::none, LeaderEpoch{1}, {}}, true});
  response.error_code = wire_code(wire::ErrorCode::inconsistent_cluster_id);
  EXPECT_FALSE(from_wire(response));
  response.error_code = 0;
  response.topics[0].partitions[0].error_code = wire_code(wire::ErrorCode::kafka_storage_error);
  EXPECT_FALSE(from_wire(response));
  response.topics.clear();
  EXPECT_FALSE(from_wire(response));
}

}  // namespace
}  // namespace gregor::quorum
