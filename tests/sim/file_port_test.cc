#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "env/disk.h"
#include "sim/disk_port.h"
#include "sim/run_fiber.h"

namespace gregor::sim {
namespace {

using env::OpenMode;

/// Runs `body(self, file)` on a file "x" of a disk with this law, which holds "0123456789" from before.
template <class Body>
std::shared_ptr<DiskImage> with_file(const DiskLaw& law, Body body) {
  auto disk = std::make_shared<DiskImage>(law);
  disk->put_file("x", bytes_of("0123456789"));
  run_fiber({.disk = disk}, [&](env::Fiber& self, env::Shard& shard) {
    auto file = shard.disk.open(self, "x", OpenMode::read_write).value();
    body(self, *file);
  });
  return disk;
}

Result<std::size_t> write(env::Fiber& self, env::File& file, std::uint64_t at, std::string_view text) {
  const Bytes bytes = bytes_of(text);
  return file.pwritev(self, FilePosition{at}, std::span(&bytes, 1));
}

TEST(FilePort, ReadsAndWritesGatherAndScatter) {
  with_file({}, [](env::Fiber& self, env::File& file) {
    const std::vector<Bytes> pieces{bytes_of("ab"), bytes_of(""), bytes_of("cde")};
    EXPECT_EQ(*file.pwritev(self, FilePosition{8}, pieces), 5U);
    ByteBuffer first(9);
    ByteBuffer second(9);
    const std::vector<MutableBytes> into{first, second};
    EXPECT_EQ(*file.preadv(self, FilePosition{0}, into), 13U);
    EXPECT_EQ(text_of(first), "01234567a");
    EXPECT_EQ(text_of(Bytes(second).first(4)), "bcde");
    EXPECT_EQ(*file.preadv(self, FilePosition{13}, into), 0U);
    EXPECT_EQ(*file.size(self), FilePosition{13});
  });
}

TEST(FilePort, AFileOpenForReadingIsNotWritten) {
  run_fiber([](env::Fiber& self, env::Shard& shard) {
    ASSERT_TRUE(shard.disk.open(self, "x", OpenMode::create));
    const auto file = shard.disk.open(self, "x", OpenMode::read_only).value();
    EXPECT_EQ(write(self, *file, 0, "x").error().code, Errc::invalid);
    EXPECT_FALSE(file->truncate(self, FilePosition{0}));
  });
}

TEST(FilePort, AFullDiskTakesWhatFitsThenNothing) {
  DiskLaw law;
  law.capacity_bytes = 15;
  with_file(law, [](env::Fiber& self, env::File& file) {
    EXPECT_EQ(*write(self, file, 10, "abcdefgh"), 5U);
    EXPECT_EQ(write(self, file, 15, "f").error().code, Errc::no_space);
    EXPECT_EQ(*write(self, file, 0, "overwriting"), 11U) << "needs no new space";
    EXPECT_EQ(file.reserve(self, FilePosition{16}).error().code, Errc::no_space);
  });
}

TEST(FilePort, ReservedSpaceIsKept) {
  DiskLaw law;
  law.capacity_bytes = 20;
  auto disk = std::make_shared<DiskImage>(law);
  run_fiber({.disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    auto reserved = shard.disk.open(self, "r", OpenMode::create).value();
    ASSERT_TRUE(reserved->reserve(self, FilePosition{15}));
    EXPECT_EQ(reserved->size(self)->value(), 0U);
    auto other = shard.disk.open(self, "o", OpenMode::create).value();
    EXPECT_EQ(*write(self, *other, 0, "0123456789"), 5U);
    EXPECT_EQ(*write(self, *reserved, 0, "012345678901234"), 15U);
    EXPECT_EQ(shard.disk.space(self, ".")->usable_bytes, 0U);
  });
}

TEST(FilePort, FaultsOfTheLawStrike) {
  DiskLaw law;
  law.write_error = kAlways;
  with_file(law,
            [](env::Fiber& self, env::File& file) { EXPECT_EQ(write(self, file, 0, "x").error().code, Errc::io); });
  law = {};
  law.read_error = kAlways;
  with_file(law, [](env::Fiber& self, env::File& file) {
    ByteBuffer into(1);
    EXPECT_EQ(env::read_exactly(self, file, FilePosition{0}, into).error().code, Errc::io);
  });
  law = {};
  law.short_write = kAlways;
  with_file(law, [](env::Fiber& self, env::File& file) {
    EXPECT_LT(*write(self, file, 0, "abcdefgh"), 8U);
    EXPECT_TRUE(env::write_all(self, file, FilePosition{0}, bytes_of("abcdefgh")));
  });
}

TEST(FilePort, AFailedSyncIsAnErrorAndTheNextOneLies) {
  DiskLaw law;
  law.sync_error = kAlways;
  const auto disk = with_file(law, [](env::Fiber& self, env::File& file) {
    ASSERT_TRUE(write(self, file, 0, "lost"));
    EXPECT_EQ(file.fdatasync(self).error().code, Errc::io);
  });
  disk->law().sync_error = {};
  run_fiber({.disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    auto file = shard.disk.open(self, "x", OpenMode::read_write).value();
    EXPECT_TRUE(file->fdatasync(self));
  });
  EXPECT_EQ(text_of(*disk->content_of("x")), "lost456789");
  EXPECT_EQ(text_of(*disk->durable_content_of("x")), "0123456789");
}

TEST(FilePort, ALyingSyncSaysYesAndDoesNothing) {
  DiskLaw law;
  law.lying_sync = kAlways;
  const auto disk = with_file(law, [](env::Fiber& self, env::File& file) {
    ASSERT_TRUE(write(self, file, 0, "lost"));
    EXPECT_TRUE(file.fdatasync(self));
  });
  EXPECT_EQ(text_of(*disk->durable_content_of("x")), "0123456789");
}

TEST(FilePort, ABadSectorFailsReadsThatTouchIt) {
  auto disk = std::make_shared<DiskImage>();
  disk->put_file("x", ByteBuffer(2000));
  ASSERT_TRUE(disk->break_sector("x", 1));
  run_fiber({.disk = disk}, [](env::Fiber& self, env::Shard& shard) {
    auto file = shard.disk.open(self, "x", OpenMode::read_write).value();
    ByteBuffer into(512);
    EXPECT_TRUE(env::read_exactly(self, *file, FilePosition{0}, into));
    EXPECT_FALSE(env::read_exactly(self, *file, FilePosition{1}, into));
    EXPECT_TRUE(env::read_exactly(self, *file, FilePosition{1024}, into));
  });
}

TEST(FilePort, TheSystemWritesBackWhatNobodySyncs) {
  DiskLaw law;
  law.unsynced_writes_max = 10;
  const auto disk = with_file(law, [](env::Fiber& self, env::File& file) {
    for (std::uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(write(self, file, i, "x"));
  });
  EXPECT_GE(disk->durable_content_of("x")->size(), 85U);
}

// The contract of env/disk.h, as core relies on it: whatever the schedule, what a completed fdatasync covered is there
// after a power loss, and what stands beside it is old, new or zero.
RC_GTEST_PROP(FilePort, AfterPowerLossEverySyncedByteIsThere, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  auto disk = std::make_shared<DiskImage>(usual_disk_law());
  std::map<std::uint64_t, char> synced;
  std::map<std::uint64_t, std::string> possible;
  run_fiber({.seed = seed, .disk = disk, .unruly = true}, [&](env::Fiber& self, env::Shard& shard) {
    auto file = shard.disk.open(self, "log", OpenMode::create).value();
    RC_ASSERT(shard.disk.sync_directory(self, ".").has_value());
    RandomStream stream(seed);
    for (char letter = 'a'; letter <= 'p'; ++letter) {
      const std::uint64_t at = stream.below(3000);
      const std::string text(1 + stream.below(1500), letter);
      RC_ASSERT(write(self, *file, at, text).has_value());
      for (std::uint64_t i = at; i < at + text.size(); ++i) possible[i].push_back(letter);
      if (!stream.chance(1, 4)) continue;
      RC_ASSERT(file->fdatasync(self).has_value());
      for (auto& [place, letters] : possible) {
        synced[place] = letters.back();
        letters = letters.substr(letters.size() - 1);
      }
    }
  });
  RandomStream stream(seed);
  disk->lose_power(stream);
  const ByteBuffer survived = disk->content_of("log").value();
  for (const auto& [place, letter] : synced) RC_ASSERT(place < survived.size());
  for (std::uint64_t place = 0; place < survived.size(); ++place) {
    const char found = std::to_integer<char>(survived[place]);
    const bool is_zero_in_a_gap = found == '\0' && !synced.contains(place);
    RC_ASSERT(is_zero_in_a_gap || possible[place].find(found) != std::string::npos);
  }
}

}  // namespace
}  // namespace gregor::sim
