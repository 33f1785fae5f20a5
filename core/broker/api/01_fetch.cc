// Fetch, v4-v18: batches from these partitions, from these offsets on; wait for some if there are none.
// v7 sessions (KIP-227), v9 leader epochs (KIP-320), v11 racks, v12 last fetched epoch (KIP-595), v13 topic ids
// (KIP-516), v15 replica state in a tag, v16 the present leader in NOT_LEADER_OR_FOLLOWER and FENCED_LEADER_EPOCH
// (KIP-951). Limits are soft (KIP-74): the first batch found comes whole, then only what fits into max_bytes and
// partition_max_bytes. It waits until min_bytes can be given, at most max_wait_ms; an error in a partition that is here
// does not wait. Errors: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR for all;
// per partition OFFSET_OUT_OF_RANGE, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, NOT_LEADER_OR_FOLLOWER,
// FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, CORRUPT_MESSAGE, KAFKA_STORAGE_ERROR. A follower (who names a replica)
// reads up to the log's end, and its position counts; one that is no replica of the partition is told
// NOT_LEADER_OR_FOLLOWER. From v11 on consumers may read from followers, up to what those know to be committed, and a
// leader sends those who name a rack to a replica there (KIP-392, replica.selector.class). A follower whose log begins
// below the leader's, or (v18, KIP-1166) that knows a lower high watermark, is answered at once. Suspends.
#include <algorithm>
#include <deque>

#include "broker/api/handlers.h"
#include "broker/api/place.h"
#include "broker/fetch_reads.h"
#include "wire/arena.h"
#include "wire/fetch.h"

