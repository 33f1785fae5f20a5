// Kafka's batches, given to our rules and to our log, yield the files that Kafka wrote for them, byte for byte.
// Not determined by the batches alone is where a broker was stopped: then it counts the bytes between index entries
// from 0 again, and the end of a life adds a time entry. Such a place is searched for.
#include <gtest/gtest.h>

#include "record/batch_split.h"
#include "storage/segment_index.h"
#include "storage/segment_name.h"
#include "tests/storage/support/kafka_files.h"
#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

class KafkaIndexes : public KafkaFiles {};

struct Segment {
  Offset base;
  std::int64_t interval_bytes;
  ByteBuffer log;
  ByteBuffer offsets;
  ByteBuffer times;
  std::vector<record::BatchView> batches;  ///< of `log`, so far as they are whole and right
  bool is_damaged = false;

  /// A killed broker leaves its indexes as long as they were reserved.
  [[nodiscard]] bool is_preallocated() const { return offsets.size() == 10 << 20; }
};

std::vector<record::BatchView> good_batches(Bytes log) {
  std::vector<record::BatchView> batches;
  record::BatchSplitter splitter(log);
  for (;;) {
    const auto frame = splitter.next();
    if (!frame || !*frame) return batches;
    const auto batch = record::BatchView::parse((*frame)->bytes);
    if (!batch || !batch->crc_is_right()) return batches;
    batches.push_back(*batch);
  }
}

template <class Visit>
void for_each_segment(const KafkaCase& found, Visit visit) {
  for (const auto& [node, name, path, facts] : partitions_of(found)) {
    for (const auto& expected : facts.at("segments")) {
      const Offset base{expected.at("baseOffset").template get<std::int64_t>()};
      SCOPED_TRACE(node + "/" + name + "/" + file_name(base, FileKind::log));
      Segment segment{.base = base,
                      .interval_bytes = topic_setting(found, name, "index.interval.bytes", 4096),
                      .log = file_content(path / file_name(base, FileKind::log)),
                      .offsets = file_content(path / file_name(base, FileKind::offset_index)),
                      .times = file_content(path / file_name(base, FileKind::time_index)),
                      .batches = {},
                      .is_damaged = expected.at("validBytes") != expected.at("bytes")};
      segment.batches = good_batches(segment.log);
      visit(segment);
    }
  }
}

/// The index after lives that ended before the batches with these numbers; none: an only life.
SegmentIndex index_by_rule(const Segment& segment, const std::vector<std::size_t>& ends = {}) {
  SegmentIndex index(segment.base);
  std::uint64_t position = 0;
  for (std::size_t i = 0; i < segment.batches.size(); ++i) {
    const auto& batch = segment.batches[i];
    if (std::find(ends.begin(), ends.end(), i) != ends.end()) {
      index.seal();
      index.restart_interval();
    }
    index.add({batch.last_offset(), batch.max_timestamp().ms, FilePosition{position}, batch.size()},
              segment.interval_bytes);
    position += batch.size();
  }
  if (!segment.is_preallocated()) index.seal();
  return index;
}

bool equals_files(const SegmentIndex& index, const Segment& segment) {
  ByteBuffer offsets = index.encode_offsets();
  ByteBuffer times = index.encode_times();
  if (segment.is_preallocated()) {
    offsets.resize(segment.offsets.size());
    times.resize(segment.times.size());
  }
  return offsets == segment.offsets && times == segment.times;
}

/// Where lives must have ended for Kafka's files to come about: at most twice; none where no such places are.
std::optional<std::vector<std::size_t>> ends_of_lives(const Segment& segment) {
  const std::size_t count = segment.batches.size();
  for (std::size_t first = 1; first < count; ++first) {
    if (equals_files(index_by_rule(segment, {first}), segment)) return std::vector<std::size_t>{first};
  }
  for (std::size_t first = 1; first < count; ++first) {
    for (std::size_t second = first + 1; second < count; ++second) {
      if (equals_files(index_by_rule(segment, {first, second}), segment)) return std::vector{first, second};
    }
  }
  return std::nullopt;
}

/// Behind the damage Kafka's entries go on: up to there they are ours.
void expect_prefix(const SegmentIndex& index, const Segment& segment) {
  const ByteBuffer offsets = index.encode_offsets();
  const ByteBuffer times = index.encode_times();
  ASSERT_LE(offsets.size(), segment.offsets.size());
  ASSERT_LE(times.size(), segment.times.size());
  EXPECT_TRUE(std::equal(offsets.begin(), offsets.end(), segment.offsets.begin()));
  EXPECT_TRUE(std::equal(times.begin(), times.end(), segment.times.begin()));
}

TEST_P(KafkaIndexes, TheRulesGiveKafkasEntries) {
  int in_one_life = 0;
  int in_several = 0;
  for_each_segment(*found_, [&](const Segment& segment) {
    const SegmentIndex index = index_by_rule(segment);
    if (segment.is_damaged) {
      expect_prefix(index, segment);
    } else if (equals_files(index, segment)) {
      ++in_one_life;
    } else {
      EXPECT_EQ(GetParam(), "cluster3") << "only there brokers were stopped and went on";
      EXPECT_TRUE(ends_of_lives(segment)) << "no end of a life explains Kafka's entries";
      ++in_several;
    }
  });
  RecordProperty("segments_of_one_life", in_one_life);
  RecordProperty("segments_of_several_lives", in_several);
  EXPECT_GT(in_one_life, 0);
}

/// The files of a log that took Kafka's batches one by one and was closed at the ends of lives.
void write_anew(LogHome& home, const Segment& segment, const std::vector<std::size_t>& ends) {
  home.config = {.segment_bytes = 1 << 30, .index_interval_bytes = segment.interval_bytes, .dense_offsets = false};
  home.config.segment_ms = INT64_MAX;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard, {.log_start_offset = segment.base}).value();
    for (std::size_t i = 0; i < segment.batches.size(); ++i) {
      if (std::find(ends.begin(), ends.end(), i) != ends.end()) {
        ASSERT_TRUE(log->close(self));
        log = home.open(self, shard, {.clean_shutdown = true, .log_start_offset = segment.base}).value();
      }
      ASSERT_TRUE(log->append(self, segment.batches[i].bytes()));
    }
    ASSERT_TRUE(log->close(self));
  });
}

TEST_P(KafkaIndexes, ALogThatTakesKafkasBatchesHasKafkasFiles) {
  int compared = 0;
  for_each_segment(*found_, [&](const Segment& segment) {
    if (segment.is_damaged || segment.is_preallocated()) return;
    std::vector<std::size_t> ends;
    if (!equals_files(index_by_rule(segment), segment)) ends = ends_of_lives(segment).value_or(ends);
    LogHome home;
    write_anew(home, segment, ends);
    EXPECT_TRUE(home.content(file_name(segment.base, FileKind::log)) == segment.log);
    EXPECT_EQ(home.content(file_name(segment.base, FileKind::offset_index)), segment.offsets);
    EXPECT_EQ(home.content(file_name(segment.base, FileKind::time_index)), segment.times);
    ++compared;
  });
  RecordProperty("segments_compared", compared);
  EXPECT_GT(compared, 0);
}

INSTANTIATE_TEST_SUITE_P(Cases, KafkaIndexes, testing::ValuesIn(kKafkaCases), case_label);

}  // namespace
}  // namespace gregor::storage
