#include "tests/quorum/support/quorum_world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "quorum/format_rule.h"
#include "quorum/snapshot_writer.h"

namespace gregor::quorum {

using namespace std::chrono_literals;

namespace {

const std::string kClusterId = "MkU3OEVBNTcwNTJENDM2Qg";

std::string host_of(std::size_t place) {
  return "q" + std::to_string(place + 1);
}

}  // namespace

void QuorumLog::line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) {
  if (std::getenv("GREGOR_QUORUM_LOG") == nullptr) return;
  const auto now_ms = std::chrono::duration_cast<Milliseconds>(world_.world.now().time_since_epoch()).count();
  const std::string text = observe::format_line(level, event, fields);
  std::fprintf(stderr, "%6lld ms %s %s\n", static_cast<long long>(now_ms), host_of(place_).c_str(), text.c_str());
}

QuorumLife::QuorumLife(QuorumWorld& owner, std::size_t place)
    : world_(owner), place_(place), id_(static_cast<int>(place) + 1), life_(owner.next_life++), log_(owner, place) {
  configure();
  world_.lives[place_] = this;
  world_.ghost.begins_life(id_);
}

void QuorumLife::configure() {
  const QuorumOptions& options = world_.options;
  config_.node_id = id_;
  config_.is_controller = static_cast<int>(place_) < options.voters;
  config_.listeners = {{"CONTROLLER", host_of(place_), kQuorumPort}};
  config_.metadata_max_retention_bytes = 1;
  if (options.is_told_new) config_.gregor_initial_cluster = kClusterId;
  const bool is_listed = !options.is_dynamic && (config_.is_controller || !options.with_bootstrap_servers);
  for (int voter = 0; voter < options.voters; ++voter) {
    const auto at = static_cast<std::size_t>(voter);
    if (is_listed) {
      config_.controller_quorum_voters.push_back({.id = voter + 1, .host = host_of(at), .port = kQuorumPort});
    } else {
      config_.controller_quorum_bootstrap_servers.push_back(host_of(at) + ":" + std::to_string(kQuorumPort));
    }
  }
}

QuorumLife::~QuorumLife() {
  if (world_.lives[place_] == this) world_.lives[place_] = nullptr;
}

Result<void> QuorumLife::start(env::Fiber& self, env::Shard& shard) {
  TRY_ASSIGN(directory_, storage::LogDirectory::open(self, shard.disk, log_, kHome));
  RandomStream ids = shard.entropy.stream("identity");
  const FormatRule rule{.may_vote = world_.votes_from_birth[place_], .cluster_id = kClusterId};
  TRY_ASSIGN(identity_, identify(self, shard.disk, {{directory_.get()}, directory_.get()}, id_, {value("feature")}, ids,
                                 shard.clock.wall_now(), rule));
  TRY(directory_->begin_use(self));
  if (world_.options.is_dynamic && place_ == 0) TRY(write_first_voters(self, shard));
  TRY_ASSIGN(node_, Node::open(self, {shard, observer_, log_, config_, *directory_, *this}, identity_));
  server_ = std::make_unique<QuorumServer>(shard, node_->service());
  return server_->listen();
}

Result<void> QuorumLife::write_first_voters(env::Fiber& self, env::Shard& shard) {
  TRY_ASSIGN(const std::string folder,
             directory_->create_folder(self, {"__cluster_metadata", kMetadataTopicId, PartitionIndex{0}}));
  TRY_ASSIGN(const auto shelf, SnapshotShelf::open(self, shard.disk, folder));
  if (shelf.newest()) return {};
  const raft::VoterSet first{
      {.key = {id_, identity_.metadata_directory_id}, .endpoints = {{"CONTROLLER", host_of(place_), kQuorumPort}}}};
  TRY(write_snapshot(self, shard.disk, folder, {Offset{0}, LeaderEpoch{0}}, {.values = {}, .voters = first},
                     shard.clock.wall_now()));
  return {};
}

void QuorumLife::spawn(UniqueFunction<void(env::Fiber&)> work) {
  shard_->fibers.spawn("test", std::move(work));
}

