// Names of a segment's files: 20 digits, a kind, and on their way in or out a stage.
#include "storage/segment_name.h"

#include <gtest/gtest.h>

namespace gregor::storage {
namespace {

constexpr std::array kKinds{FileKind::log, FileKind::offset_index, FileKind::time_index, FileKind::transaction_index,
                            FileKind::producer_snapshot};

TEST(SegmentName, ANameHasTwentyDigitsAndItsKind) {
  EXPECT_EQ(file_name(Offset{42}, FileKind::log), "00000000000000000042.log");
  EXPECT_EQ(file_name(Offset{INT64_MAX}, FileKind::time_index), "09223372036854775807.timeindex");
}

TEST(SegmentName, EveryKindAndStageIsKnownAgain) {
  for (const FileKind kind : kKinds) {
    for (const auto& [suffix, stage] : std::map<std::string, FileStage>{{"", FileStage::live},
                                                                        {".deleted", FileStage::deleted},
                                                                        {".cleaned", FileStage::cleaned},
                                                                        {".swap", FileStage::swap}}) {
      const auto found = parse_file_name(file_name(Offset{7}, kind) + suffix);
      ASSERT_TRUE(found);
      EXPECT_EQ(found->base_offset, Offset{7});
      EXPECT_EQ(found->kind, kind);
      EXPECT_EQ(found->stage, stage);
    }
  }
}

TEST(SegmentName, OtherFilesOfAFolderAreNotTakenForSegments) {
  for (const std::string_view name :
       {"", "leader-epoch-checkpoint", "partition.metadata", "quorum-state", "42.log", "00000000000000000042",
        "00000000000000000042.", "00000000000000000042.logs", "-0000000000000000042.log", "0000000000000000004x.log",
        "99999999999999999999.log", "00000000000000000042.log.old", "00000000000000000149-0000000001.checkpoint",
        "00000000000000000042.log.deleted.deleted"}) {
    EXPECT_FALSE(parse_file_name(name)) << name;
  }
}

}  // namespace
}  // namespace gregor::storage
