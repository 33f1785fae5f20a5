#include "broker/node_start.h"

#include <algorithm>

#include "base/check.h"
#include "base/mutant.h"
#include "broker/group_shard.h"
#include "metadata/metadata_version.h"
#include "partition/cleaner.h"

namespace gregor::broker {
namespace {

/// How long a clean stop waits for clients to take their last answers.
constexpr Milliseconds kDrainGrace{3000};
/// How long the controller may take for a change of ISRs; as long as replica::ReplicaSeat waits.
constexpr Milliseconds kProposalTimeout{5000};

Milliseconds housekeeping_interval(const config::BrokerConfig& config) {
  const std::int64_t least = std::min({config.log_retention_check_interval_ms, config.log_flush_scheduler_interval_ms,
                                       std::int64_t{config.producer_id_expiration_check_interval_ms}});
  return Milliseconds(std::max<std::int64_t>(least, 1));
}

void keep_house(env::Fiber& self, BrokerShard& shard) {
  const Milliseconds interval = housekeeping_interval(shard.config());
  while (shard.pause(self, interval)) shard.partitions.maintain_all(self);
}

void keep_checkpoints(env::Fiber& self, BrokerShard& shard) {
  while (shard.pause(self, Milliseconds(shard.config().replica_high_watermark_checkpoint_interval_ms))) {
    const auto written = shard.core.directories.checkpoint(self, shard.shard, shard.partitions.checkpoint_lines());
    if (!written) shard.core.log.warn("checkpoint.failed", {{"error", written.error().text}});
  }
}

partition::CleanerLimits cleaner_limits(const config::BrokerConfig& config, std::size_t shard_count) {
  constexpr double kBytesPerSecondMax = 1e15;  // what is above is no limit
  const auto share =
      std::max<std::int64_t>(config.log_cleaner_dedupe_buffer_size, 0) / static_cast<std::int64_t>(shard_count);
  const double speed = config.log_cleaner_io_max_bytes_per_second;
  return {.map_bytes_max = static_cast<std::uint64_t>(share),
          .map_load_percent = static_cast<std::uint64_t>(config.log_cleaner_io_buffer_load_factor * 100),
          .read_bytes_per_second = speed >= kBytesPerSecondMax ? 0 : static_cast<std::uint64_t>(std::max(speed, 1.0))};
}

void keep_compact(env::Fiber& self, BrokerShard& shard) {
  if (!shard.config().log_cleaner_enable) return;
  partition::Cleaner cleaner(shard.partitions, shard.shard.clock,
                             [&shard](env::Fiber& fiber, Milliseconds wait) { return shard.pause(fiber, wait); });
  for (;;) {
    while (cleaner.clean_one(self, cleaner_limits(shard.config(), shard.core.shard_count))) continue;
    if (!shard.pause(self, Milliseconds(std::max<std::int64_t>(shard.config().log_cleaner_backoff_ms, 1)))) return;
  }
}

}  // namespace

NodeStart::~NodeStart() {
  core_.controllers = nullptr;
}

Result<void> NodeStart::on_every_shard(env::Fiber& self, const Work& work) {
  struct Gathering {
    std::vector<Result<void>> outcomes;
    std::size_t left;
    env::WaitQueue done;
  };
  const auto gathering = std::make_shared<Gathering>();
  gathering->outcomes.resize(core_.shard_count);
  gathering->left = core_.shard_count;
  for (std::size_t id = 0; id < core_.shard_count; ++id) {
    first_.shard.fibers.spawn("every-shard", [this, id, work, gathering](env::Fiber& fiber) {
      gathering->outcomes[id] = first_.ask(fiber, ShardId{static_cast<std::uint32_t>(id)}, work);
      if (--gathering->left == 0) gathering->done.wake_all();
    });
  }
  while (gathering->left > 0) gathering->done.wait(self);
  for (const Result<void>& outcome : gathering->outcomes) TRY(outcome);
  return {};
}

Result<std::uint16_t> NodeStart::bind(env::Fiber& self) {
  TRY_ASSIGN(doors_, first_.doors.bind(self, first_));
  TRY(on_every_shard(self, [this](env::Fiber&, BrokerShard& shard) -> Result<void> {
    return &shard == &first_ ? Result<void>{} : shard.doors.join(shard, doors_);
  }));
  const auto first = std::find_if(doors_.begin(), doors_.end(), [this](const BoundDoor& door) {
    return side_of(core_.config, door.listener) == Side::clients;
  });
  return (first != doors_.end() ? *first : doors_.front()).at.port;
}

Result<void> NodeStart::open(env::Fiber& self) {
  std::vector<std::string> paths = core_.config.log_dirs;
  const std::string& metadata_path = core_.config.metadata_directory();
  if (std::find(paths.begin(), paths.end(), metadata_path) == paths.end()) paths.push_back(metadata_path);
  // Before anything is locked or made: what is wrong is said with nothing touched.
  const std::size_t metadata = std::find(paths.begin(), paths.end(), metadata_path) - paths.begin();
  TRY(quorum::check_directories(self, first_.shard.disk, core_.config.log_dirs, metadata_path, core_.config.node_id));
  TRY(core_.directories.open(self, first_.shard, paths, core_.config.log_dirs.size(), metadata));

  quorum::Directories directories;
  for (std::size_t index = 0; index < core_.config.log_dirs.size(); ++index) {
    if (core_.directories.is_online(index)) directories.log_dirs.push_back(&core_.directories.at(index));
  }
  directories.metadata = &core_.directories.at(metadata);
  core_.controller = std::make_unique<controller::Controller>(first_.shard, core_.config, core_.observer, core_.log);
  TRY(core_.controller->start(self, directories));
  controller_started_ = true;
  core_.cluster_id = core_.controller->identity().cluster_id;
  note_directories();
  core_.controllers = &controllers_;
  return await_metadata(self);
}

/// A quorum that has no leader has nothing to tell, and may have none for as long as it likes.
Result<void> NodeStart::await_metadata(env::Fiber& self) {
  if (stopped_) return fail(Errc::closed, "told to stop");
  awaits_metadata_ = true;
  auto known = on_every_shard(self, [this](env::Fiber& fiber, BrokerShard& shard) -> Result<void> {
    core_.controller->attach(shard.feed);
    shard.open_doors(Side::controllers);
    return shard.feed.wait_for_first(fiber) ? Result<void>{} : fail(Errc::closed, "told to stop");
  });
  awaits_metadata_ = false;
  return known;
}

void NodeStart::stop() {
  stopped_ = true;
  if (core_.controller != nullptr && !controller_started_) core_.controller->give_up_search();
  if (lifecycle_ != nullptr) lifecycle_->stop();
  if (!awaits_metadata_) return;
  for (std::size_t id = 0; id < core_.shard_count; ++id) {
    BrokerShard* shard = core_.broker_shards[id];
    first_.shard.mailbox.post(ShardId{static_cast<std::uint32_t>(id)}, [shard] { shard->feed.give_up(); });
  }
}

Result<void> NodeStart::open_partitions(env::Fiber& self) {
  TRY(on_every_shard(self, [known = first_.image()->offset()](env::Fiber& fiber, BrokerShard& shard) -> Result<void> {
    shard.feed.wait_for(fiber, known);
    return {};
  }));
  const controller::ImagePtr image = first_.image();
  TRY(core_.directories.set_strays_aside(self, [&image](const TopicId& topic, PartitionIndex partition) {
    return image->find_partition(topic, partition) != nullptr;
  }));
  TRY(core_.directories.begin_use(self));
  TRY(on_every_shard(self, [](env::Fiber& fiber, BrokerShard& shard) {
    shard.partition_sync.begin();
    return shard.partitions.settle_all(fiber);
  }));
  core_.directories.end_of_history();
  return {};
}

std::vector<metadata::Endpoint> NodeStart::registered_listeners() const {
  std::vector<metadata::Endpoint> listeners;
  for (const config::Listener& listener : core_.config.listeners) {
    if (core_.config.is_controller_listener(listener)) continue;
    const auto door = std::find_if(doors_.begin(), doors_.end(),
                                   [&](const BoundDoor& bound) { return bound.listener == listener.name; });
    const config::Listener told =
        config::advertised_to(core_.config.advertised_listeners, listener.name,
                              listener.host.empty() ? "localhost" : listener.host, door->at.port);
    listeners.push_back({.name = listener.name, .host = told.host, .port = told.port, .security_protocol = 0});
  }
  return listeners;
}

bool NodeStart::is_alone() const {
  return core_.config.is_alone() && core_.controller->is_sole_voter();
}

bool NodeStart::is_only_broker() const {
  const auto& brokers = first_.image()->brokers();
  return std::all_of(brokers.begin(), brokers.end(),
                     [this](const auto& broker) { return broker.first == core_.config.node_id; });
}

BrokerEpoch NodeStart::previous_epoch() const {
  if (is_alone() && is_only_broker()) {
    // What was not flushed is lost to everybody alike: nobody else could lead in its place.
    const metadata::BrokerRegistration* former = first_.image()->find_broker(core_.config.node_id);
    return former == nullptr ? kNoBrokerEpoch : former->epoch;
  }
  std::optional<BrokerEpoch> all;
  for (const auto& [index, id] : directory_ids_) {
    const auto mark = core_.directories.at(index).previous_broker_epoch();
    if (!mark || (all && *all != *mark)) return kNoBrokerEpoch;
    all = mark;
  }
  return all.value_or(kNoBrokerEpoch);
}

void NodeStart::note_directories() {
  const std::vector<Uuid>& ids = core_.controller->identity().directory_ids;
  for (std::size_t index = 0; index < core_.config.log_dirs.size(); ++index) {
    if (core_.directories.is_online(index)) directory_ids_.emplace_back(index, ids.at(directory_ids_.size()));
  }
}

std::vector<Uuid> NodeStart::failed_directories() const {
  std::vector<Uuid> failed;
  for (const auto& [index, id] : directory_ids_) {
    if (!core_.directories.is_online(index)) failed.push_back(id);
  }
  return failed;
}

metadata::RegisterBroker NodeStart::registration() const {
  metadata::RegisterBroker request{.id = core_.config.node_id,
                                   .incarnation_id = first_.shard.entropy.stream("incarnation").uuid(),
                                   .cluster_id = core_.cluster_id,
                                   .listeners = registered_listeners(),
                                   .features = metadata::told_features(),
                                   .rack = std::nullopt,
                                   .log_dirs = core_.controller->identity().directory_ids,
                                   .previous_broker_epoch = previous_epoch()};
  if (!core_.config.broker_rack.empty()) request.rack = core_.config.broker_rack;
  return request;
}

void NodeStart::make_lifecycle() {
  const config::BrokerConfig& config = core_.config;
  const auto at_least_one = [](std::int32_t ms) { return Milliseconds(std::max(ms, 1)); };
  calls_ = std::make_unique<LinkedController>(*first_.controller);
  lifecycle_ = std::make_unique<Lifecycle>(
      Lifecycle::Seat{.clock = first_.shard.clock,
                      .feed = first_.feed,
                      .log = core_.log,
                      .controller = *calls_,
                      .epoch = core_.broker_epoch,
                      .failed_directories = [this] { return failed_directories(); }},
      registration(),
      LifecycleSettings{.heartbeat_interval = at_least_one(config.broker_heartbeat_interval_ms),
                        .registration_timeout = at_least_one(config.initial_broker_registration_timeout_ms),
                        .request_timeout = at_least_one(config.broker_session_timeout_ms / 2),
                        .controlled_shutdown = config.controlled_shutdown_enable,
                        .is_alone = is_alone()});
}

void NodeStart::make_isr_sender() {
  core_.isr_sender = std::make_unique<IsrSender>(
      first_.shard, core_.config.node_id, [this] { return core_.broker_epoch.load(); },
      [this](env::Fiber& fiber, const wire::AlterPartitionRequest& request) -> Result<wire::AlterPartitionResponse> {
        const MonotonicTime deadline = first_.shard.clock.now() + kProposalTimeout;
        TRY_ASSIGN(auto reply, first_.controller->call<wire::AlterPartitionResponse>(fiber, request, deadline));
        return std::move(reply.body);
      });
}

Result<void> NodeStart::join_cluster(env::Fiber& self) {
  if (!core_.config.is_broker) return {};
  make_lifecycle();
  TRY(lifecycle_->arrive(self));
  registered_ = true;
  TRY(open_partitions(self));
  TRY(lifecycle_->enter(self));
  make_isr_sender();
  const Offset unfenced = first_.image()->offset();
  return on_every_shard(self, [unfenced](env::Fiber& fiber, BrokerShard& shard) {
    shard.feed.wait_for(fiber, unfenced);
    shard.partition_sync.begin_to_lead();
    shard.groups->begin();
    return shard.partitions.settle_all(fiber);
  });
}

void NodeStart::open_doors(env::Fiber& self) {
  if (core_.config.is_broker) open_to_clients(self);
  begin_duties();
}

void NodeStart::open_to_clients(env::Fiber& self) {
  const auto opened = on_every_shard(self, [alone = is_alone()](env::Fiber&, BrokerShard& shard) -> Result<void> {
    if (!alone) shard.wakefulness.begin();
    shard.spawn_background("housekeeping", [&shard](env::Fiber& fiber) { keep_house(fiber, shard); });
    shard.spawn_background("checkpoints", [&shard](env::Fiber& fiber) { keep_checkpoints(fiber, shard); });
    shard.spawn_background("cleaner", [&shard](env::Fiber& fiber) { keep_compact(fiber, shard); });
    shard.open_doors(Side::clients);
    return {};
  });
  CHECK(opened.has_value());  // nothing in it can fail
  first_.spawn_background("lifecycle", [lifecycle = lifecycle_.get()](env::Fiber& fiber) { lifecycle->keep(fiber); });
  first_.spawn_background("leftovers",
                          [&core = core_](env::Fiber& fiber) { core.directories.remove_leftovers(fiber); });
}

std::string NodeStart::listeners() const {
  std::string text;
  for (const BoundDoor& door : doors_)
    text += (text.empty() ? "" : ",") + door.listener + "://" + env::to_text(door.at);
  return text;
}

Result<void> NodeStart::close_partitions(env::Fiber& self) {
  return on_every_shard(self, [](env::Fiber& fiber, BrokerShard& shard) -> Result<void> {
    shard.controller->close();
    shard.end_background(fiber);
    TRY(shard.partitions.close_all(fiber));
    return shard.core.directories.checkpoint(fiber, shard.shard, shard.partitions.checkpoint_lines());
  });
}

/// Its session ends by itself where nobody listened: its files are closed cleanly all the same.
void NodeStart::tell_left(const Result<void>& left) const {
  if (!left) core_.log.warn("broker.left_unheard", {{"error", left.error().text}});
}

Result<void> NodeStart::leave_cluster(env::Fiber& self) {
  if (!registered_ || has_left_) return {};
  has_left_ = true;
  return lifecycle_->leave(self);
}

Result<void> NodeStart::settle_mail(env::Fiber& self) {
  return on_every_shard(self, [this](env::Fiber& fiber, BrokerShard& shard) -> Result<void> {
    for (std::size_t id = 0; id < core_.shard_count; ++id) {
      shard.ask(fiber, ShardId{static_cast<std::uint32_t>(id)}, [](env::Fiber&, BrokerShard&) { return true; });
    }
    return {};
  });
}

Result<void> NodeStart::take_down(env::Fiber& self, bool cleanly) {
  Result<void> outcome;
  const auto note = [&outcome](Result<void> step) {
    if (!step && outcome) outcome = std::move(step);
  };
  // Others lead before this broker stops to serve.
  if (cleanly && registered_ && lifecycle_->has_company()) tell_left(leave_cluster(self));
  note(on_every_shard(self, [](env::Fiber& fiber, BrokerShard& shard) -> Result<void> {
    shard.begin_to_stop();
    shard.drain(fiber, Side::clients, shard.shard.clock.now() + kDrainGrace);
    return {};
  }));
  const bool nobody_else_decides = controller_started_ && is_alone();
  if (cleanly && nobody_else_decides) note(leave_cluster(self));
  if (cleanly && !nobody_else_decides) tell_left(leave_cluster(self));
  if (lifecycle_ != nullptr) lifecycle_->stop();
  stop_duties();
  if (core_.isr_sender != nullptr) {
    core_.isr_sender->begin_to_stop();
    core_.isr_sender->end(self);
  }
  note(close_partitions(self));
  registrar_.reset();
  assignments_.reset();
  if (controller_started_) note(core_.controller->stop(self));
  note(on_every_shard(self, [](env::Fiber& fiber, BrokerShard& shard) -> Result<void> {
    shard.finish(Side::controllers);
    shard.drain(fiber, Side::controllers, shard.shard.clock.now() + kDrainGrace);
    shard.await_idle(fiber, Side::controllers);
    return {};
  }));
  const bool all_closed = outcome.has_value() || MUTANT(clean_mark_without_close);
  if (all_closed && cleanly && controller_started_)
    note(core_.directories.mark_clean_shutdown(self, core_.broker_epoch));
  note(settle_mail(self));
  if (outcome && cleanly) core_.log.info("broker.stopped", {{"node_id", core_.config.node_id.value()}});
  return outcome;
}

}  // namespace gregor::broker
