// Fetches of the log and of snapshots.
#include <algorithm>
#include <limits>

#include "quorum/node_state.h"
#include "quorum/peer_messages.h"
#include "quorum/service.h"
#include "quorum/service_parts.h"
#include "quorum/snapshot_transfer.h"

namespace gregor::quorum {

namespace {

using wire::ErrorCode;

constexpr std::int64_t kKnowsEveryCommit = std::numeric_limits<std::int64_t>::max();
/// Of one answer, however much was asked for.
constexpr std::int32_t kFetchBytesMax = 16 << 20;
constexpr Milliseconds kWaitMax{30'000};
/// That the log is told of, in one life.
constexpr std::size_t kRivalsMax = 100;

bool is_established(const Node::State& state) {
  const auto* leading = std::get_if<raft::Leader>(&state.fsm->role());
  return leading != nullptr && leading->is_established;
}

/// Waits until there is something to say to who has the log up to `asked.fetch_offset` and knows commits up to `known`.
void wait_for_news(env::Fiber& self, Node::State& state, const raft::FetchRequest& asked, Offset known,
                   MonotonicTime deadline) {
  const auto has_news = [&] {
    if (state.is_over || !state.leads(asked.leader_epoch) || state.log->end() > asked.fetch_offset) return true;
    return is_established(state) && state.fsm->high_watermark() > known;
  };
  while (!has_news() && state.changed.wait_until(self, state.seat.shard.clock, deadline)) {
  }
}

struct Served {
  raft::FetchReply reply;
  Bytes records = {};
};

/// The machine's answer, and the records that it allows. Asked again where another leads once they are read.
Result<Served> serve_fetch(env::Fiber& self, Node::State& state, const raft::FetchRequest& asked,
                           const wire::FetchRequest& request, wire::Arena& arena) {
  const MonotonicTime deadline =
      state.seat.shard.clock.now() + std::clamp(Milliseconds(request.max_wait_ms), Milliseconds(0), kWaitMax);
  const std::int32_t bytes_max = std::min(request.max_bytes, request.topics[0].partitions[0].partition_max_bytes);
  const bool is_of_old = asked.high_watermark.value() == kKnowsEveryCommit;
  const Offset known = is_of_old ? state.fsm->high_watermark() : asked.high_watermark;
  for (;;) {
    auto answer = state.ask(self, asked);
    if (!answer) return fail(Errc::closed, "the node is going down");
    Served served{std::get<raft::FetchReply>(std::move(*answer))};
    if (!served.reply.read_from) return served;
    wait_for_news(self, state, asked, known, deadline);
    storage::LogRead read;
    if (state.leads(asked.leader_epoch) && state.log->end() > *served.reply.read_from) {
      storage::ReadLimits limits;
      limits.bytes_max = static_cast<std::size_t>(std::clamp(bytes_max, 1, kFetchBytesMax));
      auto found = state.log->storage().read(self, *served.reply.read_from, limits);
      if (!found && state.leads(asked.leader_epoch)) return fail(std::move(found.error()));
      if (found) read = std::move(*found);
    }
    if (state.is_over) return fail(Errc::closed, "the node is going down");
    if (!state.leads(asked.leader_epoch)) continue;  // the machine knows what to say now
    if (is_established(state)) served.reply.high_watermark = state.fsm->high_watermark();
    const Bytes bytes = read.batches.bytes();
    if (!bytes.empty()) served.records = arena.keep(ByteBuffer(bytes.begin(), bytes.end()));
    return served;
  }
}

/// Once for each such directory.
void note_rival(Node::State& state, const raft::FetchRequest& asked, const raft::Standing& answered) {
  if (answered.error != raft::Verdict::duplicate_voter || !asked.replica) return;
  if (state.told_rivals.size() >= kRivalsMax || !state.told_rivals.insert(*asked.replica).second) return;
  state.seat.log.warn("quorum.id_is_taken",
                      {{"node_id", asked.replica->id.value()},
                       {"directory_id", asked.replica->directory_id.to_text()},
                       {"hint",
                        "two processes fetch under one node.id, and who came second is not counted: give each "
                        "node a node.id of its own"}});
}

wire::FetchResponse fetch_refusal(ErrorCode code) {
  wire::FetchResponse response;
  response.error_code = wire_code(code);
  return response;
}

}  // namespace

wire::FetchResponse Service::fetch(env::Fiber& self, const wire::FetchRequest& request, std::int16_t version,
                                   wire::Arena& arena) {
  const auto state = state_.shared_from_this();
  if (const ErrorCode code = check_request(*state, request); code != ErrorCode::none) return fetch_refusal(code);
  const raft::FetchRequest asked = from_wire(request);
  const auto served = serve_fetch(self, *state, asked, request, arena);
  if (!served) {
    const bool is_closed = served.error().code == Errc::closed;
    if (!is_closed) state->seat.log.warn("quorum.read_failed", {{"reason", served.error().text}});
    return fetch_refusal(is_closed ? ErrorCode::broker_not_available : ErrorCode::kafka_storage_error);
  }
  note_rival(*state, asked, served->reply.standing);
  auto response = to_wire(served->reply, version);
  auto& partition = response.responses[0].partitions[0];
  partition.log_start_offset = state->log->start().value();
  partition.records = served->records;
  name_leader(*state, response, served->reply.standing, arena);
  return response;
}

wire::FetchSnapshotResponse Service::fetch_snapshot(env::Fiber& self, const wire::FetchSnapshotRequest& request,
                                                    wire::Arena& arena) {
  const auto state = state_.shared_from_this();
  wire::FetchSnapshotResponse response;
  response.error_code = wire_code(check_request(*state, request));
  if (response.error_code != 0) return response;
  const auto& asked = request.topics[0].partitions[0];
  auto& topic = response.topics.emplace_back();
  topic.name = kMetadataTopicName;
  auto& part = topic.partitions.emplace_back();
  part.snapshot_id = {.end_offset = asked.snapshot_id.end_offset, .epoch = asked.snapshot_id.epoch};
  part.position = asked.position;
  part.unaligned_records = Bytes();
  const LeaderEpoch asked_epoch{asked.current_leader_epoch};
  raft::Standing standing{raft::Verdict::none, state->fsm->epoch(), state->fsm->leader()};
  if (asked_epoch < standing.epoch) standing.error = raft::Verdict::fenced_leader_epoch;
  if (asked_epoch > standing.epoch) standing.error = raft::Verdict::unknown_leader_epoch;
  // Whether or not a record of its epoch is committed: none may ever be before its followers have the snapshot.
  if (standing.error == raft::Verdict::none && !state->leads(asked_epoch)) {
    standing.error = raft::Verdict::not_leader_or_follower;
  }
  part.current_leader = {.leader_id = standing.leader ? standing.leader->value() : -1,
                         .leader_epoch = standing.epoch.value()};
  name_leader(*state, response, standing, arena);
  part.error_code = wire_code(error_of(standing.error));
  if (part.error_code != 0) return response;
  const SnapshotId id{Offset{asked.snapshot_id.end_offset}, LeaderEpoch{asked.snapshot_id.epoch}};
  const auto bytes_max = static_cast<std::size_t>(std::clamp(request.max_bytes, 1, kFetchBytesMax));
  auto read = read_snapshot_part(self, state->seat.shard.disk, state->log->folder(), id, asked.position, bytes_max);
  if (!read) {
    const Errc why = read.error().code;
    part.error_code = wire_code(why == Errc::not_found ? ErrorCode::snapshot_not_found
                                : why == Errc::invalid ? ErrorCode::position_out_of_range
                                                       : ErrorCode::kafka_storage_error);
    return response;
  }
  part.size = static_cast<std::int64_t>(read->size_bytes);
  part.unaligned_records = arena.keep(std::move(read->bytes));
  const raft::VoterKey replica{NodeId{request.replica_id}, asked.replica_directory_id};
  if (request.replica_id >= 0) state->tell(raft::SnapshotServed{replica});
  return response;
}

}  // namespace gregor::quorum
