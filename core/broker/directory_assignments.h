// DirectoryAssignments: tells the active controller in which of this broker's directories its partitions came to lie,
// where the metadata says something else, and which copies are lost (KIP-858). On shard 0.
//
// Promises: what a partition's folder is in is told until the image says so, or the partition is not ours any more; at
// most one request is under way. Never moves anything.
#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "controller/image_feed.h"
#include "env/fiber.h"
#include "env/wait.h"
#include "observe/log.h"
#include "wire/assign_replicas_to_dirs.h"

namespace gregor::broker {

/// A partition of this broker and the id of the directory that it lies in; zero before it has a place, and
/// metadata::kLostDirectory where its copy is damaged and given up.
struct HeldPartition {
  TopicId topic;
  PartitionIndex index;
  Uuid directory;
};

class DirectoryAssignments final : controller::ImageListener {
 public:
  /// Partitions that one request names at most, as Kafka's broker does.
  static constexpr std::size_t kPartitionsPerRequestMax = 2250;
  static constexpr Milliseconds kTryMax{10'000};
  static constexpr Milliseconds kPauseMin{500};  ///< for what comes together to go together
  static constexpr Milliseconds kPauseMax{10'000};

  using Carrier = std::function<Result<wire::AssignReplicasToDirsResponse>(
      env::Fiber&, const wire::AssignReplicasToDirsRequest&, MonotonicTime deadline)>;
  struct Seat {
    env::Clock& clock;
    controller::ImageFeed& feed;  ///< outlives it
    observe::Log& log;
    NodeId self;
    std::vector<Uuid> directory_ids;  ///< this broker's
    std::function<BrokerEpoch()> broker_epoch;
    std::function<std::vector<HeldPartition>(env::Fiber&)> held;  ///< of all shards. Suspends
    Carrier carry;
  };
  explicit DirectoryAssignments(Seat seat);
  ~DirectoryAssignments() override;

  /// Until stop(). A fiber of its own.
  void keep(env::Fiber& self);
  /// A partition came to lie elsewhere. Does not suspend.
  void look_again();
  /// Ends keep() soon. Does not suspend.
  void stop();

 private:
  using Misplaced = std::map<Uuid, std::map<TopicId, std::vector<PartitionIndex>>>;
  void on_image(const controller::ImageChange& change) override;
  /// The metadata may say another directory than the partition's own.
  [[nodiscard]] bool is_doubtful(const metadata::Partition& partition) const;
  [[nodiscard]] bool has_doubtful() const;
  /// What is to be told, and whether something has no place yet.
  [[nodiscard]] std::pair<Misplaced, bool> misplaced(env::Fiber& self) const;
  /// False where there is more to do.
  bool tell(env::Fiber& self);
  void pause(env::Fiber& self, Milliseconds wait);

  const Seat seat_;
  bool is_due_ = false;
  env::WaitQueue news_;
  env::WaitQueue stopping_;
  bool stopped_ = false;
};

}  // namespace gregor::broker
