// Ghost: what was ever shown to anybody as committed, and what must hold of it (INVARIANTS R1 to R10). It trusts no
// machine: every claim is held against the raw logs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/ids.h"
#include "tests/replica/support/model_log.h"

namespace gregor::replica {

struct Violation {
  std::string invariant;
  std::string text;
};

class Ghost {
 public:
  [[nodiscard]] Offset end() const { return Offset{static_cast<std::int64_t>(records_.size())}; }
  /// A leader shows [end(), to) of its log for the first time.
  void expose(const ModelLog& log, Offset to);
  /// Records below are deleted by request.
  void note_deletion(Offset below);
  /// That was acknowledged: who may lead from now on begins there or later.
  void note_deleted(Offset below);
  [[nodiscard]] bool keeps_deleted(const ModelLog& log) const { return log.start() >= acknowledged_below_; }
  /// Everything committed and not deleted stands in `log`, as far as `held` counts.
  [[nodiscard]] bool is_whole_in(const ModelLog& log, Offset held) const;
  /// Everything that `log` shows below `to` is committed and the same.
  [[nodiscard]] bool agrees(const ModelLog& log, Offset to) const;
  [[nodiscard]] bool holds(Offset offset, const ModelRecord& record) const;

  /// ListOffsets(latest) was answered in `epoch`. False where an answer of the same or an earlier epoch was greater.
  bool note_latest(LeaderEpoch epoch, Offset answer);
  /// One node appends in an epoch. False for a second.
  bool note_leader(LeaderEpoch epoch, NodeId node);
  /// False where the high watermark of one life's leadership fell.
  bool note_high_watermark(NodeId node, int life, LeaderEpoch epoch, Offset high_watermark);

 private:
  std::vector<ModelRecord> records_;
  Offset deleted_below_{0};
  Offset acknowledged_below_{0};
  std::map<LeaderEpoch, Offset> latest_;
  std::map<LeaderEpoch, NodeId> leaders_;
  std::map<std::tuple<NodeId, int, LeaderEpoch>, Offset> high_watermarks_;
};

}  // namespace gregor::replica