namespace gregor::broker::api {
namespace {

using partition::PartitionError;
using PartitionData = wire::FetchResponse::PartitionData;

constexpr std::int16_t kFromFollowersFrom = 11;
constexpr std::int16_t kTopicIdsFrom = 13;
constexpr std::int16_t kReplicaStateFrom = 15;
constexpr std::int16_t kLeaderHintsFrom = 16;

/// One partition of the plan: where it is, and its row where it is here.
struct Target {
  FetchAsk ask;
  Place place;
  std::optional<FetchRow> row;
  std::optional<NodeId> preferred = {};  ///< where the consumer should read instead
  [[nodiscard]] std::int16_t error() const {
    return row ? static_cast<std::int16_t>(row->outcome.error) : code(place.error);
  }
};

struct Fetch {
  const wire::FetchRequest& asked;
  Request& request;
  controller::ImagePtr image;
  partition::Isolation isolation;
  std::optional<NodeId> follower = {};
  BrokerEpoch follower_epoch = kNoBrokerEpoch;
  std::deque<Target> targets;
  std::vector<FetchRow*> rows;  ///< of the targets that have one
};

/// Who asks as a replica; negative for a consumer.
std::int32_t replica_in(const wire::FetchRequest& asked, std::int16_t version) {
  return version >= kReplicaStateFrom ? asked.replica_state.replica_id : asked.replica_id;
}

FetchSessionRequest session_request(const wire::FetchRequest& asked, std::int16_t version) {
  FetchSessionRequest request{.session_id = asked.session_id,
                              .session_epoch = asked.session_epoch,
                              .uses_topic_ids = version >= kTopicIdsFrom,
                              .is_followers = replica_in(asked, version) >= 0,
                              .asked = {},
                              .forgotten = {}};
  for (const auto& topic : asked.topics) {
    for (const auto& partition : topic.partitions) {
      request.asked.push_back({.target = {std::string(topic.topic), topic.topic_id, partition.partition},
                               .fetch_offset = partition.fetch_offset,
                               .current_leader_epoch = partition.current_leader_epoch,
                               .last_fetched_epoch = partition.last_fetched_epoch,
                               .log_start_offset = partition.log_start_offset,
                               .partition_max_bytes = partition.partition_max_bytes,
                               .high_watermark = partition.high_watermark});
    }
  }
  for (const auto& topic : asked.forgotten_topics_data) {
    for (const std::int32_t partition : topic.partitions)
      request.forgotten.push_back({std::string(topic.topic), topic.topic_id, partition});
  }
  return request;
}

wire::ErrorCode error_of(FetchSessionError error) {
  switch (error) {
    case FetchSessionError::none:
      return wire::ErrorCode::none;
    case FetchSessionError::session_not_found:
      return wire::ErrorCode::fetch_session_id_not_found;
    case FetchSessionError::invalid_epoch:
      return wire::ErrorCode::invalid_fetch_session_epoch;
    case FetchSessionError::topic_id_mismatch:
      return wire::ErrorCode::fetch_session_topic_id_error;
  }
  return wire::ErrorCode::unknown_server_error;
}

std::size_t positive(std::int32_t bytes) {
  return static_cast<std::size_t>(std::max(bytes, 0));
}

void aim(Fetch& fetch, const FetchAsk& ask) {
  const BrokerShard& shard = fetch.request.shard;
  const FetchTarget& target = ask.target;
  Target& aimed = fetch.targets.emplace_back(Target{.ask = ask, .place = {}, .row = {}});
  aimed.place = fetch.request.version() >= kTopicIdsFrom
                    ? find_place(shard, *fetch.image, target.topic_id, target.partition)
                    : find_place(shard, *fetch.image, target.topic, target.partition);
  if (aimed.place.error != wire::ErrorCode::none) return;
  FetchRow& row = aimed.row.emplace();
  row.topic_id = aimed.place.topic->id;
  row.index = aimed.place.index;
  row.owner = aimed.place.owner;
  row.bytes_max = positive(ask.partition_max_bytes);
  row.ask = {.offset = Offset{ask.fetch_offset},
             .current_leader_epoch = LeaderEpoch{ask.current_leader_epoch},
             .last_fetched_epoch = LeaderEpoch{ask.last_fetched_epoch},
             .isolation = fetch.isolation};
  if (fetch.follower) {
    row.ask.follower = partition::FollowerAsk{
        .replica = *fetch.follower, .broker_epoch = fetch.follower_epoch, .log_start = Offset{ask.log_start_offset}};
  } else if (fetch.request.version() >= kFromFollowersFrom) {
    row.ask.answered_by = replica::AnsweredBy::any_replica;
    row.ask.wants_candidates = !fetch.asked.rack_id.empty() && shard.config().selects_by_rack();
  }
  fetch.rows.push_back(&row);
}

/// The replicas that hold what is asked for, by the racks that they registered with; nobody is sent to one that is
/// fenced.
std::optional<NodeId> preferred_replica(const Fetch& fetch, FetchRow& row) {
  auto& candidates = row.outcome.candidates;
  const auto is_away = [&](replica::ReadCandidate& candidate) {
    const metadata::BrokerRegistration* broker = fetch.image->find_broker(candidate.replica);
    if (broker == nullptr || broker->fenced) return !candidate.is_leader;
    candidate.rack = broker->rack.value_or("");
    return false;
  };
  std::erase_if(candidates, is_away);
  return replica::preferred_read_replica(fetch.asked.rack_id, candidates);
}

/// Who should read elsewhere is given nothing here.
void send_elsewhere(Fetch& fetch) {
  for (Target& target : fetch.targets) {
    if (!target.row || target.row->outcome.error != PartitionError::none || target.row->outcome.diverging) continue;
    target.preferred = preferred_replica(fetch, *target.row);
    if (target.preferred) target.row->outcome.records = {};
  }
}

FetchedState state_of(const partition::ReadOutcome& outcome) {
  return {outcome.high_watermark.value(), outcome.log_start_offset.value()};
}

bool answers_at_once(const Fetch& fetch) {
  return std::any_of(fetch.targets.begin(), fetch.targets.end(), [&fetch](const Target& target) {
    if (!target.row) return false;
    const partition::ReadOutcome& outcome = target.row->outcome;
    if (outcome.error != PartitionError::none || outcome.diverging || target.preferred) return true;
    return fetch.follower && target.ask.would_learn(state_of(outcome));
  });
}

/// Reads, and waits for more where that is asked for.
void read_or_wait(env::Fiber& self, Fetch& fetch) {
  BrokerShard& shard = fetch.request.shard;
  const std::size_t bytes_max = std::min(positive(fetch.asked.max_bytes), positive(shard.config().fetch_max_bytes));
  const std::size_t bytes_min = std::min(positive(fetch.asked.min_bytes), bytes_max);
  const MonotonicTime deadline = shard.shard.clock.now() + Milliseconds(std::max(fetch.asked.max_wait_ms, 0));
  while (!fetch.rows.empty()) {
    const std::size_t found = read_rows(self, shard, fetch.rows, bytes_max);
    send_elsewhere(fetch);
    for (FetchRow* row : fetch.rows) {
      if (row->ask.follower) row->ask.follower->is_repeat = true;
    }
    if (found >= bytes_min || answers_at_once(fetch) || shard.is_stopping()) return;
    if (fetch.request.in_flight.is_abandoned()) return;
    if (shard.shard.clock.now() >= deadline) return;
    FetchAlarm alarm(shard, bytes_min - found);
    alarm.watch(fetch.rows);
    fetch.request.in_flight.when_abandoned(alarm.ringer());
    if (!alarm.wait(self, deadline)) {
      // Time is up: what came meanwhile, short of the minimum, is given all the same.
      read_rows(self, shard, fetch.rows, bytes_max);
      send_elsewhere(fetch);
      return;
    }
  }
}

class Answer {
 public:
  Answer(const Fetch& fetch) : fetch_(fetch) {}
  wire::FetchResponse response;
  std::vector<std::shared_ptr<const void>> keeps;

