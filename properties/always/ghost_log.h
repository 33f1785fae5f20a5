// The ghost log: a second, trusted account of one node's partitions, kept from its events alone. After each event the
// rules that one node can break are checked against it.
//
//   R8   a batch is appended at the log end offset; no offset is reused without truncation; log start <= high watermark
//        <= log end
//   R5   the high watermark never falls within a life of the node, and nothing below it is truncated
//   R7   an acknowledged batch stands in the log, below the high watermark for acks=all
//   R10  a fetch is answered only below the high watermark
//   P1   each (producer id, epoch, sequence) stands once
//   P2   sequences of a producer and epoch follow each other modulo 2^31
//   P3   a duplicate is acknowledged with the offsets of its first copy
//   S1   recovery finds a prefix, no shorter than what the kind of death must keep; what it finds beyond is what was
//        being written when the node died
//   S2   where the node flushes before it acknowledges, what is acknowledged or shown to readers is flushed
//   S5   nothing above the high watermark is compacted
//   S6   nothing is deleted where no retention is set; the log start offset never passes the high watermark
//   S7   the log of a new topic begins empty
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/unique_function.h"
#include "observe/event.h"
#include "properties/violation.h"

namespace gregor::properties {

/// The partition that the metadata quorum replicates.
inline constexpr std::string_view kMetadataTopic = "__cluster_metadata";

/// How the node's last life ended: it decides what recovery must find.
enum class Death : unsigned char {
  none,      ///< it is the first life
  clean,     ///< it was asked to stop and did: nothing may be gone
  machine,   ///< so it was, and then the power failed: nothing may be gone of the logs that this life had opened
  process,   ///< killed; the kernel kept every completed write
  power,     ///< only what was flushed must be there
  damage,    ///< the disk itself lost or changed durable bytes: any prefix is legal
  replaced,  ///< the disk is another one, and empty: every log begins again
};

class GhostLog final : public observe::Observer {
 public:
  struct Rules {
    bool flush_before_acknowledge = false;       ///< the topics' flush.messages is 1
    bool may_give_up = false;                    ///< unclean elections: only what the node shows is judged
    bool may_delete = true;                      ///< a retention may be reached
    std::set<std::string> unsteady_topics = {};  ///< whose flush.messages changes
    /// Topics whose leader compacts: what a follower takes over has gaps.
    UniqueFunction<bool(const std::string&)> is_compacted = {};
  };
  /// `now` gives simulated time for reports.
  GhostLog(Rules rules, Verdict& verdict, UniqueFunction<MonotonicTime()> now);

  void on(const observe::Event& event) override;
  /// The node died; the next LogOpened of each partition is judged by the worst death since its last one.
  void node_died(Death death);
  /// Bytes of a partition's log have changed under it. It may find them at any time, or never; until its files are
  /// whole again what it finds when it opens may end anywhere. `folder`: its name. Which partitions were ever there.
  std::vector<TopicPartition> rotted(std::string_view folder);
  /// There are logs that were not opened since the last death.
  [[nodiscard]] bool has_unopened() const;

  struct Batch {
    Offset base;
    Offset last;
    std::uint32_t crc;
    ProducerId producer;
    ProducerEpoch epoch;
    Sequence first_sequence;
    LeaderEpoch leader_epoch;
    bool operator==(const Batch&) const = default;
  };
  /// What a log holds by its files, asked when it was opened.
  struct Stored {
    std::vector<Batch> batches;  ///< by offset
    std::string damage;          ///< of what stands behind them; empty when nothing does
  };
  using LogReader = UniqueFunction<Stored(const TopicPartition&)>;
  /// From now on recovered logs are held against their files. Without a reader the events alone are judged.
  void read_logs_with(LogReader reader) { reader_ = std::move(reader); }

  struct Partition {
    std::vector<Batch> batches;  ///< by offset
    Offset log_start{0};
    Offset log_end{0};
    Offset flushed{0};
    Offset high_watermark{0};
    Offset compacted{0};  ///< below it batches may have lost records, or be gone
    Death death = Death::none;
    bool begun_anew = false;    ///< and nothing was appended since: a life that ends there is as good as none
    std::vector<Batch> former;  ///< as it stood when it began anew: as long as it holds nothing else that may come back
    LeaderEpoch led{-1};        ///< the newest epoch in which this node leads
    bool is_rotten = false;     ///< its files do not hold what was written there
    /// The next expected sequence and the epoch it belongs to.
    std::map<ProducerId, std::pair<ProducerEpoch, Sequence>> next_sequence;
  };
  [[nodiscard]] const std::map<TopicPartition, Partition>& partitions() const { return partitions_; }
  /// Events judged, so that a run that checked nothing is noticed.
  [[nodiscard]] std::uint64_t events_checked() const { return events_checked_; }

 private:
  [[nodiscard]] bool flushes_first(const TopicPartition& name) const;
  /// A follower of its leader takes over gaps.
  [[nodiscard]] bool has_gaps(const TopicPartition& name);
  /// Records may go without a client's word: by retention, or as a snapshot of the metadata log holds them.
  [[nodiscard]] bool may_delete(const TopicPartition& name) const;
  /// The high watermark; of the metadata log, whose node tells of none, what is flushed.
  [[nodiscard]] Offset committed_end(const TopicPartition& name) const;
  void judge(const observe::LogOpened& event);
  void judge(const observe::BatchAppended& event);
  void judge(const observe::LogMoved& event);
  void judge(const observe::LogTruncated& event);
  void judge(const observe::LogBegunAnew& event);
  void judge(const observe::LogFlushed& event);
  void judge(const observe::LeadershipBegan& event);
  void judge(const observe::HighWatermarkMoved& event);
  void judge(const observe::LogStartMoved& event);
  void judge(const observe::SegmentsCompacted& event);
  void judge(const observe::ProduceAcknowledged& event);
  void judge(const observe::FetchAnswered& event);
  template <class Other>
  void judge(const Other&) {}

  static bool is_behind_snapshot(const observe::LogOpened& event, const Partition& partition);
  void judge_stored(const observe::LogOpened& event, Partition& partition, bool is_new);
  void judge_sequence(const TopicPartition& name, Partition& partition, const observe::BatchAppended& event);
  static const Batch* find_batch(const Partition& partition, Offset base);
  static void cut(Partition& partition, Offset to);
  void expect(bool holds, const char* invariant, const TopicPartition& name, const std::string& text);

  Rules rules_;
  Verdict& verdict_;
  UniqueFunction<MonotonicTime()> now_;
  std::map<TopicPartition, Partition> partitions_;
  LogReader reader_;
  bool damaged_ = false;  ///< durable bytes were lost: only what the node shows is judged from now on
  std::uint64_t events_checked_ = 0;
};

}  // namespace gregor::properties