void QuorumLife::run(env::Fiber& self, env::Shard& shard) {
  shard_ = &shard;
  if (const auto started = start(self, shard); !started) {
    ++world_.refusals_to_start;
    world_.last_refusal = started.error().text;
    return;
  }
  if (world_.options.snapshot_every > Nanoseconds(0)) {
    shard.fibers.spawn("snapshots", [this, &shard](env::Fiber& fiber) { take_snapshots(fiber, shard); });
  }
  shard.fibers.spawn("proposer", [this, &shard](env::Fiber& fiber) { propose(fiber, shard); });
  while (!is_stopping_) stopping_.wait(self);
  const auto closed = node_->close(self);
  const auto marked = closed ? directory_->mark_clean_shutdown(self, true, BrokerEpoch{1}) : closed;
  if (!marked) world_.ghost.note("a node did not close: " + marked.error().text);
}

void QuorumLife::stop() {
  is_stopping_ = true;
  stopping_.wake_all();
}

void QuorumLife::propose(env::Fiber& self, env::Shard& shard) {
  RandomStream draws = shard.entropy.stream("proposer");
  for (int proposed = 0;; ++proposed) {
    const std::int64_t wait = draws.between(1, 2 * world_.options.propose_every.count());
    env::sleep_for(self, shard.clock, Nanoseconds(wait));
    if (!world_.proposes || !leadership_.is_ours) continue;
    const std::uint64_t count = 1 + draws.below(3);
    std::vector<std::string> texts;
    std::vector<ByteBuffer> records;
    for (std::uint64_t i = 0; i < count; ++i) {
      texts.push_back(std::to_string(life_) + "." + std::to_string(proposed) + "." + std::to_string(i));
      records.push_back(value(texts.back()));
    }
    const auto last = node_->append(self, records);
    if (last) world_.ghost.acknowledges(texts, *last);
    if (!last && last.error().code == Errc::timed_out) ++unknown_outcomes_;
    if (!last && last.error().code == Errc::closed) return;
  }
}

Result<void> QuorumLife::on_committed(const CommittedBatch& batch) {
  world_.ghost.hears(id_, batch);
  heard_.insert(heard_.end(), batch.values.begin(), batch.values.end());
  newest_ = batch;
  return {};
}

Result<void> QuorumLife::on_snapshot(const CommittedBatch& whole) {
  world_.ghost.hears_whole(id_, whole);
  heard_ = whole.values;
  newest_ = whole;
  return {};
}

void QuorumLife::take_snapshots(env::Fiber& self, env::Shard& shard) {
  RandomStream draws = shard.entropy.stream("snapshots");
  while (true) {
    const std::int64_t wait = draws.between(1, 2 * world_.options.snapshot_every.count());
    env::sleep_for(self, shard.clock, Nanoseconds(wait));
    if (heard_.empty()) continue;
    const std::vector<ByteBuffer> content = heard_;
    const SnapshotId id{newest_.last_offset + 1, newest_.epoch};
    const auto taken = node_->take_snapshot(self, id, content);
    if (taken) continue;
    if (taken.error().code == Errc::closed) return;
    log_.warn("no_snapshot", {{"reason", taken.error().text}});
  }
}

void QuorumLife::on_leadership(const Leadership& now) {
  const std::int32_t leader = now.leader ? now.leader->value() : -1;
  log_.info("leadership", {{"epoch", now.epoch.value()}, {"leader", leader}, {"ours", int{now.is_ours}}});
  leadership_ = now;
  if (now.leader == id_) world_.ghost.leads(id_, now.epoch);
}

QuorumWorld::QuorumWorld(const QuorumOptions& with)
    : options(with), world({.seed = with.seed}), chaos_(world.stream("trouble")) {
  const auto count = static_cast<std::size_t>(with.voters + with.observers);
  lives.resize(count, nullptr);
  votes_from_birth.resize(count, !with.is_told_new);
  for (std::size_t place = 0; place < count; ++place) {
    world.add_node(
        {.name = host_of(place), .program = [this, place]() { return std::make_unique<QuorumLife>(*this, place); }});
  }
}

QuorumWorld::~QuorumWorld() = default;

bool QuorumWorld::run_until(UniqueFunction<bool()> holds, Nanoseconds within) {
  const sim::SimTime deadline = world.now() + within;
  const auto end = world.run_until([&] { return !ghost.complaint().empty() || holds(); }, {.deadline = deadline});
  return end == sim::RunEnd::satisfied && ghost.complaint().empty();
}

void QuorumWorld::run_for(Nanoseconds wait) {
  world.run_for(wait);
}

QuorumLife* QuorumWorld::leader() {
  QuorumLife* newest = nullptr;
  for (QuorumLife* life : lives) {
    if (life == nullptr || !life->leads()) continue;
    if (newest == nullptr || life->leadership().epoch > newest->leadership().epoch) newest = life;
  }
  return newest;
}

