// What a node tells the active controller of itself, besides its broker's life: its own controller's addresses, and
// where its partitions lie. On shard 0, in the background.
#include <algorithm>

#include "broker/node_start.h"
#include "metadata/directories.h"
#include "metadata/metadata_version.h"

namespace gregor::broker {

std::vector<metadata::Endpoint> NodeStart::controller_listeners() const {
  std::vector<metadata::Endpoint> listeners;
  for (const config::Listener& listener : core_.config.listeners) {
    if (!core_.config.is_controller_listener(listener)) continue;
    const auto door = std::find_if(doors_.begin(), doors_.end(),
                                   [&](const BoundDoor& bound) { return bound.listener == listener.name; });
    std::string host = listener.host;
    for (const config::Voter& voter : core_.config.controller_quorum_voters) {
      if (NodeId{voter.id} == core_.config.node_id && host.empty()) host = voter.host;
    }
    const config::Listener told = config::advertised_to(core_.config.advertised_listeners, listener.name,
                                                        host.empty() ? "localhost" : host, door->at.port);
    listeners.push_back({.name = listener.name, .host = told.host, .port = told.port, .security_protocol = 0});
  }
  return listeners;
}

void NodeStart::make_registrar() {
  metadata::ControllerRegistration described{
      .id = core_.config.node_id,
      .incarnation_id = first_.shard.entropy.stream("controller.incarnation").uuid(),
      .listeners = controller_listeners(),
      .features = metadata::told_features()};
  registrar_ = std::make_unique<ControllerRegistrar>(
      ControllerRegistrar::Seat{
          .clock = first_.shard.clock,
          .feed = first_.feed,
          .log = core_.log,
          .carry = [this](env::Fiber& fiber, const wire::ControllerRegistrationRequest& request,
                          MonotonicTime deadline) -> Result<wire::ControllerRegistrationResponse> {
            TRY_ASSIGN(auto reply,
                       first_.controller->call<wire::ControllerRegistrationResponse>(fiber, request, deadline));
            reply.body.error_message = std::nullopt;  // borrowed of the reply
            return std::move(reply.body);
          }},
      std::move(described));
  first_.spawn_background("controller-registration",
                          [registrar = registrar_.get()](env::Fiber& fiber) { registrar->keep(fiber); });
}

std::vector<HeldPartition> NodeStart::held_partitions(env::Fiber& self) {
  struct Place {
    TopicPartition id;
    std::optional<std::size_t> directory;
    bool is_given_up;
  };
  std::vector<HeldPartition> all;
  for (std::size_t shard = 0; shard < core_.shard_count; ++shard) {
    const auto places =
        first_.ask(self, ShardId{static_cast<std::uint32_t>(shard)}, [](env::Fiber&, BrokerShard& owner) {
          std::vector<Place> found;
          for (const auto& partition : owner.partitions.all())
            found.push_back({partition->id(), partition->directory(), partition->is_given_up()});
          return found;
        });
    for (const Place& place : places) {
      HeldPartition held{.topic = place.id.topic_id, .index = place.id.partition, .directory = {}};
      for (const auto& [index, id] : directory_ids_) {
        if (place.directory == index) held.directory = id;
      }
      if (place.is_given_up) held.directory = metadata::kLostDirectory;
      // In one that failed, too: heartbeats tell of the directory, and not of what came to lie in it just before.
      all.push_back(held);
    }
  }
  return all;
}

void NodeStart::make_assignments() {
  assignments_ = std::make_unique<DirectoryAssignments>(DirectoryAssignments::Seat{
      .clock = first_.shard.clock,
      .feed = first_.feed,
      .log = core_.log,
      .self = core_.config.node_id,
      .directory_ids = core_.controller->identity().directory_ids,
      .broker_epoch = [this] { return core_.broker_epoch.load(); },
      .held = [this](env::Fiber& fiber) { return held_partitions(fiber); },
      .carry = [this](env::Fiber& fiber, const wire::AssignReplicasToDirsRequest& request,
                      MonotonicTime deadline) -> Result<wire::AssignReplicasToDirsResponse> {
        TRY_ASSIGN(auto reply, first_.controller->call<wire::AssignReplicasToDirsResponse>(fiber, request, deadline));
        return std::move(reply.body);
      }});
  core_.assignments = assignments_.get();
  first_.spawn_background("directory-assignments",
                          [assignments = assignments_.get()](env::Fiber& fiber) { assignments->keep(fiber); });
}

void NodeStart::begin_duties() {
  const auto& listeners = core_.config.listeners;
  const bool serves_controllers =
      std::any_of(listeners.begin(), listeners.end(),
                  [this](const config::Listener& listener) { return core_.config.is_controller_listener(listener); });
  if (core_.config.is_controller && serves_controllers) make_registrar();
  if (core_.config.is_broker) make_assignments();
}

void NodeStart::stop_duties() {
  if (registrar_) registrar_->stop();
  core_.assignments = nullptr;
  if (assignments_) assignments_->stop();
}

}  // namespace gregor::broker
