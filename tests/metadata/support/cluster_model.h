// ClusterModel: brokers, clients, delayed messages and a standby around the controller's decisions. Seeded; time is a
// number. After each batch the image is judged; a run ends with all brokers back, and every partition led again.
//
// The model's brokers die with and without loss, bounce inside their sessions, leave in order, lose directories; a
// leader asks for ISRs by what it last heard, and its requests may arrive late.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "metadata/alter_partition.h"
#include "metadata/create_topics.h"
#include "metadata/heartbeats.h"
#include "metadata/image.h"
#include "metadata/replay.h"
#include "tests/metadata/support/ghost.h"

namespace gregor::metadata {

class ClusterModel {
 public:
  explicit ClusterModel(std::uint64_t seed);
  /// The first violation; none where all of the run held.
  std::optional<std::string> run(int steps);

  struct Counts {
    int elections = 0;
    int unclean_elections = 0;
    int isr_changes = 0;
    int late_requests = 0;
    int refused_lives = 0;
    int completed_moves = 0;
    int fenced_together = 0;
    int eligible = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] const Image& image() const { return image_; }

 private:
  struct Process {
    bool is_alive = false;
    bool ended_cleanly = false;
    bool wants_to_leave = false;
    BrokerEpoch epoch{-1};  ///< that it was told; of its last life where it is dead
    Uuid incarnation_id = {};
    Offset metadata_offset = kNoOffset;
    std::vector<Uuid> offline = {};
  };
  using Late = std::variant<AlterPartition, BrokerHeartbeat>;
  struct Target {
    PartitionKey key;
    const Topic* topic;
    const Partition* partition;
  };

  void step();
  void administer(std::uint64_t drawn);
  void heal();
  void write(const RecordList& records, bool is_asked_unclean = false);
  void feed_standby();
  void judge_replay();

  void pass_time();
  void expire_sessions();
  void send_heartbeat(NodeId id);
  void take_heartbeat(const BrokerHeartbeat& heartbeat);
  void kill(NodeId id);
  void start(NodeId id);
  /// Dead and back at once, within its session.
  void bounce(NodeId id);
  void unregister();
  void create_topic();
  void delete_topic();
  void produce();
  void replicate();
  void commit(const Target& target);
  void ask_for_isr();
  void take_isr(const AlterPartition& request);
  void deliver_late();
  void reassign();
  void elect();
  void elect_periodically();
  void fail_directory();
  void assign_directory();
  void allocate_producer_ids();

  void violate(std::string what);
  NodeId any_broker();
  std::vector<NodeId> some_brokers();
  std::optional<Target> any_partition();
  /// Its leader lives in the registered life, unfenced, and its directory is online; begins its epoch if it is new.
  bool is_led(const Target& target);
  bool is_at_work(NodeId id, const Partition& partition) const;

  RandomStream random_;
  int brokers_;
  ElectionRules rules_;
  std::size_t partitions_max_;  ///< the fewer, the more happens to each
  Image image_;
  Offset next_{0};
  MonotonicTime now_{};
  BrokerHeartbeats book_{Milliseconds{9000}};
  std::map<NodeId, Process> processes_;
  std::set<NodeId> suspects_;
  Ghost ghost_;
  ImageChecks checks_;
  std::deque<Late> late_;
  struct Batch {
    std::vector<ByteBuffer> values;
    Offset last;
  };
  std::vector<Batch> log_;
  std::vector<Uuid> hashes_;  ///< of the image after each batch
  Replay standby_;
  std::size_t standby_at_ = 0;
  std::int64_t producer_ids_given_ = 0;
  std::set<std::int64_t> broker_epochs_;
  std::set<TopicId> topic_ids_;
  int topics_made_ = 0;
  std::optional<std::string> violation_;
  Counts counts_;
};

}  // namespace gregor::metadata
