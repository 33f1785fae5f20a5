// ModelLog: a partition's log in memory: records of leader epochs, a flushed end, and the history of epochs.
#pragma once

#include <cstdint>
#include <vector>

#include "base/epoch_history.h"
#include "base/ids.h"

namespace gregor::replica {

struct ModelRecord {
  LeaderEpoch epoch;
  std::uint64_t value = 0;
  bool operator==(const ModelRecord&) const = default;
};

class ModelLog {
 public:
  void append(const ModelRecord& record);
  void assign_epoch(LeaderEpoch epoch);
  void truncate(Offset end);
  void start_over(Offset offset);
  void advance_start(Offset start);
  void flush(Offset end);
  /// The log as a crash leaves it that keeps what is below `end`.
  void recover(Offset end);

  [[nodiscard]] Offset start() const { return start_; }
  [[nodiscard]] Offset end() const { return base_ + static_cast<std::int64_t>(records_.size()); }
  [[nodiscard]] Offset flushed() const { return flushed_; }
  [[nodiscard]] const ModelRecord& at(Offset offset) const;
  [[nodiscard]] const std::vector<EpochEntry>& history() const { return history_; }
  [[nodiscard]] std::vector<ModelRecord> read(Offset from, std::size_t count_max) const;
  /// Every epoch of the history begins where the records say it does.
  [[nodiscard]] bool history_is_true() const;

 private:
  Offset base_{0};  ///< of the first record kept
  Offset start_{0};
  Offset flushed_{0};
  std::vector<ModelRecord> records_;
  std::vector<EpochEntry> history_;
};

}  // namespace gregor::replica
