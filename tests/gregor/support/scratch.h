// A directory that exists only for one test.
#pragma once

#include <filesystem>
#include <string>

namespace gregor::program {

class Scratch {
 public:
  /// Of this name, under the build directory; what stood there goes.
  explicit Scratch(const std::string& name) : path_(std::filesystem::path(GREGOR_BUILD_DIR) / "scratch" / name) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace gregor::program
