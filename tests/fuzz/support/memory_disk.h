// The least of a world that storage can live in: files in memory, a clock that stands still, one fiber that never
// waits. For targets that run a life for each of a million inputs, where the simulated world would take most of the
// time.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "env/clock.h"
#include "env/disk.h"

namespace gregor::fuzz {

class MemoryFile final : public env::File {
 public:
  explicit MemoryFile(std::shared_ptr<ByteBuffer> content) : content_(std::move(content)) {}
  Result<std::size_t> preadv(env::Fiber&, FilePosition at, std::span<const MutableBytes> into) override {
    std::size_t done = 0;
    for (const MutableBytes piece : into) {
      const std::size_t begin = std::min<std::size_t>(at.value() + done, content_->size());
      const std::size_t count = std::min(piece.size(), content_->size() - begin);
      std::copy_n(content_->begin() + static_cast<std::ptrdiff_t>(begin), count, piece.begin());
      done += count;
    }
    return done;
  }
  Result<std::size_t> pwritev(env::Fiber&, FilePosition at, std::span<const Bytes> from) override {
    std::size_t done = 0;
    for (const Bytes piece : from) {
      const std::size_t begin = at.value() + done;
      if (content_->size() < begin + piece.size()) content_->resize(begin + piece.size());
      std::copy(piece.begin(), piece.end(), content_->begin() + static_cast<std::ptrdiff_t>(begin));
      done += piece.size();
    }
    return done;
  }
  Result<void> fdatasync(env::Fiber&) override { return {}; }
  Result<void> truncate(env::Fiber&, FilePosition size) override {
    content_->resize(size.value());
    return {};
  }
  Result<void> reserve(env::Fiber&, FilePosition) override { return {}; }
  Result<FilePosition> size(env::Fiber&) override { return FilePosition{content_->size()}; }

 private:
  std::shared_ptr<ByteBuffer> content_;
};

/// Directories are what stands before the last slash of a file's name.
class MemoryDisk final : public env::Disk {
 public:
  std::map<std::string, std::shared_ptr<ByteBuffer>> files;

  void put(const std::string& path, Bytes content) {
    files[path] = std::make_shared<ByteBuffer>(content.begin(), content.end());
  }
  Result<std::unique_ptr<env::File>> open(env::Fiber&, const std::string& path, env::OpenMode mode) override {
    const auto found = files.find(path);
    if (found != files.end()) {
      if (mode == env::OpenMode::create_new) return fail(Errc::exists, path);
      return std::make_unique<MemoryFile>(found->second);
    }
    if (mode == env::OpenMode::read_only || mode == env::OpenMode::read_write) return fail(Errc::not_found, path);
    put(path, {});
    return std::make_unique<MemoryFile>(files[path]);
  }
  Result<void> rename(env::Fiber&, const std::string& from, const std::string& to) override {
    const auto found = files.find(from);
    if (found == files.end()) return fail(Errc::not_found, from);
    files[to] = found->second;
    files.erase(from);
    return {};
  }
  Result<void> link(env::Fiber&, const std::string& existing, const std::string&) override {
    return fail(Errc::unsupported, existing);
  }
  Result<void> unlink(env::Fiber&, const std::string& path) override {
    if (files.erase(path) == 0) return fail(Errc::not_found, path);
    return {};
  }
  Result<void> make_directory(env::Fiber&, const std::string&) override { return {}; }
  Result<void> remove_directory(env::Fiber&, const std::string&) override { return {}; }
  Result<void> sync_directory(env::Fiber&, const std::string&) override { return {}; }
  Result<std::vector<std::string>> list(env::Fiber&, const std::string& path) override {
    std::vector<std::string> names;
    for (const auto& [name, content] : files) {
      if (env::directory_of(name) == path) names.push_back(name.substr(path.size() + 1));
    }
    return names;
  }
  Result<env::FileStatus> status(env::Fiber&, const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return fail(Errc::not_found, path);
    return env::FileStatus{.size = found->second->size()};
  }
  Result<env::DiskSpace> space(env::Fiber&, const std::string&) override { return env::DiskSpace{}; }
  Result<std::unique_ptr<env::DirectoryLock>> lock(env::Fiber&, const std::string&) override {
    return std::make_unique<env::DirectoryLock>();
  }
};

class StillClock final : public env::Clock {
 public:
  [[nodiscard]] MonotonicTime now() const override { return {}; }
  [[nodiscard]] WallTime wall_now() const override { return WallTime{1'700'000'000'000}; }
  env::TimerId arm(MonotonicTime, UniqueFunction<void()>) override { return 1; }
  bool disarm(env::TimerId) override { return true; }
};

/// Runs `body(self)` on a fiber to its end; it may not wait for anything.
template <class Body>
void on_fiber(Body&& body) {
  struct Unasked final : env::ReadySink {
    void on_ready(env::Fiber&) override {}
  };
  static Unasked sink;
  static env::FiberScheduler fibers(sink);
  bool is_done = false;
  env::Fiber& fiber = fibers.spawn(
      "input",
      [&](env::Fiber& self) {
        body(self);
        is_done = true;
      },
      env::StackClass::large_256k);
  fibers.resume(fiber);
  CHECK(is_done);
}

}  // namespace gregor::fuzz
