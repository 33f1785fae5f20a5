#include "client/cluster.h"

#include <algorithm>
#include <charconv>

#include "env/wait.h"
#include "wire/metadata.h"

namespace gregor::client {

struct Cluster::State {
  State(env::Shard& s, ClusterSettings with)
      : shard(s), settings(std::move(with)), random(s.entropy.stream("client.cluster")) {}
  ~State() { close(); }

  struct Known {
    TopicMetadata metadata;
    MonotonicTime learned;
  };
  struct Link {
    std::shared_ptr<Connection> connection;
    std::shared_ptr<env::FiberMutex> opening = std::make_shared<env::FiberMutex>();
  };

  Outcome<std::shared_ptr<Connection>> link_at(env::Fiber& self, const HostPort& address);
  Outcome<std::shared_ptr<Connection>> open(env::Fiber& self, const HostPort& address);
  /// Known brokers, then the bootstrap list, each once, turned so that the first is any of them.
  std::vector<HostPort> places_to_ask();
  void learn(const wire::MetadataResponse& body, Refreshed& refreshed);
  void close() {
    for (auto& [address, link] : links) {
      if (link.connection) link.connection->close();
    }
  }

  env::Shard& shard;
  const ClusterSettings settings;
  RandomStream random;
  std::map<HostPort, Link> links;
  std::vector<BrokerMetadata> brokers;
  std::map<std::string, Known> topics;
};

namespace {

Result<HostPort> parse_host_port(std::string_view piece) {
  const auto wrong = [&] { return fail(Errc::invalid, "'" + std::string(piece) + "' is not HOST:PORT"); };
  const std::size_t colon = piece.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view host = piece.substr(0, colon);
  const std::string_view digits = piece.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong();
  }
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (host.empty() || parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || port == 0)
    return wrong();
  return HostPort{std::string(host), port};
}

std::vector<NodeId> nodes_of(const std::vector<std::int32_t>& ids) {
  std::vector<NodeId> nodes;
  nodes.reserve(ids.size());
  for (const std::int32_t id : ids) nodes.push_back(NodeId{id});
  return nodes;
}

TopicMetadata topic_of(const wire::MetadataResponse::MetadataResponseTopic& answer) {
  TopicMetadata topic{.name = std::string(answer.name.value_or("")),
                      .topic_id = answer.topic_id,
                      .is_internal = answer.is_internal,
                      .partitions = {}};
  for (const auto& partition : answer.partitions) {
    topic.partitions.push_back({.partition = PartitionIndex{partition.partition_index},
                                .leader = NodeId{partition.leader_id},
                                .leader_epoch = LeaderEpoch{partition.leader_epoch},
                                .replicas = nodes_of(partition.replica_nodes),
                                .in_sync = nodes_of(partition.isr_nodes)});
  }
  std::stable_sort(topic.partitions.begin(), topic.partitions.end(),
                   [](const auto& a, const auto& b) { return a.partition < b.partition; });
  return topic;
}

Failure last_of(const Failure& failure, const std::string& topic) {
  Failure last = failure;
  last.fate = Fate::failed;  // asking changes nothing
  if (last.error.text.empty()) last.error.text = "topic " + topic;
  return last;
}

}  // namespace

Result<std::vector<HostPort>> parse_bootstrap(std::string_view text) {
  std::vector<HostPort> places;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view piece = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (piece.starts_with(' ')) piece.remove_prefix(1);
    while (piece.ends_with(' ')) piece.remove_suffix(1);
    TRY_ASSIGN(HostPort place, parse_host_port(piece));
    places.push_back(std::move(place));
  }
  if (places.empty()) return fail(Errc::invalid, "no broker is named");
  return places;
}

Nanoseconds Backoff::draw(RandomStream& random) {
  const std::int64_t nominal_ns = Nanoseconds(next_).count();
  next_ = std::min(next_ * 2, most_);
  return Nanoseconds(random.between(nominal_ns - nominal_ns / 5, nominal_ns + nominal_ns / 5));
}

Cluster::Cluster(env::Shard& shard, ClusterSettings settings)
    : state_(std::make_shared<State>(shard, std::move(settings))) {}

const std::vector<BrokerMetadata>& Cluster::brokers() const {
  return state_->brokers;
}
const ClusterSettings& Cluster::settings() const {
  return state_->settings;
}
env::Shard& Cluster::shard() const {
  return state_->shard;
}
MonotonicTime Cluster::deadline_in(Milliseconds wait) const {
  return state_->shard.clock.now() + wait;
}
void Cluster::forget(const std::string& topic) {
  state_->topics.erase(topic);
}
void Cluster::close() {
  state_->close();
}

bool Cluster::back_off(env::Fiber& self, Backoff& backoff, MonotonicTime deadline) {
  env::Clock& clock = state_->shard.clock;
  const Nanoseconds wait = backoff.draw(state_->random);
  if (clock.now() >= deadline) return false;
  env::sleep_for(self, clock, std::min<Nanoseconds>(wait, deadline - clock.now()));
  return clock.now() < deadline;
}

Outcome<std::shared_ptr<Connection>> Cluster::State::open(env::Fiber& self, const HostPort& address) {
  const auto addresses = shard.network.resolve(self, address.host);
  if (!addresses) return failed(addresses.error(), Fate::failed);
  Outcome<std::shared_ptr<Connection>> link = failed(Errc::not_found, address.host + " has no address");
  for (const std::string& numeric : *addresses) {
    link = Connection::open(self, shard, {numeric, address.port}, settings.link);
    if (link) break;
  }
  return link;
}

