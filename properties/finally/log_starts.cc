// What readers met where a log's beginning moved, by retention or on request, held against when it moved.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

/// By partition, in order of time.
using Moves = std::map<HistoryPartition, std::vector<const LogStartMove*>>;

Moves moves_of(const History& history) {
  Moves moves;
  for (const LogStartMove& move : history.log_start_moves) moves[move.partition].push_back(&move);
  return moves;
}

/// Below it nothing may be served to who asked at `asked` and was answered at `answered`: where the log began when he
/// asked, or began again meanwhile, as a crash may undo what retention did.
Offset start_between(const Moves& moves, const HistoryPartition& partition, MonotonicTime asked,
                     MonotonicTime answered) {
  const auto found = moves.find(partition);
  if (found == moves.end()) return Offset{0};
  auto next = std::ranges::lower_bound(found->second, asked, {}, &LogStartMove::at);
  Offset start = next == found->second.begin() ? Offset{0} : (*std::prev(next))->to;
  for (; next != found->second.end() && (*next)->at <= answered; ++next) start = std::min(start, (*next)->to);
  return start;
}

bool loss_before(const History& history, MonotonicTime at) {
  return std::ranges::any_of(history.losses, [at](const Loss& loss) { return loss.at <= at; });
}

}  // namespace

void readers_meet_the_log_start(const History& history, Verdict& verdict) {
  const Moves moves = moves_of(history);
  for (const OutOfRange& missed : history.out_of_range) {
    const auto found = moves.find(missed.partition);
    const auto had_gone = [&](const LogStartMove* move) { return move->at <= missed.at && move->to > missed.offset; };
    const bool was_below = found != moves.end() && std::ranges::any_of(found->second, had_gone);
    if (was_below || loss_before(history, missed.at)) continue;
    verdict.violated("R10",
                     "offset " + std::to_string(missed.offset.value()) + " of " + to_text(missed.partition) +
                         " was said to be out of range, and the log never began above it",
                     missed.at);
  }
  for (const Read& read : history.reads) {
    const Offset start = start_between(moves, read.partition, read.asked, read.at);
    if (read.offset >= start) continue;
    verdict.violated("S6",
                     "offset " + std::to_string(read.offset.value()) + " of " + to_text(read.partition) +
                         " was served, and the log had begun at " + std::to_string(start.value()),
                     read.at);
  }
}

void deleted_records_stay_deleted(const History& history, Verdict& verdict) {
  for (const Deletion& deletion : history.deletions) {
    const auto log = history.final_log.find(deletion.partition);
    if (log == history.final_log.end() || log->second.empty() || loss_before(history, MonotonicTime::max())) continue;
    const Offset first = log->second.front().offset;
    if (first >= deletion.log_start) continue;
    verdict.violated("S6",
                     to_text(deletion.partition) + " begins at " + std::to_string(first.value()) +
                         " at the end, though everything below " + std::to_string(deletion.log_start.value()) +
                         " was deleted",
                     deletion.at);
  }
}

}  // namespace gregor::properties
