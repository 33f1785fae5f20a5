// Batches of the metadata log against the record layer's own checks and against what Kafka wrote.
#include "quorum/metadata_batch.h"

#include <gtest/gtest.h>

#include "record/batch_builder.h"
#include "tests/quorum/support/metadata_home.h"
#include "tests/storage/support/kafka_files.h"
#include "wire/control_records.h"
#include "wire/message.h"

namespace gregor::quorum {
namespace {

const raft::VoterSet kVoters{{NodeId{1}, Uuid{0, 5}}, {NodeId{2}, Uuid{0, 6}}};

record::BatchView view_of(const ByteBuffer& batch) {
  return record::BatchView::parse(batch).value();
}

ByteBuffer voters_batch(const std::vector<raft::VoterSet>& sets) {
  record::BatchBuilder builder({.is_control = true});
  for (const raft::VoterSet& set : sets) {
    wire::VotersRecord message;
    for (const auto& [voter, endpoints, oldest, newest] : set) {
      message.voters.push_back({.voter_id = voter.id.value(), .voter_directory_id = voter.directory_id});
      message.voters.back().kraft_version_feature = {.min_supported_version = oldest, .max_supported_version = newest};
    }
    const ByteBuffer body = wire::encode_body(message, 0).value();
    const std::array<std::byte, 4> key{std::byte{0}, std::byte{0}, std::byte{0},
                                       static_cast<std::byte>(record::ControlType::kraft_voters)};
    builder.add(WallTime{1}, Bytes(key), Bytes(body));
  }
  record::CodecScratch scratch;
  return builder.encode(scratch).value();
}

TEST(MetadataBatch, ValuesComeBackAsTheyWent) {
  const auto wrote = values({"one", "", "three"});
  const ByteBuffer batch = encode_values(wrote, Offset{40}, LeaderEpoch{3}, WallTime{1000});
  const record::BatchView view = view_of(batch);
  EXPECT_TRUE(view.crc_is_right());
  EXPECT_EQ(view.base_offset(), Offset{40});
  EXPECT_EQ(view.last_offset(), Offset{42});
  EXPECT_EQ(view.leader_epoch(), LeaderEpoch{3});
  EXPECT_FALSE(view.is_control());
  record::CodecScratch scratch;
  const auto read = values_of(view, scratch);
  ASSERT_TRUE(read) << why(read);
  EXPECT_EQ(*read, wrote);
}

// KIP-853: the first leader of a dynamic quorum writes down who votes, behind its LeaderChange record.
TEST(MetadataBatch, AnEpochStartMaySetTheFirstVoters) {
  const raft::VoterSet voters{{.key = {NodeId{1}, Uuid{0, 9}}, .endpoints = {{"CONTROLLER", "one", 9093}}},
                              {.key = {NodeId{2}, Uuid{0, 8}}, .endpoints = {{"CONTROLLER", "two", 9094}}}};
  const ByteBuffer batch = epoch_start_batch(Offset{7}, LeaderEpoch{2}, WallTime{5},
                                             {NodeId{1}, {NodeId{1}, NodeId{2}}, {NodeId{1}, NodeId{2}}}, voters);
  EXPECT_EQ(view_of(batch).last_offset(), Offset{9});
  EXPECT_EQ(voters_set_by(view_of(batch)).value(), voters);
  const ByteBuffer alone = quorum::voters_batch(Offset{9}, LeaderEpoch{2}, WallTime{5}, voters);
  EXPECT_EQ(voters_set_by(view_of(alone)).value(), voters);
}

TEST(MetadataBatch, AControlBatchHoldsNoMetadata) {
  const ByteBuffer batch =
      epoch_start_batch(Offset{7}, LeaderEpoch{2}, WallTime{5}, {NodeId{1}, {NodeId{1}}, {NodeId{1}}}, {});
  record::CodecScratch scratch;
  EXPECT_TRUE(view_of(batch).is_control());
  EXPECT_TRUE(values_of(view_of(batch), scratch)->empty());
  EXPECT_FALSE(*voters_set_by(view_of(batch))) << "it tells of voters, it does not set them";
}

TEST(MetadataBatch, ARecordWithoutAValueIsMalformed) {
  record::BatchBuilder builder(record::BatchSettings{});
  builder.add(WallTime{1}, std::nullopt, std::nullopt);
  record::CodecScratch scratch;
  const ByteBuffer batch = builder.encode(scratch).value();
  const auto read = values_of(view_of(batch), scratch);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::malformed);
}

TEST(MetadataBatch, TheLastVotersRecordOfABatchCounts) {
  const raft::VoterSet backwards{{NodeId{2}, Uuid{0, 6}}, {NodeId{1}, Uuid{0, 5}}};
  const auto found = voters_set_by(view_of(voters_batch({{{NodeId{9}, {}}}, backwards})));
  ASSERT_TRUE(found) << why(found);
  EXPECT_EQ(**found, kVoters) << "sorted";
  EXPECT_FALSE(*voters_set_by(view_of(encode_values(values({"x"}), Offset{0}, LeaderEpoch{0}, WallTime{0}))));
}

using storage::KafkaFiles;
class MetadataBatchOfKafka : public KafkaFiles {};

/// The first LeaderChange batch in a segment; none where there is none.
std::optional<record::BatchView> first_leader_change(Bytes rest) {
  for (auto batch = record::BatchView::parse(rest); batch; batch = record::BatchView::parse(rest)) {
    if (batch->is_control()) {
      record::RecordIterator records(*batch, batch->record_bytes());
      const auto first = records.next();
      if (first && *first && record::control_type_of(**first) == record::ControlType::leader_change) return *batch;
    }
    rest = rest.subspan(batch->size());
  }
  return std::nullopt;
}

// A quorum of one, static or dynamic: Kafka's LeaderChange record and ours have the same bytes.
TEST_P(MetadataBatchOfKafka, LeaderChangeHasKafkasBytes) {
  const auto& cluster = found_->expected.at("wire").at("cluster");
  raft::VoterSet voters;
  for (const auto& voter : cluster.at("voters")) {
    voters.push_back({NodeId{voter.at("id").get<int>()}, *Uuid::from_text(voter.at("directoryId").get<std::string>())});
  }
  if (voters.size() > 1) GTEST_SKIP() << "who granted is Kafka's to know";
  int compared = 0;
  for (const auto& partition : storage::partitions_of(*found_)) {
    if (partition.name != "__cluster_metadata-0") continue;
    for (const std::string& name : storage::names_in(partition.path)) {
      if (!name.ends_with(".log")) continue;
      const ByteBuffer content = storage::file_content(partition.path / name);
      const auto theirs = first_leader_change(content);
      if (!theirs) continue;
      ++compared;
      const NodeId leader = voters.front().key.id;
      const ByteBuffer ours = epoch_start_batch(theirs->base_offset(), theirs->leader_epoch(), theirs->max_timestamp(),
                                                {leader, {leader}, {leader}}, {});
      EXPECT_TRUE(std::ranges::equal(theirs->bytes(), ours)) << name;
    }
  }
  if (compared == 0) GTEST_SKIP() << "the log begins behind its LeaderChange record";
}

INSTANTIATE_TEST_SUITE_P(Cases, MetadataBatchOfKafka, testing::ValuesIn(storage::kKafkaCases), storage::case_label);

}  // namespace
}  // namespace gregor::quorum
