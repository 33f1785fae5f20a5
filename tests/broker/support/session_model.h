// SessionModel: a follower's and a leader's half of one fetch session (KIP-227), between them answers that get lost and
// sessions that are evicted, over them a ghost that knows what either believes. Pure; a seed is a life.
//
// The ghost demands after each request that the leader reads exactly what the follower wants now, under the epochs that
// it believes in now (R5), and after each answer that the follower knows all that the leader would tell (L2).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "broker/fetch_session.h"
#include "broker/follower_session.h"

namespace gregor::broker::test {

class SessionModel {
 public:
  explicit SessionModel(std::uint64_t seed) : random_(seed) {}

  /// What was violated, if anything, within so many rounds.
  std::optional<std::string> run(int rounds) {
    for (int round = 0; round < rounds && !violation_; ++round) step();
    return violation_;
  }
  [[nodiscard]] int incremental() const { return incremental_; }
  [[nodiscard]] int evicted() const { return evicted_; }

 private:
  using Key = FollowerSession::Key;
  struct Truth {  ///< of the leader
    FetchedState state{0, 0};
    bool has_records = false;
    bool has_error = false;
  };
  struct Belief {  ///< of the follower
    std::int64_t offset = 0;
    std::int32_t epoch = 1;
    std::optional<FetchedState> known = {};
  };
  static constexpr int kPartitions = 6;

  [[nodiscard]] bool now_and_then(std::uint64_t one_in) { return random_.chance(1, one_in); }