Outcome<std::shared_ptr<Connection>> Cluster::State::link_at(env::Fiber& self, const HostPort& address) {
  Link& link = links[address];  // a map keeps its elements in place
  if (link.connection && link.connection->is_open()) return link.connection;
  const std::shared_ptr<env::FiberMutex> opening = link.opening;
  const auto turn = opening->lock(self);
  if (link.connection && link.connection->is_open()) return link.connection;
  CLIENT_TRY_ASSIGN(link.connection, open(self, address));
  return link.connection;
}

std::vector<HostPort> Cluster::State::places_to_ask() {
  std::vector<HostPort> places;
  for (const BrokerMetadata& broker : brokers) places.push_back(broker.address);
  const std::vector<HostPort>& turned = places.empty() ? settings.bootstrap : places;
  std::vector<HostPort> order(turned.begin(), turned.end());
  if (order.size() > 1) {
    const auto first = static_cast<std::ptrdiff_t>(random.below(order.size()));
    std::rotate(order.begin(), order.begin() + first, order.end());
  }
  if (!places.empty()) order.insert(order.end(), settings.bootstrap.begin(), settings.bootstrap.end());
  return order;
}

Outcome<std::shared_ptr<Connection>> Cluster::any_link(env::Fiber& self) {
  Outcome<std::shared_ptr<Connection>> link = failed(Errc::not_found, "no broker is known");
  for (const HostPort& place : state_->places_to_ask()) {
    link = state_->link_at(self, place);
    if (link) break;
  }
  return link;
}

Outcome<std::shared_ptr<Connection>> Cluster::link_to(env::Fiber& self, NodeId node) {
  for (const BrokerMetadata& broker : state_->brokers) {
    if (broker.node_id != node) continue;
    const HostPort address = broker.address;  // the list may change while we wait
    return state_->link_at(self, address);
  }
  return failed(Errc::not_found, "broker " + std::to_string(node.value()) + " is not known");
}

void Cluster::State::learn(const wire::MetadataResponse& body, Refreshed& refreshed) {
  brokers.clear();
  for (const auto& broker : body.brokers) {
    brokers.push_back({NodeId{broker.node_id}, {std::string(broker.host), static_cast<std::uint16_t>(broker.port)}});
  }
  refreshed.controller = NodeId{body.controller_id};
  refreshed.cluster_id = std::string(body.cluster_id.value_or(""));
  for (const auto& answer : body.topics) {
    TopicMetadata topic = topic_of(answer);
    if (answer.error_code != 0) {
      refreshed.errors[topic.name] = wire::error_code_of(answer.error_code);
      continue;
    }
    topics.insert_or_assign(topic.name, Known{topic, shard.clock.now()});
    refreshed.topics.push_back(std::move(topic));
  }
}

Outcome<Cluster::Refreshed> Cluster::refresh(env::Fiber& self, const std::vector<std::string>* names, bool may_create) {
  CLIENT_TRY_ASSIGN(const std::shared_ptr<Connection> link, any_link(self));
  wire::MetadataRequest request;
  request.allow_auto_topic_creation = may_create;
  if (names == nullptr) {
    request.topics = std::nullopt;
  } else {
    for (const std::string& name : *names) request.topics->push_back({.name = name});
  }
  auto reply = link->ask<wire::MetadataRequest, wire::MetadataResponse>(self, request);
  if (!reply) return passed_on(std::move(reply.error()));
  if (reply->body.error_code != 0) return answered(wire::error_code_of(reply->body.error_code), "Metadata");
  Refreshed refreshed;
  state_->learn(reply->body, refreshed);
  return refreshed;
}

Outcome<TopicMetadata> Cluster::topic(env::Fiber& self, const std::string& name, MonotonicTime deadline,
                                      bool may_create) {
  Backoff waits = backoff();
  const std::vector<std::string> names{name};
  while (true) {
    const auto known = state_->topics.find(name);
    const MonotonicTime now = state_->shard.clock.now();
    if (known != state_->topics.end() && now - known->second.learned < state_->settings.metadata_max_age) {
      return known->second.metadata;
    }
    auto refreshed = refresh(self, &names, may_create);
    Failure failure;
    if (!refreshed) {
      failure = std::move(refreshed.error());
    } else if (const auto error = refreshed->errors.find(name); error != refreshed->errors.end()) {
      failure.code = error->second;
    } else if (!refreshed->topics.empty()) {
      return refreshed->topics.front();
    } else {
      failure.code = wire::ErrorCode::unknown_topic_or_partition;
    }
    if (!is_retriable(failure) || !back_off(self, waits, deadline)) return passed_on(last_of(failure, name));
  }
}

Outcome<Cluster::Leader> Cluster::leader_of(env::Fiber& self, const std::string& name, PartitionIndex partition,
                                            MonotonicTime deadline, bool may_create) {
  Backoff waits = backoff();
  while (true) {
    CLIENT_TRY_ASSIGN(const TopicMetadata topic, this->topic(self, name, deadline, may_create));
    const auto index = static_cast<std::size_t>(partition.value());
    Failure failure;
    if (index >= topic.partitions.size() || topic.partitions[index].partition != partition) {
      failure.code = wire::ErrorCode::unknown_topic_or_partition;
    } else if (const PartitionMetadata& found = topic.partitions[index]; found.leader.value() < 0) {
      failure.code = wire::ErrorCode::leader_not_available;
    } else {
      auto link = link_to(self, found.leader);
      if (link) return Leader{std::move(*link), found.leader, found.leader_epoch, topic.topic_id};
      failure = std::move(link.error());
    }
    forget(name);
    if (!is_retriable(failure) || !back_off(self, waits, deadline)) return passed_on(last_of(failure, name));
  }
}

}  // namespace gregor::client
