// PartitionChangeBuilder: from what a partition shall be to the record that makes it so. The one place that elects
// leaders, ends reassignments, keeps eligible replicas (KIP-966), and bumps epochs.
//
// Promises of what it builds, applied to the partition it was built from:
//   I1  the leader is in the ISR, or there is none;
//   I2  ISR and eligible replicas are replicas, and no replica is both;
//   I3  the partition epoch rises by one; the leader epoch rises with each change of leader and never falls;
//   I4  without an unclean election, who leads was in the target ISR, or was eligible while that was empty, or is the
//       sole replica;
//   I5  a replica is eligible only while fewer than min.insync.replicas are in sync.
// Pure.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "metadata/election_rules.h"
#include "metadata/image.h"
#include "metadata/record_list.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

inline constexpr std::int8_t kRecovered = 0;
inline constexpr std::int8_t kRecovering = 1;  ///< led after an unclean election, and not yet settled

enum class Election : unsigned char {
  online,     ///< the present leader if it may, else the first in-sync replica that may
  preferred,  ///< the first replica if it may, else as online
  unclean,    ///< as online, else the first replica that lives
};

class PartitionChangeBuilder {
 public:
  /// `image`, `topic` and its partition outlive the builder. `defaults`: what the topic's settings are laid over. An
  /// unclean election is made only where set_election() says so.
  PartitionChangeBuilder(const Image& image, const ElectionRules& defaults, const Topic& topic, PartitionIndex index);

  /// Who is up; by default the active brokers of the image. A replica in a directory that is offline is not.
  void accept_leaders(std::function<bool(NodeId)> is_up) { is_up_ = std::move(is_up); }
  void set_election(Election election) { election_ = election; }
  /// Unclean where the topic's settings allow it, else online.
  void set_election_allowed();
  void set_isr(std::vector<NodeId> isr) { isr_ = std::move(isr); }
  /// Each keeps its directory; a replica new here gets its broker's default.
  void set_replicas(std::vector<NodeId> replicas) { replicas_ = std::move(replicas); }
  void set_adding(std::vector<NodeId> adding) { adding_ = std::move(adding); }
  void set_removing(std::vector<NodeId> removing) { removing_ = std::move(removing); }
  void set_recovery_state(std::int8_t state) { recovery_state_ = state; }
  void set_directory(NodeId replica, const Uuid& directory);
  /// May lack what it had acknowledged: it leaves the ISR and is eligible no more.
  void drop_unclean(NodeId replica);

  /// None where nothing would change. Once.
  std::optional<wire::PartitionChangeRecord> build();
  /// Adds what build() gives, at the version that the image's metadata.version writes; true where there was something.
  bool add_to(RecordList& records);

 private:
  struct Choice {
    NodeId leader = kNoLeader;
    bool is_clean = true;
  };
  /// The one set by hand, its present one, or that which its broker gives a new replica.
  [[nodiscard]] Uuid directory_to_be(NodeId replica) const;
  [[nodiscard]] bool is_up(NodeId replica) const;
  /// In sync, or eligible where nobody is in sync, or the only one; and up.
  [[nodiscard]] bool may_lead(NodeId replica) const;
  [[nodiscard]] bool may_elect_last_leader() const;
  [[nodiscard]] Choice elect() const;
  [[nodiscard]] std::size_t min_insync_replicas() const;
  void complete_reassignment();
  void keep_eligible();
  void change_leader(wire::PartitionChangeRecord& record);
  void bump_leader_epoch(wire::PartitionChangeRecord& record) const;
  void change_last_leader(wire::PartitionChangeRecord& record) const;
  void change_assignment(wire::PartitionChangeRecord& record) const;

  const Image& image_;
  const Topic& topic_;
  const PartitionIndex index_;
  const Partition& present_;
  const ElectionRules rules_;
  const std::int16_t metadata_version_;
  const bool tracks_eligible_;
  std::function<bool(NodeId)> is_up_;
  Election election_ = Election::online;
  std::vector<NodeId> isr_;
  std::vector<NodeId> replicas_;
  std::vector<NodeId> adding_;
  std::vector<NodeId> removing_;
  std::vector<NodeId> eligible_;
  std::vector<NodeId> unclean_;
  std::int8_t recovery_state_;
  std::vector<std::pair<NodeId, Uuid>> directories_;  ///< those set by hand
};

}  // namespace gregor::metadata