void QuorumWorld::heal() {
  is_healed_ = true;
  world.network().heal_all();
  for (sim::NodeIndex node = 0; node < world.node_count(); ++node) {
    if (world.state(node) == sim::NodeState::paused) world.resume(node);
    if (world.state(node) != sim::NodeState::running) world.restart_after(node, 1ms);
  }
}

bool QuorumWorld::converges(Nanoseconds within) {
  const int before = ghost.acknowledged();
  const auto is_whole = [&] {
    if (ghost.acknowledged() < before + 3) return false;
    for (std::size_t place = 0; place < lives.size(); ++place) {
      if (ghost.heard_end(NodeId{static_cast<int>(place) + 1}) <= ghost.newest_acknowledged()) return false;
    }
    return true;
  };
  for (const sim::SimTime deadline = world.now() + within; world.now() < deadline && ghost.complaint().empty();) {
    if (run_until(is_whole, 1s)) return true;
    for (sim::NodeIndex node = 0; is_healed_ && node < world.node_count(); ++node) {
      if (world.state(node) == sim::NodeState::stopped) world.restart(node);  // it was closing when all was healed
    }
  }
  return false;
}

void QuorumWorld::one_fault() {
  const auto count = static_cast<std::uint64_t>(world.node_count());
  const auto node = static_cast<sim::NodeIndex>(chaos_.below(count));
  const auto other = static_cast<sim::NodeIndex>((node + 1 + chaos_.below(count - 1)) % count);
  const Nanoseconds back{chaos_.between(50'000'000, 4'000'000'000)};
  const std::uint64_t kind = chaos_.below(9);
  QuorumLife* const leading = leader();
  const auto target =
      leading != nullptr && chaos_.chance(1, 2) ? static_cast<sim::NodeIndex>(leading->id().value() - 1) : node;
  const bool is_up = world.state(target) == sim::NodeState::running;
  switch (kind) {
    case 0:
      if (is_up) world.crash(target);
      return world.restart_after(target, back);
    case 1:
      if (is_up) world.lose_power(target);
      return world.restart_after(target, back);
    case 2:
      for (sim::NodeIndex each = 0; each < count; ++each) {
        if (world.state(each) == sim::NodeState::running) world.lose_power(each);
        world.restart_after(each, back / 4);
      }
      return;
    case 3:
      for (sim::NodeIndex each = 0; each < count; ++each) {
        if (each != target) world.network().cut(target, each);
      }
      return world.after(back, [this] { world.network().heal_all(); });
    case 4:
      world.network().cut_one_way(node, other);
      return world.after(back, [this] { world.network().heal_all(); });
    case 5:
      if (!is_up) return;
      world.pause(target);
      return world.after(back, [this, target] {
        if (world.state(target) == sim::NodeState::paused) world.resume(target);
      });
    case 6:
      if (is_up) world.hang_disk(target, back / 2);
      return;
    case 7:
      if (is_up) world.stop(target);
      return world.restart_after(target, back);
    default:
      for (const std::uint64_t connection : world.network().connections_of(node)) world.network().reset(connection);
      return;
  }
}

void QuorumWorld::trouble(Nanoseconds wait) {
  const sim::SimTime until = world.now() + wait;
  while (world.now() < until && ghost.complaint().empty()) {
    one_fault();
    const Nanoseconds calm{chaos_.between(1'000'000, 2'500'000'000)};
    run_until([] { return false; }, calm);
  }
}

std::string QuorumWorld::describe() {
  std::string text = ghost.complaint() + "\nrefused: " + last_refusal;
  for (std::size_t place = 0; place < lives.size(); ++place) {
    text += "\n" + host_of(place) + " state " + std::to_string(static_cast<int>(world.state(place)));
    Node* node = lives[place] == nullptr ? nullptr : lives[place]->node();
    if (node == nullptr) continue;
    text += " role " + std::to_string(node->fsm().role().index()) + " epoch " + std::to_string(node->epoch().value()) +
            " end " + std::to_string(node->log_end().value()) + " hw " + std::to_string(node->high_watermark().value());
  }
  for (const std::string& halt : world.halts()) text += "\nhalt: " + halt;
  for (const std::string& fiber : world.live_fibers()) text += "\n" + fiber;
  return text;
}

}  // namespace gregor::quorum
