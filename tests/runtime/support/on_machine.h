// Runs a test's body on a machine of the real world, with a temporary directory and a log that remembers.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/machine.h"

namespace gregor::runtime {

class RememberingLog final : public observe::Log {
 public:
  void line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) override {
    const std::lock_guard guard(mutex_);
    lines_.push_back(observe::format_line(level, event, fields));
  }
  [[nodiscard]] std::vector<std::string> lines() {
    const std::lock_guard guard(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// A machine of `shards` whose body is `body`; returns when it is over.
inline void on_machine(std::size_t shards, Machine::Body body) {
  RememberingLog log;
  MachineOptions options;
  options.shard_count = shards;
  Machine machine(options, log);
  machine.run(std::move(body));
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gregor-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    EXPECT_FALSE(path_.empty());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace gregor::runtime
