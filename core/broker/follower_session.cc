#include "broker/follower_session.h"

#include <algorithm>
#include <limits>

namespace gregor::broker {
namespace {

FollowerSession::Key key_of(const WantedFetch& wanted) {
  return {wanted.topic_id, wanted.partition};
}

void name_in(wire::FetchRequest& request, const WantedFetch& wanted) {
  auto& topics = request.topics;
  if (topics.empty() || topics.back().topic_id != wanted.topic_id) topics.emplace_back().topic_id = wanted.topic_id;
  topics.back().partitions.push_back({.partition = wanted.partition.value(),
                                      .current_leader_epoch = wanted.current_leader_epoch.value(),
                                      .fetch_offset = wanted.offset.value(),
                                      .last_fetched_epoch = wanted.last_fetched_epoch.value(),
                                      .log_start_offset = wanted.log_start.value(),
                                      .partition_max_bytes = wanted.bytes_max,
                                      .high_watermark = wanted.high_watermark.value()});
}

void forget_in(wire::FetchRequest& request, const FollowerSession::Key& key) {
  auto& topics = request.forgotten_topics_data;
  if (topics.empty() || topics.back().topic_id != key.first) topics.emplace_back().topic_id = key.first;
  topics.back().partitions.push_back(key.second.value());
}

}  // namespace

void FollowerSession::ask_whole(const std::vector<WantedFetch>& wanted, wire::FetchRequest& request) {
  asked_.clear();
  for (const WantedFetch& one : wanted) {
    asked_.insert_or_assign(key_of(one), one);
    name_in(request, one);
  }
}

void FollowerSession::ask_for(const std::vector<WantedFetch>& wanted, wire::FetchRequest& request) {
  const auto missed = std::exchange(missed_, {});
  const auto must_be_told = [&missed](const WantedFetch& one) { return missed.contains(key_of(one)); };
  if (std::any_of(wanted.begin(), wanted.end(), must_be_told)) lose();
  request.session_id = id_;
  request.session_epoch = epoch_;
  if (epoch_ == kInitialFetchEpoch) return ask_whole(wanted, request);
  std::map<Key, WantedFetch> now;
  for (const WantedFetch& one : wanted) {
    const auto before = asked_.find(key_of(one));
    if (before == asked_.end() || before->second != one) name_in(request, one);
    now.insert_or_assign(key_of(one), one);
  }
  for (const auto& [key, one] : asked_) {
    if (!now.contains(key)) forget_in(request, key);
  }
  asked_ = std::move(now);
}

/// A whole answer tells of all that was asked; any answer tells of nothing else.
bool FollowerSession::fits(const wire::FetchResponse& answer) const {
  std::size_t told = 0;
  for (const auto& topic : answer.responses) {
    for (const auto& partition : topic.partitions) {
      if (!asked_.contains({topic.topic_id, PartitionIndex{partition.partition_index}})) return false;
      ++told;
    }
  }
  return epoch_ != kInitialFetchEpoch || told == asked_.size();
}

bool FollowerSession::take(const wire::FetchResponse& answer) {
  if (answer.error_code != 0 || !fits(answer)) {
    lose();
    return false;
  }
  if (answer.session_id == kNoFetchSession ||
      (id_ != kNoFetchSession && epoch_ != kInitialFetchEpoch && answer.session_id != id_)) {
    begin_anew();
    return true;
  }
  const bool was_last = epoch_ == std::numeric_limits<std::int32_t>::max();
  id_ = answer.session_id;
  epoch_ = was_last ? 1 : epoch_ + 1;
  return true;
}

void FollowerSession::missed(const Key& key) {
  missed_.insert(key);
}

void FollowerSession::lose() {
  epoch_ = kInitialFetchEpoch;
}

}  // namespace gregor::broker