  void add(const Target& target) {
    PartitionData& partition = topic_of(target).partitions.emplace_back();
    partition.partition_index = target.ask.target.partition;
    partition.error_code = target.error();
    partition.high_watermark = -1;
    partition.records = Bytes{};
    if (!target.row) return;
    partition.aborted_transactions.reset();
    if (partition.error_code == 0) {
      fill(partition, target.row->outcome);
      if (target.preferred) partition.preferred_read_replica = target.preferred->value();
    } else {
      hint(partition, target.place);
    }
  }

 private:
  wire::FetchResponse::FetchableTopicResponse& topic_of(const Target& target) {
    const bool by_id = fetch_.request.version() >= kTopicIdsFrom;
    const FetchTarget& named = target.ask.target;
    auto& topics = response.responses;
    if (topics.empty() || (by_id ? topics.back().topic_id != named.topic_id : topics.back().topic != named.topic)) {
      auto& topic = topics.emplace_back();
      by_id ? void(topic.topic_id = named.topic_id) : void(topic.topic = named.topic);
    }
    return topics.back();
  }

  void fill(PartitionData& partition, const partition::ReadOutcome& outcome) {
    partition.high_watermark = outcome.high_watermark.value();
    partition.last_stable_offset = outcome.last_stable_offset.value();
    partition.log_start_offset = outcome.log_start_offset.value();
    if (outcome.diverging) {
      partition.diverging_epoch = {.epoch = outcome.diverging->epoch.value(),
                                   .end_offset = outcome.diverging->end_offset.value()};
    }
    if (fetch_.isolation == partition::Isolation::read_committed) {
      auto& aborted = partition.aborted_transactions.emplace();
      for (const auto& range : outcome.aborted)
        aborted.push_back({.producer_id = range.producer_id.value(), .first_offset = range.first_offset.value()});
    }
    partition.records = outcome.records;
    if (outcome.owner) keeps.push_back(outcome.owner);
  }

