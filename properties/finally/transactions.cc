// What readers of committed records saw, held against what became of the transactions.
#include <algorithm>
#include <map>
#include <set>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

using Fate = Transaction::Fate;

std::string name_of(const Transaction& transaction) {
  return "the transaction of producer " + std::to_string(transaction.producer.value()) + " epoch " +
         std::to_string(transaction.epoch.value()) + " in " + to_text(transaction.partition);
}

std::map<ValueId, const Transaction*> owners_of(const History& history) {
  std::map<ValueId, const Transaction*> owners;
  for (const Transaction& transaction : history.transactions) {
    for (const Transaction::Value& value : transaction.values) owners[value.value] = &transaction;
  }
  return owners;
}

void judge_read(const std::map<ValueId, const Transaction*>& owners, const Read& read, Verdict& verdict) {
  const auto owner = owners.find(read.value);
  const std::string seen = "value " + std::to_string(read.value) + " at offset " + std::to_string(read.offset.value()) +
                           " was read as committed, but ";
  if (owner == owners.end() || owner->second->partition != read.partition) {
    verdict.violated("S4", seen + "nobody sent it to " + to_text(read.partition), read.at);
    return;
  }
  const Transaction& transaction = *owner->second;
  if (transaction.fate == Fate::aborted) {
    verdict.violated("T2", seen + name_of(transaction) + " was aborted", read.at);
  } else if (transaction.fate == Fate::open || transaction.decided > read.at) {
    verdict.violated("T2", seen + name_of(transaction) + " was open", read.at);
  }
}

Offset start_at_the_end(const History& history, const HistoryPartition& partition) {
  Offset start{0};
  for (const StableOffset& told : history.stable_offsets) {
    if (told.is_final && told.partition == partition) start = told.log_start;
  }
  return start;
}

void judge_rise(const StableOffset& before, const StableOffset& after, Verdict& verdict) {
  const auto fell = [&](const char* invariant, const char* what, Offset from, Offset to) {
    if (to >= from) return;
    verdict.violated(invariant,
                     std::string(what) + " of " + to_text(after.partition) + " fell from " +
                         std::to_string(from.value()) + " to " + std::to_string(to.value()),
                     after.at);
  };
  fell("T4", "the last stable offset", before.last_stable, after.last_stable);
  fell("S6", "the log start", before.log_start, after.log_start);
}

}  // namespace

void committed_reads_are_committed(const History& history, Verdict& verdict) {
  const auto owners = owners_of(history);
  for (const Read& read : history.committed_reads) judge_read(owners, read, verdict);
  for (const auto& [partition, log] : history.final_committed) {
    for (const Read& read : log) judge_read(owners, read, verdict);
  }
}

void committed_transactions_are_whole(const History& history, Verdict& verdict) {
  std::map<ValueId, std::set<Offset>> standing;
  for (const auto& [partition, log] : history.final_committed) {
    for (const Read& read : log) {
      if (standing[read.value].insert(read.offset).second && standing[read.value].size() == 1) continue;
      verdict.violated("P1", "value " + std::to_string(read.value) + " stands twice in " + to_text(partition), read.at);
    }
  }
  for (const Transaction& transaction : history.transactions) {
    if (transaction.fate != Fate::committed || !transaction.is_acknowledged) continue;
    if (!history.final_committed.contains(transaction.partition)) continue;
    const Offset start = start_at_the_end(history, transaction.partition);
    for (const Transaction::Value& value : transaction.values) {
      if (value.offset == kNoOffset || value.offset < start) continue;
      const auto found = standing.find(value.value);
      if (found != standing.end() && found->second.contains(value.offset)) continue;
      verdict.violated("T1",
                       "value " + std::to_string(value.value) + " at offset " + std::to_string(value.offset.value()) +
                           " is missing, though " + name_of(transaction) + " was committed",
                       transaction.decided);
    }
  }
}

void stable_offsets_rise(const History& history, Verdict& verdict) {
  std::map<HistoryPartition, const StableOffset*> last;
  for (const StableOffset& told : history.stable_offsets) {
    const StableOffset*& before = last[told.partition];
    const bool may_be_old = told.asked < history.fresh_from;
    if (before != nullptr && !may_be_old) judge_rise(*before, told, verdict);
    before = &told;
    const bool is_behind = told.is_final && told.last_stable < told.high_watermark;
    if (told.last_stable > told.high_watermark || is_behind) {
      verdict.violated("T4",
                       "the last stable offset of " + to_text(told.partition) + " is " +
                           std::to_string(told.last_stable.value()) + " where the high watermark is " +
                           std::to_string(told.high_watermark.value()) +
                           (told.is_final ? " and every transaction has ended" : ""),
                       told.at);
    }
  }
  for (const Deletion& deletion : history.deletions) {
    const auto comes_back = [&](const StableOffset& told) {
      return told.partition == deletion.partition && told.asked > std::max(deletion.at, history.fresh_from) &&
             told.log_start < deletion.log_start;
    };
    const auto found = std::ranges::find_if(history.stable_offsets, comes_back);
    if (found == history.stable_offsets.end()) continue;
    verdict.violated("S6",
                     "the log of " + to_text(deletion.partition) + " begins at " +
                         std::to_string(found->log_start.value()) + " though everything below " +
                         std::to_string(deletion.log_start.value()) + " was deleted",
                     found->at);
  }
}

void late_markers_are_refused(const History& history, Verdict& verdict) {
  for (const LateMarker& marker : history.late_markers) {
    if (!marker.is_accepted) continue;
    verdict.violated("T3",
                     std::string("a marker ") +
                         (marker.of_old_coordinator ? "of a replaced coordinator" : "that came late") +
                         " for producer " + std::to_string(marker.producer.value()) + " epoch " +
                         std::to_string(marker.epoch.value()) + " was accepted in " + to_text(marker.partition),
                     marker.at);
  }
}

}  // namespace gregor::properties
