// quorum::Node, snapshots: taking them, and letting go of what they cover. See Q7.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "quorum/node_state.h"
#include "quorum/snapshot_transfer.h"
#include "quorum/snapshot_writer.h"
#include "record/batch_view.h"
#include "wire/fetch_snapshot.h"

namespace gregor::quorum {

namespace {

SnapshotRetention retention_of(const config::BrokerConfig& config) {
  return {.bytes_max = config.metadata_max_retention_bytes, .age_ms_max = config.metadata_max_retention_ms};
}

raft::OffsetAndEpoch raft_id(const SnapshotId& id) {
  return {id.end_offset, id.epoch};
}

wire::FetchSnapshotRequest snapshot_request(const Node::State& state, const raft::SnapshotWanted& wanted,
                                            std::uint64_t position) {
  wire::FetchSnapshotRequest request{.cluster_id = state.identity.cluster_id,
                                     .replica_id = state.identity.node.value(),
                                     .max_bytes = state.seat.config.controller_quorum_fetch_snapshot_max_bytes};
  auto& topic = request.topics.emplace_back();
  topic.name = kMetadataTopicName;
  auto& partition = topic.partitions.emplace_back();
  partition.current_leader_epoch = state.fsm->epoch().value();
  partition.snapshot_id = {.end_offset = wanted.id.offset.value(), .epoch = wanted.id.epoch.value()};
  partition.position = static_cast<std::int64_t>(position);
  partition.replica_directory_id = state.identity.metadata_directory_id;
  return request;
}

using Part = wire::FetchSnapshotResponse::PartitionSnapshot;

Result<const Part*> part_of(const wire::FetchSnapshotResponse& response) {
  std::int16_t code = response.error_code;
  const bool has_part = response.topics.size() == 1 && response.topics[0].partitions.size() == 1;
  if (code == 0 && has_part) code = response.topics[0].partitions[0].error_code;
  if (code != 0) return fail(Errc::invalid, "the leader answers " + std::string(name_of(wire::error_code_of(code))));
  if (!has_part || response.topics[0].partitions[0].position < 0) return fail(Errc::malformed, "no part of a snapshot");
  return &response.topics[0].partitions[0];
}

}  // namespace

/// Also proof that the snapshot ends where a batch does.
Result<WallTime> Node::State::time_of_batch_before(env::Fiber& self, const SnapshotId& id) {
  const std::string name = id.file_name();
  if (id.end_offset <= log->storage().log_start() || id.end_offset > fsm->high_watermark()) {
    return fail(Errc::invalid, "the log holds no committed batch before the end of " + name);
  }
  TRY_ASSIGN(const storage::LogRead read, log->storage().read(self, id.end_offset - 1, {.bytes_max = 1}));
  const auto batch = record::BatchView::parse(read.batches.bytes());
  const bool ends_there = batch && batch->next_offset() == id.end_offset && batch->leader_epoch() == id.epoch;
  if (!ends_there) return fail(Errc::invalid, "no batch of its epoch ends where " + name + " does");
  return batch->max_timestamp();
}

Result<void> Node::State::take_snapshot(env::Fiber& self, const SnapshotId& id, std::span<const ByteBuffer> values) {
  const auto held = taking_snapshot.lock(self);
  if (is_over) return fail(Errc::closed, "the metadata log is closed");
  const auto is_old = [&] { return log->shelf().newest() && log->shelf().newest()->end_offset >= id.end_offset; };
  if (is_old()) return {};
  TRY_ASSIGN(const WallTime time, time_of_batch_before(self, id));
  SnapshotContent content{.values = values, .last_contained = time};
  if (kraft_version > 0) content.voters = fsm->voters_before(id.end_offset);
  if (MUTANT(log_trimmed_before_snapshot)) TRY(log->storage().delete_segments_below(self, id.end_offset));
  SnapshotId name = id;
  if (MUTANT(snapshot_named_by_last_offset)) name.end_offset = id.end_offset - 1;
  TRY_ASSIGN(const std::uint64_t size,
             write_snapshot(self, seat.shard.disk, log->folder(), name, content, seat.shard.clock.wall_now()));
  if (is_old()) return seat.shard.disk.unlink(self, log->shelf().path_of(name));  // the leader's came meanwhile
  log->shelf().add({name, size, time});
  seat.log.info("quorum.snapshot_taken", {{"end_offset", name.end_offset.value()}, {"bytes", size}});
  tell(raft::SnapshotTaken{raft_id(name), fsm->log().start()});
  return trim_held(self);
}

Result<void> Node::State::trim(env::Fiber& self) {
  const auto held = taking_snapshot.lock(self);
  if (is_over) return fail(Errc::closed, "the metadata log is closed");
  return trim_held(self);
}

/// What may go goes one snapshot at a time: the smaller log may then be small enough.
Result<void> Node::State::trim_held(env::Fiber& self) {
  const SnapshotRetention retention = retention_of(seat.config);
  while (may_drop_oldest(log->shelf().all(), log->storage().size_bytes(), retention, seat.shard.clock.wall_now())) {
    const SnapshotId start = log->shelf().all()[1].id;
    CHECK(start.end_offset <= fsm->high_watermark());
    // Who fetches is told of the snapshot before the log is gone.
    tell(raft::SnapshotTaken{raft_id(*log->shelf().newest()), raft_id(start)});
    log->storage().advance_log_start(start.end_offset);
    TRY(log->storage().delete_old_segments(self));
    TRY(log->shelf().remove_below(self, start.end_offset));
  }
  return {};
}

/// Fetches it on a fiber of its own: the network is waited for, not the disk's worker.
void Node::State::begin_fetching(const raft::SnapshotWanted& wanted) {
  seat.shard.fibers.spawn("quorum.snapshot", [state = shared_from_this(), wanted](env::Fiber& self) {
    auto receiver = state->receive_snapshot(self, wanted);
    const SnapshotId id{wanted.id.offset, wanted.id.epoch};
    auto installed = receiver ? state->install_snapshot(self, id, std::move(*receiver)) : fail(receiver.error());
    if (installed || state->is_over) return;
    state->seat.log.warn("quorum.snapshot_failed", {{"snapshot", id.file_name()}, {"reason", installed.error().text}});
    if (state->wants(wanted)) state->tell(raft::SnapshotFailed{});
  });
}

bool Node::State::wants(const raft::SnapshotWanted& wanted) const {
  const auto* follower = std::get_if<raft::Follower>(&fsm->role());
  return !is_over && follower != nullptr && follower->leader == wanted.leader && follower->snapshot == wanted.id;
}

Result<Snapshot> Node::State::receive_snapshot(env::Fiber& self, const raft::SnapshotWanted& wanted) {
  const auto held = receiving_snapshot.lock(self);  // one unfinished file at a time
  const SnapshotId id{wanted.id.offset, wanted.id.epoch};
  TRY_ASSIGN(const auto receiver, SnapshotReceiver::begin(self, seat.shard.disk, log->folder(), id));
  TRY_ASSIGN(const auto link, peers->open_link(self, wanted.leader));
  while (!receiver->is_complete()) {
    if (!wants(wanted)) return fail(Errc::stale, "it is not wanted any more");
    const wire::FetchSnapshotRequest request = snapshot_request(*this, wanted, receiver->position());
    const auto reply = link->ask<wire::FetchSnapshotRequest, wire::FetchSnapshotResponse>(self, request);
    if (!reply) return fail(Errc::closed, reply.error().to_text());
    TRY_ASSIGN(const auto* part, part_of(reply->body));
    const Bytes piece = part->unaligned_records.value_or(Bytes());
    const auto position = static_cast<std::uint64_t>(part->position);
    TRY(receiver->append(self, position, piece, static_cast<std::uint64_t>(part->size)));
    if (wants(wanted)) tell(raft::SnapshotProgressed{});
  }
  return receiver->finish(self);
}

/// The snapshot stands under its name; a crash from here on begins behind it (fit_log_to_snapshots).
Result<void> Node::State::install_snapshot(env::Fiber& self, const SnapshotId& id, Snapshot snapshot) {
  const auto no_other = taking_snapshot.lock(self);
  const std::string path = log->shelf().path_of(id);
  if (is_over) return fail(Errc::closed, "the node is going down");
  if (log->shelf().contains(id)) return fail(Errc::exists, "it was taken here meanwhile");
  if (!fsm->begin_install(raft_id(id))) {
    TRY(seat.shard.disk.unlink(self, path));
    return fail(Errc::stale, "it is not wanted any more");
  }
  const auto held = disk.lock(self);
  const StoredSnapshot stored{id, snapshot.size_bytes, snapshot.last_contained};
  const auto voters = snapshot.voters;
  if (voters) kraft_version = 1;
  auto begun = log->begin_behind(self, id, std::move(snapshot));
  if (!begun) {
    seat.shard.process.halt(self, "the metadata log cannot be trusted any more: " + begun.error().text);
  }
  log->shelf().add(stored);
  seat.log.info("quorum.snapshot_installed", {{"end_offset", id.end_offset.value()}});
  tell(raft::SnapshotInstalled{raft_id(id), voters});
  return log->shelf().remove_below(self, id.end_offset);
}

Result<void> Node::take_snapshot(env::Fiber& self, const SnapshotId& id, std::span<const ByteBuffer> values) {
  const auto state = state_;
  return state->take_snapshot(self, id, values);
}

Result<void> Node::trim(env::Fiber& self) {
  const auto state = state_;
  return state->trim(self);
}

const SnapshotShelf& Node::snapshots() const {
  return state_->log->shelf();
}

}  // namespace gregor::quorum