  void hint(PartitionData& partition, const Place& place) {
    const bool is_about_the_leader = partition.error_code == code(wire::ErrorCode::not_leader_or_follower) ||
                                     partition.error_code == code(wire::ErrorCode::fenced_leader_epoch);
    if (fetch_.request.version() < kLeaderHintsFrom || !is_about_the_leader) return;
    partition.current_leader = {.leader_id = place.partition->leader.value(),
                                .leader_epoch = place.partition->leader_epoch.value()};
    if (fetch_.follower) return;  // a broker knows the others' addresses
    const auto leader = broker_for(fetch_.request, *fetch_.image, place.partition->leader);
    const auto is_told = [&](const auto& endpoint) { return leader && endpoint.node_id == leader->id.value(); };
    auto& endpoints = response.node_endpoints;
    if (!leader || std::any_of(endpoints.begin(), endpoints.end(), is_told)) return;
    const auto rack = leader->rack ? std::optional<std::string_view>(texts_.keep(*leader->rack)) : std::nullopt;
    endpoints.push_back(
        {.node_id = leader->id.value(), .host = texts_.keep(leader->host), .port = leader->port, .rack = rack});
  }

  const Fetch& fetch_;
  wire::Arena texts_;
};

/// Kafka knows no better answer to an isolation level of the future.
Result<Reply> refuse_isolation_level(Request& request, const wire::FetchRequest& asked) {
  wire::FetchResponse refused;
  refused.error_code = code(wire::ErrorCode::unknown_server_error);
  for (const auto& topic : asked.topics) {
    auto& answered = refused.responses.emplace_back();
    answered.topic = topic.topic;
    answered.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      PartitionData& row = answered.partitions.emplace_back();
      row.partition_index = partition.partition;
      row.error_code = refused.error_code;
      row.high_watermark = -1;
      row.records = Bytes{};
    }
  }
  return request.answer(refused);
}

bool tells(FetchSession& session, const Target& target) {
  FetchedState state;
  bool has_records = false;
  if (target.row && target.error() == 0) {
    state = state_of(target.row->outcome);
    has_records = !target.row->outcome.records.empty();
  }
  const bool has_error = target.error() != 0 || target.preferred || (target.row && target.row->outcome.diverging);
  return session.tell(target.ask.target, state, has_records, has_error);
}

Result<Reply> answer(Fetch& fetch, const FetchPlan& plan, std::shared_ptr<FetchSession> session) {
  Answer answer(fetch);
  if (session) answer.response.session_id = session->id();
  // What was read comes first, then what is not here, as Kafka orders it.
  for (const bool is_here : {true, false}) {
    for (const Target& target : fetch.targets) {
      if (target.row.has_value() != is_here) continue;
      const bool named = session ? tells(*session, target) : true;
      if (named || !plan.incremental) answer.add(target);
    }
  }
  return fetch.request.answer(answer.response, std::move(answer.keeps));
}

}  // namespace

Result<Reply> fetch(env::Fiber& self, Request& request) {
  TRY_ASSIGN(const auto asked, request.decode<wire::FetchRequest>());
  std::size_t count = 0;
  for (const auto& topic : asked.topics) count += topic.partitions.size();
  TRY(check_partition_count(count));
  if (asked.isolation_level < 0 || asked.isolation_level > 1) return refuse_isolation_level(request, asked);
  BrokerShard& shard = request.shard;
  const FetchSessionRequest in_session = session_request(asked, request.version());
  const FetchPlan plan = shard.fetch_sessions.plan(in_session, shard.shard.clock.now());
  if (plan.error != FetchSessionError::none) {
    wire::FetchResponse refused;
    refused.error_code = code(error_of(plan.error));
    return request.answer(refused);
  }
  const bool has_state = request.version() >= kReplicaStateFrom;
  const std::int32_t replica = replica_in(asked, request.version());
  Fetch fetch{.asked = asked,
              .request = request,
              .image = shard.image(),
              .isolation = static_cast<partition::Isolation>(asked.isolation_level),
              .targets = {},
              .rows = {}};
  if (replica >= 0) {
    fetch.follower = NodeId{replica};
    if (has_state) fetch.follower_epoch = BrokerEpoch{asked.replica_state.replica_epoch};
  }
  for (const FetchAsk& ask : plan.asks) aim(fetch, ask);
  read_or_wait(self, fetch);
  auto session = plan.session;
  if (plan.wants_session) session = shard.fetch_sessions.remember(in_session, shard.shard.clock.now());
  return answer(fetch, plan, std::move(session));
}

}  // namespace gregor::broker::api
