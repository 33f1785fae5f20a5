#include "scenarios/config_client.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "client/consumer.h"
#include "client/list_offset.h"
#include "env/clock.h"
#include "record/batch_builder.h"
#include "scenarios/patience.h"
#include "scenarios/produce_route.h"

namespace gregor::scenarios {
namespace {

using client::ConfigTarget;
using properties::ConfigStep;
using properties::Outcome;
using Kind = ConfigStep::Kind;

constexpr std::int64_t kEarliest = -2;
constexpr std::size_t kRecordPaddingMax = 700;
constexpr std::int8_t kSourceTopic = 1;
constexpr std::int8_t kSourceBroker = 2;
constexpr int kWritesToBeDeleted = 12;

struct Choice {
  const char* name;
  std::array<const char*, 3> values;
};
constexpr auto kTopicChoices = std::to_array<Choice>({
    {"max.message.bytes", {"300", "600", "1048588"}},
    {"message.timestamp.type", {"CreateTime", "LogAppendTime", "LogAppendTime"}},
    {"min.insync.replicas", {"1", "1", "2"}},
    {"flush.messages", {"1", "1", "1000"}},
    {"cleanup.policy", {"delete", "compact", "compact,delete"}},
    {"retention.ms", {"-1", "86400000000", "90000000000"}},
    {"internal.segment.bytes", {"1024", "4096", "65536"}},
});
constexpr auto kBrokerChoices = std::to_array<Choice>({
    {"message.max.bytes", {"900000", "1000000", "1100000"}},
    {"log.message.timestamp.type", {"CreateTime", "LogAppendTime", "LogAppendTime"}},
});

std::string text_of(const ConfigTarget& target) {
  return (target.kind == ConfigTarget::Kind::topic ? "topic " : "broker ") + target.name;
}

}  // namespace

ConfigTarget broker_target() {
  return {.kind = ConfigTarget::Kind::broker, .name = "1"};
}

ConfigClient::ConfigClient(client::Cluster& cluster, properties::HistoryPartition partition, bool changes_broker,
                           properties::History& history, properties::ValueId& next_value,
                           UniqueFunction<MonotonicTime()> now, UniqueFunction<std::uint32_t()> broker_life)
    : cluster_(cluster),
      partition_(std::move(partition)),
      topic_{.kind = ConfigTarget::Kind::topic, .name = partition_.topic},
      changes_broker_(changes_broker),
      history_(history),
      next_value_(next_value),
      now_(std::move(now)),
      broker_life_(std::move(broker_life)) {}

void ConfigClient::step(env::Fiber& self, RandomStream& random) {
  const std::uint64_t kind = random.below(10);
  if (kind < 3) return change(self, random);
  if (kind < 5) {
    const bool of_broker = changes_broker_ && random.chance(1, 3);
    static_cast<void>(ask(self, cluster_, of_broker ? broker_target() : topic_, history_, now_, broker_life_));
    return;
  }
  const bool has_key = random.chance(3, 4);
  const std::size_t padding = random.below(kRecordPaddingMax);
  static_cast<void>(write(self, has_key, padding));
}

void ConfigClient::change(env::Fiber& self, RandomStream& random) {
  const bool of_broker = changes_broker_ && random.chance(1, 3);
  const std::uint64_t key = random.below(of_broker ? kBrokerChoices.size() : kTopicChoices.size());
  const Choice& choice = of_broker ? kBrokerChoices[key] : kTopicChoices[key];
  const std::uint64_t value = random.below(choice.values.size());
  const bool removes = random.chance(1, 5);
  if (!may_change(choice.name)) return;
  static_cast<void>(change_one(self, of_broker ? broker_target() : topic_, choice.name,
                               removes ? std::nullopt : std::optional<std::string>(choice.values[value])));
}

bool ConfigClient::may_change(const std::string& name) const {
  return name != (changes_broker_ ? "cleanup.policy" : "flush.messages");
}

bool ConfigClient::change_one(env::Fiber& self, const ConfigTarget& target, const std::string& name,
                              const std::optional<std::string>& value) {
  ConfigStep step{.kind = Kind::change, .resource = text_of(target), .name = name, .value = value, .asked = now_()};
  step.life_at_begin = broker_life_();
  const std::size_t place = history_.config_steps.size();
  step.at = MonotonicTime::max();  // until there is an answer
  step.life_at_end = UINT32_MAX;
  history_.config_steps.push_back(step);
  client::Admin admin(cluster_);
  const client::ConfigEdit edit{.kind = value ? client::ConfigEdit::Kind::set : client::ConfigEdit::Kind::remove,
                                .name = name,
                                .value = value.value_or("")};
  const auto altered = admin.alter_configs(self, target, {edit});
  ConfigStep& noted = history_.config_steps[place];
  noted.at = now_();
  noted.life_at_end = broker_life_();
  if (altered) noted.outcome = Outcome::acknowledged;
  return altered.has_value();
}

bool ConfigClient::ask(env::Fiber& self, client::Cluster& cluster, const ConfigTarget& target,
                       properties::History& history, UniqueFunction<MonotonicTime()>& now,
                       UniqueFunction<std::uint32_t()>& broker_life) {
  const MonotonicTime asked = now();
  const std::uint32_t life = broker_life();
  client::Admin admin(cluster);
  const auto rows = admin.describe_configs(self, target);
  if (!rows) return false;
  const bool is_topic = target.kind == ConfigTarget::Kind::topic;
  std::vector<const char*> names;
  for (const Choice& choice : kTopicChoices) {
    const bool is_shown = !std::string_view(choice.name).starts_with("internal.");
    if (is_topic && is_shown) names.push_back(choice.name);
  }
  for (const Choice& choice : kBrokerChoices) {
    if (!is_topic) names.push_back(choice.name);
  }
  for (const char* name : names) {
    ConfigStep step{.kind = Kind::seen, .resource = text_of(target), .name = name, .value = {}, .asked = asked};
    step.at = now();
    step.life_at_begin = life;
    step.life_at_end = broker_life();
    for (const client::ConfigRow& row : *rows) {
      const bool is_dynamic = row.source == (is_topic ? kSourceTopic : kSourceBroker);
      if (row.name == name && is_dynamic) step.value = row.value;
    }
    history.config_steps.push_back(std::move(step));
  }
  return true;
}

/// One batch of one record. False where nobody knows whether it stands.
bool ConfigClient::write(env::Fiber& self, bool has_key, std::size_t padding) {
  ByteBuffer value(sizeof(properties::ValueId) + padding, std::byte{'.'});
  ConfigStep step{.kind = Kind::write, .resource = text_of(topic_), .name = {}, .value = {}, .asked = now_()};
  step.written = next_value_++;
  step.has_key = has_key;
  step.life_at_begin = broker_life_();
  store_big_endian(value.data(), step.written);
  record::BatchBuilder builder(record::BatchSettings{});
  const std::optional<Bytes> key = has_key ? std::optional(Bytes(value).first(sizeof step.written)) : std::nullopt;
  builder.add(cluster_.shard().clock.wall_now(), key, Bytes(value));
  const ByteBuffer batch = builder.encode(scratch_).value();
  step.bytes = static_cast<std::int32_t>(batch.size());
  const bool is_answered = send(self, batch, step);
  step.at = now_();
  step.life_at_end = broker_life_();
  if (is_answered) history_.config_steps.push_back(step);
  if (!is_answered) cluster_.forget(partition_.topic);
  return is_answered && step.code == 0;
}

bool ConfigClient::send(env::Fiber& self, const ByteBuffer& batch, ConfigStep& step) {
  constexpr std::int16_t kProduceVersion = 11;
  const auto route = ProduceRoute::find(self, cluster_, partition_, kProduceVersion);
  if (!route) return false;
  const wire::ProduceRequest request = route->request(partition_, Bytes(batch));
  step.asked = now_();
  step.life_at_begin = broker_life_();
  const auto call = route->start(self, request);
  if (!call) return false;
  const auto answer = route->await(self, *call);
  if (!answer) return false;
  step.code = static_cast<std::int16_t>(answer->code);
  step.is_stamped = answer->log_append_time_ms >= 0;
  return true;
}

bool ConfigClient::read_whole(env::Fiber& self) {
  const PartitionIndex index{partition_.partition};
  client::Consumer consumer(cluster_, {.fetch_wait = Milliseconds(10), .reset = client::OffsetReset::none});
  std::set<properties::ValueId>& found = history_.configured_logs[text_of(topic_)];
  found.clear();
  UniqueFunction<void(const client::ConsumedRecord&)> visit = [&](const client::ConsumedRecord& seen) {
    if (seen.record.value && seen.record.value->size() >= sizeof(properties::ValueId))
      found.insert(load_big_endian<properties::ValueId>(seen.record.value->data()));
  };
  if (!consumer.assign_at(self, partition_.topic, index, client::OffsetReset::earliest)) return false;
  for (;;) {
    if (!consumer.poll(self, cluster_.deadline_in(kPatience), visit)) return false;
    const Offset end = consumer.high_watermark(partition_.topic, index);
    if (end.value() >= 0 && consumer.position(partition_.topic, index) >= end) return true;
  }
}

void ConfigClient::insist(env::Fiber& self, const std::string& name, const std::string& value) {
  while (!change_one(self, topic_, name, value)) env::sleep_for(self, cluster_.shard().clock, kRetryPause);
}

void ConfigClient::settle(env::Fiber& self) {
  while (!read_whole(self)) env::sleep_for(self, cluster_.shard().clock, kRetryPause);
  insist(self, "max.message.bytes", "1048588");
  insist(self, "min.insync.replicas", "1");
  insist(self, "cleanup.policy", "delete");
  insist(self, "internal.segment.bytes", "1024");
  insist(self, "retention.bytes", "1500");
  for (int i = 0; i < kWritesToBeDeleted;) {
    if (write(self, true, kRecordPaddingMax)) ++i;
  }
  // Everything that was there before these writes is beyond the bound: the log must begin to go.
  for (;; env::sleep_for(self, cluster_.shard().clock, kRetryPause)) {
    const auto earliest = client::list_offset(self, cluster_, partition_.topic, PartitionIndex{partition_.partition},
                                              kEarliest, cluster_.deadline_in(kPatience));
    if (earliest && earliest->offset >= Offset{kWritesToBeDeleted / 2}) return;
  }
}

void ConfigClient::read_configs(env::Fiber& self, client::Cluster& cluster, const ConfigTarget& target,
                                properties::History& history, UniqueFunction<MonotonicTime()>& now,
                                UniqueFunction<std::uint32_t()>& broker_life) {
  while (!ask(self, cluster, target, history, now, broker_life)) {
    env::sleep_for(self, cluster.shard().clock, kRetryPause);
  }
}

}  // namespace gregor::scenarios
