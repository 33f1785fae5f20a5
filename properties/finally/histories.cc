#include "properties/finally/histories.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace gregor::properties {
namespace {

std::string place_text(const HistoryPartition& partition, Offset offset) {
  return to_text(partition) + " offset " + std::to_string(offset.value());
}

bool was_deleted(const History& history, const HistoryPartition& partition, Offset offset) {
  const auto start = history.log_starts.find(partition);
  return start != history.log_starts.end() && offset < start->second;
}

const Read* find_final(const History& history, const HistoryPartition& partition, Offset offset) {
  const auto log = history.final_log.find(partition);
  if (log == history.final_log.end()) return nullptr;
  const auto place = std::ranges::lower_bound(log->second, offset, {}, &Read::offset);
  return place != log->second.end() && place->offset == offset ? &*place : nullptr;
}

}  // namespace

void acked_writes_survive(const History& history, Verdict& verdict) {
  for (const Sent& sent : history.sent) {
    if (sent.outcome != Outcome::acknowledged || sent.acks == 0 || history.lost_between(sent.invoked)) continue;
    if (was_deleted(history, sent.partition, sent.offset)) continue;
    if (history.deleted_topics.contains(sent.partition.topic_id)) continue;
    const Read* stands = find_final(history, sent.partition, sent.offset);
    if (stands != nullptr && stands->value == sent.value) continue;
    verdict.violated("R7",
                     "value " + std::to_string(sent.value) + " was acknowledged at " +
                         place_text(sent.partition, sent.offset) + " and " +
                         (stands == nullptr ? "is gone" : "value " + std::to_string(stands->value) + " stands there"),
                     sent.completed);
  }
}

void offsets_are_dense(const History& history, Verdict& verdict) {
  for (const auto& [partition, log] : history.final_log) {
    const auto start = history.log_starts.find(partition);
    const Offset first = start == history.log_starts.end() ? Offset{0} : start->second;
    if (!log.empty() && log.front().offset > first) {
      verdict.violated("R8",
                       place_text(partition, log.front().offset) + " is the first, and the log starts at " +
                           std::to_string(first.value()),
                       log.front().at);
    }
    for (std::size_t i = 1; i < log.size(); ++i) {
      if (log[i].offset == log[i - 1].offset + 1) continue;
      verdict.violated("R8",
                       place_text(partition, log[i].offset) + " follows " + std::to_string(log[i - 1].offset.value()),
                       log[i].at);
    }
  }
}

void values_were_sent(const History& history, Verdict& verdict) {
  std::map<ValueId, const Sent*> sent;
  for (const Sent& one : history.sent) sent[one.value] = &one;
  const auto judge = [&](const Read& read) {
    const auto found = sent.find(read.value);
    const HistoryPartition* place = found == sent.end() ? nullptr : &found->second->partition;
    if (place != nullptr && *place == read.partition) return;
    const bool other_id =
        place != nullptr && place->topic == read.partition.topic && place->topic_id != read.partition.topic_id;
    if (other_id && found->second->is_of_any_life && place->partition == read.partition.partition) return;
    verdict.violated(other_id ? "S7" : "S4",
                     place_text(read.partition, read.offset) + " holds value " + std::to_string(read.value) +
                         " that nobody sent there",
                     read.at);
  };
  for (const Read& read : history.reads) judge(read);
  for (const auto& [partition, log] : history.final_log) std::ranges::for_each(log, judge);
}

void values_stand_as_sent(const History& history, Verdict& verdict) {
  std::map<ValueId, const Sent*> by_value;
  for (const Sent& sent : history.sent) by_value[sent.value] = &sent;
  for (const auto& [partition, log] : history.final_log) {
    std::set<ValueId> seen;
    for (const Read& read : log) {
      const bool again = !seen.insert(read.value).second;
      const auto sent = by_value.find(read.value);
      if (sent == by_value.end()) continue;
      if (sent->second->outcome == Outcome::refused) {
        verdict.violated(
            "R7",
            place_text(partition, read.offset) + " holds value " + std::to_string(read.value) + " that was refused",
            read.at);
      } else if (again && sent->second->idempotent) {
        verdict.violated(
            "P1", place_text(partition, read.offset) + " holds value " + std::to_string(read.value) + " a second time",
            read.at);
      }
    }
  }
}

void reads_agree(const History& history, Verdict& verdict) {
  std::map<std::pair<HistoryPartition, Offset>, const Read*> first;
  for (const Read& read : history.reads) {
    const auto [place, is_new] = first.try_emplace({read.partition, read.offset}, &read);
    if (is_new || place->second->value == read.value) continue;
    const Read& earlier = *place->second;
    if (!history.lost_between(std::min(earlier.asked, read.asked), std::max(earlier.at, read.at))) {
      verdict.violated("R1",
                       place_text(read.partition, read.offset) + " was read as value " + std::to_string(earlier.value) +
                           " and as value " + std::to_string(read.value),
                       read.at);
    }
    place->second = &read;
  }
}

