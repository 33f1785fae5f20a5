// Host: gives a machine a log, a clock and a life. One for each partition of an internal topic that this node leads, on
// the partition's shard.
//
// loading -> active -> ended. Loading replays the partition from its start to its end, and waits until all of that is
// committed. While active, each call of the machine is
// performed at once; its records join those that wait, what waits is written as one batch as soon as the batch before
// it is answered (acks=all), and releases go in the order of the calls.
//
// Promises:
//   C1  no release is told `none` before every record written up to its call is acknowledged with acks=all in the
//       leader epoch that this host was made for;
//   C2  after a batch that could not be written nothing rests on what the machine believed: all who wait are told so,
//       and a new machine is built from the log;
//   C3  every release is called exactly once, at the latest by end();
//   C4  nothing is answered from records that are not committed, written by a former life of the host or not;
//   C5  what waits is bounded: kQueuedBytesMax, kQueuedReleasesMax; beyond it run() refuses.
//
// Owned by shared_ptr: its fiber and the partition's callbacks keep it. Methods without a Fiber never suspend. All on
// one shard.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "coordinator/machine.h"
#include "env/shard.h"
#include "observe/log.h"
#include "partition/partition.h"
#include "record/batch_builder.h"
#include "record/codec.h"

namespace gregor::coordinator {

/// A batch of the host's takes no further record beyond this, or beyond the topic's max.message.bytes.
inline constexpr std::size_t kBatchBytesMax = 512 << 10;
inline constexpr std::size_t kQueuedBytesMax = 16 << 20;
inline constexpr std::size_t kQueuedReleasesMax = 20'000;
/// Before a log that could not be read is tried again; doubles up to the other.
inline constexpr Milliseconds kFirstPauseBeforeLoading{100};
inline constexpr Milliseconds kLongestPauseBeforeLoading{10'000};

/// While what was loaded is not committed yet.
inline constexpr Milliseconds kBetweenLooksForCommit{5};

/// What hosts of one shard share. All of it outlives them but for `spawn`'s fibers, which it waits for.
struct HostSeat {
  env::Shard& shard;
  observe::Log& log;
  record::CodecScratch& codec;
  record::Codec batch_codec = record::Codec::none;
  /// Runs a fiber that the node's end waits for.
  std::function<void(UniqueFunction<void(env::Fiber&)>)> spawn;
};

class Host : public std::enable_shared_from_this<Host> {
 public:
  using MakeMachine = UniqueFunction<std::unique_ptr<Machine>()>;
  using Work = UniqueFunction<void(Machine&, const Now&, Effects&)>;
  enum class Stage : std::uint8_t { fresh, loading, active, ended };

  /// Serves `partition` as its leader in `epoch`.
  Host(HostSeat seat, std::shared_ptr<partition::Partition> partition, LeaderEpoch epoch, MakeMachine make_machine);
  ~Host();

  /// Begins to load. Once, after it is owned by a shared_ptr.
  void start();
  /// No longer ours: whoever waits is told `why`. Idempotent.
  void end(wire::ErrorCode why);

  /// Performs `work` on the machine now. Errors, and then nothing was done: COORDINATOR_LOAD_IN_PROGRESS,
  /// NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE (too much waits).
  [[nodiscard]] wire::ErrorCode run(Work work);

  [[nodiscard]] Stage stage() const { return stage_; }
  [[nodiscard]] LeaderEpoch epoch() const { return epoch_; }
  [[nodiscard]] const TopicPartition& partition() const { return partition_->id(); }

 private:
  /// One call's effects on their way out.
  struct Call {
    std::deque<NewRecord> records;  ///< not in a batch yet
    std::size_t bytes = 0;          ///< of them, at most
    bool is_atomic = true;
    std::vector<Release> releases;
  };

  void begin_to_load();
  void load(env::Fiber& self, std::uint64_t life);
  void await_commit(env::Fiber& self, std::uint64_t life);
  Result<void> replay_log(env::Fiber& self, Machine& machine, std::uint64_t life);
  void start_over(wire::ErrorCode told);
  void tell_all(wire::ErrorCode error);
  void take(Effects effects);
  void write_queued();
  Result<ByteBuffer> fill_batch();
  bool fits(const record::BatchBuilder& builder, std::size_t bytes) const;
  void on_written(std::uint64_t life, const partition::AppendOutcome& outcome);
  void rearm();
  void on_timer();
  [[nodiscard]] Now now() const;
  [[nodiscard]] bool is_of_now(std::uint64_t life) const { return stage_ != Stage::ended && life == life_; }

  const HostSeat seat_;
  const std::shared_ptr<partition::Partition> partition_;
  const LeaderEpoch epoch_;
  MakeMachine make_machine_;
  std::unique_ptr<Machine> machine_;
  Stage stage_ = Stage::fresh;
  std::uint64_t life_ = 0;  ///< of the machine: what belongs to a former one is no longer ours
  std::deque<Call> queued_;
  std::deque<Call> in_batch_;  ///< wait for the batch that is on its way, and for nothing behind it
  bool writing_ = false;
  std::size_t queued_bytes_ = 0;
  std::size_t waiting_releases_ = 0;
  env::WaitQueue ended_;
  env::TimerId timer_ = 0;
  MonotonicTime timer_due_ = kForever;
};

}  // namespace gregor::coordinator
