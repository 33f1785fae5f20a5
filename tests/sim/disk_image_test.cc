#include "sim/disk_image.h"

#include <gtest/gtest.h>

namespace gregor::sim {
namespace {

TEST(DiskImage, AFileThatIsPutThereIsDurable) {
  DiskImage image;
  image.put_file("a/b/c", bytes_of("bytes"));
  RandomStream stream(1);
  image.lose_power(stream);
  EXPECT_EQ(text_of(*image.content_of("a/b/c")), "bytes");
  EXPECT_EQ(image.file_paths(), (std::vector<std::string>{"a/b/c"}));
}

TEST(DiskImage, TellsWhatIsShownFromWhatIsDurable) {
  DiskImage image;
  image.put_file("x", bytes_of("old"));
  (*image.names().find("x"))->body.write(0, bytes_of("new"));
  ASSERT_TRUE(image.names().add("y", std::make_shared<TreeNode>(false)));
  EXPECT_EQ(text_of(*image.content_of("x")), "new");
  EXPECT_EQ(text_of(*image.durable_content_of("x")), "old");
  EXPECT_EQ(image.file_paths().size(), 2U);
  EXPECT_EQ(image.durable_file_paths().size(), 1U);
  EXPECT_FALSE(image.durable_content_of("y"));
}

TEST(DiskImage, EqualImagesHaveEqualChecksums) {
  DiskImage one;
  DiskImage two;
  one.put_file("x", bytes_of("bytes"));
  two.put_file("x", bytes_of("bytes"));
  EXPECT_EQ(one.checksum(), two.checksum());
  two.rot("x", 3, 2);
  EXPECT_NE(one.checksum(), two.checksum());
}

TEST(DiskImage, UsedSpaceFollowsFilesAndReservations) {
  DiskLaw law;
  law.capacity_bytes = 1000;
  DiskImage image(law);
  image.put_file("x", ByteBuffer(300));
  EXPECT_EQ(image.free_bytes(), 700U);
  (*image.names().find("x"))->reserved_bytes = 900;
  EXPECT_EQ(image.free_bytes(), 100U);
  image.wipe();
  EXPECT_EQ(image.free_bytes(), 1000U);
}

TEST(DiskImage, FaultsOnWhatIsNotThereSayNo) {
  DiskImage image;
  image.put_file("x", bytes_of("ab"));
  EXPECT_FALSE(image.rot("x", 2, 0));
  EXPECT_FALSE(image.rot("y", 0, 0));
  EXPECT_FALSE(image.break_sector("x", 1));
  EXPECT_TRUE(image.break_sector("x", 0));
}

TEST(DiskImage, AMendedSectorShowsWhatItHolds) {
  DiskImage image;
  image.put_file("dir/x", bytes_of("ab"));
  ASSERT_TRUE(image.break_sector("dir/x", 0));
  EXPECT_TRUE((*image.names().find("dir/x"))->body.touches_bad_sector(0, 1));
  image.mend_sectors();
  EXPECT_FALSE((*image.names().find("dir/x"))->body.touches_bad_sector(0, 1));
}

TEST(DiskImage, OneHolderALock) {
  DiskImage image;
  EXPECT_TRUE(image.lock("dir/.lock", 1));
  EXPECT_FALSE(image.lock("dir/.lock", 2));
  image.unlock("dir/.lock", 2);
  EXPECT_FALSE(image.lock("dir/.lock", 2));
  image.unlock("dir/.lock", 1);
  EXPECT_TRUE(image.lock("dir/.lock", 2));
}

}  // namespace
}  // namespace gregor::sim
