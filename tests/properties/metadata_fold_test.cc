// K4 is shown small metadata logs and snapshots that break it, and ones that do not.
#include "properties/always/metadata_fold.h"

#include <gtest/gtest.h>

#include "metadata/record_list.h"
#include "quorum/metadata_batch.h"
#include "record/batch_builder.h"
#include "wire/control_records.h"
#include "wire/message.h"
#include "wire/metadata_records.h"

namespace gregor::properties {
namespace {

std::vector<ByteBuffer> topic(const char* name, std::uint64_t id) {
  metadata::RecordList records;
  records.add(wire::TopicRecord{.name = name, .topic_id = {1, id}}, 0);
  return records.values();
}

ByteBuffer footer() {
  const auto body = wire::encode_body(wire::SnapshotFooterRecord{}, 0);
  return record::control_batch(Offset{90}, LeaderEpoch{1}, WallTime{1}, record::ControlType::snapshot_footer, *body);
}

ByteBuffer snapshot_of(const std::vector<ByteBuffer>& values, bool is_whole = true) {
  ByteBuffer content = quorum::encode_values(values, Offset{0}, LeaderEpoch{1}, WallTime{1});
  if (is_whole) append_bytes(content, footer());
  return content;
}

quorum::SnapshotId id_of(std::int64_t end) {
  return {Offset{end}, LeaderEpoch{1}};
}

struct Folded {
  explicit Folded(std::shared_ptr<MetadataTruth> shared = std::make_shared<MetadataTruth>())
      : truth(std::move(shared)),
        fold(
            verdict, [] { return MonotonicTime{}; }, truth) {
    see(topic("a", 1), 0);
    see(topic("b", 2), 1);
  }
  void see(const std::vector<ByteBuffer>& values, std::int64_t base, int epoch = 1) {
    const ByteBuffer bytes = quorum::encode_values(values, Offset{base}, LeaderEpoch{epoch}, WallTime{1});
    fold.saw_batch(*record::BatchView::parse(bytes));
  }
  std::string first_broken() const { return verdict.holds() ? "" : verdict.violations().front().text; }

