#include "broker/replica_fetcher.h"

#include <algorithm>

#include "env/clock.h"
#include "wire/error_code.h"

namespace gregor::broker {
namespace {

using partition::Followed;
using partition::Partition;
using Kind = replica::FollowerStep::Kind;
using PartitionKey = std::pair<TopicId, PartitionIndex>;

/// How soon a partition is asked again that was at work on a flush or a change of its role.
constexpr Milliseconds kLookAgain{5};
/// The same of one whose copying is throttled.
constexpr Milliseconds kLookAgainForQuota{100};
/// The first rest after a refusal: after an election a replica often knows its leader before the leader itself does.
/// Doubled with each refusal in a row, up to replica.fetch.backoff.ms.
constexpr Milliseconds kFirstRest{10};
constexpr std::int64_t kEarliest = partition::kEarliestTimestamp;
constexpr std::int64_t kLatest = partition::kLatestTimestamp;

/// Answers that partitions are at work on.
struct Handing {
  std::size_t left = 0;
  std::vector<PartitionKey> refused;
  std::vector<PartitionKey> taken;
  env::WaitQueue done;
};

/// What the leader's error means to a replica: anything else than a change of place is a refusal.
replica::ReplicaVerdict verdict_of(std::int16_t error) {
  using enum replica::ReplicaVerdict;
  switch (const auto verdict = static_cast<replica::ReplicaVerdict>(error)) {
    case served:
    case offset_out_of_range:
    case fenced_leader_epoch:
    case unknown_leader_epoch:
      return verdict;
    default:
      return not_leader_or_follower;
  }
}

partition::LeaderAnswer answer_of(const replica::FollowerStep& step, const wire::FetchResponse::PartitionData& told,
                                  const std::shared_ptr<const void>& owner) {
  partition::LeaderAnswer answer{.fetch = {.request = step.request,
                                           .asked_in = step.current_leader_epoch,
                                           .asked_offset = step.offset,
                                           .verdict = verdict_of(told.error_code),
                                           .diverging = {},
                                           .high_watermark = Offset{told.high_watermark},
                                           .log_start = Offset{told.log_start_offset}},
                                 .records = told.records.value_or(Bytes{}),
                                 .owner = owner};
  if (told.diverging_epoch.epoch >= 0) {
    answer.fetch.diverging = EpochEnd{LeaderEpoch{told.diverging_epoch.epoch}, Offset{told.diverging_epoch.end_offset}};
  }
  return answer;
}

}  // namespace

/// Of one leader. Its fiber alone works on it; partitions come to it from elsewhere.
class ReplicaFetchers::Lane {
 public:
  Lane(FetcherSeat& seat, NodeId leader) : seat_(seat), leader_(leader) {}

  void add(Partition& partition) {
    members_[{partition.id().topic_id, partition.id().partition}] = {partition.weak_from_this(), {}, 0};
    if (link_ && seat_.epoch_of(leader_) != linked_in_) link_->close();
    changed_.wake_all();
  }
  /// Ends its fiber at its next suspension: an answer or a dial that takes its time is not waited for.
  void stop() {
    is_stopping_ = true;
    if (link_) link_->close();
    if (fiber_ != nullptr) fiber_->cancel();
  }
  void begin(env::Fiber& fiber) { fiber_ = &fiber; }
  void end() { fiber_ = nullptr; }
  /// False when there is nothing left to do.
  bool round(env::Fiber& self);

 private:
  struct Asked {
    std::shared_ptr<Partition> partition;
    replica::FollowerStep step;
    [[nodiscard]] PartitionKey key() const { return {partition->id().topic_id, partition->id().partition}; }
  };
  struct Member {
    std::weak_ptr<Partition> partition;
    MonotonicTime rests_until;
    int refusals = 0;  ///< in a row
  };
  void collect();
  bool connect(env::Fiber& self);
  void fetch(env::Fiber& self);
  void ask_ranges(env::Fiber& self);
  Result<std::map<PartitionKey, Offset>> offsets_at(env::Fiber& self, std::int64_t timestamp);
  [[nodiscard]] wire::FetchRequest fetch_request();
  [[nodiscard]] std::vector<WantedFetch> wanted() const;
  void lose_link();
  void hand_out(env::Fiber& self, const LeaderReply<wire::FetchResponse>& reply);
  partition::AnswerDone counted(const std::shared_ptr<Handing>& handing, PartitionKey key);
  void await(env::Fiber& self, const std::shared_ptr<Handing>& handing);
  void rest(const PartitionKey& key);
  void refused_no_more(const PartitionKey& key);
  void rest_all(const std::vector<Asked>& asked, const Error& error);

