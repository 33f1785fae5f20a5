#include "broker/broker_shard.h"

#include <algorithm>

#include "broker/api/table.h"
#include "broker/controller_link.h"
#include "broker/group_shard.h"
#include "wire/frame.h"

namespace gregor::broker {
namespace {

/// Logs that open at the same time: enough to keep a disk busy, few enough to bound memory at 10,000 partitions.
constexpr std::size_t kOpeningsMin = 8;

std::size_t openings_max(const config::BrokerConfig& config) {
  const auto asked = static_cast<std::size_t>(config.num_recovery_threads_per_data_dir) * config.log_dirs.size();
  return std::max(kOpeningsMin, asked);
}

partition::PartitionSeat seat_of(NodeCore& core, env::Shard& shard, record::CodecScratch& codec,
                                 const config::BrokerConfig& settings, ReplicaTies& replicas) {
  return {.shard = shard,
          .directories = core.directories,
          .observer = core.observer,
          .log = core.log,
          .codec = codec,
          .settings = settings,
          .openings_max = openings_max(core.config),
          .isr = &replicas.isr(),
          .followers = &replicas.fetchers(),
          .quotas = &core.quotas,
          .places = &replicas.places()};
}

/// "::ffff:1.2.3.4", as a socket of both families names an IPv4 peer, is 1.2.3.4.
std::string plain_address(const std::string& address) {
  constexpr std::string_view kMapped = "::ffff:";
  const bool is_mapped = address.starts_with(kMapped) && address.find('.') != std::string::npos;
  return is_mapped ? address.substr(kMapped.size()) : address;
}

}  // namespace

BrokerShard::BrokerShard(NodeCore& node, env::Shard& own)
    : core(node),
      shard(own),
      feed(own, node.observer),
      live_settings(node.config, feed, node.log),
      replicas(*this, feed, own, live_settings.now()),
      partitions(seat_of(node, own, codec, live_settings.now(), replicas)),
      partition_sync(live_settings, node.shard_count, own.mailbox.self(), feed, partitions, node.log),
      fetch_sessions(
          (static_cast<std::size_t>(node.config.max_incremental_fetch_session_cache_slots) + node.shard_count - 1) /
              node.shard_count,
          own.entropy.stream("fetch-session", own.mailbox.self().value())),
      controller(std::make_unique<ControllerLink>(*this)),
      producer_ids(*this),
      wakefulness(*this),
      metrics_client_ids(own.entropy.stream("metrics-client", own.mailbox.self().value())),
      groups(std::make_unique<GroupShard>(*this)),
      scratch_(std::make_unique_for_overwrite<std::byte[]>(kScratchBytes)),
      connection_log_(node.log, own.clock),
      lobby_(own.clock, [this](std::uint64_t number, std::string_view refusal) { admit(number, refusal); }) {}

BrokerShard::~BrokerShard() {
  groups.reset();  // it is among the listeners
}

void BrokerShard::refuse(const env::Endpoint& peer, std::string_view why) {
  ++connections_refused_;
  connection_log_.warn("connection.refused", {{"peer", env::to_text(peer)}, {"reason", why}});
}

void BrokerShard::accept(std::unique_ptr<env::Socket> socket, const std::string& listener) {
  const env::Endpoint peer = socket->peer();
  const Side side = side_of(core.config, listener);
  if (stopping_ && side == Side::clients) return;
  if (core.connections >= static_cast<std::size_t>(config().max_connections)) {
    return refuse(peer, "max.connections reached");
  }
  ClientPlace client{.listener = listener,
                     .side = side,
                     .local_host = plain_address(socket->local().address),
                     .local_port = socket->local().port,
                     .peer = peer};
  const ConnectionSettings settings{.request_bytes_max = static_cast<std::size_t>(config().socket_request_max_bytes),
                                    .idle_max = Milliseconds(config().connections_max_idle_ms)};
  const std::uint64_t number = core.next_connection++;
  auto connection = std::make_shared<Connection>(number, std::move(socket), std::move(client), settings, shard,
                                                 static_cast<RequestServer&>(*this),
                                                 static_cast<ConnectionOwner&>(*this), connection_log_);
  connections_.emplace(number, connection);
  ++core.connections;
  ask_admission(*connection);
}

ConnectionLimits BrokerShard::limits_of(const std::string& address) const {
  constexpr auto kRate = "connection_creation_rate";
  ConnectionLimits limits{.per_address = config().max_connections_per_ip,
                          .per_second = config().max_connection_creation_rate};
  const config::AddressLimits& overrides = config().max_connections_per_ip_overrides;
  if (const auto own = overrides.find(address); own != overrides.end()) limits.per_address = own->second;
  const metadata::Image::ClientQuotas& quotas = image()->client_quotas();
  if (quotas.empty()) return limits;
  for (const metadata::QuotaEntity& entity :
       {metadata::QuotaEntity{{"ip", address}}, metadata::QuotaEntity{{"ip", std::nullopt}}}) {
    const metadata::QuotaValues* values = quotas.find(entity);
    if (values == nullptr) continue;
    const auto rate = values->find(kRate);
    if (rate == values->end()) continue;
    limits.per_second_of_address = static_cast<std::int32_t>(rate->second);
    break;
  }
  return limits;
}

void BrokerShard::ask_admission(Connection& connection) {
  const std::uint64_t number = connection.id();
  const std::string address = plain_address(connection.client().peer.address);
  const ConnectionLimits limits = limits_of(address);
  not_admitted_.insert(number);
  post(ShardId{0}, [from = id(), number, address, limits](BrokerShard& first) {
    const Admission admission = first.core.connection_book.enter(address, limits, first.shard.clock.now());
    if (limits.are_none()) return;
    first.post(from, [number, admission](BrokerShard& asker) { asker.on_admission(number, admission); });
  });
  if (limits.are_none()) admit(number, "");
}

void BrokerShard::on_admission(std::uint64_t number, const Admission& admission) {
  if (admission.wait > Nanoseconds{0}) return lobby_.hold(number, admission.wait, admission.refusal);
  admit(number, admission.refusal);
}

void BrokerShard::admit(std::uint64_t number, std::string_view refusal) {
  if (not_admitted_.erase(number) == 0) return;  // gone meanwhile
  const auto connection = connections_.at(number);
  if (!refusal.empty()) {
    refuse(connection->client().peer, refusal);
    return connection->close(observe::Level::debug, "");
  }
  ++connections_accepted_;
  if (may_speak(*connection)) connection->start();
}

bool BrokerShard::may_speak(const Connection& connection) const {
  return doors_open_[static_cast<std::size_t>(connection.client().side)];
}

void BrokerShard::open_doors(Side side) {
  doors_open_[static_cast<std::size_t>(side)] = true;
  const auto held = connections_;
  for (const auto& [number, connection] : held) {
    if (connection->client().side == side && !not_admitted_.contains(number)) connection->start();
  }
}

void BrokerShard::on_closed(Connection& connection) {
  post(ShardId{0}, [address = plain_address(connection.client().peer.address)](BrokerShard& first) {
    first.core.connection_book.leave(address, first.shard.clock.now());
  });
  --core.connections;
  not_admitted_.erase(connection.id());
  held_back_.erase(connection.id());
  connections_.erase(connection.id());
  connection_closed_.wake_all();
}

bool BrokerShard::has_room_for_requests() const {
  const std::int64_t most = config().queued_max_request_bytes;
  return most <= 0 || request_bytes_ < static_cast<std::size_t>(most) / core.shard_count;
}

void BrokerShard::on_request_bytes(std::ptrdiff_t change) {
  request_bytes_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(request_bytes_) + change);
  if (change > 0 || held_back_.empty() || !has_room_for_requests()) return;
  for (const std::uint64_t number : std::exchange(held_back_, {})) connections_.at(number)->read_again();
}

