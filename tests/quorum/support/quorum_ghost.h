// QuorumGhost: what all nodes of a simulated quorum together may never contradict. It hears each listener and each
// append, and notes the first broken rule.
//
// Rules (as in INVARIANTS): K1 an epoch has one leader; K2 what is committed stands: all nodes hear the same batches at
// the same offsets, each life in order and without gaps, and whatever append() acknowledged is among them; K3 a
// snapshot is all of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "quorum/node.h"

namespace gregor::quorum {

class QuorumGhost {
 public:
  struct Batch {
    Offset last_offset;
    LeaderEpoch epoch;
    std::vector<std::string> texts;
    bool operator==(const Batch&) const = default;
  };

  void begins_life(NodeId node) { next_[node] = Offset{0}; }
  void hears(NodeId node, const CommittedBatch& batch) {
    const Offset base = next_[node];
    const std::int64_t count = batch.values.empty() ? 1 : static_cast<std::int64_t>(batch.values.size());
    if (batch.values.empty() ? batch.last_offset < base : batch.last_offset != base + count - 1) {
      return note("K2: node " + name(node) + " hears a batch up to " + name(batch.last_offset) + " when " + name(base) +
                  " is next");
    }
    Batch heard{batch.last_offset, batch.epoch, {}};
    for (const ByteBuffer& value : batch.values) heard.texts.emplace_back(text_of(value));
    const auto [stands, is_new] = committed_.try_emplace(base, heard);
    if (!(stands->second == heard)) {
      note("K2: node " + name(node) + " hears another batch at " + name(base) + " of epoch " + name(batch.epoch) +
           " than stands there of epoch " + name(stands->second.epoch));
    }
    next_[node] = batch.last_offset + 1;
  }
  /// `whole` replaces what `node` heard: it must be all records committed up to there (K3).
  void hears_whole(NodeId node, const CommittedBatch& whole) {
    std::vector<std::string> expected;
    for (auto batch = committed_.begin(); batch != committed_.end() && batch->first <= whole.last_offset; ++batch) {
      expected.insert(expected.end(), batch->second.texts.begin(), batch->second.texts.end());
    }
    std::vector<std::string> heard;
    for (const ByteBuffer& value : whole.values) heard.emplace_back(text_of(value));
    if (heard != expected) {
      note("K3: node " + name(node) + " hears a snapshot up to " + name(whole.last_offset) + " of " +
           std::to_string(heard.size()) + " records; committed are " + std::to_string(expected.size()));
    }
    ++snapshots_heard_;
    next_[node] = whole.last_offset + 1;
  }
  void leads(NodeId node, LeaderEpoch epoch) {
    const auto [leader, is_new] = leaders_.try_emplace(epoch, node);
    if (leader->second != node) {
      note("K1: nodes " + name(leader->second) + " and " + name(node) + " lead epoch " + name(epoch));
    }
  }
  /// `last` is what append() returned for `texts`.
  void acknowledges(const std::vector<std::string>& texts, Offset last) {
    ++acknowledged_;
    newest_acknowledged_ = std::max(newest_acknowledged_, last);
    const Offset base = last - static_cast<std::int64_t>(texts.size()) + 1;
    const auto stands = committed_.find(base);
    if (stands == committed_.end() || stands->second.texts != texts || stands->second.last_offset != last) {
      note("K2: append() acknowledged " + texts.front() + " at " + name(base) + ", where that is not committed");
    }
  }

  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  [[nodiscard]] int snapshots_heard() const { return snapshots_heard_; }
  [[nodiscard]] int acknowledged() const { return acknowledged_; }
  [[nodiscard]] Offset newest_acknowledged() const { return newest_acknowledged_; }
  [[nodiscard]] std::size_t epochs_led() const { return leaders_.size(); }
  /// Where the next batch that `node` hears of begins.
  [[nodiscard]] Offset heard_end(NodeId node) { return next_[node]; }
  [[nodiscard]] const std::map<Offset, Batch>& committed() const { return committed_; }
  void note(std::string broken) {
    if (complaint_.empty()) complaint_ = std::move(broken);
  }

 private:
  template <class Tag>
  static std::string name(Tag value) {
    return std::to_string(value.value());
  }
  std::map<Offset, Batch> committed_;
  std::map<LeaderEpoch, NodeId> leaders_;
  std::map<NodeId, Offset> next_;
  std::string complaint_;
  int snapshots_heard_ = 0;
  int acknowledged_ = 0;
  Offset newest_acknowledged_ = kNoOffset;
};

}  // namespace gregor::quorum
