// A disk that does as it is told: passes everything on, until a test says which calls on .log files fail or hang.
#pragma once

#include <memory>
#include <string>

#include "env/wait.h"
#include "tests/storage/support/passing_disk.h"

namespace gregor::storage {

struct DiskOrders {
  int writes_before_failing = 0;  ///< that still succeed
  int writes_to_fail = 0;
  Errc write_error = Errc::io;
  int flushes_to_fail = 0;
  bool flushes_hang = false;
  bool no_space_for_indexes = false;
  bool no_space_for_files = false;  ///< none is made; one that is there may be written and cut
  int writes = 0;                   ///< of .log files, so far
  int flushes = 0;                  ///< of .log files, so far
  env::WaitQueue hanging;

  void let_go() {
    flushes_hang = false;
    hanging.wake_all();
  }
};

class FaultyFile final : public env::File {
 public:
  FaultyFile(std::unique_ptr<env::File> file, DiskOrders* orders) : file_(std::move(file)), orders_(orders) {}
  Result<std::size_t> preadv(env::Fiber& self, FilePosition at, std::span<const MutableBytes> into) override {
    return file_->preadv(self, at, into);
  }
  Result<std::size_t> pwritev(env::Fiber& self, FilePosition at, std::span<const Bytes> from) override {
    if (orders_ != nullptr) {
      ++orders_->writes;
      if (orders_->writes_before_failing > 0) {
        --orders_->writes_before_failing;
      } else if (orders_->writes_to_fail > 0) {
        --orders_->writes_to_fail;
        return fail(orders_->write_error, "ordered by the test");
      }
    }
    return file_->pwritev(self, at, from);
  }
  Result<void> fdatasync(env::Fiber& self) override {
    if (orders_ != nullptr) {
      ++orders_->flushes;
      while (orders_->flushes_hang) orders_->hanging.wait(self);
      if (orders_->flushes_to_fail > 0) {
        --orders_->flushes_to_fail;
        return fail(Errc::io, "ordered by the test");
      }
    }
    return file_->fdatasync(self);
  }
  Result<void> truncate(env::Fiber& self, FilePosition size) override { return file_->truncate(self, size); }
  Result<void> reserve(env::Fiber& self, FilePosition size) override { return file_->reserve(self, size); }
  Result<FilePosition> size(env::Fiber& self) override { return file_->size(self); }

 private:
  std::unique_ptr<env::File> file_;
  DiskOrders* orders_;
};

class FaultyDisk final : public PassingDisk {
 public:
  using PassingDisk::PassingDisk;
  DiskOrders orders;

  Result<std::unique_ptr<env::File>> open(env::Fiber& self, const std::string& path, env::OpenMode mode) override {
    const bool is_index = path.find("index") != std::string::npos;
    if (is_index && mode == env::OpenMode::create && orders.no_space_for_indexes)
      return fail(Errc::no_space, "ordered by the test");
    if (orders.no_space_for_files && mode != env::OpenMode::read_only && mode != env::OpenMode::read_write)
      return fail(Errc::no_space, "ordered by the test");
    TRY_ASSIGN(auto file, PassingDisk::open(self, path, mode));
    return std::unique_ptr<env::File>(
        std::make_unique<FaultyFile>(std::move(file), path.ends_with(".log") ? &orders : nullptr));
  }
};

}  // namespace gregor::storage