void BrokerShard::begin_to_stop() {
  if (std::exchange(stopping_, true)) return;
  replicas.fetchers().begin_to_stop();
  finish(Side::clients);
  stopped_.wake_all();
  for (StopListener* listener : std::list<StopListener*>(stop_listeners_)) listener->on_stop();
}

std::vector<std::shared_ptr<Connection>> BrokerShard::connections_of(Side side) const {
  std::vector<std::shared_ptr<Connection>> all;
  for (const auto& [number, connection] : connections_) {
    if (connection->client().side == side) all.push_back(connection);
  }
  return all;
}

void BrokerShard::finish(Side side) {
  doors.close(side);
  for (const auto& connection : connections_of(side)) connection->finish();
}

void BrokerShard::drain(env::Fiber& self, Side side, MonotonicTime deadline) {
  while (!connections_of(side).empty() && connection_closed_.wait_until(self, shard.clock, deadline)) {
  }
  for (const auto& connection : connections_of(side)) connection->close(observe::Level::info, "the broker stops");
}

BrokerShard::Working::~Working() {
  --count_;
  shard_.work_ended_.wake_all();
}

ShardFigures BrokerShard::figures() const {
  ShardFigures figures{.requests = requests,
                       .partitions = partitions.figures(),
                       .connections_accepted = connections_accepted_,
                       .connections_refused = connections_refused_,
                       .fetch_sessions = fetch_sessions.size()};
  for (const auto& [number, connection] : connections_) {
    const ConnectionFigures of_one = connection->figures();
    ++figures.connections[{of_one.listener, of_one.software_name, of_one.software_version}];
  }
  return figures;
}

std::vector<ConnectionFigures> BrokerShard::connection_figures() const {
  std::vector<ConnectionFigures> figures;
  figures.reserve(connections_.size());
  for (const auto& [number, connection] : connections_) figures.push_back(connection->figures());
  return figures;
}

bool BrokerShard::pause(env::Fiber& self, Milliseconds wait) {
  if (!stopping_) stopped_.wait_until(self, shard.clock, shard.clock.now() + wait);
  return !stopping_;
}

void BrokerShard::spawn_background(std::string_view name, UniqueFunction<void(env::Fiber&)> work) {
  ++working_[static_cast<std::size_t>(Side::clients)];
  shard.fibers.spawn(name, [this, work = std::move(work)](env::Fiber& self) mutable {
    work(self);
    --working_[static_cast<std::size_t>(Side::clients)];
    work_ended_.wake_all();
  });
}

void BrokerShard::await_idle(env::Fiber& self, Side side) {
  while (working_[static_cast<std::size_t>(side)] > 0) work_ended_.wait(self);
}

void BrokerShard::end_background(env::Fiber& self) {
  await_idle(self, Side::clients);
  replicas.fetchers().end(self);
}

Result<bool> BrokerShard::admit(const ClientPlace& client, const Frame& frame) {
  if (working_[0] + working_[1] >= kRequestsInFlightMax / core.shard_count) {
    return fail(Errc::limit, "too many requests wait for their answers");
  }
  return api::admit(frame.bytes(), client.side);
}

Result<Reply> BrokerShard::serve(env::Fiber& self, const ClientPlace& client, InFlight& in_flight) {
  const Working working(*this, client.side);
  if (client.side == Side::clients) wakefulness.await(self);
  return api::serve(self, *this, client, in_flight);
}

}  // namespace gregor::broker
