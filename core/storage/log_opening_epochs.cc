// The leader epochs of a log being opened: what the file says, put right by the headers of the batches that were read.
#include <algorithm>
#include <string>

#include "storage/checkpoint_file.h"
#include "storage/log_opening.h"

namespace gregor::storage {

void LogOpening::note_epoch(const record::BatchView& batch) {
  if (batch.leader_epoch() < LeaderEpoch{0}) return;
  const bool goes_on = !epoch_runs_.empty() && epoch_runs_.back().epoch == batch.leader_epoch();
  if (!goes_on) epoch_runs_.push_back({batch.leader_epoch(), batch.base_offset(), batch.next_offset()});
  epoch_runs_.back().end = batch.next_offset();
}

/// Headers win over the file: an entry may have been written for records that the crash took, or be missing for some
/// that it left.
void LogOpening::apply_epoch_runs() {
  for (const auto& run : epoch_runs_) {
    if (log_.epochs.epoch_at(run.first) != run.epoch) {
      log_.epochs.truncate_from_end(run.first);
      log_.epochs.assign(run.epoch, run.first);
    }
    if (log_.epochs.epoch_at(run.end - 1) != run.epoch) log_.epochs.truncate_from_end(run.first + 1);
  }
}

/// Without a readable file the headers of the whole log are asked.
Result<void> LogOpening::scan_epochs(env::Fiber& self) {
  epoch_runs_.clear();
  for (const auto& segment : log_.segments) {
    std::shared_ptr<env::File> file = segment->log_file;
    if (!file) {
      TRY_ASSIGN(file, files_.open_log(self, segment->base_offset));
    }
    BatchStream stream(*file, FilePosition{0}, FilePosition{segment->size_bytes}, BatchTrust::header);
    for (;;) {
      auto next = stream.next(self);
      if (!next && next.error().code != Errc::corrupt) return fail(std::move(next.error()));
      if (!next || !*next) break;
      note_epoch((*next)->batch);
    }
  }
  return {};
}

Result<void> LogOpening::restore_epochs(env::Fiber& self) {
  const std::string path = seat_.folder + "/" + std::string(kLeaderEpochFile);
  auto content = env::read_file(self, seat_.disk, path, kCheckpointBytesMax);
  if (!content && !is_absent(content.error())) return fail(std::move(content.error()));
  bool is_known = false;
  if (content) {
    auto known = parse_leader_epochs(*content);
    is_known = known.has_value();
    if (is_known) log_.epochs = std::move(*known);
  }
  if (!is_known) TRY(scan_epochs(self));
  apply_epoch_runs();
  log_.epochs.truncate_from_end(log_.segments.back()->end_offset);
  log_.epochs.truncate_from_start(log_.log_start);
  const ByteBuffer wanted = format_leader_epochs(log_.epochs);
  const bool is_written = content.has_value() && *content == wanted;
  if (is_written || (!content.has_value() && log_.epochs.entries().empty())) return {};
  return env::replace_file(self, seat_.disk, path, wanted);
}

}  // namespace gregor::storage
