// A folder on a simulated disk and a log in it, for tests: opened, crashed and opened again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "observe/event.h"
#include "observe/log.h"
#include "sim/disk_image.h"
#include "sim/run_fiber.h"
#include "storage/partition_log.h"
#include "tests/storage/support/batches.h"
#include "tests/storage/support/faulty_disk.h"

namespace gregor::storage {

/// Keeps what it hears.
class EventList final : public observe::Observer {
 public:
  void on(const observe::Event& event) override { events.push_back(event); }
  template <class Kind>
  [[nodiscard]] std::vector<Kind> of() const {
    std::vector<Kind> found;
    for (const auto& event : events) {
      if (const auto* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
    }
    return found;
  }
  std::vector<observe::Event> events;
};

struct LogHome {
  std::shared_ptr<sim::DiskImage> image = std::make_shared<sim::DiskImage>();
  LogConfig config;
  EventList events;
  observe::NullLog log;
  RecoveryPoints* recovery_points = nullptr;
  static inline const std::string kFolder = "data/orders-0";

  LogHome();
  /// Runs `body(self, shard)` in a world of its own on the disk.
  template <class Body>
  auto run(Body&& body) {
    return sim::run_fiber(sim::RunFiberOptions{.disk = image}, std::forward<Body>(body));
  }
  /// As a process does that starts on what the disk shows; through `disk` where the test has one of its own.
  Result<std::unique_ptr<PartitionLog>> open(env::Fiber& self, env::Shard& shard,
                                             const LogCheckpoints& checkpoints = {}, env::Disk* disk = nullptr);
  /// Appends them one by one, which must succeed.
  void fill(env::Fiber& self, PartitionLog& onto, const std::vector<BatchRecipe>& recipes);
  [[nodiscard]] ByteBuffer content(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const;
  void put(const std::string& name, Bytes file_content);
};

/// Everything from the log's start, read in pieces of `bytes_max`.
Result<ByteBuffer> read_everything(env::Fiber& self, PartitionLog& log, std::size_t bytes_max = 1 << 20);

}  // namespace gregor::storage