  FetcherSeat& seat_;
  const NodeId leader_;
  std::map<PartitionKey, Member> members_;
  std::vector<Asked> fetches_;
  std::vector<Asked> ranges_;
  MonotonicTime look_again_ = kForever;
  std::size_t rounds_ = 0;
  std::shared_ptr<LeaderLink> link_;
  BrokerEpoch linked_in_ = kNoBrokerEpoch;  ///< the leader's registration when it was dialled
  FollowerSession session_;                 ///< over the link
  env::Fiber* fiber_ = nullptr;             ///< while it runs
  bool is_stopping_ = false;
  env::WaitQueue changed_;
};

/// What each member wants, beginning with another one in each round: an answer has room for some only.
void ReplicaFetchers::Lane::collect() {
  fetches_.clear();
  ranges_.clear();
  look_again_ = kForever;
  const MonotonicTime now = seat_.shard.clock.now();
  for (auto at = members_.begin(); at != members_.end();) {
    auto partition = at->second.partition.lock();
    if (!partition || partition->following() != leader_) {
      at = members_.erase(at);
      continue;
    }
    const MonotonicTime rests_until = at++->second.rests_until;
    if (rests_until > now) {
      look_again_ = std::min(look_again_, rests_until);
      continue;
    }
    const auto step = partition->next_step();
    if (step.kind == Kind::fetch) {
      fetches_.push_back({std::move(partition), step});
    } else if (step.kind == Kind::ask_range) {
      ranges_.push_back({std::move(partition), step});
    } else {
      look_again_ = std::min(look_again_, now + (partition->is_held_back() ? kLookAgainForQuota : kLookAgain));
    }
  }
  if (fetches_.empty()) return;
  const auto first = static_cast<std::ptrdiff_t>(rounds_++ % fetches_.size());
  std::rotate(fetches_.begin(), fetches_.begin() + first, fetches_.end());
}

bool ReplicaFetchers::Lane::round(env::Fiber& self) {
  if (is_stopping_) return false;
  collect();
  if (members_.empty()) return false;
  if (fetches_.empty() && ranges_.empty()) {
    changed_.wait_until(self, seat_.shard.clock, look_again_);
    return true;
  }
  if (!connect(self)) return true;
  ask_ranges(self);
  fetch(self);
  return true;
}

bool ReplicaFetchers::Lane::connect(env::Fiber& self) {
  if (link_) return true;
  linked_in_ = seat_.epoch_of(leader_);
  auto link = seat_.dial(self, leader_);
  if (!link) {
    rest_all(fetches_, link.error());
    rest_all(ranges_, link.error());
    return false;
  }
  link_ = std::move(*link);
  if (is_stopping_ || seat_.epoch_of(leader_) != linked_in_) link_->close();
  return true;
}

std::vector<WantedFetch> ReplicaFetchers::Lane::wanted() const {
  std::vector<WantedFetch> wanted;
  wanted.reserve(fetches_.size());
  for (const Asked& asked : fetches_) {
    wanted.push_back({.topic_id = asked.partition->id().topic_id,
                      .partition = asked.partition->id().partition,
                      .offset = asked.step.offset,
                      .current_leader_epoch = asked.step.current_leader_epoch,
                      .last_fetched_epoch = asked.step.last_fetched_epoch,
                      .log_start = asked.partition->replica()->log_start_offset(),
                      .bytes_max = seat_.settings.replica_fetch_max_bytes,
                      .high_watermark = asked.partition->replica()->high_watermark()});
  }
  return wanted;
}

wire::FetchRequest ReplicaFetchers::Lane::fetch_request() {
  const config::BrokerConfig& settings = seat_.settings;
  wire::FetchRequest request;
  request.replica_state.replica_id = settings.node_id.value();
  request.replica_state.replica_epoch = seat_.broker_epoch().value();
  request.max_wait_ms = settings.replica_fetch_wait_max_ms;
  request.min_bytes = settings.replica_fetch_min_bytes;
  request.max_bytes = settings.replica_fetch_response_max_bytes;
  session_.ask_for(wanted(), request);
  return request;
}

/// The leader may have read the last request or not: its session is not gone on with.
void ReplicaFetchers::Lane::lose_link() {
  link_.reset();
  session_.lose();
}

void ReplicaFetchers::Lane::fetch(env::Fiber& self) {
  // While a link was made a log may have been given up, to be opened again.
  std::erase_if(fetches_, [](const Asked& asked) { return asked.partition->replica() == nullptr; });
  if (fetches_.empty() || !link_) return;
  const auto link = link_;
  const auto request = fetch_request();
  const auto reply = link->fetch(self, request);
  if (!reply) {
    lose_link();
    return rest_all(fetches_, reply.error());
  }
  if (session_.take(reply->body)) return hand_out(self, *reply);
  const auto code = wire::error_code_of(reply->body.error_code);
  const bool is_gone =
      code == wire::ErrorCode::fetch_session_id_not_found || code == wire::ErrorCode::invalid_fetch_session_epoch;
  // Where a session is gone nothing else is wrong: the next request is whole, and comes at once.
  if (is_gone && request.session_epoch != kInitialFetchEpoch) return;
  rest_all(fetches_, Error{Errc::invalid,
                           "the leader's answer is of no use, error " + std::to_string(reply->body.error_code), 0});
}

void ReplicaFetchers::Lane::hand_out(env::Fiber& self, const LeaderReply<wire::FetchResponse>& reply) {
  std::map<PartitionKey, const wire::FetchResponse::PartitionData*> told;
  for (const auto& topic : reply.body.responses) {
    for (const auto& partition : topic.partitions) {
      told[{topic.topic_id, PartitionIndex{partition.partition_index}}] = &partition;
    }
  }
  const auto handing = std::make_shared<Handing>();
  for (const Asked& asked : fetches_) {
    const auto found = told.find(asked.key());
    if (found == told.end()) {  // nothing new of it
      refused_no_more(asked.key());
      continue;
    }
    asked.partition->replicate(answer_of(asked.step, *found->second, reply.owner), counted(handing, asked.key()));
  }
  await(self, handing);
}

partition::AnswerDone ReplicaFetchers::Lane::counted(const std::shared_ptr<Handing>& handing, PartitionKey key) {
  ++handing->left;
  return [handing, key](Followed followed) {
    (followed == Followed::refused ? handing->refused : handing->taken).push_back(key);
    if (--handing->left == 0) handing->done.wake_all();
  };
}

void ReplicaFetchers::Lane::await(env::Fiber& self, const std::shared_ptr<Handing>& handing) {
  while (handing->left > 0) handing->done.wait(self);
  for (const PartitionKey& key : handing->refused) {
    session_.missed(key);
    rest(key);
  }
  for (const PartitionKey& key : handing->taken) refused_no_more(key);
}

void ReplicaFetchers::Lane::refused_no_more(const PartitionKey& key) {
  if (const auto member = members_.find(key); member != members_.end()) member->second.refusals = 0;
}

void ReplicaFetchers::Lane::ask_ranges(env::Fiber& self) {
  if (ranges_.empty()) return;
  const auto starts = offsets_at(self, kEarliest);
  const auto ends = starts ? offsets_at(self, kLatest) : tl::unexpected(starts.error());
  if (!ends) {
    lose_link();
    return rest_all(ranges_, ends.error());
  }
  const auto handing = std::make_shared<Handing>();
  for (const Asked& asked : ranges_) {
    const auto start = starts->find(asked.key());
    const auto end = ends->find(asked.key());
    if (start == starts->end() || end == ends->end()) {
      rest(asked.key());
      continue;
    }
    asked.partition->learn_range({.request = asked.step.request,
                                  .asked_in = asked.step.current_leader_epoch,
                                  .log_start = start->second,
                                  .log_end = end->second},
                                 counted(handing, asked.key()));
  }
  await(self, handing);
}

/// Of those that ask for a range; who was refused is not among them.
Result<std::map<PartitionKey, Offset>> ReplicaFetchers::Lane::offsets_at(env::Fiber& self, std::int64_t timestamp) {
  wire::ListOffsetsRequest request;
  request.replica_id = seat_.settings.node_id.value();
  request.timeout_ms = seat_.settings.replica_socket_timeout_ms;
  std::map<std::pair<std::string_view, std::int32_t>, PartitionKey> names;
  for (const Asked& asked : ranges_) {
    const TopicPartition& id = asked.partition->id();
    names[{id.topic, id.partition.value()}] = asked.key();
    request.topics.push_back({.name = id.topic,
                              .partitions = {{.partition_index = id.partition.value(),
                                              .current_leader_epoch = asked.step.current_leader_epoch.value(),
                                              .timestamp = timestamp}}});
  }
  const auto link = link_;
  TRY_ASSIGN(const auto reply, link->list_offsets(self, request));
  std::map<PartitionKey, Offset> offsets;
  for (const auto& topic : reply.body.topics) {
    for (const auto& partition : topic.partitions) {
      const auto named = names.find({topic.name, partition.partition_index});
      if (named != names.end() && partition.error_code == 0) offsets[named->second] = Offset{partition.offset};
    }
  }
  return offsets;
}

void ReplicaFetchers::Lane::rest(const PartitionKey& key) {
  const auto member = members_.find(key);
  if (member == members_.end()) return;
  const int doublings = std::min(member->second.refusals++, 20);
  const Milliseconds longest(seat_.settings.replica_fetch_backoff_ms);
  member->second.rests_until = seat_.shard.clock.now() + std::min(kFirstRest * (1 << doublings), longest);
}

void ReplicaFetchers::Lane::rest_all(const std::vector<Asked>& asked, const Error& error) {
  if (asked.empty() || is_stopping_) return;
  seat_.log.warn(
      "replica.fetch",
      {{"leader", leader_.value()}, {"partitions", static_cast<std::int64_t>(asked.size())}, {"error", error.text}});
  for (const Asked& one : asked) rest(one.key());
}

ReplicaFetchers::ReplicaFetchers(FetcherSeat seat) : seat_(std::move(seat)) {}

ReplicaFetchers::~ReplicaFetchers() = default;

void ReplicaFetchers::on_following(Partition& partition) {
  const NodeId leader = partition.following();
  if (is_stopping_ || leader == kNoNodeId) return;
  auto& lane = lanes_[leader];
  const bool is_new = !lane;
  if (is_new) lane = std::make_shared<Lane>(seat_, leader);
  lane->add(partition);
  if (!is_new) return;
  ++running_;
  seat_.shard.fibers.spawn("replica-fetcher",
                           [this, leader, lane = lane](env::Fiber& self) { run(self, leader, *lane); });
}

void ReplicaFetchers::run(env::Fiber& self, NodeId leader, Lane& lane) {
  /// However it ends.
  struct Ending {
    ReplicaFetchers& owner;
    NodeId leader;
    Lane& lane;
    ~Ending() {
      lane.end();
      owner.lanes_.erase(leader);
      --owner.running_;
      owner.lane_ended_.wake_all();
    }
  } const ending{*this, leader, lane};
  lane.begin(self);
  while (lane.round(self)) {
  }
}

void ReplicaFetchers::begin_to_stop() {
  is_stopping_ = true;
  for (const auto& [leader, lane] : lanes_) lane->stop();
}

void ReplicaFetchers::end(env::Fiber& self) {
  while (running_ > 0) lane_ended_.wait(self);
}

}  // namespace gregor::broker
