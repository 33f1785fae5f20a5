#include "quorum/node.h"

#include <algorithm>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/transform.hpp>
#include <utility>

#include "base/check.h"
#include "quorum/log_damage.h"
#include "quorum/metadata_batch.h"
#include "quorum/snapshot_file.h"

namespace gregor::quorum {

namespace {

constexpr Nanoseconds kElectionTimeout = std::chrono::seconds(1);  // Kafka's default; alone, it is never waited for
constexpr std::size_t kRecordOverheadBytesMax = 32;                // of a record around its value

TopicPartition metadata_partition() {
  return {std::string(storage::kClusterMetadataTopic), kMetadataTopicId, PartitionIndex{0}};
}

storage::LogConfig log_config_of(const config::BrokerConfig& config) {
  storage::LogConfig log;
  log.segment_bytes = config.metadata_log_segment_bytes;
  log.segment_ms = config.metadata_log_segment_ms;
  return log;
}

raft::VoterSet static_voters(const config::BrokerConfig& config) {
  const auto as_voter = [](const config::Voter& voter) {
    return raft::VoterKey{.id = NodeId{voter.id}, .directory_id = {}};
  };
  auto voters = config.controller_quorum_voters | ranges::views::transform(as_voter) | ranges::to<raft::VoterSet>();
  if (voters.empty()) voters.push_back({.id = config.node_id, .directory_id = {}});
  std::sort(voters.begin(), voters.end());
  return voters;
}

}  // namespace

Node::Node(Seat seat, std::string folder) : seat_(seat), folder_(std::move(folder)) {}
Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::open(env::Fiber& self, Seat seat, const Identity& identity) {
  TRY_ASSIGN(std::string folder, seat.metadata_directory.create_folder(self, metadata_partition()));
  std::unique_ptr<Node> node(new Node(seat, std::move(folder)));
  TRY(node->open_log(self));
  TRY(node->make_fsm(self, identity));
  TRY(node->elect(self));
  return node;
}

Result<void> Node::open_log(env::Fiber& self) {
  env::Disk& disk = seat_.shard.disk;
  TRY_ASSIGN(const auto snapshot_id, newest_snapshot(self, disk, folder_));
  TRY_ASSIGN(const LogSurvey survey, survey_log(self, disk, folder_, seat_.metadata_directory.was_clean_shutdown()));
  storage::LogCheckpoints from_the_start;
  if (snapshot_id && survey.is_empty) from_the_start.log_start_offset = snapshot_id->end_offset;
  storage::LogSeat log_seat{disk, seat_.shard.clock, seat_.observer, seat_.log, metadata_partition(), folder_, nullptr};
  TRY_ASSIGN(log_, storage::PartitionLog::open(self, log_seat, log_config_of(seat_.config), from_the_start));
  if (log_->recovered_bytes_truncated() > 0) {
    seat_.log.warn("quorum.torn_end", {{"folder", folder_}, {"bytes", log_->recovered_bytes_truncated()}});
  }
  if (snapshot_id) {
    TRY_ASSIGN(Snapshot snapshot, read_snapshot(self, disk, folder_ + "/" + snapshot_id->file_name()));
    logged_voters_ = snapshot.voters;
    if (snapshot_id->end_offset < log_->log_start()) {
      return fail(Errc::corrupt, folder_ + " begins at offset " + std::to_string(log_->log_start().value()) +
                                     ", its newest snapshot ends at " +
                                     std::to_string(snapshot_id->end_offset.value()));
    }
    // The initial snapshot of a dynamic quorum ends at 0 and holds control records alone.
    if (snapshot_id->end_offset > Offset{0}) {
      snapshot_ = CommittedBatch{std::move(snapshot.values), snapshot_id->end_offset - 1, snapshot_id->epoch};
    }
  } else if (log_->log_start() > Offset{0}) {
    return fail(Errc::corrupt, folder_ + " begins at offset " + std::to_string(log_->log_start().value()) +
                                   " and has no snapshot of what was before");
  }
  if (survey.voters) logged_voters_ = survey.voters;
  history_end_ = log_->log_end();
  return {};
}

Result<void> Node::make_fsm(env::Fiber& self, const Identity& identity) {
  auto state = read_quorum_state(self, seat_.shard.disk, folder_);
  if (!state && state.error().code != Errc::not_found) return fail(std::move(state.error()));
  state_ = state ? std::move(*state) : QuorumState{.data_version = logged_voters_ ? 1 : 0};
  if (!logged_voters_) state_.voters = static_voters(seat_.config);
  const auto latest = log_->leader_epochs().latest();
  const LeaderEpoch snapshot_epoch = snapshot_ ? snapshot_->epoch : LeaderEpoch{0};
  TRY_ASSIGN(fsm_, raft::Fsm::make({.self = {.id = identity.node, .directory_id = identity.metadata_directory_id},
                                    .voters = logged_voters_ ? *logged_voters_ : state_.voters,
                                    .state = state_.election,
                                    .log_end = log_->log_end(),
                                    .log_epoch = std::max(snapshot_epoch, latest ? latest->epoch : LeaderEpoch{0}),
                                    .election_timeout = kElectionTimeout},
                                   seat_.shard.clock.now()));
  return {};
}

Result<void> Node::elect(env::Fiber& self) {
  fsm_->tick(seat_.shard.clock.now());
  TRY(act(self));
  CHECK(fsm_->is_leader());  // alone, the first tick elects
  return {};
}

Result<void> Node::act(env::Fiber& self) {
  for (raft::Output output = fsm_->take_output(); !output.is_empty(); output = fsm_->take_output()) {
    if (output.persist) {
      state_.election = *output.persist;
      TRY(write_quorum_state(self, seat_.shard.disk, folder_, state_));
      fsm_->step(raft::StatePersisted{state_.election.epoch});
    }
    if (output.lead) TRY(begin_epoch(self, *output.lead));
    if (output.high_watermark) TRY(tell_committed(self));
  }
  return {};
}

Result<void> Node::begin_epoch(env::Fiber& self, LeaderEpoch epoch) {
  seat_.observer.on(observe::QuorumLeaderElected{fsm_->self().id, epoch});
  const Offset base = log_->log_end();
  const ByteBuffer batch =
      leader_change_batch(base, epoch, seat_.shard.clock.wall_now(), fsm_->self().id, fsm_->voters());
  TRY(write(self, batch, {{}, base, epoch}));
  return flush(self);
}

/// What former lives left: it is committed once the first record of our epoch is.
Result<void> Node::tell_history(env::Fiber& self) {
  Offset from = log_->log_start();
  if (snapshot_) {
    from = std::max(from, snapshot_->last_offset + 1);
    TRY(tell(*snapshot_));
    snapshot_.reset();
  }
  record::CodecScratch scratch;
  const Offset end = *std::exchange(history_end_, std::nullopt);
  return log_->scan(self, from, end, [&](const record::BatchView& batch) -> Result<void> {
    TRY_ASSIGN(auto values, values_of(batch, scratch));
    return tell({std::move(values), batch.last_offset(), batch.leader_epoch()});
  });
}

Result<void> Node::tell(const CommittedBatch& batch) {
  if (!batch.values.empty()) is_blank_ = false;
  return seat_.listener.on_committed(batch);
}

Result<void> Node::tell_committed(env::Fiber& self) {
  if (history_end_) TRY(tell_history(self));
  while (!uncommitted_.empty() && uncommitted_.front().last_offset < fsm_->high_watermark()) {
    const CommittedBatch batch = std::move(uncommitted_.front());
    uncommitted_.pop_front();
    TRY(tell(batch));
  }
  return {};
}

Result<void> Node::write(env::Fiber& self, const ByteBuffer& batch, CommittedBatch described) {
  TRY(log_->append(self, Bytes(batch)));
  uncommitted_.push_back(std::move(described));
  fsm_->step(raft::LogAppended{log_->log_end()});
  return act(self);
}

Result<void> Node::flush(env::Fiber& self) {
  TRY(log_->flush(self));
  fsm_->step(raft::LogFlushed{log_->flushed_end()});
  return act(self);
}

Result<Offset> Node::append_batch(env::Fiber& self, std::span<const ByteBuffer> values) {
  const Offset base = log_->log_end();
  const ByteBuffer batch = encode_values(values, base, epoch(), seat_.shard.clock.wall_now());
  const Offset last = base + static_cast<std::int64_t>(values.size()) - 1;
  auto written = write(self, batch, {{values.begin(), values.end()}, last, epoch()});
  if (!written && log_->log_end() == base && !log_->failure()) return fail(std::move(written.error()));
  if (written && high_watermark() <= last) written = flush(self);
  if (!written) {
    seat_.shard.process.halt(self, "the metadata log cannot be trusted any more: " + written.error().text);
  }
  return last;
}

Result<Offset> Node::append(env::Fiber& self, std::span<const ByteBuffer> values) {
  CHECK(!values.empty());
  const auto held = appending_.lock(self);
  if (closed_) return fail(Errc::closed, "the metadata log is closed");
  Offset last = kNoOffset;
  while (!values.empty()) {
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < values.size()) {
      bytes += values[count].size() + kRecordOverheadBytesMax;
      if (count > 0 && bytes > kBatchBytesMax) break;
      ++count;
    }
    TRY_ASSIGN(last, append_batch(self, values.first(count)));
    values = values.subspan(count);
  }
  return last;
}

Offset Node::log_end() const {
  return log_->log_end();
}

Result<std::vector<ByteBuffer>> Node::bootstrap_values(env::Fiber& self, std::vector<ByteBuffer> defaults) {
  const std::string path = seat_.metadata_directory.path() + "/" + std::string(kBootstrapFile);
  auto snapshot = read_snapshot(self, seat_.shard.disk, path);
  if (!snapshot && snapshot.error().code == Errc::not_found) return defaults;
  if (!snapshot) return fail(std::move(snapshot.error()));
  return std::move(snapshot->values);
}

Result<void> Node::close(env::Fiber& self) {
  const auto held = appending_.lock(self);
  if (closed_) return {};
  closed_ = true;
  return log_->close(self);
}

}  // namespace gregor::quorum