  void live() {
    now_ += Milliseconds(random_.between(1, 30'000));
    for (int i = 0; i < kPartitions; ++i) {
      Truth& truth = truths_[i];
      Belief& belief = beliefs_[i];
      if (now_and_then(4)) truth.state.high_watermark += random_.between(1, 9);
      if (now_and_then(20)) ++truth.state.log_start_offset;
      truth.has_records = now_and_then(4);
      truth.has_error = now_and_then(12);
      if (now_and_then(10)) ++belief.offset;
      if (!now_and_then(10)) continue;
      ++belief.epoch;  // what was learned of the leader was learned in another epoch
      belief.known.reset();
    }
  }

  std::vector<WantedFetch> wanted() {
    std::vector<WantedFetch> wanted;
    for (int i = 0; i < kPartitions; ++i) {
      if (now_and_then(5)) continue;
      wanted.push_back({.topic_id = TopicId{1, static_cast<std::uint64_t>(i / 2 + 1)},
                        .partition = PartitionIndex{i},
                        .offset = Offset{beliefs_[i].offset},
                        .current_leader_epoch = LeaderEpoch{beliefs_[i].epoch},
                        .last_fetched_epoch = LeaderEpoch{beliefs_[i].epoch - 1},
                        .log_start = Offset{0},
                        .bytes_max = 100,
                        .high_watermark = Offset{beliefs_[i].known ? beliefs_[i].known->high_watermark : 0}});
    }
    return wanted;
  }

  void step() {
    live();
    const auto want = wanted();
    if (want.empty()) return;
    wire::FetchRequest request;
    follower_.ask_for(want, request);
    if (now_and_then(12)) return follower_.lose();  // lost on its way
    wire::FetchResponse answer = serve(request, want);
    if (violation_) return;
    if (now_and_then(12)) return follower_.lose();  // lost on its way back
    const bool is_taken = follower_.take(answer);
    if (answer.error_code == 0 && !is_taken) violation_ = "L2: an answer that fits was not taken";
    if (is_taken) learn(answer, want);
  }

  static FetchSessionRequest session_request(const wire::FetchRequest& request) {
    FetchSessionRequest made{.session_id = request.session_id,
                             .session_epoch = request.session_epoch,
                             .uses_topic_ids = true,
                             .is_followers = true,
                             .asked = {},
                             .forgotten = {}};
    for (const auto& topic : request.topics) {
      for (const auto& asked : topic.partitions) {
        made.asked.push_back({.target = {{}, topic.topic_id, asked.partition},
                              .fetch_offset = asked.fetch_offset,
                              .current_leader_epoch = asked.current_leader_epoch,
                              .last_fetched_epoch = asked.last_fetched_epoch,
                              .log_start_offset = asked.log_start_offset,
                              .partition_max_bytes = asked.partition_max_bytes,
                              .high_watermark = asked.high_watermark});
      }
    }
    for (const auto& topic : request.forgotten_topics_data) {
      for (const std::int32_t partition : topic.partitions) made.forgotten.push_back({{}, topic.topic_id, partition});
    }
    return made;
  }

  /// Another follower with more partitions takes the only slot, now and then.
  void crowd() {
    if (!now_and_then(8)) return;
    FetchSessionRequest other;
    other.session_epoch = kInitialFetchEpoch;
    other.uses_topic_ids = other.is_followers = true;
    for (int i = 0; i < 2 * kPartitions; ++i) other.asked.emplace_back().target = {{}, TopicId{9, 9}, i};
    if (leader_.remember(other, now_ + kFetchSessionEviction * 2)) ++evicted_;
    now_ += kFetchSessionEviction * 2;
  }

  wire::FetchResponse serve(const wire::FetchRequest& request, const std::vector<WantedFetch>& want) {
    crowd();
    wire::FetchResponse answer;
    const auto in_session = session_request(request);
    const FetchPlan plan = leader_.plan(in_session, now_);
    if (plan.error != FetchSessionError::none) {
      answer.error_code = plan.error == FetchSessionError::session_not_found ? 70 : 71;
      return answer;
    }
    incremental_ += plan.incremental ? 1 : 0;
    judge(plan, want);
    auto session = plan.wants_session ? leader_.remember(in_session, now_) : plan.session;
    if (session) answer.session_id = session->id();
    for (const FetchAsk& ask : plan.asks) {
      const Truth& truth = truths_[ask.target.partition];
      const FetchedState state = truth.has_error ? FetchedState{} : truth.state;
      const bool is_told = !session || session->tell(ask.target, state, truth.has_records, truth.has_error);
      if (plan.incremental && !is_told) continue;
      auto& topic = answer.responses.emplace_back();
      topic.topic_id = ask.target.topic_id;
      topic.partitions.push_back({.partition_index = ask.target.partition,
                                  .error_code = static_cast<std::int16_t>(truth.has_error ? 6 : 0),
                                  .high_watermark = state.high_watermark,
                                  .log_start_offset = state.log_start_offset});
    }
    return answer;
  }

  void judge(const FetchPlan& plan, const std::vector<WantedFetch>& want) {
    std::map<int, WantedFetch> left;
    for (const WantedFetch& one : want) left.emplace(one.partition.value(), one);
    for (const FetchAsk& ask : plan.asks) {
      const auto found = left.find(ask.target.partition);
      const std::string of = "partition " + std::to_string(ask.target.partition);
      if (found == left.end()) {
        violation_ = "R5: " + of + " is read though nobody wants it";
        return;
      }
      const WantedFetch& one = found->second;
      if (ask.current_leader_epoch != one.current_leader_epoch.value() || ask.fetch_offset != one.offset.value() ||
          ask.last_fetched_epoch != one.last_fetched_epoch.value()) {
        violation_ = "R5: " + of + " is read under leader epoch " + std::to_string(ask.current_leader_epoch) +
                     " at offset " + std::to_string(ask.fetch_offset) + ", the follower believes in " +
                     std::to_string(one.current_leader_epoch.value()) + " and " + std::to_string(one.offset.value());
        return;
      }
      left.erase(found);
    }
    if (!left.empty()) violation_ = "L2: a partition that is wanted is not read";
  }

  void learn(const wire::FetchResponse& answer, const std::vector<WantedFetch>& want) {
    std::set<int> missed;
    for (const auto& topic : answer.responses) {
      for (const auto& told : topic.partitions) {
        if (told.error_code != 0 || now_and_then(15)) {
          missed.insert(told.partition_index);
          follower_.missed({topic.topic_id, PartitionIndex{told.partition_index}});
          continue;
        }
        beliefs_[told.partition_index].known = {told.high_watermark, told.log_start_offset};
      }
    }
    for (const WantedFetch& one : want) {
      const int i = one.partition.value();
      if (missed.contains(i) || truths_[i].has_error || beliefs_[i].known == truths_[i].state) continue;
      violation_ = "L2: of partition " + std::to_string(i) + " the follower does not know what the leader told";
    }
  }

  RandomStream random_;
  FollowerSession follower_;
  FetchSessionCache leader_{1, RandomStream(7)};
  std::map<int, Truth> truths_;
  std::map<int, Belief> beliefs_;
  MonotonicTime now_{};
  std::optional<std::string> violation_;
  int incremental_ = 0;
  int evicted_ = 0;
};

}  // namespace gregor::broker::test