void reads_stand_at_the_end(const History& history, Verdict& verdict) {
  for (const Read& read : history.reads) {
    if (history.lost_between(read.asked) || was_deleted(history, read.partition, read.offset)) continue;
    const Read* stands = find_final(history, read.partition, read.offset);
    if (stands != nullptr && stands->value == read.value) continue;
    verdict.violated("R10",
                     "client " + std::to_string(read.client) + " read value " + std::to_string(read.value) + " at " +
                         place_text(read.partition, read.offset) + " and it does not stand at the end",
                     read.at);
  }
  std::map<std::pair<int, HistoryPartition>, const Read*> last;
  for (const Read& read : history.reads) {
    const Read*& before = last[{read.client, read.partition}];
    if (before != nullptr && read.offset != before->offset + 1 && !history.lost_between(before->asked, read.at)) {
      verdict.violated("R10",
                       "client " + std::to_string(read.client) + " read " + place_text(read.partition, read.offset) +
                           " right after " + std::to_string(before->offset.value()),
                       read.at);
    }
    before = &read;
  }
}

void send_order_is_log_order(const History& history, Verdict& verdict) {
  std::map<std::pair<int, HistoryPartition>, const Sent*> last;
  for (const Sent& sent : history.sent) {
    if (sent.outcome != Outcome::acknowledged || sent.acks == 0 || !sent.idempotent ||
        history.lost_between(MonotonicTime{}))
      continue;
    const Sent*& before = last[{sent.client, sent.partition}];
    if (before != nullptr && sent.offset <= before->offset) {
      verdict.violated("P2",
                       "client " + std::to_string(sent.client) + " sent value " + std::to_string(before->value) +
                           " before " + std::to_string(sent.value) + " but they stand at " +
                           std::to_string(before->offset.value()) + " and " + place_text(sent.partition, sent.offset),
                       sent.completed);
    }
    before = &sent;
  }
}

void producer_ids_are_given_once(const History& history, Verdict& verdict) {
  std::map<ProducerId, int> owner;
  for (const ProducerIdGrant& grant : history.producer_ids) {
    const auto [before, is_new] = owner.emplace(grant.id, grant.client);
    if (is_new) continue;
    verdict.violated("K6",
                     "producer id " + std::to_string(grant.id.value()) + " was given to client " +
                         std::to_string(before->second) + " and to client " + std::to_string(grant.client),
                     grant.at);
  }
}

void sequences_are_answered(const History& history, Verdict& verdict) {
  constexpr std::size_t kBatchesRemembered = 5;
  for (const SequenceAnswer& answer : history.sequence_answers) {
    if (answer.is_refused && answer.at < history.fresh_from) continue;  // it may lack what others have taken since
    const std::string what = "client " + std::to_string(answer.client) + " sequence " +
                             std::to_string(answer.sequence.value()) + " in " + to_text(answer.partition);
    if (!answer.is_copy && answer.is_refused)
      verdict.violated("P2", what + " is next and was refused as out of order", answer.at);
    if (!answer.is_copy || answer.newer_batches >= kBatchesRemembered) continue;
    if (answer.is_refused || answer.told != answer.first_told) {
      verdict.violated("P3",
                       what + " was acknowledged at " + std::to_string(answer.first_told.value()) + ", and its copy " +
                           (answer.is_refused ? "was refused" : "at " + std::to_string(answer.told.value())),
                       answer.at);
    }
  }
}

void seeks_find_their_offset(const History& history, Verdict& verdict) {
  for (const Seek& seek : history.seeks) {
    const Read* stands = find_final(history, seek.partition, seek.wanted);
    if (stands == nullptr || was_deleted(history, seek.partition, seek.wanted)) continue;
    if (seek.got == seek.wanted && seek.value == stands->value) continue;
    verdict.violated("S3",
                     "who asked for " + place_text(seek.partition, seek.wanted) + " was given offset " +
                         std::to_string(seek.got.value()) + " and value " + std::to_string(seek.value),
                     seek.at);
  }
}

void judge_history(const History& history, Verdict& verdict) {
  acked_writes_survive(history, verdict);
  offsets_are_dense(history, verdict);
  values_were_sent(history, verdict);
  values_stand_as_sent(history, verdict);
  reads_agree(history, verdict);
  reads_stand_at_the_end(history, verdict);
  send_order_is_log_order(history, verdict);
  topics_stand_as_answered(history, verdict);
  producer_ids_are_given_once(history, verdict);
  sequences_are_answered(history, verdict);
  seeks_find_their_offset(history, verdict);
  generations_share_out_once(history, verdict);
  generations_rise(history, verdict);
  fenced_members_commit_nothing(history, verdict);
  parts_are_as_planned(history, verdict);
  lonely_members_rebalance_at_once(history, verdict);
  configs_are_followed(history, verdict);
  readers_meet_the_log_start(history, verdict);
  deleted_records_stay_deleted(history, verdict);
  commits_are_kept(history, verdict);
  committed_reads_are_committed(history, verdict);
  committed_transactions_are_whole(history, verdict);
  stable_offsets_rise(history, verdict);
  late_markers_are_refused(history, verdict);
  compacted_logs_keep_last_values(history, verdict);
}

}  // namespace gregor::properties
