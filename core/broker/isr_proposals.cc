#include "broker/isr_proposals.h"

#include <algorithm>

#include "wire/error_code.h"

namespace gregor::broker {
namespace {

using replica::AlterPartitionVerdict;
using ToldPartition = wire::AlterPartitionResponse::PartitionData;

AlterPartitionVerdict verdict_of(std::int16_t error) {
  switch (wire::error_code_of(error)) {
    case wire::ErrorCode::none:
      return AlterPartitionVerdict::accepted;
    case wire::ErrorCode::ineligible_replica:
    case wire::ErrorCode::operation_not_attempted:
      return AlterPartitionVerdict::refused;
    case wire::ErrorCode::fenced_leader_epoch:
    case wire::ErrorCode::new_leader_elected:
    case wire::ErrorCode::invalid_update_version:
    case wire::ErrorCode::unknown_topic_or_partition:
    case wire::ErrorCode::unknown_topic_id:
      return AlterPartitionVerdict::fenced;
    default:
      return AlterPartitionVerdict::retriable;
  }
}

const ToldPartition* find(const wire::AlterPartitionResponse& response, const TopicPartition& partition) {
  for (const auto& topic : response.topics) {
    if (topic.topic_id != partition.topic_id) continue;
    for (const auto& told : topic.partitions) {
      if (told.partition_index == partition.partition.value()) return &told;
    }
  }
  return nullptr;
}

}  // namespace

wire::AlterPartitionRequest alter_partition_request(NodeId self, BrokerEpoch epoch,
                                                    const std::vector<const IsrProposal*>& proposals) {
  wire::AlterPartitionRequest request{.broker_id = self.value(), .broker_epoch = epoch.value()};
  for (const IsrProposal* one : proposals) {
    const TopicId& id = one->partition.topic_id;
    if (request.topics.empty() || request.topics.back().topic_id != id) request.topics.push_back({.topic_id = id});
    auto& asked = request.topics.back().partitions.emplace_back();
    asked.partition_index = one->partition.partition.value();
    asked.leader_epoch = one->proposal.leader_epoch.value();
    asked.partition_epoch = one->proposal.partition_epoch.value();
    asked.leader_recovery_state = static_cast<std::int8_t>(one->proposal.recovery);
    for (const replica::IsrMember& member : one->proposal.isr) {
      asked.new_isr_with_epochs.push_back(
          {.broker_id = member.replica.value(), .broker_epoch = member.broker_epoch.value()});
    }
  }
  return request;
}

replica::AlterPartitionAnswer isr_answer(const IsrProposal& proposal, const wire::AlterPartitionResponse& response) {
  replica::AlterPartitionAnswer answer{.request = proposal.proposal.request};
  const ToldPartition* told = find(response, proposal.partition);
  answer.verdict = verdict_of(response.error_code);
  if (answer.verdict != AlterPartitionVerdict::accepted || told == nullptr) {
    // Of the request as a whole (a stale broker epoch, no controller): what becomes of it later nobody knows.
    answer.verdict = AlterPartitionVerdict::retriable;
    return answer;
  }
  answer.verdict = verdict_of(told->error_code);
  answer.leader_epoch = LeaderEpoch{told->leader_epoch};
  answer.partition_epoch = PartitionEpoch{told->partition_epoch};
  for (const std::int32_t replica : told->isr) answer.isr.emplace_back(replica);
  return answer;
}

IsrSender::IsrSender(env::Shard& shard, NodeId self, UniqueFunction<BrokerEpoch()> broker_epoch,
                     AlterPartitionCarrier carry)
    : shard_(shard), self_(self), broker_epoch_(std::move(broker_epoch)), carry_(std::move(carry)) {}

void IsrSender::take(IsrProposal proposal) {
  if (is_stopping_) return;
  const Key key{proposal.partition.topic_id, proposal.partition.partition};
  waiting_.insert_or_assign(key, std::move(proposal));
  if (std::exchange(is_sending_, true)) return;
  shard_.fibers.spawn("isr-proposals", [this](env::Fiber& self) { send(self); });
}

void IsrSender::send(env::Fiber& self) {
  while (!waiting_.empty() && !is_stopping_) send_once(self);
  is_sending_ = false;
  ended_.wake_all();
}

void IsrSender::send_once(env::Fiber& self) {
  auto batch = std::exchange(waiting_, {});
  std::vector<const IsrProposal*> proposals;
  for (const auto& [key, proposal] : batch) proposals.push_back(&proposal);
  const auto response = carry_(self, alter_partition_request(self_, broker_epoch_(), proposals));
  for (auto& [key, proposal] : batch) {
    replica::AlterPartitionAnswer answer{.request = proposal.proposal.request};
    if (response) answer = isr_answer(proposal, *response);
    proposal.answered(answer);
  }
}

void IsrSender::end(env::Fiber& self) {
  while (is_sending_) ended_.wait(self);
}

bool ImageBrokers::may_join_isr(NodeId replica, BrokerEpoch fetched_with) const {
  const metadata::BrokerRegistration* broker = feed_.image()->find_broker(replica);
  if (broker == nullptr || broker->fenced || broker->in_controlled_shutdown) return false;
  return fetched_with == kNoBrokerEpoch || broker->epoch == fetched_with;
}

BrokerEpoch ImageBrokers::own_epoch() const {
  const metadata::BrokerRegistration* broker = feed_.image()->find_broker(self_);
  return broker == nullptr ? kNoBrokerEpoch : broker->epoch;
}

void ShardIsrChannel::propose(const TopicPartition& partition, const replica::AlterPartition& proposal,
                              partition::IsrAnswered answered) {
  submit_({.partition = partition, .proposal = proposal, .answered = std::move(answered)});
}

}  // namespace gregor::broker
