// A disk that passes every call on: for those of tests that interfere with some of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "env/disk.h"

namespace gregor::storage {

class PassingDisk : public env::Disk {
 public:
  explicit PassingDisk(env::Disk& disk) : disk_(disk) {}

  Result<std::unique_ptr<env::File>> open(env::Fiber& self, const std::string& path, env::OpenMode mode) override {
    return disk_.open(self, path, mode);
  }
  Result<void> rename(env::Fiber& self, const std::string& from, const std::string& to) override {
    return disk_.rename(self, from, to);
  }
  Result<void> link(env::Fiber& self, const std::string& old, const std::string& name) override {
    return disk_.link(self, old, name);
  }
  Result<void> unlink(env::Fiber& self, const std::string& path) override { return disk_.unlink(self, path); }
  Result<void> make_directory(env::Fiber& self, const std::string& path) override {
    return disk_.make_directory(self, path);
  }
  Result<void> remove_directory(env::Fiber& self, const std::string& path) override {
    return disk_.remove_directory(self, path);
  }
  Result<void> sync_directory(env::Fiber& self, const std::string& path) override {
    return disk_.sync_directory(self, path);
  }
  Result<std::vector<std::string>> list(env::Fiber& self, const std::string& path) override {
    return disk_.list(self, path);
  }
  Result<env::FileStatus> status(env::Fiber& self, const std::string& path) override {
    return disk_.status(self, path);
  }
  Result<env::DiskSpace> space(env::Fiber& self, const std::string& path) override { return disk_.space(self, path); }
  Result<std::unique_ptr<env::DirectoryLock>> lock(env::Fiber& self, const std::string& path) override {
    return disk_.lock(self, path);
  }

 private:
  env::Disk& disk_;
};

}  // namespace gregor::storage
