#include "quorum/node.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "quorum/metadata_batch.h"
#include "quorum/new_directory.h"
#include "quorum/node_state.h"
#include "quorum/snapshot_file.h"
#include "quorum/snapshot_writer.h"
#include "quorum/voter_list.h"

namespace gregor::quorum {

namespace {

/// A controller that its own quorum does not know would wait for ever, and never say why. Where the settings name others,
/// they may know it: what stands in its log so far may be of a time when its former directory was the only voter.
Result<void> check_membership(const config::BrokerConfig& config, const raft::VoterSet& voters,
                              const raft::VoterKey& self, bool is_dynamic) {
  if (!config.is_controller || raft::find_voter(voters, self) != nullptr) return {};
  const raft::Voter* named = raft::find_voter(voters, self.id);
  const bool is_alone = voters.size() == 1 && (!is_dynamic || config.is_alone());
  if (is_alone && named != nullptr) {
    return fail(Errc::invalid, "the voter of this quorum has directory id " + named->key.directory_id.to_text() +
                                   ", this node has " + self.directory_id.to_text());
  }
  if (is_dynamic) return {};  // an observer, until it is added
  return fail(Errc::invalid, "node " + std::to_string(self.id.value()) + " is not a voter of its quorum");
}

/// Two majorities of lists that disagree need not overlap. A list may grow: what was a majority of it stays a part.
Result<void> check_list(const config::BrokerConfig& config, const raft::VoterSet& listed,
                        const raft::VoterSet& former) {
  if (!config.is_controller || listed.empty()) return {};
  for (const raft::Voter& voter : former) {
    if (raft::find_voter(listed, voter.key.id) != nullptr) continue;
    return fail(Errc::invalid, "controller.quorum.voters names " + ids_text(listed) +
                                   ", but the voters of this quorum have been " + ids_text(former) +
                                   ": the list must be the same on every node, and no voter may leave it; correct it");
  }
  return {};
}

/// How many of `values` make the next batch, at least one.
std::size_t next_batch_count(std::span<const ByteBuffer> values) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < values.size()) {
    bytes += values[count].size() + kRecordOverheadBytesMax;
    if (count > 0 && bytes > Node::kBatchBytesMax) break;
    ++count;
  }
  return count;
}

}  // namespace

Node::Node(std::shared_ptr<State> state) : state_(std::move(state)) {}

Node::~Node() {
  state_->end();
}

Result<std::unique_ptr<Node>> Node::open(env::Fiber& self, Seat seat, const Identity& identity) {
  auto state = std::make_shared<State>(seat, identity);
  TRY(state->open(self));
  return std::unique_ptr<Node>(new Node(std::move(state)));
}

Result<void> Node::State::write_first_voter(env::Fiber& self) {
  storage::LogDirectory& directory = seat.metadata_directory;
  env::Disk& files = seat.shard.disk;
  TRY_ASSIGN(const std::string folder, directory.create_folder(self, metadata_partition()));
  TRY_ASSIGN(const auto shelf, SnapshotShelf::open(self, files, folder));
  if (!shelf.newest()) {
    const raft::VoterSet first{
        {.key = {identity.node, identity.metadata_directory_id}, .endpoints = own_endpoints(seat.config)}};
    TRY(write_snapshot(self, files, folder, {Offset{0}, LeaderEpoch{0}}, {.values = {}, .voters = first},
                       seat.shard.clock.wall_now()));
  }
  return forget_first_voter(self, directory);
}

Result<void> Node::State::open(env::Fiber& self) {
  if (has_first_voter(seat.metadata_directory)) TRY(write_first_voter(self));
  TRY_ASSIGN(log, MetadataLog::open(self, seat));
  auto state = read_quorum_state(self, seat.shard.disk, log->folder());
  if (!state && state.error().code != Errc::not_found) return fail(std::move(state.error()));
  kraft_version = log->names_voters() ? 1 : 0;
  const raft::VoterSet listed = static_voters(seat.config);
  const bool is_joining = listed.empty() && !log->names_voters();  // it hears from others who votes
  kept = state ? std::move(*state) : QuorumState{.data_version = kraft_version == 1 || is_joining ? 1 : 0};
  if (kraft_version == 0) {
    TRY(check_list(seat.config, listed, kept.voters));
    kept.voters = listed;
  }
  const raft::VoterKey key{.id = identity.node, .directory_id = identity.metadata_directory_id};
  const raft::VoterHistory voters = log->voters(kraft_version == 0 ? listed : raft::VoterSet{});
  TRY(check_membership(seat.config, voters.latest(), key, kraft_version == 1 || is_joining));
  RandomStream jitter = seat.shard.entropy.stream("election");
  const std::uint64_t seed = jitter.next();
  TRY_ASSIGN(fsm, raft::Fsm::make({.self = key,
                                   .voters = voters,
                                   .kraft_version = is_joining ? 1 : kraft_version.load(),
                                   .state = kept.election,
                                   .log = log->epochs(),
                                   .snapshot = log->snapshot_id(),
                                   .timing = timing_of(seat.config),
                                   .seed = seed,
                                   .directory_is_new = is_new_directory(seat.metadata_directory),
                                   .quorum_is_new = !seat.config.gregor_initial_cluster.empty(),
                                   .described = {.key = key, .endpoints = own_endpoints(seat.config)},
                                   .joins = seat.config.controller_quorum_auto_join_enable},
                                  seat.shard.clock.now()));
  peers = std::make_shared<Peers>(Peers::Seat{seat.shard, seat.config, seat.log, identity.node, identity.cluster_id},
                                  weak_from_this());
  const bool is_alone = fsm->voters().size() == 1 && fsm->is_voter();
  if (!is_alone) come_alive();
  if (!fsm->is_ready()) say_what_is_waited_for();
  fsm->tick(seat.shard.clock.now());
  pump();
  if (!is_alone) return {};
  TRY(work_off(self));
  if (!fsm->is_leader()) return fail(Errc::no_space, "there is no room to begin an epoch in " + log->folder());
  return {};
}

