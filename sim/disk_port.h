// One shard's way to its machine's disk: env::Disk and env::File with the time that operations take and the faults they
// meet. What an operation does happens at the moment it finishes; a life that ends in between leaves it done, half done
// or undone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_function.h"
#include "env/disk.h"
#include "sim/disk_image.h"
#include "sim/engine.h"
#include "sim/node_clock.h"

namespace gregor::sim {

class DiskPort final : public env::Disk {
 public:
  DiskPort(Engine& engine, Lane& lane, const NodeClock& clock, std::shared_ptr<DiskImage> image);

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
  Result<std::unique_ptr<env::DirectoryLock>> lock(env::Fiber& self, const std::string& path) override;

  /// The life ends: what is in flight is decided by coin, and none of it will wake anyone.
  void abandon_in_flight(RandomStream& stream);

  // For the files of this port.
  /// Suspends for as long as the operation takes, then does `perform`, which returns a number for the trace. Throws
  /// Cancelled without doing anything when the life is over.
  void operate(env::Fiber& self, const Latency& law, UniqueFunction<std::uint64_t()> perform);
  [[nodiscard]] DiskImage& image() { return *image_; }
  [[nodiscard]] Faults& faults() { return engine_.faults(); }
  [[nodiscard]] RandomStream& fault_stream() { return fault_stream_; }
  [[nodiscard]] std::int64_t wall_ms() const { return clock_.wall(engine_.now()).ms; }
  /// True, and counted, when this fault strikes now.
  bool strikes(Chance chance, FaultKind kind);
  void unlock(const std::string& path);

 private:
  struct InFlight {
    env::Fiber* fiber;
    UniqueFunction<std::uint64_t()>* perform;
    bool done = false;
  };
  void finish(std::uint64_t id);
  [[nodiscard]] Nanoseconds draw_time(const Latency& law);
  [[nodiscard]] std::uint64_t holder() const;
  Result<void> change_names(env::Fiber& self, UniqueFunction<Result<void>()> change);

  Engine& engine_;
  Lane& lane_;
  const NodeClock& clock_;
  std::shared_ptr<DiskImage> image_;
  RandomStream time_stream_;
  RandomStream fault_stream_;
  std::map<std::uint64_t, InFlight*> in_flight_;
  std::uint64_t last_id_ = 0;
};

/// An open file.
class FilePort final : public env::File {
 public:
  FilePort(DiskPort& disk, TreeNodeRef node, bool may_write);
  Result<std::size_t> preadv(env::Fiber& self, FilePosition at, std::span<const MutableBytes> into) override;
  Result<std::size_t> pwritev(env::Fiber& self, FilePosition at, std::span<const Bytes> from) override;
  Result<void> fdatasync(env::Fiber& self) override;
  Result<void> truncate(env::Fiber& self, FilePosition size) override;
  Result<void> reserve(env::Fiber& self, FilePosition size) override;
  Result<FilePosition> size(env::Fiber& self) override;
  void drop_clean_pages(env::Fiber& self) override;

 private:
  Result<std::size_t> read_now(std::uint64_t at, std::span<const MutableBytes> into, std::uint64_t& sum);
  Result<std::size_t> write_now(std::uint64_t at, std::span<const Bytes> from, std::uint64_t& sum);
  Result<void> sync_now(std::uint64_t up_to);
  std::uint64_t room_for(std::uint64_t at, std::uint64_t wanted);
  WriteFate draw_fate();
  void touch();

  DiskPort& disk_;
  TreeNodeRef node_;
  bool may_write_;
};

}  // namespace gregor::sim
