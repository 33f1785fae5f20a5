#include "sim/file_body.h"

#include <gtest/gtest.h>

#include <string>

namespace gregor::sim {
namespace {

std::string shown(const FileBody& file) {
  return std::string(text_of(file.content().copy()));
}
std::string durable(const FileBody& file) {
  return std::string(text_of(file.durable().copy()));
}

TEST(FileBody, ReadersSeeWhatIsNotSynced) {
  FileBody file;
  file.write(0, bytes_of("unsynced"));
  EXPECT_EQ(shown(file), "unsynced");
  EXPECT_EQ(durable(file), "");
}

TEST(FileBody, ASyncCoversWhatCameBeforeItsMarkAlone) {
  FileBody file;
  file.write(0, bytes_of("first"));
  const std::uint64_t mark = file.mark();
  file.write(5, bytes_of("second"));
  file.sync(mark);
  EXPECT_EQ(durable(file), "first");
  file.sync(file.mark());
  EXPECT_EQ(durable(file), "firstsecond");
  EXPECT_EQ(file.unsynced_count(), 0U);
}

TEST(FileBody, AFailedSyncMayLeaveVisibleWhatNoLaterSyncMakesDurable) {
  FileBody file;
  file.write(0, bytes_of("lost"));
  file.forget(file.mark(), false);
  file.sync(file.mark());
  EXPECT_EQ(shown(file), "lost");
  EXPECT_EQ(durable(file), "") << "the pages were marked clean when the sync failed";
}

TEST(FileBody, AFailedSyncMayTakeBackWhatWasVisible) {
  FileBody file;
  file.write(0, bytes_of("kept"));
  file.sync(file.mark());
  file.write(0, bytes_of("LOST"));
  const std::uint64_t mark = file.mark();
  file.write(4, bytes_of("+later"));
  file.forget(mark, true);
  EXPECT_EQ(shown(file), "kept+later");
}

TEST(FileBody, ALostWriteIsSeenUntilThePowerGoes) {
  FileBody file;
  file.write(0, bytes_of("old"));
  file.sync(file.mark());
  file.write(0, bytes_of("new"), {.lost = true, .lands_at = {}});
  file.sync(file.mark());
  EXPECT_EQ(shown(file), "new");
  RandomStream stream(1);
  file.lose_power(PowerLossContract::any_subset, stream);
  EXPECT_EQ(shown(file), "old");
}

TEST(FileBody, AMisdirectedWriteDamagesItsLandingAndSparesItsTarget) {
  FileBody file;
  file.write(0, ByteBuffer(2048, std::byte{'a'}));
  file.sync(file.mark());
  file.write(0, ByteBuffer(512, std::byte{'b'}), {.lost = false, .lands_at = 1024});
  file.sync(file.mark());
  EXPECT_EQ(file.durable().byte_at(0), std::byte{'a'});
  EXPECT_EQ(file.durable().byte_at(1024), std::byte{'b'});
}

TEST(FileBody, RotShowsWhereNothingNewerCoversIt) {
  FileBody file;
  file.write(0, bytes_of("aa"));
  file.sync(file.mark());
  file.write(1, bytes_of("b"));
  file.rot(0, 0);
  file.rot(1, 0);
  EXPECT_EQ(shown(file), "`b");
  EXPECT_EQ(durable(file), "``");
}

TEST(FileBody, ABadSectorIsHealedByWritingIt) {
  FileBody file;
  file.write(0, ByteBuffer(2048, std::byte{'a'}));
  file.sync(file.mark());
  file.break_sector(2);
  EXPECT_FALSE(file.touches_bad_sector(0, 1024));
  EXPECT_TRUE(file.touches_bad_sector(1000, 100));
  EXPECT_TRUE(file.touches_bad_sector(1535, 1));
  EXPECT_FALSE(file.touches_bad_sector(1536, 100));
  file.write(1024, ByteBuffer(512, std::byte{'c'}));
  EXPECT_FALSE(file.touches_bad_sector(0, 2048));
}

TEST(FileBody, WritingBackTheOlderHalfKeepsTheNewer) {
  FileBody file;
  for (int i = 0; i < 10; ++i) file.write(static_cast<std::uint64_t>(i), bytes_of("x"));
  file.write_back_half();
  EXPECT_EQ(file.durable().size(), 6U);
  EXPECT_EQ(file.unsynced_count(), 4U);
}

}  // namespace
}  // namespace gregor::sim
