// What the machine wants of the disk, one thing after the other: that its directory is new no more, then quorum-state,
// then the log, then what is committed is told.
#include <algorithm>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/transform.hpp>
#include <utility>

#include "base/check.h"
#include "quorum/metadata_batch.h"
#include "quorum/new_directory.h"
#include "quorum/node_state.h"
#include "quorum/voter_list.h"

namespace gregor::quorum {

bool Node::State::has_work() const {
  return fault || to_persist || readiness_is_news || !jobs.empty() ||
         (may_tell && log->has_to_tell(fsm->high_watermark()));
}

Result<void> Node::State::work_off(env::Fiber& self) {
  const auto held = disk.lock(self);
  while (has_work() && !is_over) TRY(perform_next(self));
  return {};
}

void Node::State::work_off_or_halt(env::Fiber& self) {
  const auto done = work_off(self);
  if (done) return;
  seat.shard.process.halt(self, "the metadata log cannot be trusted any more: " + done.error().text);
}

Result<void> Node::State::perform_next(env::Fiber& self) {
  if (fault) seat.shard.process.halt(self, *fault);
  if (std::exchange(readiness_is_news, false)) return forget_that_it_is_new(self, seat.metadata_directory);
  if (to_persist) return persist(self);
  if (jobs.empty()) return tell_committed(self);
  const Job job = std::move(jobs.front());
  jobs.pop_front();
  return std::visit([&](const auto& wanted) { return perform(self, wanted); }, job);
}

Result<void> Node::State::persist(env::Fiber& self) {
  kept.election = *std::exchange(to_persist, std::nullopt);
  TRY(write_quorum_state(self, seat.shard.disk, log->folder(), kept));
  tell(raft::StatePersisted{kept.election});
  return {};
}

Result<void> Node::State::tell_committed(env::Fiber& self) {
  MetadataLog::Told told{.batch =
                             [this](const CommittedBatch& batch) {
                               if (!batch.values.empty()) is_blank = false;
                               return seat.listener.on_committed(batch);
                             },
                         .snapshot =
                             [this](const CommittedBatch& snapshot) {
                               if (!snapshot.values.empty()) is_blank = false;
                               return seat.listener.on_snapshot(snapshot);
                             }};
  TRY_ASSIGN(const bool has_told, log->tell(self, fsm->high_watermark(), told));
  if (!has_told) may_tell = false;
  note_changes();
  return {};
}

Result<std::optional<Error>> Node::State::write(env::Fiber& self, Bytes batch, CommittedBatch described,
                                                const std::optional<raft::VoterSet>& set) {
  const Offset base = log->end();
  const LeaderEpoch epoch = described.epoch;
  auto appended = log->append(self, batch, std::move(described));
  if (!appended && !log->is_as_before(base)) return fail(std::move(appended.error()));
  if (!appended) return std::optional(std::move(appended.error()));
  tell(raft::LogAppended{log->end(), epoch, set});
  if (fsm->flushed_end() < log->end()) {
    TRY(log->flush(self));
    tell(raft::LogFlushed{log->flushed_end()});
  }
  return std::optional<Error>();
}

void Node::State::give_back_log(const Error& why) {
  seat.log.warn("quorum.append_failed", {{"folder", log->folder()}, {"reason", why.text}});
  tell(raft::LogUnchanged{});
}

Result<void> Node::State::perform(env::Fiber& self, const Truncation& truncation) {
  TRY_ASSIGN(const Offset end, log->truncate(self, truncation.to));
  tell(raft::LogTruncated{end});
  return {};
}

void Node::State::halt_over_lists(env::Fiber& self, const std::vector<NodeId>& counted) {
  std::string theirs;
  for (const NodeId id : counted) theirs += (theirs.empty() ? "" : ", ") + std::to_string(id.value());
  seat.shard.process.halt(self, "the leader of the metadata quorum counts the voters " + theirs +
                                    ", controller.quorum.voters of this node names " + ids_text(fsm->voters()) +
                                    ": the list must be the same on every node; correct it where it is wrong");
}

/// A leader of this epoch that counts other voters than our list does was elected by another quorum than ours.
Result<void> Node::State::check_lists_agree(env::Fiber& self, const record::BatchView& batch) {
  if (kraft_version != 0 || !seat.config.is_controller || batch.leader_epoch() != fsm->epoch()) return {};
  if (!fsm->is_voter()) return {};
  TRY_ASSIGN(const auto counted, voters_counted_by(batch));
  const auto id_of = [](const raft::Voter& voter) { return voter.key.id; };
  const auto ours = fsm->voters() | ranges::views::transform(id_of) | ranges::to<std::vector<NodeId>>();
  if (!counted.empty() && counted != ours) halt_over_lists(self, counted);
  return {};
}

Result<void> Node::State::perform(env::Fiber& self, const FetchedBatches& batches) {
  if (batches.pieces.empty()) {
    tell(raft::LogUnchanged{});
    return {};
  }
  record::CodecScratch scratch;
  for (const FetchedBatches::Piece& piece : batches.pieces) {
    TRY_ASSIGN(const auto batch, record::BatchView::parse(piece.bytes));
    TRY(check_lists_agree(self, batch));
    TRY_ASSIGN(const auto set, voters_set_by(batch));
    if (set) kraft_version = 1;  // of a node that joins: its snapshots say who votes, too
    TRY_ASSIGN(auto values, values_of(batch, scratch));
    CommittedBatch described{std::move(values), batch.last_offset(), batch.leader_epoch()};
    TRY_ASSIGN(const auto refusal, write(self, piece.bytes, std::move(described), set));
    if (refusal) {
      give_back_log(*refusal);
      return {};
    }
  }
  return {};
}

Result<void> Node::State::perform(env::Fiber& self, const raft::Lead& lead) {
  if (!leads(lead.epoch)) {
    tell(raft::LogUnchanged{});
    return {};
  }
  seat.observer.on(observe::QuorumLeaderElected{identity.node, lead.epoch});
  const auto id_of = [](const raft::VoterKey& key) { return key.id; };
  const auto voter_id_of = [](const raft::Voter& voter) { return voter.key.id; };
  const EpochStart start{
      .leader = identity.node,
      .voters = fsm->voters() | ranges::views::transform(voter_id_of) | ranges::to<std::vector<NodeId>>(),
      .granted = lead.granted | ranges::views::transform(id_of) | ranges::to<std::vector<NodeId>>()};
  const Offset base = log->end();
  const ByteBuffer batch = epoch_start_batch(base, lead.epoch, seat.shard.clock.wall_now(), start, lead.first_voters);
  const Offset last = base + (lead.first_voters ? 2 : 0);
  TRY_ASSIGN(const auto refusal, write(self, batch, {{}, last, lead.epoch}, lead.first_voters));
  if (refusal) give_back_log(*refusal);
  return {};
}

Result<void> Node::State::perform(env::Fiber& self, const raft::VoterSet& set) {
  if (!fsm->is_leader()) {
    tell(raft::LogUnchanged{});
    return {};
  }
  const LeaderEpoch epoch = fsm->epoch();
  const Offset base = log->end();
  const ByteBuffer batch = voters_batch(base, epoch, seat.shard.clock.wall_now(), set);
  TRY_ASSIGN(const auto refusal, write(self, batch, {{}, base, epoch}, set));
  if (refusal) give_back_log(*refusal);
  return {};
}

Result<void> Node::State::perform(env::Fiber& self, const std::shared_ptr<Proposal>& wanted) {
  if (wanted->stage != Proposal::Stage::waiting) return {};
  if (!leads(wanted->epoch) || !fsm->begin_append(wanted->epoch)) {
    if (leads(wanted->epoch) && !jobs.empty()) {
      jobs.emplace_back(wanted);  // behind what the machine asked for meanwhile
      return {};
    }
    wanted->stage = Proposal::Stage::failed;
    wanted->error = {Errc::stale, "this node does not lead the metadata quorum any more", 0};
    changed.wake_all();
    return {};
  }
  const Offset base = log->end();
  const ByteBuffer batch = encode_values(wanted->values, base, wanted->epoch, seat.shard.clock.wall_now());
  wanted->last_offset = base + static_cast<std::int64_t>(wanted->values.size()) - 1;
  wanted->stage = Proposal::Stage::appended;
  CommittedBatch described{std::move(wanted->values), wanted->last_offset, wanted->epoch};
  TRY_ASSIGN(auto refusal, write(self, batch, std::move(described)));
  if (!refusal) return {};
  tell(raft::LogUnchanged{});
  wanted->stage = Proposal::Stage::failed;
  wanted->error = std::move(*refusal);
  changed.wake_all();
  return {};
}

}  // namespace gregor::quorum
