// env::Disk over a POSIX file system.
//
// What runs where: reads ask the page cache first (RWF_NOWAIT) and go to a worker when the bytes are not there; writes
// go to the page cache inline; open, status, size, list, space and making directories and locks are inline, as they
// cost microseconds; everything that waits for the device or the journal (flushes, renames, links, removals,
// truncation, reservation) goes to a worker. On file systems without RWF_NOWAIT (tmpfs) reads are inline.
#pragma once

#include "env/disk.h"
#include "runtime/descriptor.h"
#include "runtime/worker_pool.h"

namespace gregor::runtime {

class PosixDisk final : public env::Disk {
 public:
  explicit PosixDisk(ShardJobs& jobs) : jobs_(jobs) {}
  Result<std::unique_ptr<env::File>> open(env::Fiber& self, const std::string& path, env::OpenMode mode) override;
  Result<void> rename(env::Fiber& self, const std::string& from, const std::string& to) override;
  Result<void> link(env::Fiber& self, const std::string& existing, const std::string& name) override;
  Result<void> unlink(env::Fiber& self, const std::string& path) override;
  Result<void> make_directory(env::Fiber& self, const std::string& path) override;
  Result<void> remove_directory(env::Fiber& self, const std::string& path) override;
  Result<void> sync_directory(env::Fiber& self, const std::string& path) override;
  Result<std::vector<std::string>> list(env::Fiber& self, const std::string& path) override;
  Result<env::FileStatus> status(env::Fiber& self, const std::string& path) override;
  Result<env::DiskSpace> space(env::Fiber& self, const std::string& path) override;
  /// By flock and by fcntl: the second is what a JVM takes, so that a broker of Apache Kafka on the same directory is
  /// kept out.
  Result<std::unique_ptr<env::DirectoryLock>> lock(env::Fiber& self, const std::string& path) override;

 private:
  ShardJobs& jobs_;
};

}  // namespace gregor::runtime
