#include "client/consumer.h"

#include <algorithm>

#include "client/list_offset.h"
#include "record/batch_split.h"

namespace gregor::client {

/// One broker asked for some partitions.
struct Consumer::Asked {
  Cluster::Leader replica;
  std::vector<Key> keys;
  std::vector<std::int32_t> epochs;
  std::vector<TopicId> topic_ids;
  std::shared_ptr<Call> call;
  std::int16_t version = 0;
};

Consumer::Consumer(Cluster& cluster, ConsumerSettings settings) : cluster_(cluster), settings_(settings) {}

void Consumer::assign(const std::string& topic, PartitionIndex partition, Offset offset) {
  assigned_.insert_or_assign(Key{topic, partition}, Assigned{.position = offset});
}

void Consumer::unassign(const std::string& topic, PartitionIndex partition) {
  assigned_.erase(Key{topic, partition});
}

Outcome<Offset> Consumer::assign_at(env::Fiber& self, const std::string& topic, PartitionIndex partition,
                                    OffsetReset where) {
  if (where == OffsetReset::none) return failed(Errc::invalid, "assign_at wants earliest or latest");
  const std::int64_t asked = where == OffsetReset::earliest ? kEarliestOffset : kLatestOffset;
  const MonotonicTime deadline = cluster_.deadline_in(cluster_.settings().api_timeout);
  CLIENT_TRY_ASSIGN(const FoundOffset found, list_offset(self, cluster_, topic, partition, asked, deadline));
  assign(topic, partition, found.offset);
  return found.offset;
}

std::optional<Offset> Consumer::position(const std::string& topic, PartitionIndex partition) const {
  const auto found = assigned_.find(Key{topic, partition});
  if (found == assigned_.end()) return std::nullopt;
  return found->second.position;
}

NodeId Consumer::preferred_replica(const std::string& topic, PartitionIndex partition) const {
  const auto found = assigned_.find(Key{topic, partition});
  return found == assigned_.end() ? kNoNodeId : found->second.preferred;
}

Offset Consumer::high_watermark(const std::string& topic, PartitionIndex partition) const {
  const auto found = assigned_.find(Key{topic, partition});
  return found == assigned_.end() ? kNoOffset : found->second.high_watermark;
}

Outcome<std::size_t> Consumer::poll(env::Fiber& self, MonotonicTime deadline, Visit& visit) {
  Backoff waits = cluster_.backoff();
  while (true) {
    auto shown = fetch_once(self, deadline, visit);
    if (shown || !is_retriable(shown.error())) return shown;
    for (const auto& [key, assigned] : assigned_) cluster_.forget(key.first);
    if (!cluster_.back_off(self, waits, deadline)) return shown;
  }
}

Outcome<std::size_t> Consumer::fetch_once(env::Fiber& self, MonotonicTime deadline, Visit& visit) {
  if (assigned_.empty()) return failed(Errc::invalid, "no partition is assigned");
  CLIENT_TRY_ASSIGN(std::vector<Asked> asked, ask_replicas(self, deadline));
  std::size_t shown = 0;
  std::optional<Failure> failure;
  for (Asked& one : asked) {
    auto taken = take_answer(self, one, deadline, visit);
    if (taken) {
      shown += *taken;
    } else if (!failure) {
      failure = std::move(taken.error());
    }
  }
  if (failure && shown == 0) return passed_on(std::move(*failure));
  return shown;  // a failure beside records comes again with the next poll
}

namespace {

wire::FetchRequest request_of(const ConsumerSettings& settings, Milliseconds wait) {
  wire::FetchRequest request;
  request.max_wait_ms = static_cast<std::int32_t>(wait.count());
  request.min_bytes = settings.fetch_bytes_min;
  request.max_bytes = settings.fetch_bytes_max;
  request.rack_id = settings.rack;
  return request;
}

/// Adds the partition to its topic's entry.
wire::FetchRequest::FetchPartition& partition_in(wire::FetchRequest& request, const std::string& topic, TopicId id) {
  auto found =
      std::find_if(request.topics.begin(), request.topics.end(), [&](const auto& t) { return t.topic == topic; });
  if (found == request.topics.end()) {
    request.topics.push_back({.topic = topic, .topic_id = id, .partitions = {}});
    found = std::prev(request.topics.end());
  }
  return found->partitions.emplace_back();
}

}  // namespace

/// Whom to ask for the partition, with the leader's epoch: the replica that the leader named while that holds.
Outcome<Cluster::Leader> Consumer::replica_of(env::Fiber& self, const Key& key, MonotonicTime deadline) {
  CLIENT_TRY_ASSIGN(Cluster::Leader leader, cluster_.leader_of(self, key.first, key.second, deadline));
  const auto found = assigned_.find(key);
  if (found == assigned_.end() || found->second.preferred == kNoNodeId) return leader;
  const NodeId preferred = found->second.preferred;
  if (cluster_.shard().clock.now() >= found->second.preferred_until) {
    back_to_leader(key);
    return leader;
  }
  auto link = cluster_.link_to(self, preferred);
  if (!link) {
    back_to_leader(key);
    return leader;
  }
  leader.link = std::move(*link);
  leader.node_id = preferred;
  return leader;
}

/// False where it read from the leader already.
bool Consumer::back_to_leader(const Key& key) {
  const auto found = assigned_.find(key);
  return found != assigned_.end() && std::exchange(found->second.preferred, kNoNodeId) != kNoNodeId;
}

/// Sends one fetch to each broker concerned, so that they wait side by side.
Outcome<std::vector<Consumer::Asked>> Consumer::ask_replicas(env::Fiber& self, MonotonicTime deadline) {
  std::vector<Key> keys;
  for (const auto& [key, assigned] : assigned_) keys.push_back(key);
  std::rotate(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(rounds_++ % keys.size()), keys.end());

  std::map<NodeId, Asked> by_broker;
  for (const Key& key : keys) {
    CLIENT_TRY_ASSIGN(Cluster::Leader replica, replica_of(self, key, deadline));
    Asked& asked = by_broker.try_emplace(replica.node_id).first->second;
    asked.keys.push_back(key);
    asked.epochs.push_back(replica.epoch.value());
    asked.topic_ids.push_back(replica.topic_id);
    asked.replica = std::move(replica);
  }
  const Milliseconds patience =
      cluster_.settings().link.request_timeout / 2;  // the answer must beat the link's timeout
  std::vector<Asked> all;
  for (auto& [node, asked] : by_broker) {
    wire::FetchRequest request = request_of(settings_, std::min(settings_.fetch_wait, patience));
    for (std::size_t i = 0; i < asked.keys.size(); ++i) {
      const auto found = assigned_.find(asked.keys[i]);
      if (found == assigned_.end()) continue;
      auto& partition = partition_in(request, asked.keys[i].first, asked.topic_ids[i]);
      partition.partition = asked.keys[i].second.value();
      partition.current_leader_epoch = asked.epochs[i];
      partition.fetch_offset = found->second.position.value();
      partition.partition_max_bytes = settings_.partition_bytes_max;
    }
    auto version = asked.replica.link->version_of(wire::ApiKey::fetch, wire::FetchRequest::kVersionMin,
                                                  wire::FetchRequest::kVersionMax);
    if (version) asked.version = *version;
    auto call = version ? asked.replica.link->start(self, request, asked.version)
                        : Outcome<std::shared_ptr<Call>>(tl::unexpected(std::move(version.error())));
    if (!call) {
      for (const Key& key : asked.keys) back_to_leader(key);
      return passed_on(std::move(call.error()));
    }
    asked.call = std::move(*call);
    all.push_back(std::move(asked));
  }
  return all;
}

Outcome<std::size_t> Consumer::take_answer(env::Fiber& self, Asked& asked, MonotonicTime deadline, Visit& visit) {
  auto frame = asked.call->await(self);
  if (!frame) {
    for (const Key& key : asked.keys) back_to_leader(key);
    return passed_on(std::move(frame.error()));
  }
  CLIENT_TRY_ASSIGN(const auto reply, Connection::decode_reply<wire::FetchResponse>(std::move(*frame), asked.version));
  if (reply.body.error_code != 0) {
    for (const Key& key : asked.keys) back_to_leader(key);
    return answered(wire::error_code_of(reply.body.error_code), "Fetch");
  }
  std::size_t shown = 0;
  std::optional<Failure> failure;
  constexpr std::int16_t kFirstVersionWithIds = 13;
  for (const auto& topic : reply.body.responses) {
    for (const auto& partition : topic.partitions) {
      const auto key = std::find_if(asked.keys.begin(), asked.keys.end(), [&](const Key& k) {
        const auto i = static_cast<std::size_t>(&k - asked.keys.data());
        const bool is_topic =
            asked.version >= kFirstVersionWithIds ? asked.topic_ids[i] == topic.topic_id : k.first == topic.topic;
        return is_topic && k.second.value() == partition.partition_index;
      });
      if (key == asked.keys.end()) continue;
      auto seen = take_partition(self, *key, partition, deadline, visit);
      if (seen) {
        shown += *seen;
      } else if (!failure) {
        failure = std::move(seen.error());
      }
    }
  }
  if (failure && shown == 0) return passed_on(std::move(*failure));
  return shown;
}

Outcome<std::size_t> Consumer::take_partition(env::Fiber& self, const Key& key,
                                              const wire::FetchResponse::PartitionData& partition,
                                              MonotonicTime deadline, Visit& visit) {
  const wire::ErrorCode code = wire::error_code_of(partition.error_code);
  if (code != wire::ErrorCode::none) {
    const bool was_away = back_to_leader(key);
    if (code != wire::ErrorCode::offset_out_of_range) return answered(code, "Fetch of " + key.first);
    // A follower may lack what the leader has: only the leader's word counts.
    if (was_away) return 0;
    CLIENT_TRY(start_over(self, key, deadline));
    return 0;
  }
  const auto assigned = assigned_.find(key);
  if (assigned == assigned_.end()) return 0;
  if (partition.preferred_read_replica >= 0) {
    assigned->second.preferred = NodeId{partition.preferred_read_replica};
    assigned->second.preferred_until = cluster_.deadline_in(cluster_.settings().metadata_max_age);
  }
  assigned->second.high_watermark = Offset{partition.high_watermark};
  return show(key, partition.records.value_or(Bytes{}), visit);
}

Outcome<void> Consumer::start_over(env::Fiber& self, const Key& key, MonotonicTime deadline) {
  if (settings_.reset == OffsetReset::none) {
    return answered(wire::ErrorCode::offset_out_of_range, key.first + "-" + std::to_string(key.second.value()));
  }
  const std::int64_t asked = settings_.reset == OffsetReset::earliest ? kEarliestOffset : kLatestOffset;
  CLIENT_TRY_ASSIGN(const FoundOffset found, list_offset(self, cluster_, key.first, key.second, asked, deadline));
  const auto assigned = assigned_.find(key);
  if (assigned != assigned_.end()) assigned->second.position = found.offset;
  return {};
}

Outcome<std::size_t> Consumer::show(const Key& key, Bytes records, Visit& visit) {
  Assigned& assigned = assigned_.at(key);
  record::BatchSplitter splitter(records);
  std::size_t shown = 0;
  while (true) {
    const auto frame = splitter.next();
    if (!frame) return failed(frame.error(), Fate::failed);
    if (!*frame) break;
    if ((*frame)->magic != 2) return failed(Errc::unsupported, key.first + ": messages of magic 0 or 1");
    auto of_batch = show_batch(key, assigned, (*frame)->bytes, visit);
    if (!of_batch) return of_batch;
    shown += *of_batch;
  }
  if (splitter.rest().size() == records.size() && !records.empty()) {
    return failed(Errc::corrupt, key.first + ": a fetch brought no whole batch");
  }
  return shown;
}

/// The whole batch is looked at before any of it is shown.
Outcome<std::size_t> Consumer::show_batch(const Key& key, Assigned& assigned, Bytes bytes, Visit& visit) {
  const auto where = [&] { return key.first + "-" + std::to_string(key.second.value()) + ": "; };
  const auto batch = record::BatchView::parse(bytes);
  if (!batch) return failed(Errc::corrupt, where() + batch.error().text);
  if (!batch->crc_is_right()) return failed(Errc::corrupt, where() + "a batch's CRC is wrong");
  if (batch->next_offset() <= assigned.position) return 0;
  auto plain = record::PlainRecords::of(*batch, scratch_, settings_.decompressed_bytes_max);
  if (!plain) return failed(Errc::corrupt, where() + plain.error().text);
  record::RecordIterator looked_at(*batch, plain->bytes());
  while (true) {
    const auto record = looked_at.next();
    if (!record) return failed(Errc::corrupt, where() + record.error().text);
    if (!*record) break;
  }
  std::size_t shown = 0;
  record::RecordIterator records(*batch, plain->bytes());
  for (auto record = records.next(); record && *record && !batch->is_control(); record = records.next()) {
    if ((*record)->offset < assigned.position) continue;
    visit({key.first, key.second, batch->leader_epoch(), batch->timestamp_type(), **record});
    ++shown;
  }
  assigned.position = batch->next_offset();
  return shown;
}

}  // namespace gregor::client