void Node::State::say_what_is_waited_for() {
  const bool may_begin = !seat.config.gregor_initial_cluster.empty();
  seat.log.info(
      "quorum.new_directory",
      {{"voters", ids_text(fsm->voters())},
       {"hint", may_begin ? "the metadata directory is empty: this node votes once every other voter has told "
                            "that it begins, too, or once a leader has brought it up to date; start them all"
                          : "the metadata directory is empty: this node votes once a leader has brought it up "
                            "to date; start the others, or, where all of the cluster is new, give every "
                            "voter gregor.initial.cluster"}});
}

Result<Offset> Node::State::append_batch(env::Fiber& self, LeaderEpoch epoch, std::span<const ByteBuffer> values) {
  const auto mine = std::make_shared<Proposal>(Proposal{.epoch = epoch, .values = {values.begin(), values.end()}});
  proposal = mine;
  jobs.emplace_back(mine);
  if (worker == nullptr) {
    work_off_or_halt(self);
  } else {
    work_came.wake_all();
  }
  const auto is_done = [&] {
    if (mine->stage == Proposal::Stage::failed) return true;
    return mine->stage == Proposal::Stage::committed && log->told_end() > mine->last_offset;
  };
  while (!is_done()) changed.wait(self);
  proposal.reset();
  if (mine->stage == Proposal::Stage::failed) return fail(std::move(mine->error));
  return mine->last_offset;
}

Result<Offset> Node::State::append(env::Fiber& self, std::span<const ByteBuffer> values) {
  CHECK(!values.empty());
  const auto held = appending.lock(self);
  if (is_closing) return fail(Errc::closed, "the metadata log is closed");
  const LeaderEpoch epoch = leadership.epoch;
  Offset last = kNoOffset;
  while (!values.empty()) {
    if (!leadership.is_ours || !leads(epoch)) {
      return fail(last == kNoOffset ? Errc::stale : Errc::timed_out, "this node does not lead the metadata quorum");
    }
    const std::size_t count = next_batch_count(values);
    auto appended = append_batch(self, epoch, values.first(count));
    // The batches before it stand: nobody may take the whole for refused.
    if (!appended && last != kNoOffset) appended.error().code = Errc::timed_out;
    if (!appended) return fail(std::move(appended.error()));
    last = *appended;
    values = values.subspan(count);
  }
  return last;
}

Result<void> Node::State::close(env::Fiber& self) {
  env::Clock& clock = seat.shard.clock;
  if (worker != nullptr && !is_closing) {
    is_closing = true;
    tell(raft::ShutDown{});
    const MonotonicTime deadline = clock.now() + timing_of(seat.config).request_timeout;
    while (!fsm->may_exit() && changed.wait_until(self, clock, deadline)) {
    }
  }
  const auto no_snapshot = taking_snapshot.lock(self);
  const auto held = appending.lock(self);
  is_closing = true;
  if (is_over) return {};
  end();
  const auto disk_held = disk.lock(self);
  return log->close(self);
}

void Node::State::end() {
  if (std::exchange(is_over, true)) return;
  if (timer != 0) seat.shard.clock.disarm(std::exchange(timer, 0));
  if (peers) peers->close();
  for (const auto& [token, promise] : asked) promise->set(std::nullopt);
  asked.clear();
  if (proposal && proposal->stage != Proposal::Stage::failed) {
    proposal->stage = Proposal::Stage::failed;
    proposal->error = {Errc::timed_out, "the node ended before the records were known to be committed", 0};
  }
  changed.wake_all();
  work_came.wake_all();
}

bool Node::is_blank() const {
  return state_->is_blank;
}

Result<std::vector<ByteBuffer>> Node::bootstrap_values(env::Fiber& self, std::vector<ByteBuffer> defaults) {
  const std::string path = state_->seat.metadata_directory.path() + "/" + std::string(kBootstrapFile);
  auto snapshot = read_snapshot(self, state_->seat.shard.disk, path);
  if (!snapshot && snapshot.error().code == Errc::not_found) return defaults;
  if (!snapshot) return fail(std::move(snapshot.error()));
  return std::move(snapshot->values);
}

Result<Offset> Node::append(env::Fiber& self, std::span<const ByteBuffer> values) {
  const auto state = state_;
  return state->append(self, values);
}

Offset Node::log_end() const {
  return state_->log->end();
}

Offset Node::high_watermark() const {
  return state_->fsm->high_watermark();
}

LeaderEpoch Node::epoch() const {
  return state_->fsm->epoch();
}

const Leadership& Node::leadership() const {
  return state_->leadership;
}

std::int16_t Node::kraft_version() const {
  return state_->kraft_version;
}

const raft::Fsm& Node::fsm() const {
  return *state_->fsm;
}

std::optional<Address> Node::address_of(NodeId node) const {
  return state_->peers->address_of(node);
}

Service& Node::service() {
  return state_->service;
}

Result<void> Node::close(env::Fiber& self) {
  const auto state = state_;
  return state->close(self);
}

}  // namespace gregor::quorum
