// Lane: what a producer has to send to one partition, and the fiber that sends it. Private to the producer.
//
// One fiber per lane keeps the order: batches go out in the order in which they were filled, up to in_flight_max of
// them before the first answer. When one fails, the lane waits for all that are under way, reports what is final, and
// sends the rest again in the same order and, when idempotent, with the same sequences. A batch that is given up leaves
// a hole in the sequences, so the lane then takes a new producer id; what was sent under the old one and may have
// landed is never sent under the new.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/producer.h"
#include "record/batch_builder.h"

namespace gregor::client {

using ReportTo = UniqueFunction<void(const Delivery&)>;

/// What a producer and its lanes share.
struct Producer::Shared {
  Shared(const Cluster& c, ProducerSettings s)
      : cluster(c), settings(std::move(s)), random(cluster.shard().entropy.stream("client.producer")) {}

  Cluster cluster;  ///< a handle of our own: a lane may outlive the producer by a moment
  const ProducerSettings settings;
  record::CodecScratch scratch;
  RandomStream random;  ///< for records without a key
  std::size_t buffered_bytes = 0;
  std::size_t unreported = 0;
  std::size_t flushing = 0;  ///< callers of flush()
  bool is_closed = false;
  env::WaitQueue room;
  env::WaitQueue drained;
};

class Producer::Lane {
 public:
  Lane(std::shared_ptr<Shared> shared, std::string topic, PartitionIndex partition);

  /// Whether one more such record joins the batch being filled, rather than begin another.
  [[nodiscard]] bool has_room_for(std::size_t size) const;
  /// Takes the record in. Its bytes are charged already.
  void add(const OutgoingRecord& record, WallTime timestamp, std::size_t size, ReportTo done);
  /// Something changed that the fiber must look at.
  void ring() { bell_.wake_all(); }
  /// Reports everything unreported; the lane sends no more.
  void abandon();
  /// Spawns the lane's fiber, which keeps the lane.
  static void begin(const std::shared_ptr<Lane>& lane);

 private:
  struct Batch {
    explicit Batch(const record::BatchSettings& settings) : builder(settings) {}
    record::BatchBuilder builder;
    std::vector<ReportTo> reports;
    std::size_t charged_bytes = 0;
    MonotonicTime born;
    bool is_sealed = false;
    std::optional<Sequence> base_sequence;  ///< given when it first goes out
    ByteBuffer encoded;
    bool may_have_landed = false;
    // The try that is under way:
    std::shared_ptr<Connection> link;
    std::shared_ptr<Call> call;  ///< null where the request could not even be sent
    std::int16_t version = 0;
    std::optional<Failure> not_sent;
    [[nodiscard]] bool is_answered() const { return not_sent || call->is_done(); }
  };
  using BatchList = std::deque<std::shared_ptr<Batch>>;

  void serve(env::Fiber& self);
  [[nodiscard]] bool has_free_place() const;
  [[nodiscard]] bool may_send() const;
  [[nodiscard]] MonotonicTime next_due() const;
  [[nodiscard]] MonotonicTime expiry_of(const Batch& batch) const;
  /// Takes the front of the queue out for good.
  void give_up_front(Failure failure);
  void give_up_expired();
  void send_front(env::Fiber& self);
  bool ready_to_send(env::Fiber& self, const Batch& batch, Cluster::Leader& leader);
  bool obtain_producer_id(env::Fiber& self);
  bool encode(Batch& batch);
  void start(env::Fiber& self, const std::shared_ptr<Batch>& batch, const Cluster::Leader& leader);
  Delivery take_answer(env::Fiber& self, Batch& batch);
  void settle_front(env::Fiber& self);
  void settle_all(env::Fiber& self, Delivery first);
  void begin_anew();
  void report(Batch& batch, const Delivery& delivery);
  void report_failure(Batch& batch, Failure failure);
  [[nodiscard]] bool is_idempotent() const { return shared_->settings.idempotent && shared_->settings.acks == -1; }
  [[nodiscard]] MonotonicTime now() const { return shared_->cluster.shard().clock.now(); }

  std::shared_ptr<Shared> shared_;
  const std::string topic_;
  const PartitionIndex partition_;
  std::weak_ptr<Lane> me_;
  env::Fiber* fiber_ = nullptr;
  env::WaitQueue bell_;
  BatchList queue_;        ///< to send, oldest first; only the last may be open
  BatchList in_flight_;    ///< sent, oldest first
  bool has_hole_ = false;  ///< a sequence of this id will never arrive; nothing more is sent under it
  Backoff backoff_;
  ProducerId producer_id_ = kNoProducerId;
  ProducerEpoch producer_epoch_{record::kNoProducerEpoch};
  Sequence next_sequence_{0};
  /// A batch under this id is in the log. Before that a broker takes any first sequence, so that batches sent side by
  /// side could land in another order when the first of them is refused.
  bool is_id_known_ = false;
};

}  // namespace gregor::client
