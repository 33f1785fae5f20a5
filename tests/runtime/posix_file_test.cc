#include "runtime/posix_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "tests/runtime/support/on_disk.h"

namespace gregor::runtime {
namespace {

TEST(PosixFile, GathersWritesAndScattersReads) {
  const TemporaryDirectory directory;
  on_disk([&](env::Fiber& self, env::Disk& disk) {
    auto file = disk.open(self, directory.path("f"), env::OpenMode::create).value();
    const std::array<Bytes, 3> pieces{bytes_of("one "), Bytes(), bytes_of("two")};
    EXPECT_EQ(file->pwritev(self, FilePosition(5), pieces).value(), 7U);
    EXPECT_EQ(file->size(self).value(), FilePosition(12));
    ByteBuffer head(7);
    ByteBuffer tail(100);
    const std::array<MutableBytes, 2> into{head, tail};
    EXPECT_EQ(file->preadv(self, FilePosition(0), into).value(), 12U) << "short only because the file ends";
    EXPECT_EQ(text_in(head), std::string("\0\0\0\0\0on", 7)) << "a gap reads as zeros";
    EXPECT_EQ(text_in(tail).substr(0, 5), "e two");
    EXPECT_EQ(file->preadv(self, FilePosition(12), into).value(), 0U);
  });
}

TEST(PosixFile, ReadsWhatThePageCacheLacks) {
  const TemporaryDirectory directory;
  constexpr std::size_t kSize = 3'000'000;
  on_disk([&](env::Fiber& self, env::Disk& disk) {
    ByteBuffer content(kSize);
    for (std::size_t i = 0; i < kSize; ++i) content[i] = static_cast<std::byte>(i * 2'654'435'761U >> 24);
    auto file = disk.open(self, directory.path("f"), env::OpenMode::create).value();
    ASSERT_TRUE(env::write_all(self, *file, FilePosition(0), content).has_value());
    ASSERT_TRUE(file->fdatasync(self).has_value());
    const int descriptor = ::open(directory.path("f").c_str(), O_RDONLY);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    ::close(descriptor);
    ByteBuffer back(kSize);
    ASSERT_TRUE(env::read_exactly(self, *file, FilePosition(0), back).has_value());
    EXPECT_TRUE(back == content);
  });
}

TEST(PosixFile, WritesListsOfAnyLength) {
  const TemporaryDirectory directory;
  on_disk([&](env::Fiber& self, env::Disk& disk) {
    auto file = disk.open(self, directory.path("f"), env::OpenMode::create).value();
    const std::string letters(1000, 'x');
    std::vector<Bytes> pieces;
    for (const char& letter : letters) pieces.push_back(bytes_of({&letter, 1}));
    EXPECT_LT(file->pwritev(self, FilePosition(0), pieces).value(), 1000U) << "one call takes a bounded list";
    ASSERT_TRUE(env::write_all(self, *file, FilePosition(0), pieces).has_value());
    EXPECT_EQ(text_in(env::read_file(self, disk, directory.path("f"), 1000).value()), letters);
  });
}

TEST(PosixFile, TruncationAndReservationChangeWhatTheySay) {
  const TemporaryDirectory directory;
  on_disk([&](env::Fiber& self, env::Disk& disk) {
    auto file = disk.open(self, directory.path("f"), env::OpenMode::create).value();
    ASSERT_TRUE(env::write_all(self, *file, FilePosition(0), bytes_of("123456")).has_value());
    ASSERT_TRUE(file->truncate(self, FilePosition(3)).has_value());
    EXPECT_EQ(file->size(self).value(), FilePosition(3));
    const Result<void> reserved = file->reserve(self, FilePosition(1 << 20));
    EXPECT_TRUE(reserved.has_value() || reserved.error().code == Errc::unsupported);
    EXPECT_EQ(file->size(self).value(), FilePosition(3)) << "reserving does not lengthen";
  });
}

TEST(PosixFile, AFullFileIsAResultNotASignal) {
  const TemporaryDirectory directory;
  on_disk([&](env::Fiber& self, env::Disk& disk) {
    auto file = disk.open(self, "/dev/full", env::OpenMode::read_write).value();
    EXPECT_EQ(env::write_all(self, *file, FilePosition(0), bytes_of("x")).error().code, Errc::no_space);
  });
}

TEST(PosixFile, ManyFlushesAtOnceAllReturn) {
  const TemporaryDirectory directory;
  int flushed = 0;
  constexpr int kFibers = 200;  // more than may be with the workers at once
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    auto file = shard.disk.open(self, directory.path("f"), env::OpenMode::create).value();
    for (int i = 0; i < kFibers; ++i) {
      shard.fibers.spawn("flusher", [&](env::Fiber& fiber) {
        EXPECT_TRUE(file->fdatasync(fiber).has_value());
        ++flushed;
      });
    }
    while (flushed < kFibers) self.yield();
  });
  EXPECT_EQ(flushed, kFibers);
}

TEST(PosixFile, AFiberCancelledDuringAFlushEndsAfterIt) {
  const TemporaryDirectory directory;
  bool flush_returned = false;
  bool went_on = false;
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    auto file = shard.disk.open(self, directory.path("f"), env::OpenMode::create).value();
    env::Fiber& fiber = shard.fibers.spawn("flusher", [&](env::Fiber& flusher) {
      EXPECT_TRUE(file->fdatasync(flusher).has_value());
      flush_returned = true;
      flusher.yield();
      went_on = true;
    });
    self.yield();
    fiber.cancel();
    while (shard.fibers.live_count() > 1) self.yield();
  });
  EXPECT_TRUE(flush_returned);
  EXPECT_FALSE(went_on);
}

}  // namespace
}  // namespace gregor::runtime
