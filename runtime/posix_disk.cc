#include "runtime/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>

#include "runtime/blocking_call.h"
#include "runtime/os_error.h"
#include "runtime/posix_file.h"

namespace gregor::runtime {
namespace {

int flags_of(env::OpenMode mode) {
  switch (mode) {
    case env::OpenMode::read_only:
      return O_RDONLY;
    case env::OpenMode::read_write:
      return O_RDWR;
    case env::OpenMode::create:
      return O_RDWR | O_CREAT;
    case env::OpenMode::create_new:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

Descriptor open_retrying(const char* path, int flags) {
  constexpr mode_t kMode = 0644;
  int number = -1;
  do {
    number = ::open(path, flags | O_CLOEXEC, kMode);
  } while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

class HeldLock final : public env::DirectoryLock {
 public:
  explicit HeldLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;  // closing it unlocks
};

}  // namespace

Result<std::unique_ptr<env::File>> PosixDisk::open(env::Fiber&, const std::string& path, env::OpenMode mode) {
  Descriptor descriptor = open_retrying(path.c_str(), flags_of(mode));
  if (!descriptor.is_open()) return os_failure("open of " + path, errno);
  return std::make_unique<PosixFile>(std::move(descriptor), path, jobs_);
}

Result<void> PosixDisk::rename(env::Fiber& self, const std::string& from, const std::string& to) {
  return succeed_on_worker(self, jobs_, "rename of " + from, [&] { return ::rename(from.c_str(), to.c_str()); });
}

Result<void> PosixDisk::link(env::Fiber& self, const std::string& existing, const std::string& name) {
  return succeed_on_worker(self, jobs_, "link to " + existing, [&] { return ::link(existing.c_str(), name.c_str()); });
}

Result<void> PosixDisk::unlink(env::Fiber& self, const std::string& path) {
  return succeed_on_worker(self, jobs_, "removal of " + path, [&] { return ::unlink(path.c_str()); });
}

Result<void> PosixDisk::make_directory(env::Fiber&, const std::string& path) {
  constexpr mode_t kMode = 0755;
  if (::mkdir(path.c_str(), kMode) != 0) return os_failure("making of directory " + path, errno);
  return {};
}

Result<void> PosixDisk::remove_directory(env::Fiber& self, const std::string& path) {
  return succeed_on_worker(self, jobs_, "removal of directory " + path, [&] { return ::rmdir(path.c_str()); });
}

Result<void> PosixDisk::sync_directory(env::Fiber& self, const std::string& path) {
  const Descriptor directory = open_retrying(path.c_str(), O_RDONLY | O_DIRECTORY);
  if (!directory.is_open()) return os_failure("open of directory " + path, errno);
  return succeed_on_worker(self, jobs_, "flush of directory " + path, [&] { return ::fsync(directory.number()); });
}

Result<std::vector<std::string>> PosixDisk::list(env::Fiber&, const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
  if (directory == nullptr) return os_failure("listing of " + path, errno);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return os_failure("listing of " + path, errno);
  std::sort(names.begin(), names.end());
  return names;
}

Result<env::FileStatus> PosixDisk::status(env::Fiber&, const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return os_failure("status of " + path, errno);
  return env::FileStatus{
      .size = static_cast<std::uint64_t>(status.st_size),
      .modified_ms = static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1000 + status.st_mtim.tv_nsec / 1'000'000,
      .is_directory = S_ISDIR(status.st_mode)};
}

Result<env::DiskSpace> PosixDisk::space(env::Fiber&, const std::string& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) return os_failure("space of " + path, errno);
  return env::DiskSpace{.total_bytes = status.f_blocks * status.f_frsize,
                        .usable_bytes = status.f_bavail * status.f_frsize};
}

Result<std::unique_ptr<env::DirectoryLock>> PosixDisk::lock(env::Fiber&, const std::string& path) {
  Descriptor descriptor = open_retrying(path.c_str(), O_RDWR | O_CREAT);
  if (!descriptor.is_open()) return os_failure("open of lock " + path, errno);
  struct flock whole_file {};
  whole_file.l_type = F_WRLCK;
  whole_file.l_whence = SEEK_SET;
  if (::flock(descriptor.number(), LOCK_EX | LOCK_NB) != 0 || ::fcntl(descriptor.number(), F_SETLK, &whole_file) != 0) {
    if (errno == EWOULDBLOCK || errno == EACCES)
      return fail(Errc::exists, path + " is locked by another process: end that, or choose another directory", errno);
    return os_failure("lock of " + path, errno);
  }
  return std::make_unique<HeldLock>(std::move(descriptor));
}

}  // namespace gregor::runtime
