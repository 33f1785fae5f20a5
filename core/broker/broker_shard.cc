#include "broker/broker_shard.h"

#include <algorithm>

#include "broker/api/table.h"
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
                                 const config::BrokerConfig& settings) {
  return {.shard = shard,
          .directories = core.directories,
          .observer = core.observer,
          .log = core.log,
          .codec = codec,
          .settings = settings,
          .openings_max = openings_max(core.config)};
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
      partitions(seat_of(node, own, codec, live_settings.now())),
      partition_sync(live_settings, node.shard_count, own.mailbox.self(), feed, partitions, node.log),
      fetch_sessions(
          (static_cast<std::size_t>(node.config.max_incremental_fetch_session_cache_slots) + node.shard_count - 1) /
              node.shard_count,
          own.entropy.stream("fetch-session", own.mailbox.self().value())),
      producer_ids(node, feed),
      metrics_client_ids(own.entropy.stream("metrics-client", own.mailbox.self().value())),
      groups(std::make_unique<GroupShard>(*this)),
      scratch_(std::make_unique_for_overwrite<std::byte[]>(kScratchBytes)),
      connection_log_(node.log, own.clock) {}

BrokerShard::~BrokerShard() {
  groups.reset();  // it is among the listeners
}

std::string BrokerShard::refusal(const env::Endpoint& peer) const {
  if (core.connections >= static_cast<std::size_t>(config().max_connections)) return "max.connections reached";
  const auto from_there = connections_by_address_.find(peer.address);
  if (from_there != connections_by_address_.end() && from_there->second >= config().max_connections_per_ip) {
    return "max.connections.per.ip reached";
  }
  return "";
}

void BrokerShard::accept(std::unique_ptr<env::Socket> socket, const std::string& listener) {
  const env::Endpoint peer = socket->peer();
  if (stopping_) return;
  if (const std::string why = refusal(peer); !why.empty()) {
    ++connections_refused_;
    return connection_log_.warn("connection.refused", {{"peer", env::to_text(peer)}, {"reason", why}});
  }
  ClientPlace client{.listener = listener,
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
  ++connections_by_address_[peer.address];
  ++core.connections;
  ++connections_accepted_;
  if (doors_open_) connection->start();
}

void BrokerShard::open_doors() {
  doors_open_ = true;
  const auto held = connections_;
  for (const auto& [number, connection] : held) connection->start();
}

void BrokerShard::on_closed(Connection& connection) {
  const auto from_there = connections_by_address_.find(connection.client().peer.address);
  if (--from_there->second == 0) connections_by_address_.erase(from_there);
  --core.connections;
  connections_.erase(connection.id());
  connection_closed_.wake_all();
}

void BrokerShard::begin_to_stop() {
  if (std::exchange(stopping_, true)) return;
  doors.close();
  stopped_.wake_all();
  for (StopListener* listener : std::list<StopListener*>(stop_listeners_)) listener->on_stop();
  const auto open = connections_;
  for (const auto& [number, connection] : open) connection->finish();
}

void BrokerShard::drain(env::Fiber& self, MonotonicTime deadline) {
  while (!connections_.empty() && connection_closed_.wait_until(self, shard.clock, deadline)) {
  }
  const auto left = connections_;
  for (const auto& [number, connection] : left) connection->close(observe::Level::info, "the broker stops");
}

BrokerShard::Working::~Working() {
  --shard_.background_;
  shard_.background_ended_.wake_all();
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
  ++background_;
  shard.fibers.spawn(name, [this, work = std::move(work)](env::Fiber& self) mutable {
    work(self);
    --background_;
    background_ended_.wake_all();
  });
}

void BrokerShard::end_background(env::Fiber& self) {
  while (background_ > 0) background_ended_.wait(self);
}

Result<bool> BrokerShard::admit(const Frame& frame) {
  if (background_ >= kRequestsInFlightMax / core.shard_count) {
    return fail(Errc::limit, "too many requests wait for their answers");
  }
  return api::admit(frame.bytes());
}

Result<Reply> BrokerShard::serve(env::Fiber& self, const ClientPlace& client, InFlight& in_flight) {
  const Working working(*this);
  return api::serve(self, *this, client, in_flight);
}

}  // namespace gregor::broker
