// A torn end is what a power loss leaves of one unflushed batch; anything else is damage to what was committed, and is
// not to be cut away (KAFKA-14104; INVARIANTS 65).
#include "quorum/log_damage.h"

#include <gtest/gtest.h>

#include "quorum/metadata_batch.h"
#include "record/batch_builder.h"
#include "tests/quorum/support/metadata_home.h"
#include "wire/control_records.h"
#include "wire/message.h"

namespace gregor::quorum {
namespace {

const std::string kFirst = "f/00000000000000000000.log";
const std::string kSecond = "f/00000000000000000003.log";

/// Three batches of one record from `base`.
ByteBuffer three_batches(std::int64_t base) {
  ByteBuffer content;
  for (std::int64_t offset = base; offset < base + 3; ++offset) {
    append_bytes(content, encode_values(values({"a metadata record"}), Offset{offset}, LeaderEpoch{1}, WallTime{9}));
  }
  return content;
}
std::size_t batch_bytes() {
  return three_batches(0).size() / 3;
}
ByteBuffer voters_batch(std::int64_t offset, int voter) {
  wire::VotersRecord message;
  message.voters.push_back({.voter_id = voter, .voter_directory_id = Uuid{0, 3}});
  return record::control_batch(Offset{offset}, LeaderEpoch{1}, WallTime{9}, record::ControlType::kraft_voters,
                               wire::encode_body(message, 0).value());
}

class LogDamage : public testing::Test {
 protected:
  Result<LogSurvey> survey(bool clean_shutdown = false) {
    return on_disk(
        disk_, [&](env::Fiber& self, env::Shard& shard) { return survey_log(self, shard.disk, "f", clean_shutdown); });
  }
  void put(const std::string& path, Bytes content) { disk_->put_file(path, content); }
  /// `content` with one bit of byte `at` flipped.
  static ByteBuffer flipped(ByteBuffer content, std::size_t at) {
    content[at] ^= std::byte{4};
    return content;
  }
  void expect_corrupt(const Result<LogSurvey>& found, const std::string& file, std::size_t at) {
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::corrupt);
    EXPECT_NE(found.error().text.find(file), std::string::npos) << found.error().text;
    EXPECT_NE(found.error().text.find("byte " + std::to_string(at)), std::string::npos) << found.error().text;
  }
  std::shared_ptr<sim::DiskImage> disk_ = std::make_shared<sim::DiskImage>();
};

TEST_F(LogDamage, NoBatchAtAllIsAnEmptyLog) {
  put("f/partition.metadata", {});
  EXPECT_TRUE(survey()->is_empty);
  put(kFirst, {});
  EXPECT_TRUE(survey()->is_empty);
}

TEST_F(LogDamage, AWholeLogIsWhole) {
  put(kFirst, three_batches(0));
  put(kSecond, three_batches(3));
  const auto found = survey(true);
  ASSERT_TRUE(found) << why(found);
  EXPECT_FALSE(found->is_empty);
  EXPECT_TRUE(found->voters.empty());
}

TEST_F(LogDamage, AnEndCutAnywhereIsTornUnlessTheNodeEndedCleanly) {
  const ByteBuffer whole = three_batches(0);
  for (std::size_t size = 2 * batch_bytes() + 1; size < whole.size(); ++size) {
    put(kFirst, Bytes(whole).first(size));
    const auto found = survey();
    ASSERT_TRUE(found) << size << ": " << why(found);
    EXPECT_FALSE(found->is_empty);
    expect_corrupt(survey(true), kFirst, 2 * batch_bytes());
  }
}

TEST_F(LogDamage, ALastBatchWithAWrongCrcIsTornTooAndSoAreZerosAfterTheEnd) {
  const ByteBuffer whole = three_batches(0);
  put(kFirst, flipped(whole, whole.size() - 1));
  EXPECT_TRUE(survey()) << "its sectors may have come in any order";
  ByteBuffer padded = whole;
  padded.resize(padded.size() + 4096);
  put(kFirst, padded);
  EXPECT_TRUE(survey());
}

TEST_F(LogDamage, ABadBatchWithAGoodOneBehindItIsDamage) {
  const ByteBuffer whole = three_batches(0);
  for (std::size_t at = batch_bytes(); at < 2 * batch_bytes(); ++at) {
    const bool is_outside_crc = at - batch_bytes() < 8 || (at - batch_bytes() >= 12 && at - batch_bytes() < 16);
    if (is_outside_crc) continue;  // base offset and leader epoch: judged by their order alone
    put(kFirst, flipped(whole, at));
    expect_corrupt(survey(), kFirst, batch_bytes());
  }
}

TEST_F(LogDamage, ATornEndBeforeALaterSegmentIsDamage) {
  const ByteBuffer whole = three_batches(0);
  put(kFirst, Bytes(whole).first(whole.size() - 5));
  put(kSecond, three_batches(3));
  expect_corrupt(survey(), kFirst, 2 * batch_bytes());
}

TEST_F(LogDamage, TwoTornEndsAreDamage) {
  const ByteBuffer first = three_batches(0);
  const ByteBuffer second = three_batches(3);
  put(kFirst, Bytes(first).first(first.size() - 5));
  put(kSecond, Bytes(second).first(5));
  expect_corrupt(survey(), kFirst, 2 * batch_bytes());
}

TEST_F(LogDamage, FilesOfDeletedSegmentsDoNotCount) {
  put(kFirst, three_batches(0));
  put("f/00000000000000000001.log.deleted", value("anything"));
  EXPECT_TRUE(survey(true));
}

TEST_F(LogDamage, TheNewestVotersAreFound) {
  ByteBuffer content = three_batches(0);
  append_bytes(content, voters_batch(3, 1));
  append_bytes(content, voters_batch(4, 2));
  put(kFirst, content);
  const auto found = survey(true);
  ASSERT_TRUE(found) << why(found);
  ASSERT_EQ(found->voters.size(), 2U) << "a cut may bring the older one back";
  EXPECT_EQ(found->voters[0].first, Offset{3});
  const auto& [offset, voters] = found->voters[1];
  EXPECT_EQ(offset, Offset{4});
  ASSERT_EQ(voters.size(), 1U);
  EXPECT_EQ(voters.front().key, (raft::VoterKey{NodeId{2}, Uuid{0, 3}}));
}

TEST_F(LogDamage, SurveyingChangesNothing) {
  const ByteBuffer whole = three_batches(0);
  put(kFirst, Bytes(whole).first(whole.size() - 5));
  const auto before = disk_->checksum();
  EXPECT_TRUE(survey());
  EXPECT_EQ(disk_->checksum(), before);
}

}  // namespace
}  // namespace gregor::quorum
