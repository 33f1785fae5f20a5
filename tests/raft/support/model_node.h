// A node of the model: its disk, which outlives it, and its machine of the present life.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "raft/fsm.h"

namespace gregor::raft::model {

struct Record {
  LeaderEpoch epoch;
  std::uint64_t id = 0;  ///< of what was proposed: no two are alike
  std::optional<VoterSet> voters = {};
  bool operator==(const Record& other) const { return epoch == other.epoch && id == other.id; }
};

struct Disk {
  ElectionState state = {};
  OffsetAndEpoch start = {};  ///< the log begins here, behind a snapshot where it is not 0
  VoterSet start_voters = {};
  std::vector<Record> log = {};
  Offset flushed{0};
  std::optional<OffsetAndEpoch> snapshot = {};
  Uuid directory_id = {};
  bool is_new = false;
  bool was_wiped = false;

  [[nodiscard]] Offset end() const { return start.offset + static_cast<std::int64_t>(log.size()); }
  [[nodiscard]] const Record& at(Offset offset) const { return log[static_cast<std::size_t>(offset - start.offset)]; }
  [[nodiscard]] LeaderEpoch epoch_before(Offset offset) const {
    return offset == start.offset ? start.epoch : at(offset - 1).epoch;
  }
  [[nodiscard]] VoterSet voters_before(Offset offset) const {
    VoterSet voters = start_voters;
    for (Offset at_offset = start.offset; at_offset < offset; ++at_offset) {
      if (at(at_offset).voters) voters = *at(at_offset).voters;
    }
    return voters;
  }
  void truncate(Offset end) {
    log.resize(static_cast<std::size_t>(end - start.offset));
    flushed = std::min(flushed, end);
  }
};

struct Node {
  NodeId id;
  Disk disk = {};
  std::optional<Fsm> fsm = {};  ///< none while it is down
  int life = 0;
  MonotonicTime paused_until{};
  MonotonicTime tick_at = kForever;
  MonotonicTime persisted_at{};  ///< when the last state handed to its disk will be there: one after the other
  std::set<RequestId> sent_by_address = {};               ///< to whoever is where somebody should be
  std::map<RequestId, std::vector<Record>> fetched = {};  ///< what came with replies that may be appended
  Offset high_watermark = kNoOffset;                      ///< told in this life

  [[nodiscard]] VoterKey key() const { return {id, disk.directory_id}; }
  [[nodiscard]] bool leads() const {
    if (!fsm || !fsm->is_leader()) return false;
    return std::get<Leader>(fsm->role()).leadership_is_durable;
  }
};

}  // namespace gregor::raft::model