  Verdict verdict;
  std::shared_ptr<MetadataTruth> truth;
  MetadataFold fold;
};

TEST(MetadataFold, ASnapshotThatHoldsWhatTheLogHeldBreaksNothing) {
  Folded f;
  f.see(topic("b", 2), 1);  // seen before
  std::vector<ByteBuffer> both = topic("b", 2);
  both.push_back(topic("a", 1).front());
  f.fold.saw_snapshot(id_of(2), snapshot_of(both));
  f.fold.saw_snapshot(id_of(1), snapshot_of(topic("a", 1)));
  f.fold.saw_log_start(Offset{0}, std::nullopt);
  f.fold.saw_log_start(Offset{1}, id_of(2));
  f.fold.saw_log_start(Offset{2}, id_of(2));
  EXPECT_EQ(f.first_broken(), "");
  EXPECT_EQ(f.fold.snapshots_judged(), 2U);
}

TEST(MetadataFold, ASnapshotThatMissesOrAddsSomethingIsSeen) {
  for (const auto& [end, id] : {std::pair{2, 1}, std::pair{1, 2}}) {
    Folded f;
    f.fold.saw_snapshot(id_of(end), snapshot_of(topic("a", static_cast<std::uint64_t>(id))));
    EXPECT_NE(f.first_broken(), "");
  }
}

TEST(MetadataFold, TheSnapshotThatBeginsALogSaysWhoVotesAlone) {
  Folded first;
  first.fold.saw_snapshot({Offset{0}, LeaderEpoch{0}}, footer());
  EXPECT_EQ(first.first_broken(), "");
  Folded invented;
  invented.fold.saw_snapshot({Offset{0}, LeaderEpoch{0}}, snapshot_of(topic("a", 1)));
  EXPECT_NE(invented.first_broken(), "");
}

TEST(MetadataFold, ASnapshotThatEndsInsideABatchIsSeen) {
  Folded f;
  std::vector<ByteBuffer> two = topic("c", 3);
  two.push_back(topic("d", 4).front());
  f.see(two, 2);
  f.fold.saw_snapshot(id_of(3), snapshot_of(topic("a", 1)));
  EXPECT_NE(f.first_broken(), "");
}

TEST(MetadataFold, ASnapshotThatIsTornIsSeen) {
  Folded f;
  f.fold.saw_snapshot(id_of(1), snapshot_of(topic("a", 1), false));
  EXPECT_NE(f.first_broken(), "");
  Folded damaged;
  ByteBuffer content = snapshot_of(topic("a", 1));
  content.pop_back();
  damaged.fold.saw_snapshot(id_of(1), content);
  EXPECT_NE(damaged.first_broken(), "");
}

TEST(MetadataFold, ALogStartThatNoDurableSnapshotCoversIsSeen) {
  for (const auto& newest : {std::optional<quorum::SnapshotId>(), std::optional(id_of(1))}) {
    Folded f;
    f.fold.saw_log_start(Offset{2}, newest);
    EXPECT_NE(f.first_broken(), "");
    Folded unsure;
    unsure.fold.forget();
    unsure.fold.saw_log_start(Offset{2}, newest);
    EXPECT_EQ(unsure.first_broken(), "");
  }
}

TEST(MetadataFold, ASnapshotOfWhatOnlyAnotherNodeHeldIsJudgedByThat) {
  Folded one;
  std::vector<ByteBuffer> all = topic("a", 1);
  all.push_back(topic("b", 2).front());
  all.push_back(topic("c", 3).front());
  one.see(topic("c", 3), 2);
  Folded other(one.truth);
  other.fold.saw_snapshot(id_of(3), snapshot_of(all));
  other.fold.saw_log_start(Offset{3}, id_of(3));
  other.see(topic("d", 4), 3);
  all.push_back(topic("d", 4).front());
  other.fold.saw_snapshot(id_of(4), snapshot_of(all));
  EXPECT_EQ(other.first_broken(), "") << "it goes on behind what it was given";
  Folded wrong(one.truth);
  wrong.fold.saw_snapshot(id_of(3), snapshot_of(topic("a", 1)));
  EXPECT_NE(wrong.first_broken(), "");
}

TEST(MetadataFold, WhatWasCutIsNoPartOfWhatFollows) {
  Folded f;
  f.see(topic("lost", 9), 2);
  f.fold.saw_cut(Offset{2});
  f.see(topic("c", 3), 2, 2);
  std::vector<ByteBuffer> kept = topic("a", 1);
  kept.push_back(topic("b", 2).front());
  kept.push_back(topic("c", 3).front());
  f.fold.saw_snapshot({Offset{3}, LeaderEpoch{2}}, snapshot_of(kept));
  EXPECT_EQ(f.first_broken(), "");
  f.fold.saw_snapshot({Offset{3}, LeaderEpoch{1}}, snapshot_of(kept));
  EXPECT_NE(f.first_broken(), "") << "what the former leader had written was something else";
}

TEST(MetadataFold, WhatStoodBeforeAnInterruptedBeginningAnewIsThereAgain) {
  Folded ahead;
  ahead.see(topic("c", 3), 2);
  Folded f(ahead.truth);
  f.fold.saw_beginning_anew();
  f.fold.saw_log_start(Offset{3}, id_of(3));
  f.fold.saw_cut(Offset{2});
  f.see(topic("c", 3), 2);
  EXPECT_EQ(f.first_broken(), "");
  Folded settled(ahead.truth);
  settled.fold.saw_beginning_anew();
  settled.fold.saw_log_start(Offset{3}, id_of(3));
  settled.see(topic("d", 4), 3);
  settled.fold.saw_cut(Offset{2});
  settled.see(topic("c", 3), 2);
  EXPECT_NE(settled.first_broken(), "") << "something came behind the snapshot: what stood before it is gone";
}

TEST(MetadataFold, AnEmptyDiskBeginsItsLogAgain) {
  Folded f;
  f.fold.saw_empty_disk();
  f.see(topic("b", 2), 1);
  EXPECT_NE(f.first_broken(), "") << "it does not begin with the second batch";
  Folded again;
  again.fold.saw_empty_disk();
  again.see(topic("a", 1), 0);
  again.fold.saw_snapshot(id_of(1), snapshot_of(topic("a", 1)));
  EXPECT_EQ(again.first_broken(), "");
}

TEST(MetadataFold, AHoleInTheLogIsSeen) {
  Folded f;
  f.see(topic("d", 4), 3);
  EXPECT_NE(f.first_broken(), "");
}

}  // namespace
}  // namespace gregor::properties
