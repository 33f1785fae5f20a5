// Looks at the broker's disk from outside, while it runs and after it ended: what its logs hold, whether what it calls
// flushed is on the platter, whether indexes agree with logs. Takes no simulated time and changes nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "observe/event.h"
#include "properties/always/ghost_log.h"
#include "properties/always/metadata_fold.h"
#include "properties/violation.h"
#include "sim/disk_image.h"

namespace gregor::scenarios {

class DiskAudit final : public observe::Observer {
 public:
  /// `directories`: paths of the broker's log directories. `truth`: what the nodes of a cluster share.
  /// The image and the verdict outlive the audit.
  DiskAudit(sim::DiskImage& image, const std::vector<std::string>& directories, properties::Verdict& verdict,
            UniqueFunction<MonotonicTime()> now,
            std::shared_ptr<properties::MetadataTruth> truth = std::make_shared<properties::MetadataTruth>())
      : image_(image),
        directories_(directories),
        verdict_(verdict),
        now_(std::move(now)),
        metadata_(
            verdict, [this] { return now_(); }, std::move(truth)) {}

  /// S2: what LogFlushed and LogOpened claim is durable, names included. K4: the metadata log and its snapshots.
  void on(const observe::Event& event) override;
  /// Topics whose leader compacts: a follower's log has its gaps, and a roll may have come before the batch behind one.
  void expect_gaps_in(UniqueFunction<bool(const std::string&)> is_compacted) { has_gaps_ = std::move(is_compacted); }
  /// The platter lies from now on: nothing more is said about it.
  void trust_no_flush() {
    flushes_count_ = false;
    metadata_.forget();
  }

  /// Bytes of that log have changed on the platter: nothing is said about it until its files are whole again. The
  /// folder's name.
  void rotted(std::string_view folder) { rotten_.emplace(folder); }

  /// The disk is another one, and empty.
  void disk_was_replaced() {
    seen_.clear();
    ends_.clear();
    compacted_.clear();
    metadata_.saw_empty_disk();
  }

  /// The log of a partition as the system shows it.
  [[nodiscard]] properties::GhostLog::Stored stored_log(const TopicPartition& partition) const;
  /// S3, S1: after a clean end each log and each index of it is whole and they agree.
  void judge_clean_end();

 private:
  /// Up to where a log was found on the platter.
  struct Seen {
    Offset segment = kNoOffset;
    std::uint64_t position = 0;
    Offset next{0};
  };
  /// Its path in the directory that it lies in now.
  [[nodiscard]] std::string folder_of(const TopicPartition& partition) const;
  [[nodiscard]] bool is_rotten(const TopicPartition& partition);
  void expect_durable(const TopicPartition& partition, Offset end);
  bool see_next(const sim::TreeNode& folder, Seen& seen, Offset gaps_below, properties::MetadataFold* fold) const;
  /// Judges what snapshots of the metadata log are durable; returns the newest.
  std::optional<quorum::SnapshotId> see_snapshots(const TopicPartition& partition);
  void note_gaps(const TopicPartition& partition, Offset below);
  /// No batch that begins below it need follow the one before it.
  [[nodiscard]] Offset compacted_below(const std::string& folder_name) const;
  void judge_clean_end_of(const std::string& directory);

  sim::DiskImage& image_;
  std::vector<std::string> directories_;
  properties::Verdict& verdict_;
  UniqueFunction<MonotonicTime()> now_;
  std::map<TopicPartition, Seen> seen_;
  std::map<std::string, Offset> compacted_;  ///< by the name of the folder
  std::set<std::string, std::less<>> rotten_;
  UniqueFunction<bool(const std::string&)> has_gaps_;
  std::map<TopicPartition, Offset> ends_;  ///< of the logs, as they were told
  bool flushes_count_ = true;
  properties::MetadataFold metadata_;
};

}  // namespace gregor::scenarios
