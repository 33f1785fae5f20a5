#include "runtime/posix_disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "tests/runtime/support/on_disk.h"

namespace gregor::runtime {
namespace {

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

}  // namespace
}  // namespace gregor::runtime
