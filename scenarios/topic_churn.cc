#include "scenarios/topic_churn.h"

#include <utility>

#include "client/admin.h"
#include "client/producer.h"
#include "env/clock.h"
#include "scenarios/patience.h"

namespace gregor::scenarios {
namespace {

using properties::Outcome;
using properties::Sent;
using properties::TopicChange;

/// Of several brokers: neither the client nor the broker that carries the change to the controller asks again sooner.
constexpr Milliseconds kAsksOnceWithin{80};

}  // namespace

TopicChurn::TopicChurn(int id, client::Cluster cluster, client::NewTopic topic, properties::History& history,
                       properties::ValueId& next_value, UniqueFunction<MonotonicTime()> now,
                       UniqueFunction<std::uint32_t()> broker_life)
    : id_(id),
      cluster_(std::move(cluster)),
      topic_(std::move(topic)),
      history_(history),
      next_value_(next_value),
      now_(std::move(now)),
      broker_life_(std::move(broker_life)) {}

void TopicChurn::round(env::Fiber& self, RandomStream& random) {
  const std::int64_t records = random.between(0, 4);
  const std::int64_t rest_ms = random.between(0, 100);
  if (create(self)) fill(self, records);
  env::sleep_for(self, cluster_.shard().clock, Milliseconds(rest_ms));
  if (random.chance(3, 4)) remove(self);
}

std::size_t TopicChurn::begin(bool creates) {
  TopicChange change;
  change.creates = creates;
  change.topic = topic_.name;
  change.invoked = now_();
  change.life_at_begin = broker_life_();
  history_.topic_changes.push_back(std::move(change));
  return history_.topic_changes.size() - 1;
}

void TopicChurn::end(TopicChange& change, const client::Failure* failure) {
  change.completed = now_();
  change.life_at_end = broker_life_();
  change.was_retried = history_.is_of_cluster && change.completed - change.invoked >= kAsksOnceWithin;
  if (failure == nullptr) {
    change.outcome = Outcome::acknowledged;
    return;
  }
  change.outcome = failure->fate == client::Fate::failed ? Outcome::refused : Outcome::unknown;
  const bool refused = change.outcome == Outcome::refused;
  change.says_exists = refused && failure->code == wire::ErrorCode::topic_already_exists;
  change.says_absent = refused && failure->code == wire::ErrorCode::unknown_topic_or_partition;
}

bool TopicChurn::create(env::Fiber& self) {
  const std::size_t entry = begin(true);
  client::Admin admin(cluster_);
  const auto made = admin.create_topic(self, topic_);
  TopicChange& change = history_.topic_changes[entry];
  if (made) change.id = topic_id_ = *made;
  end(change, made ? nullptr : &made.error());
  return made.has_value();
}

void TopicChurn::remove(env::Fiber& self) {
  if (!topic_id_.is_zero()) history_.deleted_topics.insert(topic_id_);
  const std::size_t entry = begin(false);
  client::Admin admin(cluster_);
  const auto removed = admin.delete_topic(self, topic_.name);
  end(history_.topic_changes[entry], removed ? nullptr : &removed.error());
  may_go_late_ = may_go_late_ || history_.topic_changes[entry].outcome == Outcome::unknown;
}

void TopicChurn::fill(env::Fiber& self, std::int64_t records) {
  client::Producer producer(cluster_, {.linger = Milliseconds(0),
                                       .request_timeout = kPatience,
                                       .delivery_timeout = kPatience,
                                       .auto_create_topics = false});
  for (std::int64_t i = 0; i < records; ++i) {
    const std::size_t entry = history_.sent.size();
    Sent sent;
    sent.client = id_;
    sent.partition = {topic_.name, 0, topic_id_};
    sent.value = next_value_++;
    sent.idempotent = true;
    sent.invoked = now_();
    ByteBuffer value(sizeof sent.value);
    store_big_endian(value.data(), sent.value);
    history_.sent.push_back(std::move(sent));
    const auto before = cluster_.topic(self, topic_.name, cluster_.deadline_in(kPatience), false);
    const auto delivery = producer.send_and_wait(self, {.topic = topic_.name,
                                                        .partition = PartitionIndex{0},
                                                        .key = {},
                                                        .value = Bytes(value),
                                                        .headers = {},
                                                        .timestamp = {}});
    // A disk that lost what it had flushed may show the topic's former life again: then it went there.
    const auto known = cluster_.topic(self, topic_.name, cluster_.deadline_in(kPatience), false);
    if (delivery && known) history_.sent[entry].partition.topic_id = known->topic_id;
    // A broker of several that lags still has the former life, and may take what is meant for this one.
    const bool is_told =
        !may_go_late_ && before && known && before->topic_id == known->topic_id && known->topic_id == topic_id_;
    history_.sent[entry].is_of_any_life = !delivery && history_.is_of_cluster && !is_told;
    if (delivery && history_.is_of_cluster && !is_told) continue;
    properties::note_delivery(history_.sent[entry], delivery.has_value(), delivery ? delivery->offset : kNoOffset,
                              !delivery && delivery.error().fate == client::Fate::failed, now_());
    if (!delivery) return;
  }
}

}  // namespace gregor::scenarios
