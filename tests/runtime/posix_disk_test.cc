#include "runtime/posix_disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "env/disk.h"
#include "tests/runtime/support/on_machine.h"

namespace gregor::runtime {
namespace {

std::string text_in(const ByteBuffer& bytes) {
  return std::string(text_of(bytes));
}

/// Runs `test(self, disk)` on a machine of one shard.
template <class Test>
void on_disk(Test test) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) { test(self, shard.disk); });
}

TEST(PosixDisk, GathersWritesAndScattersReads) {
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

TEST(PosixDisk, ReadsWhatThePageCacheLacks) {
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

TEST(PosixDisk, WritesListsOfAnyLength) {
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

TEST(PosixDisk, ModesOfOpenMeanWhatTheySay) {
  const TemporaryDirectory directory;
  on_disk([&](env::Fiber& self, env::Disk& disk) {
    const std::string path = directory.path("f");
    EXPECT_EQ(disk.open(self, path, env::OpenMode::read_only).error().code, Errc::not_found);
    EXPECT_EQ(disk.open(self, path, env::OpenMode::read_write).error().code, Errc::not_found);
    EXPECT_TRUE(disk.open(self, path, env::OpenMode::create_new).has_value());
    EXPECT_EQ(disk.open(self, path, env::OpenMode::create_new).error().code, Errc::exists);
    EXPECT_TRUE(disk.open(self, path, env::OpenMode::create).has_value());
    auto reader = disk.open(self, path, env::OpenMode::read_only).value();
    const Bytes one = bytes_of("x");
    const Result<std::size_t> refused = reader->pwritev(self, FilePosition(0), std::span(&one, 1));
    EXPECT_EQ(refused.error().code, Errc::io);
    EXPECT_EQ(refused.error().os_error, EBADF);
  });
}

TEST(PosixDisk, NamesAreMadeMovedLinkedAndRemoved) {
  const TemporaryDirectory directory;
  on_disk([&](env::Fiber& self, env::Disk& disk) {
    const std::string folder = directory.path("folder");
    ASSERT_TRUE(disk.make_directory(self, folder).has_value());
    EXPECT_EQ(disk.make_directory(self, folder).error().code, Errc::exists);
    ASSERT_TRUE(env::replace_file(self, disk, folder + "/b", bytes_of("old")).has_value());
    ASSERT_TRUE(env::replace_file(self, disk, folder + "/b", bytes_of("new")).has_value());
    EXPECT_EQ(text_in(env::read_file(self, disk, folder + "/b", 10).value()), "new");
    ASSERT_TRUE(disk.link(self, folder + "/b", folder + "/c").has_value());
    ASSERT_TRUE(disk.rename(self, folder + "/c", folder + "/a").has_value());
    EXPECT_EQ(disk.list(self, folder).value(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(disk.status(self, folder + "/a").value().size, 3U);
    EXPECT_TRUE(disk.status(self, folder).value().is_directory);
    EXPECT_FALSE(disk.remove_directory(self, folder).has_value());
    ASSERT_TRUE(disk.unlink(self, folder + "/a").has_value());
    ASSERT_TRUE(disk.unlink(self, folder + "/b").has_value());
    EXPECT_EQ(disk.unlink(self, folder + "/b").error().code, Errc::not_found);
    ASSERT_TRUE(disk.sync_directory(self, folder).has_value());
    ASSERT_TRUE(disk.remove_directory(self, folder).has_value());
    EXPECT_EQ(disk.list(self, folder).error().code, Errc::not_found);
    EXPECT_GT(disk.space(self, directory.path()).value().usable_bytes, 0U);
  });
}

TEST(PosixDisk, TruncationAndReservationChangeWhatTheySay) {
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

TEST(PosixDisk, ALockIsHeldByOneAndDiesWithItsHolder) {
  const TemporaryDirectory directory;
  const std::string path = directory.path(".lock");
  on_disk([&](env::Fiber& self, env::Disk& disk) {
    {
      auto held = disk.lock(self, path).value();
      EXPECT_EQ(disk.lock(self, path).error().code, Errc::exists) << "not even by ourselves";
    }
    EXPECT_TRUE(disk.lock(self, path).has_value());
  });
  // As a JVM would: by fcntl alone, in another process.
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t other = ::fork();
  if (other == 0) {
    const int descriptor = ::open(path.c_str(), O_RDWR);
    struct flock whole {};
    whole.l_type = F_WRLCK;
    const char outcome = ::fcntl(descriptor, F_SETLK, &whole) == 0 ? 'y' : 'n';
    if (::write(ready[1], &outcome, 1) == 1) ::pause();
    ::_exit(0);
  }
  char outcome = 0;
  ASSERT_EQ(::read(ready[0], &outcome, 1), 1);
  EXPECT_EQ(outcome, 'y');
  on_disk([&](env::Fiber& self, env::Disk& disk) { EXPECT_EQ(disk.lock(self, path).error().code, Errc::exists); });
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  on_disk([&](env::Fiber& self, env::Disk& disk) { EXPECT_TRUE(disk.lock(self, path).has_value()); });
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(PosixDisk, AFullFileIsAResultNotASignal) {
  const TemporaryDirectory directory;
  on_disk([&](env::Fiber& self, env::Disk& disk) {
    auto file = disk.open(self, "/dev/full", env::OpenMode::read_write).value();
    EXPECT_EQ(env::write_all(self, *file, FilePosition(0), bytes_of("x")).error().code, Errc::no_space);
  });
}

TEST(PosixDisk, ManyFlushesAtOnceAllReturn) {
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

TEST(PosixDisk, AFiberCancelledDuringAFlushEndsAfterIt) {
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
