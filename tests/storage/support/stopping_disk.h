// A disk that stops at the n-th change: from then on every call fails, as for a process that died in the middle.
#pragma once

#include <memory>
#include <string>

#include "tests/storage/support/passing_disk.h"

namespace gregor::storage {

class StoppingDisk final : public PassingDisk {
 public:
  /// Nothing stops before arm().
  using PassingDisk::PassingDisk;
  void arm(int changes) {
    armed_ = true;
    left_ = changes;
  }
  [[nodiscard]] bool has_stopped() const { return armed_ && left_ < 0; }
  [[nodiscard]] int changes() const { return changes_; }

  Result<std::unique_ptr<env::File>> open(env::Fiber& self, const std::string& path, env::OpenMode mode) override {
    TRY(mode == env::OpenMode::create ? change() : alive());
    TRY_ASSIGN(auto file, PassingDisk::open(self, path, mode));
    return std::unique_ptr<env::File>(std::make_unique<Stopping>(std::move(file), *this));
  }
  Result<void> rename(env::Fiber& self, const std::string& from, const std::string& to) override {
    TRY(change());
    return PassingDisk::rename(self, from, to);
  }
  Result<void> link(env::Fiber& self, const std::string& old, const std::string& name) override {
    TRY(change());
    return PassingDisk::link(self, old, name);
  }
  Result<void> unlink(env::Fiber& self, const std::string& path) override {
    TRY(change());
    return PassingDisk::unlink(self, path);
  }
  Result<void> sync_directory(env::Fiber& self, const std::string& path) override {
    TRY(change());
    return PassingDisk::sync_directory(self, path);
  }
  Result<std::vector<std::string>> list(env::Fiber& self, const std::string& path) override {
    TRY(alive());
    return PassingDisk::list(self, path);
  }

 private:
  class Stopping final : public env::File {
   public:
    Stopping(std::unique_ptr<env::File> file, StoppingDisk& owner) : file_(std::move(file)), owner_(owner) {}
    Result<std::size_t> preadv(env::Fiber& self, FilePosition at, std::span<const MutableBytes> into) override {
      TRY(owner_.alive());
      return file_->preadv(self, at, into);
    }
    Result<std::size_t> pwritev(env::Fiber& self, FilePosition at, std::span<const Bytes> from) override {
      TRY(owner_.change());
      return file_->pwritev(self, at, from);
    }
    Result<void> fdatasync(env::Fiber& self) override {
      TRY(owner_.change());
      return file_->fdatasync(self);
    }
    Result<void> truncate(env::Fiber& self, FilePosition size) override {
      TRY(owner_.change());
      return file_->truncate(self, size);
    }
    Result<void> reserve(env::Fiber& self, FilePosition size) override { return file_->reserve(self, size); }
    Result<FilePosition> size(env::Fiber& self) override { return file_->size(self); }

   private:
    std::unique_ptr<env::File> file_;
    StoppingDisk& owner_;
  };

  Result<void> alive() const {
    if (has_stopped()) return fail(Errc::io, "the process has died");
    return {};
  }
  Result<void> change() {
    ++changes_;
    if (armed_) --left_;
    return alive();
  }

  bool armed_ = false;
  int left_ = 0;
  int changes_ = 0;
};

}  // namespace gregor::storage
